"""The same mail by django-post_office, in a virtual environment of its own: `queue`, then `send` what was queued.

python django_peer.py queue|send PORT COUNT FILE    in the folder of its database
"""

import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import django  # type: ignore[import-not-found]
from django.conf import settings  # type: ignore[import-not-found]


def set_up(port: int) -> None:
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "post_office.db"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        EMAIL_BACKEND="post_office.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        # 10 threads: as many connections as the others have. By default it keeps a log of what it sent, as we do.
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "THREADS_PER_PROCESS": 10,
        },
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        USE_TZ=True,
        SECRET_KEY="of a benchmark",
    )
    django.setup()


def queue(count: int, octets: bytes) -> None:
    from django.core.management import call_command  # type: ignore[import-not-found]
    from post_office import mail  # type: ignore[import-not-found]

    call_command("migrate", verbosity=0)
    message = message_from_bytes(octets, policy=policy.default)
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    common: dict[str, Any] = {"sender": "post@nidelv.example", "subject": str(message["Subject"])}
    common |= {"message": plain.get_content(), "html_message": html.get_content()}
    mail.send_many([{**common, "recipients": [f"kari{number}@post.example"]} for number in range(count)])


def send(count: int) -> None:
    from django.core.management import call_command
    from post_office.models import STATUS, Email  # type: ignore[import-not-found]

    call_command("send_queued_mail", processes=1, verbosity=0)
    assert Email.objects.filter(status=STATUS.sent).count() == count


if __name__ == "__main__":
    set_up(int(sys.argv[2]))
    if sys.argv[1] == "queue":
        queue(int(sys.argv[3]), Path(sys.argv[4]).read_bytes())
    else:
        send(int(sys.argv[3]))
