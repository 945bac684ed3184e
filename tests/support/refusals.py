"""What mail servers answer for good, in their own words: what it says of the address, for a session and for a bounce.

Each row: a name, the code, the enhanced code, the words, and whether the address is gone; then the reason.
"""

# The mailbox itself is said not to be.
GONE = [
    ("postfix", 550, "5.1.1", "<address>: Recipient address rejected: User unknown in virtual mailbox table"),
    ("sendmail", 550, "5.1.1", "<address>... User unknown"),
    ("gmail", 550, "5.1.1", "The email account that you tried to reach does not exist. Please try double-checking the "
                            "recipient's email address for typos or unnecessary spaces. p=NoSuchUser - gsmtp"),
    ("icloud", 550, "5.1.1", "<address>: user does not exist"),
    ("icloud, an alias", 550, "5.1.1", "unknown or illegal alias: <address>"),
    ("icloud, left", 550, "5.1.6", "recipient no longer on server: <address>"),
    ("exchange online", 550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    ("exchange, without its code", 550, None, "RESOLVER.ADR.RecipNotFound; not found"),
    ("exchange, of another kind", 550, "5.0.0", "RESOLVER.ADR.ExRecipNotFound; not found"),
    ("exchange online quotes", 550, "5.1.351", "Remote server returned unknown recipient or mailbox unavailable -> 550 "
                                               "5.1.1 <address>: Recipient address rejected: User unknown"),
    ("exchange online quotes words", 550, "5.1.351", "Remote server returned unknown recipient or mailbox unavailable "
                                                     "-> 550 Unknown user <address>"),
    ("exchange online, its own words", 550, "5.1.351", "Remote server returned unknown recipient or mailbox "
                                                       "unavailable"),
    ("yahoo", 554, None, "delivery error: dd This user doesn't have a yahoo.com account (<address>) [-5] - mta1.mail"),
    ("yahoo, another apostrophe", 554, "5.0.0", "delivery error: dd This user doesn’t have an aol.example account"),
    ("yahoo, later", 552, None, "1 Requested mail action aborted, mailbox not found"),
    ("outlook.com", 550, "5.5.0", "Requested action not taken: mailbox unavailable (S2017062302)."),
    ("gmx", 550, "5.5.0", "Requested mail action not taken: mailbox unavailable"),
    ("mail.ru", 550, None, "Message was not accepted -- invalid mailbox. Local mailbox <address> is unavailable: user "
                           "not found"),
    ("orange", 550, "5.5.0", "Adresse destinataire invalide. Invalid recipient. LPN007_416"),
    ("mimecast", 550, None, "Invalid Recipient - https://community.mimecast.example/docs/DOC-1369#550"),
    ("barracuda", 550, None, "permanent failure for one or more recipients (<address>:550 5.1.1 User unknown)"),
    ("qmail", 550, None, "Sorry, no mailbox here by that name. (#5.1.1)"),
    ("exim", 550, None, "No such user here"),
    ("courier", 550, None, "User <address> unknown."),
    ("domino", 550, "5.0.0", "User <address> not listed in Domino Directory"),
    ("domino, older", 550, None, "<address> User not listed in public Name & Address Book"),
    ("groupwise", 550, "5.0.0", "The user is not known here: user not found"),
    ("amazon", 550, "5.1.1", "Mailbox does not exist"),
    ("cisco", 550, "5.1.0", "- Unknown address error 550-'5.1.1 <address>: Recipient address rejected: User unknown'"),
    ("sendmail, of its map", 553, "5.3.0", "<address>... No such user here"),
    ("a list of its own", 550, None, "<address> is not a valid mailbox"),
    ("left", 550, "5.2.0", "This account is no longer active"),
    ("postfix, at a gateway", 550, "5.1.1", "<address>: Recipient address rejected: User unknown in relay recipient "
                                            "table"),
    ("postfix, at a gateway, without its code", 550, None, "User unknown in relay recipient table"),
    ("yahoo, not found", 554, None, "delivery error: dd Requested mail action aborted, mailbox not found - mta1.mail"),
    ("orange, in two languages", 550, "5.1.1", "Adresse d au moins un destinataire invalide. Invalid recipient. "
                                                "OFR204_418"),
    ("qq", 550, None, "Mailbox not found. http://service.mail.example"),
    ("a bare 554", 554, None, "User unknown"),
    ("a bare 554, of a mailbox", 554, None, "Sorry, no such mailbox"),
    ("5.5.0 and a quoted answer", 550, "5.5.0", "SMTP; 550 Recipient address rejected: User unknown"),
    ("exim, of a local part", 550, None, "Unknown local-part <address> in <fjord.example>"),
    ("of an addressee", 550, "5.0.0", "Addressee unknown"),
    ("of an account", 550, None, "No account by that name here"),
    ("closed", 550, None, "The account has been closed"),
    ("norwegian", 550, "5.0.0", "Mottakeren finnes ikke"),
    ("norwegian, unknown", 550, None, "Ukjent bruker"),
]  # fmt: skip
DISABLED = [
    ("gmail", 550, "5.2.1", "The email account that you tried to reach is disabled. p=DisabledUser - gsmtp"),
    ("by the rules", 550, "5.2.1", "Mailbox disabled, not accepting messages"),
    ("yahoo", 554, None, "delivery error: dd Sorry your message to <address> cannot be delivered. This account has "
                         "been disabled or discontinued [#102]. - mta1.mail"),
    ("deactivated", 550, "5.0.0", "This account has been deactivated"),
    ("discontinued", 550, "5.2.1", "The mailbox was discontinued by its owner"),
]  # fmt: skip
# It is about our server, our sender or how much we send, whatever code stands before it.
BLOCKED = [
    ("too many", 550, "5.1.1", "<address> - 192.0.2.7 has sent to too many recipients this hour. User unknown"),
    ("a rate", 550, "5.1.1", "User unknown, or the rate at which you send is too high"),
    ("a limit", 550, "5.1.1", "Sending limit exceeded"),
    ("an hourly limit", 550, "5.1.0", "Hourly limit reached, come back tomorrow"),
    ("throttled", 550, "5.1.1", "Connections are throttled"),
    ("the sender", 550, "5.1.1", "Sender unknown"),
    ("the sender's domain", 550, "5.1.0", "Sender's domain is listed"),
    ("the sender's envelope", 550, "5.1.0", "MXIN506 MailFrom domain is listed in Spamhaus. To request removal see …"),
    ("spf with a code of addresses", 550, "5.1.0", "192.0.2.7 is not allowed to send from nidelv.example per it's SPF "
                                                   "Record"),
    ("a block list", 550, "5.1.1", "Service unavailable, client [192.0.2.7] blocked using a list, user unknown"),
    ("a block list of theirs", 554, "5.1.1", "Your server 192.0.2.7 is on our blacklist"),
    ("cisco, blocked", 550, "5.1.0", "- Unknown address error 550-'Blocked, see https://lists.example/192.0.2.7'"),
    ("exchange online quotes a block", 550, "5.1.351", "Remote server returned unknown recipient or mailbox "
                                                       "unavailable -> 550 Blocked by reputation"),
    ("too many unknown recipients", 550, "5.1.1", "too many invalid recipients"),
    ("a number an hour", 550, "5.1.1", "You have exceeded the recipients per hour"),
    ("a quota of ours", 550, "5.1.1", "hourly quota reached"),
    ("a plain limit", 550, "5.1.1", "user unknown, limits apply"),
    ("a harvest", 550, "5.1.1", "Dictionary attack; user unknown"),
    ("tarpitted", 550, "5.1.1", "Tarpitted; unknown users"),
    ("an address of ours", 550, "5.1.1", "connection from [192.0.2.7] refused, user unknown"),
    ("abuse", 550, "5.1.1", "abuse from 192.0.2.7"),
    ("a ban", 550, "5.1.1", "Account Does Not Exist; host banned"),
    ("qmail, the sender", 553, "5.1.1", "Sorry, your envelope sender is in my badmailfrom list"),
    ("a list called by its name", 550, "5.1.1", "user unknown (RBL)"),
    ("a reputation", 550, "5.1.1", "bad reputation"),
    ("spamhaus", 554, "5.7.1", "Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org"),
    ("barracuda", 550, None, "Your IP 192.0.2.7 is listed at barracudacentral.org"),
    ("a name of a list", 550, "5.7.1", "Mail from 192.0.2.7 refused, see http://dnsbl.example"),
    ("gmail, its reputation", 550, "5.7.1", "Our system has detected that this message is likely suspicious due to the "
                                            "very low reputation of the sending domain"),
    ("gmail, DMARC", 550, "5.7.26", "Unauthenticated email from nidelv.example is not accepted due to domain's DMARC "
                                    "policy"),
    ("gmail, no reverse DNS", 550, "5.7.25", "The IP address sending this message does not have a PTR record setup"),
    ("SPF by its code", 550, "5.7.23", "no"),
    ("DKIM", 550, "5.7.20", "no passing signature found"),
    ("outlook.com", 550, "5.7.1", "Unfortunately, messages from [192.0.2.7] weren't sent. Please contact your Internet "
                                  "service provider since part of their network is on our block list (S3150)."),
    ("exchange online", 550, "5.7.606", "Access denied, banned sending IP [192.0.2.7]"),
    ("exchange online, a day's limit", 550, "5.1.90", "You have reached your daily limit for message recipients"),
    ("exim asks for the sender", 550, None, "Sender verify failed: No such user"),
    ("yahoo", 554, None, "Message not allowed - [BL21] Connections not accepted from your server. Blocked"),
]  # fmt: skip
# It refuses, or tells of trouble; none of it says that the mailbox is not.
OTHER = [
    ("full", 552, "5.2.2", "<address>: Mailbox over quota", "refused"),
    ("full, with a code of unknown", 550, "5.1.1", "The email account is over quota", "unknown_mailbox"),
    ("full, without a code", 550, None, "Mailbox full, no such mailbox has room", "refused"),
    ("full, older", 552, None, "Mailbox size limit exceeded for account", "refused"),
    ("greylisted for good", 550, "5.1.1", "Greylisted, user unknown for 300 seconds", "unknown_mailbox"),
    ("disabled for a time", 550, "5.2.1", "The account is temporarily disabled", "mailbox_disabled"),
    ("disabled over quota", 550, "5.2.1", "Account disabled, over quota", "mailbox_disabled"),
    ("gets too much", 550, "5.2.1", "The user you are trying to contact is receiving mail at a rate that prevents "
                                    "additional messages from being delivered", "mailbox_disabled"),
    ("suspended", 550, "5.1.1", "The account is suspended", "unknown_mailbox"),
    ("unavailable, not at outlook.com", 550, None, "Requested action not taken: mailbox unavailable", "refused"),
    ("unavailable for now", 550, "5.5.0", "mailbox unavailable, try again later", "refused"),
    ("access denied, exchange online", 550, "5.4.1", "Recipient address rejected: Access denied. AS(201806281)",
     "unknown_mailbox"),
    ("access denied, postfix", 554, "5.7.1", "<address>: Recipient address rejected: Access denied", "refused"),
    ("exchange online quotes a policy", 550, "5.1.351", "Remote server returned unknown recipient or mailbox "
                                                        "unavailable -> 550 5.7.1 not wanted", "bad_address"),
    ("exchange online quotes less", 550, "5.1.351", "Remote server returned unknown recipient or mailbox unavailable "
                                                    "-> 550 Rejected", "bad_address"),
    ("cisco, of whatever it was told", 550, "5.1.0", "- Unknown address error 550-'not wanted'", "bad_address"),
    ("spam", 554, "5.7.1", "Message rejected as spam by Content Filtering", "refused"),
    ("spam, with a code of unknown", 550, "5.1.1", "spam from nobody, user unknown", "unknown_mailbox"),
    ("policy", 550, "5.7.1", "user unknown", "refused"),
    ("policy, yandex", 550, "5.7.1", "No such user!", "refused"),
    ("policy quoted", 550, "5.0.0", "554 5.7.1 user unknown", "refused"),
    ("relaying", 550, "5.7.1", "Relaying denied", "refused"),
    ("relaying, with a code of unknown", 550, "5.1.1", "unable to relay for user unknown", "refused"),
    ("a loop", 554, "5.4.6", "Too many hops, user unknown", "refused"),
    ("a loop, with a code of unknown", 554, "5.1.1", "mail loop: user unknown", "unknown_mailbox"),
    ("DNS", 550, "5.4.4", "Host or domain name not found. Name service error for fjord.example", "bad_address"),
    ("DNS, with a code of unknown", 550, "5.1.1", "Host unknown (Name server: fjord.example: host not found)",
     "unknown_mailbox"),
    ("no such domain", 550, "5.1.2", "Unknown domain, no such user", "bad_address"),
    ("a domain, without a code", 550, None, "The recipient's domain does not exist", "refused"),
    ("bad syntax", 501, "5.1.3", "Invalid recipient", "bad_address"),
    ("a group at google", 550, "5.1.1", "The group you tried to contact may not exist, or you may not have permission "
                                        "to post messages to the group", "unknown_mailbox"),
    ("ses keeps it from going", 550, "5.1.1", "Amazon SES has suppressed sending to this address because it has a "
                                              "recent history of bouncing as an invalid address", "unknown_mailbox"),
    ("restricted", 550, "5.7.1", "RESOLVER.RST.NotAuthorized; not authorized", "refused"),
    ("not asked", 550, "5.1.1", "unverified address: user unknown", "unknown_mailbox"),
    ("ironport, which says no more", 550, "5.1.0", "Address rejected.", "bad_address"),
    ("content, with a code of unknown", 550, "5.1.1", "Rejected due to message content", "unknown_mailbox"),
    ("a domain, with a code of unknown", 550, "5.1.1", "The recipient's domain is not known", "unknown_mailbox"),
    ("a domain as recipient", 550, None, "Invalid recipient domain", "refused"),
    ("a program", 550, None, "unknown user agent", "refused"),
    ("qmail does not relay", 553, "5.7.1", "sorry, that domain isn't in my list of allowed rcpthosts", "refused"),
    ("qmail does not relay, with a code of unknown", 553, "5.1.1", "not in my list of allowed rcpthosts", "refused"),
    ("a quota of the mailbox", 550, "5.1.1", "quota exceeded", "unknown_mailbox"),
    ("lines too long", 554, None, "Line length exceeds the limit", "refused"),
    ("nothing", 550, None, "no", "refused"),
    ("too big", 552, "5.3.4", "Message size exceeds the fixed limit", "refused"),
]  # fmt: skip

ROWS = [
    *((f"gone: {name}", code, enhanced, text, True, "unknown_mailbox") for name, code, enhanced, text in GONE),
    *((f"disabled: {name}", code, enhanced, text, True, "mailbox_disabled") for name, code, enhanced, text in DISABLED),
    *((f"blocked: {name}", code, enhanced, text, False, "blocked") for name, code, enhanced, text in BLOCKED),
    *((f"other: {name}", code, enhanced, text, False, reason) for name, code, enhanced, text, reason in OTHER),
]
