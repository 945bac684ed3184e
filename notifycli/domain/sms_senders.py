"""What an SMS can come from: a name, a short number or a whole one, by the form alone.

Sources: 3GPP TS 23.040 (9.1.2.5: a name has at most 11 characters of GSM-7), ITU-T E.164 (15 digits).
"""

import re

from notifycli.domain.gsm import is_gsm7, septets

LONGEST_NAME = 11  # septets
E164 = re.compile(r"\+[1-9][0-9]{6,14}")
SHORT_NUMBER = re.compile(r"[0-9]{3,6}")
SENDER_POOL = re.compile(r"MG[0-9a-f]{32}")  # of Twilio: a Messaging Service, which chooses among numbers


def wrong_with_sms_sender(sender: str) -> str | None:
    """What hinders networks from taking it, and what to write instead; None where nothing does."""
    if any(form.fullmatch(sender) for form in (E164, SHORT_NUMBER, SENDER_POOL)):
        return None
    if not re.search(r"[^\W\d_]", sender):
        return "is neither a name nor a number with its country, such as +4790000000"
    if not is_gsm7(sender):
        return "has a letter that is not in GSM-7, so phones may show another"
    if septets(sender) > LONGEST_NAME:
        return f"has more than {LONGEST_NAME} letters"
    return None
