"""Sealing: AES-256-GCM, each text bound to the person and the field it belongs to.

A sealed text is 12 random bytes (the nonce), then the ciphertext with its 16-byte tag. Subject
and field are authenticated with it, so a value moved to another person or field does not open.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
KEY = 32


class DoesNotOpen(ValueError):
    """Another master key, or bytes that were changed or moved."""


def new_key() -> bytes:
    """A person's key: 32 random bytes."""
    return secrets.token_bytes(KEY)


def wrap(master: bytes, subject: str, key: bytes) -> bytes:
    """A person's key, sealed with the master key."""
    return _seal(master, key, _bound("key", subject))


def unwrap(master: bytes, subject: str, wrapped: bytes) -> bytes:
    """The person's key. Raises DoesNotOpen."""
    return _open(master, wrapped, _bound("key", subject))


def seal(key: bytes, subject: str, field: str, value: str) -> bytes:
    """A value, sealed with the person's key."""
    return _seal(key, value.encode(), _bound("value", subject, field))


def unseal(key: bytes, subject: str, field: str, sealed: bytes) -> str:
    """The value. Raises DoesNotOpen."""
    return _open(key, sealed, _bound("value", subject, field)).decode()


def _bound(*parts: str) -> bytes:
    return b"\0".join([b"mscbank vault 1", *(part.encode() for part in parts)])


def _seal(key: bytes, content: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, bound)


def _open(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound)
    except (InvalidTag, ValueError) as error:
        raise DoesNotOpen("the sealed text does not open") from error
