"""What lies in the outbox when the story is told: how many messages, and single ones as their reader sees them."""

import json
from email import message_from_bytes, policy
from pathlib import Path

HEADERS = ("From", "To", "Subject")


def counts(outbox: Path) -> dict[str, int]:
    """Files of the Maildir, lines of the others, by their place in the outbox; what is not there counts 0."""
    emails = outbox / "email" / "new"
    messages = {"email": len(list(emails.iterdir())) if emails.is_dir() else 0}
    return messages | {name: len(_lines(outbox / name)) for name in ("sms.jsonl", "push.jsonl")}


def email(outbox: Path, delivery: int) -> str:
    """Its headers and its plain part, decoded."""
    octets = (outbox / "email" / "new" / f"delivery-{delivery}").read_bytes()
    message = message_from_bytes(octets, policy=policy.default)
    body = message.get_body(("plain",))
    text = body.get_content().replace("\r\n", "\n").strip() if body else ""
    headers = "\n".join(f"{name}: {message[name]}" for name in HEADERS)
    return f"{headers}\n\n{text}"


def sms(outbox: Path, delivery: int) -> str:
    """Its sender, number and text."""
    message = next(entry for entry in map(json.loads, _lines(outbox / "sms.jsonl")) if entry["delivery"] == delivery)
    return f"From: {message['sender']}\nTo: {message['to']}\n\n{message['text']}"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
