"""Time codes (RFC 6238): six figures of the present half minute, from a secret shared once.

The secret is sealed with the vault's key for its owner: moved to another account it does not open.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime

import pyotp

from labels import qr
from mscbank.identities import vault
from mscbank.settings import settings

STEP_SECONDS = 30
DRIFT = (0, -1, 1)  # half minutes the app's clock may be off


def new_secret() -> str:
    """160 random bits in base32, as apps take them."""
    return pyotp.random_base32()


def sealed(secret: str, code: str) -> str:
    """The secret as kept, for the owner's house code."""
    return vault.seal(settings().vault_key, code, "time code", secret).hex()


def unsealed(kept: str, code: str) -> str:
    """The secret again. Raises vault.DoesNotOpen."""
    return vault.unseal(settings().vault_key, code, "time code", bytes.fromhex(kept))


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The half minute whose code this is, the present one or a neighbour; None if of none."""
    figures = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", figures):
        return None
    generator, now = pyotp.TOTP(secret), int(at.timestamp()) // STEP_SECONDS
    return next((now + drift for drift in DRIFT if hmac.compare_digest(
        generator.generate_otp(now + drift), figures)), None)


def address(secret: str, username: str) -> str:
    """The ``otpauth://`` address that an app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=settings().site_name)


def picture(text: str) -> tuple[int, str]:
    """The QR of an address: modules along a side, quiet zone included, and the dark ones as the
    path of an SVG. Nothing of it stays behind in a cache."""
    matrix = qr.matrix.__wrapped__(text, qr.Level.M)
    quiet = qr.QUIET_ZONE
    path = "".join(f"M{column + quiet} {row + quiet}h1v1h-1z"
                   for row, line in enumerate(matrix) for column, dark in enumerate(line) if dark)
    return len(matrix) + 2 * quiet, path
