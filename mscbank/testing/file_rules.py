"""What may be attached: pure sentences over bytes and names."""

from __future__ import annotations

from mscbank.errors import AlreadyDone, Malformed
from mscbank.testing.files import MediaType

FCS_BEGINS = (b"FCS2.0", b"FCS3.0", b"FCS3.1")
BYTE_ORDER_MARK = "\ufeff"
LONGEST_NAME = 120


def media_type(data: bytes) -> MediaType:
    """What the bytes are, whatever the name says: PDF, FCS, or text in columns (CSV)."""
    if not data:
        raise Malformed("The file is empty: choose another.", field="file")
    if data.startswith(b"%PDF-"):
        return MediaType.PDF
    if data.startswith(FCS_BEGINS):
        return MediaType.FCS
    if _is_csv(data):
        return MediaType.CSV
    raise Malformed("This is no file that is kept here, whatever its name: attach a PDF, a CSV "
                    "(text in UTF-8, columns separated by commas or semicolons) or an FCS file.",
                    field="file")


def _is_csv(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    first = text.removeprefix(BYTE_ORDER_MARK).splitlines()[:1]
    plain = all(sign.isprintable() or sign in "\t\r\n" + BYTE_ORDER_MARK for sign in text)
    return plain and bool(first) and any(sign in first[0] for sign in ",;")


def small_enough(size: int, most_mib: int) -> None:
    """The bank says how large a file may be."""
    if size > most_mib * 1024 * 1024:
        raise Malformed(f"The file has {size / 1024 / 1024:.1f} MiB; at most {most_mib} MiB are "
                        "kept: attach a smaller one.", field="file")


def not_attached(known: bool) -> None:
    """The same bytes are on a thing once."""
    if known:
        raise AlreadyDone("These very bytes are attached here already, whatever the name.")


def plain_name(name: str) -> str:
    """The file's name without the folders before it, as a person reads it."""
    plain = " ".join(name.replace("\\", "/").rsplit("/", 1)[-1].split())
    if not plain or not plain.isprintable():
        raise Malformed("The file's name is empty or cannot be printed: rename it.", field="file")
    if len(plain) > LONGEST_NAME:
        raise Malformed(f"The file's name has more than {LONGEST_NAME} characters: shorten it.",
                        field="file")
    return plain
