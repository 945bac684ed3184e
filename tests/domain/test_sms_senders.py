"""What an SMS can come from, by its form: at most 11 characters of GSM-7, or a number that the world can read."""

import pytest

from notifycli.domain.sms_senders import wrong_with_sms_sender

MANY, LETTER, NUMBER = "more than 11 letters", "not in GSM-7", "neither a name nor a number"


@pytest.mark.parametrize(
    "sender",
    ["Nidelv", "Legekontor1", "Nidelv lege", "Bjørnøya", "Dr. Bø & co", "1Lege", "+4790000000", "2065", "26112", "Å",
     f"MG{'0a' * 16}"],
)  # fmt: skip
def test_can_be_one(sender: str) -> None:
    assert wrong_with_sms_sender(sender) is None


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        pytest.param("Legekontoret", MANY, id="12 letters"),
        pytest.param("Lege[Nidelv]", MANY, id="a bracket takes two"),
        pytest.param("Lege€Nidelv", MANY, id="a euro takes two"),
        pytest.param("Čáhcesuolu", LETTER, id="a letter of northern Sámi"),
        pytest.param("Nidelv 🦷", LETTER, id="a picture"),
        pytest.param("4790000000", NUMBER, id="without its plus"),
        pytest.param("90000000", NUMBER, id="without its country"),
        pytest.param("+47 90 00 00 00", NUMBER, id="with blanks"),
        pytest.param("+0790000000", NUMBER, id="no such country"),
        pytest.param("+1234567890123456", NUMBER, id="16 digits"),
        pytest.param("12", NUMBER, id="two digits"),
        pytest.param("...", NUMBER, id="dots"),
        pytest.param("", NUMBER, id="nothing"),
        pytest.param("٢٠٦٥", NUMBER, id="digits of another script"),
    ],
)
def test_cannot(sender: str, words: str) -> None:
    assert words in str(wrong_with_sms_sender(sender))
