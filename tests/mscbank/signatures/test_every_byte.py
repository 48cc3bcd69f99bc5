"""A passkey's answer verifies over exactly what was signed: every field and every byte of it."""

from __future__ import annotations

import json

import pytest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from mscbank.accounts import webauthn
from mscbank.accounts.statement import Statement, challenge
from mscbank.accounts.webauthn import Answer, Site
from mscbank.errors import NotProven
from tests.mscbank.accounts.authenticator import HOST, ORIGIN, Authenticator

SITE = Site(ORIGIN, HOST)
STATEMENT = Statement("certify", "LXBBBBBBBBBBBBBBBBBB", "certified", "I certify.", "ab" * 32)
NONCE = "a number"
FIELDS = sorted(json.loads(STATEMENT.manifest("quentin", NONCE)))


@pytest.fixture(scope="module")
def sound() -> tuple[Answer, str, str]:
    """An answer, the public key it verifies under, and the manifest."""
    device, manifest = Authenticator(), STATEMENT.manifest("quentin", NONCE)
    key = webauthn.check_new(device.make(b"made"), b"made", SITE)
    answer = webauthn.read(device.answer(challenge(manifest)))
    assert webauthn.check(answer, key.public_key, challenge(manifest), SITE) == 1
    return answer, key.public_key, manifest


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("change", ["altered", "emptied", "left out", "added to"])
def test_any_other_manifest_is_refused(field: str, change: str, sound) -> None:
    answer, key, text = sound
    manifest = json.loads(text)
    if change == "left out":
        del manifest[field]
    else:
        manifest[field] = {"altered": "other", "emptied": None,
                           "added to": manifest[field] + " "}[change]
    other = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with pytest.raises(NotProven):
        webauthn.check(answer, key, challenge(other), SITE)


@pytest.mark.parametrize("part", ["authenticator_data", "client_data", "signature"])
def test_any_other_byte_is_refused(part: str, sound) -> None:
    """Every byte of every part, changed in two ways, cut off, or added."""
    answer, key, manifest = sound
    content = base64url_to_bytes(getattr(answer, part))
    others = [content[:at] + bytes([content[at] ^ bit]) + content[at + 1:]
              for at in range(len(content)) for bit in (1, 128)]
    others += [content[:-1], content[1:], content + b"\0", b""]
    accepted = []
    for other in others:
        changed = Answer(**{**vars(answer), part: bytes_to_base64url(other)})
        try:
            webauthn.check(changed, key, challenge(manifest), SITE)
            accepted.append(other)
        except NotProven:
            pass
    assert len(others) > 70 and accepted == []
