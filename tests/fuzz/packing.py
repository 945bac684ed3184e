"""Archives as plain text, so that a fuzzer can change what is in them and every checksum stays right.

A first line "zip", then parts of a name, a line end and a content, with PART between them. Anything else is itself.
"""

import gzip
import io
import zipfile

PART = b"\n=====\n"
ZIPPED, GZIPPED = b"zip" + PART, b"gz" + PART


def as_plain(parts: dict[str, bytes]) -> bytes:
    return ZIPPED + PART.join(name.encode() + b"\n" + content for name, content in parts.items())


def packed(plain: bytes) -> bytes:
    """The archive that `plain` stands for, in which nothing is compressed."""
    if plain.startswith(GZIPPED):
        return gzip.compress(plain.removeprefix(GZIPPED), 0, mtime=0)
    if not plain.startswith(ZIPPED):
        return plain
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for part in plain.removeprefix(ZIPPED).split(PART):
            name, _, content = part.partition(b"\n")
            archive.writestr(_entry(name.decode("latin-1")), content)
    return file.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    """Some names would warn or fail, which is the archive's writer's business and not the reader's."""
    return zipfile.ZipInfo(name[:200] or "x")
