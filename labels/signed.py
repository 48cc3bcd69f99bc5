"""The signed text of a bag label: whose bag it is, and that this house issued the label.

For cameras only. It proves that these facts were signed by the holder of a key; not that the bag
is released now, nor that the label sits on its bag. The text is the form mark `MB1:` and, in base
45, the packed facts and the Ed25519 signature over them. Packed, 33 bytes, no choice anywhere:

    bag: type and body 9, copy 1 | donation number 6 | recipient: type and body 9
    expiry 4 (minutes since 1970, UTC) | key 4 (beginning of the SHA-256 of the public key)

Base 45 keeps to the signs a QR packs two in eleven bits: 150 characters, 49 modules at level Q.
The same bytes in base64url are 134 characters of eight bits each and take 57 modules.
"""
from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from . import housecode, keyboards
from .isbt128 import din as donation_number
from .isbt128.errors import FormatError

FORM_MARK = "MB1"
LONGEST = 400
_PREFIX = FORM_MARK + ":"
_DOMAIN = b"mscbank bag label " + FORM_MARK.encode() + b"\0"
_PACKED, _SIGNATURE = 33, 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_VALUE = {sign: value for value, sign in enumerate(_BASE45)}
_FACILITY_FIRST = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class SignedTextError(ValueError):
    """The text is no signed label text of this house, or proves nothing."""


class UnknownKey(SignedTextError):
    """Signed with a key that is not on the list."""


class Forged(SignedTextError):
    """The signature does not belong to these facts."""


@dataclass(frozen=True)
class Facts:
    """What the signature covers. Checked on creation: codes canonical, expiry a whole minute."""

    bag: str
    copy: int
    din: str
    recipient: str
    expiry: datetime
    key: str

    def __post_init__(self) -> None:
        label = housecode.parse(housecode.copy_text(self.bag, self.copy))
        if label.type is not housecode.Kind.BAG or label.code != self.bag:
            raise SignedTextError(f"{self.bag} is not the code of a bag")
        if donation_number.validate(self.din) != self.din:
            raise SignedTextError(f"{self.din!r} is not the canonical form of a donation number")
        if housecode.parse(self.recipient).code != self.recipient:
            raise SignedTextError(f"{self.recipient!r} is not the code of a recipient")
        if self.expiry.utcoffset() is None:
            raise SignedTextError("an expiry without a zone is no moment")
        if self.expiry.second or self.expiry.microsecond:
            raise SignedTextError("an expiry is a whole minute, as it is printed")
        if len(self.key) != 8 or not set(self.key) <= set("0123456789abcdef"):
            raise SignedTextError(f"{self.key!r} is no key id: take `key_id` of the public key")


def key_id(public_key: Ed25519PublicKey) -> str:
    """The eight hexadecimal figures by which a label names its key."""
    return hashlib.sha256(public_key.public_bytes_raw()).hexdigest()[:8]


def issue(facts: Facts, sign: Callable[[bytes], bytes]) -> str:
    """The text to print; `sign` is the `sign` of an Ed25519 private key."""
    packed = _pack(facts)
    signature = sign(_DOMAIN + packed)
    if len(signature) != _SIGNATURE:
        raise SignedTextError(f"an Ed25519 signature has 64 bytes, this has {len(signature)}")
    return _PREFIX + _to_base45(packed + signature)


def verify(text: str, public_keys: Mapping[str, Ed25519PublicKey]) -> Facts:
    """The facts, if a key on the list (by `key_id`) signed exactly them.

    Raises SignedTextError (not such a text), UnknownKey or Forged. Nothing is handed out before
    the signature has been found good.
    """
    if len(text) > LONGEST:
        raise SignedTextError(f"a text of {len(text)} characters is no label of this house")
    if not text.startswith(_PREFIX):
        raise SignedTextError(f"a signed label text begins with {_PREFIX}: this is something else")
    data = _from_base45(text[len(_PREFIX):])
    if len(data) != _PACKED + _SIGNATURE:
        raise SignedTextError("the signed text is not complete: scan again")
    packed, signature = data[:_PACKED], data[_PACKED:]
    key = packed[29:].hex()
    if key not in public_keys:
        raise UnknownKey(f"the label was signed with key {key}, which this house does not hold: "
                         "it comes from elsewhere, or the key was withdrawn")
    try:
        public_keys[key].verify(signature, _DOMAIN + packed)
    except InvalidSignature:
        raise Forged("the signature does not belong to this label: do not use the bag, call the "
                     "laboratory") from None
    return _unpack(packed)


def repair(text: str, public_keys: Mapping[str, Ed25519PublicKey]) -> tuple[str, str] | None:
    """A signed text that a scanner typed for another keyboard: the text and what must have
    happened. Proposed only when the signature holds."""
    def checked(each: str) -> str | None:
        try:
            verify(each, public_keys)
        except SignedTextError:
            return None
        return each
    return keyboards.repair(text, checked) if len(text) <= LONGEST else None


def _pack(facts: Facts) -> bytes:
    return b"".join((
        _pack_code(facts.bag), facts.copy.to_bytes(1, "big"),
        (_FACILITY_FIRST.index(facts.din[0]) * 10**12 + int(facts.din[1:])).to_bytes(6, "big"),
        _pack_code(facts.recipient),
        ((facts.expiry - _EPOCH) // timedelta(minutes=1)).to_bytes(4, "big"),
        bytes.fromhex(facts.key)))


def _unpack(packed: bytes) -> Facts:
    """The facts of `_pack`'s bytes. A signature over anything else is refused too."""
    try:
        first, rest = divmod(int.from_bytes(packed[10:16], "big"), 10**12)
        return Facts(
            bag=_unpack_code(packed[:9]), copy=packed[9],
            din=f"{_FACILITY_FIRST[first]}{rest:012d}",
            recipient=_unpack_code(packed[16:25]),
            expiry=_EPOCH + timedelta(minutes=int.from_bytes(packed[25:29], "big")),
            key=packed[29:].hex())
    except (housecode.CodeError, FormatError, IndexError, OverflowError) as error:
        raise SignedTextError(f"signed, but not a label: {error}") from error


def _pack_code(code: str) -> bytes:
    number = 0
    for letter in code[:18]:
        number = number * 16 + housecode.ALPHABET.index(letter)
    return number.to_bytes(9, "big")


def _unpack_code(packed: bytes) -> str:
    letters = "".join(housecode.ALPHABET[int(nibble, 16)] for nibble in packed.hex())
    return housecode.with_check(letters[:2], letters[2:])


def _to_base45(data: bytes) -> str:
    """RFC 9285: two bytes to three signs, a last single byte to two."""
    signs = []
    for i in range(0, len(data), 2):
        number, count = int.from_bytes(data[i:i + 2], "big"), 3 if i + 1 < len(data) else 2
        for _ in range(count):
            number, value = divmod(number, 45)
            signs.append(_BASE45[value])
    return "".join(signs)


def _from_base45(text: str) -> bytes:
    """The bytes; only the one spelling `_to_base45` writes is taken."""
    data = bytearray()
    try:
        for i in range(0, len(text), 3):
            group = text[i:i + 3]
            number = sum(_BASE45_VALUE[sign] * 45**place for place, sign in enumerate(group))
            data += number.to_bytes(len(group) - 1, "big")
    except (KeyError, OverflowError):
        raise SignedTextError("the signed text holds signs that cannot stand there: "
                              "scan again") from None
    if _to_base45(bytes(data)) != text:
        raise SignedTextError("the signed text is not complete: scan again")
    return bytes(data)
