"""Whatever stands in DNS, doctor has a judgement of it, in printable words that do not grow with it."""

from hypothesis import given
from hypothesis import strategies as st

from notifycli.doctor.sender_policies import dmarc_records, of_dkim, of_dmarc, of_spf, terms_of_spf

PARTS = [
    "v=spf1",
    "v=DMARC1",
    "v=DKIM1",
    ";",
    " ",
    "=",
    "p=",
    "sp=",
    "k=rsa",
    "t=y",
    "all",
    "-all",
    "+all",
    "redirect=",
]
TARGETS = ["include:a.example", "ip4:192.0.2.1/24", "reject", "none", "AAAA", "%{d}", "\0", "\u202e", "ſ", "\ud800"]
PIECES = st.sampled_from([*PARTS, *TARGETS])
SIGNS = "aAlvspf1 =;:/-+~?%{}.\t\0\u202eſé"
RECORD = st.one_of(st.text(SIGNS, max_size=80), st.lists(PIECES, max_size=12).map("".join))
RECORDS = st.lists(RECORD, max_size=3)
LONGEST = 300


@given(RECORDS, st.booleans())
def test_there_is_a_judgement_of_everything(texts: list[str], is_of_parent: bool) -> None:
    judgements = [of_spf(texts), of_dkim("s1", texts), of_dmarc(dmarc_records(texts), is_of_parent=is_of_parent)]
    for state, words in judgements:
        assert state in ("ok", "look", "broken")
        assert words.isprintable()
        assert len(words) <= LONGEST


@given(RECORD)
def test_what_lets_everybody_send_is_never_in_order(rest: str) -> None:
    assert of_spf([f"v=spf1 +all {rest}"]).state != "ok"
    assert of_spf([f"v=spf1 {rest} -all", "v=spf1 -all"]).state == "broken"


@given(st.text(SIGNS, max_size=300))
def test_every_term_is_a_term_or_told_as_none(record: str) -> None:
    assert len(list(terms_of_spf(f"v=spf1 {record}"))) == len(record.split())
