"""Signed checkpoints: a note of where the trail stood, to be kept outside the database.

A chain alone does not notice that its end was cut off; a note held elsewhere does.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mscbank.audit import chain
from mscbank.audit.models import Head
from mscbank.database import session
from mscbank.errors import Refused

_FORM = re.compile(
    r"mscbank checkpoint 1\nsequence: (\d{1,18})\nhash: ([0-9a-f]{64})\ntime: (\S{27})\n"
    r"signature: ([A-Za-z0-9+/=]{88})\n?")


@dataclass(frozen=True)
class Checkpoint:
    """The trail's end at a moment."""

    sequence: int
    hash: str
    time: str

    @property
    def text(self) -> str:
        """What is signed."""
        return (f"mscbank checkpoint 1\nsequence: {self.sequence}\nhash: {self.hash}\n"
                f"time: {self.time}\n")


def head() -> Checkpoint:
    """Where the trail stands now; its time is that of the last entry."""
    row = session.execute(sa.select(Head.sequence, Head.hash, Head.at)).one()
    return Checkpoint(row.sequence, row.hash, chain.plain(row.at))


def note(signing_key: bytes, at: datetime) -> str:
    """The signed note of where the trail stands, made at ``at``."""
    now = head()
    return signed(Checkpoint(now.sequence, now.hash, chain.plain(at)), signing_key)


def signed(point: Checkpoint, signing_key: bytes) -> str:
    """The signed note of this checkpoint."""
    signature = Ed25519PrivateKey.from_private_bytes(signing_key).sign(point.text.encode())
    return f"{point.text}signature: {base64.b64encode(signature).decode()}\n"


def public_key(signing_key: bytes) -> Ed25519PublicKey:
    """The half of the key that checks."""
    return Ed25519PrivateKey.from_private_bytes(signing_key).public_key()


def read(text: str, key: Ed25519PublicKey) -> Checkpoint:
    """The checkpoint of a note. Refuses one that is not whole or not of this bank's key."""
    found = _FORM.fullmatch(text.replace("\r\n", "\n"))
    if not found:
        raise Refused("This is not a checkpoint of mscbank.")
    point = Checkpoint(int(found[1]), found[2], found[3])
    try:
        key.verify(base64.b64decode(found[4]), point.text.encode())
    except (InvalidSignature, ValueError) as error:
        raise Refused("The checkpoint's signature is not this bank's: "
                      "it was changed, or another bank made it.") from error
    return point
