"""A program signs with a time code; a passkey is for the browser."""

from __future__ import annotations

import pytest

from mscbank.accounts.models import Binding
from tests.cast import PASSWORD
from tests.conftest import START
from tests.mscbank.accounts.authenticator import registered
from tests.mscbank.signatures.signing import FACTS, page, signatures, with_time_code
from tests.mscbank.web.conftest import cast, machine
from tests.stages.recipients import consenting_recipient

__all__ = ["cast", "machine"]  # fixtures


@pytest.fixture
def send(bank, cast, machine):
    """Paula's program signs an assessment with this code."""
    def send_(code: str | None, key: str = "assessment-1"):
        opened = page(cast.paula, consenting_recipient(cast).code)
        signature = {"username": "paula", "password": PASSWORD, "seen": opened.digest}
        body = {"data": FACTS | {"assessed_on": START.date().isoformat()},
                "signature": signature if code is None else signature | {"code": code}}
        return bank.test_client().post(
            f"/api/v1/recipients/{opened.code}/assess", json=body,
            headers=machine("paula", Idempotency_Key=key))
    return send_


def test_a_program_signs_with_a_time_code(send, cast) -> None:
    app = with_time_code(cast.paula)
    refused = send(None)
    assert (refused.status_code, refused.json["error"]["field"]) == (401, "code")
    assert send(app.at(START), "assessment-2").status_code == 200
    assert [one.binding for one in signatures()] == [Binding.TIME_CODE]


def test_a_person_with_a_passkey_and_no_time_code_does_not_sign_by_program(send, cast) -> None:
    registered(cast.paula)
    refused = send(None)
    assert refused.status_code == 401
    assert "A program signs with a time code" in refused.json["error"]["sentence"]
    assert signatures() == []


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "12 345"])
def test_what_is_no_code_is_refused_as_such(code: str, send) -> None:
    refused = send(code)
    assert (refused.status_code, "six figures" in refused.json["error"]["sentence"]) == (422, True)
