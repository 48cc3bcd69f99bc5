"""What a person confirms with a passkey, and the challenge that binds the answer to it.

``challenge = sha256("mscbank/esig/v1\\0" + manifest)``, where the manifest is the canonical text of
everything that matters: the act, on what, meaning what, in which words, over which record, by
whom, answering which page. The passkey signs the challenge, so it signs all of that.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mscbank.audit import chain

MARK = b"mscbank/esig/v1\0"
SECOND = "I have looked for myself, as the second person."
SIGN_IN = "I sign in."


@dataclass(frozen=True)
class Statement:
    """What is confirmed. ``subject`` is a house code; ``digest`` is of the record that was seen;
    ``beside`` is the user name of the person a second one stands beside: whoever confirms so is
    known by the passkey alone, because the page does not know who will come."""

    act: str
    subject: str | None
    meaning: str
    words: str
    digest: str | None = None
    beside: str | None = None

    def manifest(self, signer: str, nonce: str) -> str:
        """The canonical text of it, with who signs and the number of the page."""
        return chain.canonical({
            "act": self.act, "subject": self.subject, "meaning": self.meaning,
            "statement": self.words, "digest": self.digest, "nonce": nonce,
            "signer": f"second person beside {self.beside}" if self.beside else signer})


def challenge(manifest: str) -> bytes:
    """The 32 bytes a passkey is asked to sign."""
    return hashlib.sha256(MARK + manifest.encode()).digest()
