"""Passkeys as the browser speaks of them (Web Authentication, level 3): asked for and checked.

No database and no clock here: bytes in, an answer or a sentence out. User verification (the
device's own PIN, finger or face) is always required.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from mscbank.errors import NotProven

WAIT_MS = 120_000
LONGEST = 20_000
UNREAD = "The passkey's answer does not fit this page: open the page again and confirm anew."


@dataclass(frozen=True)
class Site:
    """Where passkeys are used: the address in the browser, and the host's name within it."""

    origin: str
    rp_id: str


@dataclass(frozen=True)
class Answer:
    """A passkey's answer as kept with a signature; all base64url. ``count`` is its own counter."""

    credential_id: str
    authenticator_data: str
    client_data: str
    signature: str
    count: int = 0


@dataclass(frozen=True)
class NewKey:
    """The public half of a key that was just made; both base64url."""

    credential_id: str
    public_key: str
    count: int


@cache
def _library() -> Any:
    """The package of the same name, loaded by the first who uses a passkey: it holds 19 MB."""
    import webauthn
    import webauthn.helpers.cose
    import webauthn.helpers.structs

    return webauthn


def _bytes(text: str) -> bytes:
    return _library().helpers.base64url_to_bytes(text)


def _text(data: bytes) -> str:
    return _library().helpers.bytes_to_base64url(data)


def _algorithms() -> list[Any]:
    known = _library().helpers.cose.COSEAlgorithmIdentifier
    return [known.ECDSA_SHA_256, known.EDDSA, known.RSASSA_PKCS1_v1_5_SHA_256]


def asking(site: Site, challenge: bytes, credential_ids: Iterable[str]) -> str:
    """What the browser is given to ask for an answer, as JSON. No ids: any passkey of the site."""
    webauthn = _library()
    required = webauthn.helpers.structs.UserVerificationRequirement.REQUIRED
    return webauthn.options_to_json(webauthn.generate_authentication_options(
        rp_id=site.rp_id, challenge=challenge, timeout=WAIT_MS,
        allow_credentials=_described(credential_ids),
        user_verification=required))


def asking_for_new(site: Site, challenge: bytes, *, site_name: str, code: str, username: str,
                   name: str, known: Iterable[str]) -> str:
    """What the browser is given to make a new passkey, as JSON. ``known`` are not made again."""
    webauthn = _library()
    words = webauthn.helpers.structs
    return webauthn.options_to_json(webauthn.generate_registration_options(
        rp_id=site.rp_id, rp_name=site_name, challenge=challenge, timeout=WAIT_MS,
        user_id=code.encode(), user_name=username, user_display_name=name,
        exclude_credentials=_described(known), supported_pub_key_algs=_algorithms(),
        authenticator_selection=words.AuthenticatorSelectionCriteria(
            resident_key=words.ResidentKeyRequirement.REQUIRED, require_resident_key=True,
            user_verification=words.UserVerificationRequirement.REQUIRED)))


def _described(ids: Iterable[str]) -> list[Any]:
    described = _library().helpers.structs.PublicKeyCredentialDescriptor
    return [described(id=_bytes(one)) for one in ids]


def read(text: str) -> Answer:
    """The answer a page sent. Refuses what is none."""
    if len(text) > LONGEST:
        raise NotProven(UNREAD)
    try:
        sent = json.loads(text)
        response = sent["response"]
        parts = [sent["id"], response["authenticatorData"], response["clientDataJSON"],
                 response["signature"]]
        # one spelling of the same bytes: an answer is known again however it is written
        plain = [_text(_bytes(part)) for part in parts]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotProven(UNREAD) from error
    return Answer(*plain)


def check(answer: Answer, public_key: str, challenge: bytes, site: Site) -> int:
    """The counter of a sound answer to this challenge. Refuses every other with a sentence."""
    try:
        client = json.loads(_bytes(answer.client_data))
        _where(client, site)
        verified = _library().verify_authentication_response(
            credential=_as_sent(answer), expected_challenge=challenge, expected_rp_id=site.rp_id,
            expected_origin=site.origin, credential_public_key=_bytes(public_key),
            credential_current_sign_count=0, require_user_verification=True)
    except NotProven:
        raise
    except Exception as error:  # whatever strange bytes do to a parser, the answer is no
        sentence = UNREAD
        if "User verification" in str(error):
            sentence = ("The passkey did not ask for your PIN, finger or face: use one that does.")
        raise NotProven(sentence) from error
    return verified.new_sign_count


def check_new(text: str, challenge: bytes, site: Site) -> NewKey:
    """The new key of a sound registration."""
    if len(text) > LONGEST:
        raise NotProven(UNREAD)
    try:
        sent = json.loads(text)
        _where(json.loads(_bytes(sent["response"]["clientDataJSON"])), site)
        made = _library().verify_registration_response(
            credential=sent, expected_challenge=challenge, expected_rp_id=site.rp_id,
            expected_origin=site.origin, require_user_verification=True,
            supported_pub_key_algs=_algorithms())
    except NotProven:
        raise
    except Exception as error:  # as above: no is the only answer to what cannot be read
        raise NotProven("This passkey could not be registered: begin again, with a device that "
                        "asks for your PIN, finger or face.") from error
    return NewKey(_text(made.credential_id), _text(made.credential_public_key), made.sign_count)


def _where(client: Any, site: Site) -> None:
    """Refuse an answer given at another address, or inside another site's frame."""
    if client["origin"] != site.origin or client.get("crossOrigin", False) is not False:
        raise NotProven(f"The passkey was used at another address: open {site.origin} and confirm "
                        "there.", reasons=("another origin",))


def _as_sent(answer: Answer) -> dict[str, Any]:
    return {"id": answer.credential_id, "rawId": answer.credential_id, "type": "public-key",
            "response": {"authenticatorData": answer.authenticator_data,
                         "clientDataJSON": answer.client_data, "signature": answer.signature}}
