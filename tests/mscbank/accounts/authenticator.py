"""An authenticator of software: makes keys and answers as a device does, or wrongly on demand."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from mscbank import clock
from mscbank.accounts import factors, webauthn
from mscbank.accounts.factors import Asked, Proof, Typed
from mscbank.accounts.models import Account
from mscbank.accounts.own import service as own
from mscbank.accounts.own.pages import MAKING
from mscbank.database import session, transaction
from mscbank.permissions import Actor

ORIGIN, HOST = "http://localhost:8000", "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class Authenticator:
    """One device with one key. ``count`` goes up with each answer."""

    def __init__(self, count: int = 0) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.count = count

    def _data(self, host: str, flags: int, more: bytes = b"") -> bytes:
        return (hashlib.sha256(host.encode()).digest() + bytes([flags])
                + self.count.to_bytes(4, "big") + more)

    def make(self, challenge: bytes, *, origin: str = ORIGIN, host: str = HOST,
             flags: int = PRESENT | VERIFIED) -> str:
        """The answer to "make a key", as the page sends it."""
        point = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"),
                              -3: point.y.to_bytes(32, "big")})
        attested = bytes(15) + b"\x01" + len(self.id).to_bytes(2, "big") + self.id + public
        data = self._data(host, flags | ATTESTED, attested)
        return self._sent({
            "clientDataJSON": _client("webauthn.create", challenge, origin),
            "attestationObject": cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})})

    def answer(self, challenge: bytes, *, origin: str = ORIGIN, host: str = HOST,
               flags: int = PRESENT | VERIFIED, kind: str = "webauthn.get",
               **more: Any) -> str:
        """The answer to a challenge. Soundly signed, whatever it says."""
        self.count += 1
        data, client = self._data(host, flags), _client(kind, challenge, origin, **more)
        signature = self.key.sign(data + hashlib.sha256(client).digest(),
                                  ec.ECDSA(hashes.SHA256()))
        return self._sent({"clientDataJSON": client, "authenticatorData": data,
                           "signature": signature})

    def _sent(self, response: dict[str, bytes]) -> str:
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": {
            part: bytes_to_base64url(value) for part, value in response.items()}})


def _client(kind: str, challenge: bytes, origin: str, **more: Any) -> bytes:
    return json.dumps({"type": kind, "challenge": bytes_to_base64url(challenge),
                       "origin": origin, "crossOrigin": False} | more).encode()


def challenge_of(asked: Asked) -> bytes:
    """The challenge a page gave the browser."""
    return base64url_to_bytes(json.loads(asked.options)["challenge"])


def typed(device: Authenticator, asked: Asked, **wrong: Any) -> Typed:
    """What comes back when this device answers this page."""
    return Typed(answer=device.answer(challenge_of(asked), **wrong), nonce=asked.nonce)


def registered(person: Actor, label: str = "blue key", count: int = 0) -> Authenticator:
    """A device whose passkey the person registered."""
    device, nonce = Authenticator(count), factors.issue(person.id, MAKING)
    key = webauthn.check_new(device.make(b"made"), b"made", factors.site())
    with transaction():
        own.register_passkey(
            session.get_one(Account, person.id), label, key,
            Proof(asked=person.id, purpose=MAKING, nonce=nonce), by=person, at=clock.now())
    return device
