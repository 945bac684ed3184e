"""What time a service says that it is: the header Date of HTTP, or the date in the greeting of a mail server.

Many mail servers greet with a date (Sendmail, Exim, Exchange), though SMTP does not ask them to. Must not know our
time.
"""

import asyncio
import re
from email.utils import parsedate_to_datetime

from notifycli.channels.base import TheirTime

# RFC 5322 (3.3), and RFC 9110 (5.6.7) with it.
DATE = re.compile(r"\b\d{1,2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} (?:[+-]\d{4}|GMT|UTC?)(?!\w)")
LONGEST_READ = 1000


def time_told_in(words: str) -> TheirTime | None:
    """Called as soon as the words have come; None where no full date with its offset is among them."""
    date = DATE.search(words[:LONGEST_READ])
    if date is None:
        return None
    try:
        moment = parsedate_to_datetime(date[0].replace("GMT", "+0000").replace("UTC", "+0000").replace("UT", "+0000"))
        return TheirTime(int(moment.timestamp()), asyncio.get_running_loop().time())
    except (ValueError, OverflowError):  # the 31st of June
        return None
