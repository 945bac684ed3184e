"""What a server's answer to an attempt means in plain words, where it is to be tried again or its answer is not known.

Reads the line that a channel kept of it (Outcome.detail); must not know channels. What failed for good has a code of
its own: see reasons. Source: RFC 3463 and RFC 5321 for the codes of mail servers, RFC 9110 for those of gateways.
"""

import re
from dataclasses import dataclass

from notifycli.domain.sentences import N_


@dataclass(frozen=True, slots=True)
class Answer:
    """`words` go on after "E-mail: ". `to_do`: what to look at, "" where it passes by itself.

    `is_of_nobody`: no server answered at all.
    """

    words: str
    to_do: str = ""
    is_of_nobody: bool = False


BUSY = Answer(N_("refused for now (busy)"))
LATER = Answer(N_("refused for now (asked to come again later)"))
OUR_LOGIN = Answer(N_("refused for now (our login)"), N_("see: notify doctor"))
ELSE = Answer(N_("refused for now (it does not say why)"))

# The first that fits counts.
ANSWERS: tuple[tuple[str, Answer], ...] = (
    (r"^sent again, since its arrival is uncertain$", Answer(N_("to be sent again, since its arrival is uncertain"))),
    (r"^staff sent it again$", Answer(N_("to be sent again, as staff said"))),
    (r"did not answer in", Answer(N_("not reached (no answer)"), is_of_nobody=True)),
    (r"refuses connections|cannot be reached|there is no host|no route|unreachable",
     Answer(N_("not reached (the server does not answer)"), N_("see: notify doctor"), is_of_nobody=True)),
    (r"broke the connection", Answer(N_("not reached (it broke the connection)"), is_of_nobody=True)),
    (r"certificate|no TLS|\(at TLS\)",
     Answer(N_("not reached (no safe connection)"), N_("see: notify doctor"), is_of_nobody=True)),
    (r"\(at AUTH\)|user name and password|look at sms\.username|access token|service account", OUR_LOGIN),
    (r"look at (.+)$|mend .+$", Answer(N_("refused for now (a setting of ours)"), N_("see: notify doctor"))),
    (r"^45[0-9] 4\.2\.2|\b(mailbox|quota)\b.{0,30}\b(full|exceeded|over)\b|over quota",
     Answer(N_("refused for now (the mailbox is full)"))),
    (r"gr[ae]y ?list|come back later|try (again )?later|again later|deferred", LATER),
    (r"^(421|429|451 4\.3|452|503)\b|busy|overload|too many|throttl|\brate\b|more messages than", BUSY),
    (r"^4\d\d 4\.7\.", Answer(N_("refused for now (by a rule of the receiving side)"))),
    (r"^5\d\d\b", Answer(N_("refused for now (our server or settings)"), N_("see: notify doctor"))),
    (r"^(450|451|4\.\d)", LATER),
)  # fmt: skip


UNCERTAIN = (
    (r"the run was killed", N_("the program was stopped before the answer came")),
    (r"^it was being sent when", N_("it was being sent when the backup was made that this database comes from")),
    (r"the run was told to end", N_("the program was told to stop before the answer came")),
    (r"did not answer in", N_("no answer came after it was handed over")),
    (r"broke the connection|may have left|lost the answer", N_("the connection broke after it was handed over")),
)


def why_uncertain(detail: str | None) -> str:
    fitting = (words for pattern, words in UNCERTAIN if re.search(pattern, detail or "", re.IGNORECASE))
    return next(fitting, N_("the answer does not tell"))


def in_plain_words(detail: str | None) -> Answer:
    return next((answer for pattern, answer in ANSWERS if re.search(pattern, detail or "", re.IGNORECASE)), ELSE)
