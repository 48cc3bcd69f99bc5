"""A time code signs where it is registered: once, within its half minute or a neighbour's."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import factors, timecode
from mscbank.accounts.factors import NOTHING, Typed
from mscbank.accounts.models import Binding, SignInThrottle, TimeCode
from mscbank.acts import Credential, catalogue, perform, second_statement
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.errors import NotProven, Refused
from mscbank.identities import vault
from mscbank.permissions import Role
from mscbank.settings import set_settings, settings
from mscbank.signatures.service import verify_binding
from tests.cast import PASSWORD, Cast
from tests.conftest import START
from tests.mscbank.accounts.authenticator import registered, typed
from tests.mscbank.signatures.signing import page, signatures, with_time_code
from tests.stages.infusions import bedside
from tests.stages.labelling import label_text
from tests.stages.recipients import consenting_recipient


@pytest.fixture
def ready(bank):
    """Paula with her app before the signing page of a recipient."""
    cast = Cast()
    code = consenting_recipient(cast).code
    app = with_time_code(cast.paula)
    return cast, app, page(cast.paula, code)


@pytest.fixture
def demanding(bank):
    """A bank where physicians sign with a second factor."""
    before = settings()
    set_settings(dataclasses.replace(before, second_factor=frozenset({Role.PHYSICIAN})))
    yield
    set_settings(before)


def test_a_time_code_signs_and_the_signature_says_so(ready) -> None:
    _, app, open_ = ready
    open_.sign(Typed(code=app.at(START)))
    (signed,) = signatures()
    assert (signed.binding, signed.proof, verify_binding(signed)) == (Binding.TIME_CODE, None, ())
    assert verify().sound


def test_where_a_time_code_is_registered_the_password_alone_does_not_sign(ready) -> None:
    _, _, open_ = ready
    with pytest.raises(NotProven, match="the six figures"):
        open_.sign()
    assert signatures() == []


@pytest.mark.parametrize("seconds, taken", [
    (-61, False), (-31, False), (-30, True), (-1, True), (0, True), (29, True), (30, True),
    (59, True), (60, False), (90, False)])
def test_the_clock_of_the_app_may_be_half_a_minute_off(seconds: int, taken: bool) -> None:
    secret = timecode.new_secret()
    code = timecode.pyotp.TOTP(secret).at(START + timedelta(seconds=seconds))
    step = int(START.timestamp()) // 30 + seconds // 30
    assert timecode.step_of(secret, code, START) == (step if taken else None)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "12 34", "١٢٣٤٥٦", "000000"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert timecode.step_of("JBSWY3DPEHPK3PXP" * 2, code, START) is None


def test_a_code_may_be_typed_with_a_blank(ready) -> None:
    _, app, open_ = ready
    code = app.at(START)
    assert open_.sign(Typed(code=f" {code[:3]} {code[3:]} "))


def test_a_code_is_taken_once(ready) -> None:
    cast, app, open_ = ready
    open_.sign(Typed(code=app.at(START)))
    other = page(cast.paula, consenting_recipient(cast).code)
    for earlier in (0, 30):
        with pytest.raises(NotProven, match="used before"):
            other.sign(Typed(code=app.at(START - timedelta(seconds=earlier))))
    with clock.pinned(START + timedelta(seconds=30)):
        other = page(cast.paula, other.code)
        assert other.sign(Typed(code=app.at(clock.now())))


def test_a_code_given_for_what_was_refused_is_used_up_as_well(ready) -> None:
    _, app, open_ = ready
    code = app.at(START)
    with pytest.raises(Refused, match="changed after you read it"):
        open_.sign(Typed(code=code), seen="0" * 64)
    with pytest.raises(NotProven, match="used before"):
        open_.sign(Typed(code=code))


def test_a_retry_with_the_same_key_is_answered_even_when_the_code_is_long_over(ready) -> None:
    _, app, open_ = ready
    first = open_.sign(Typed(code=app.at(START)), key="k1")
    with clock.pinned(START + timedelta(minutes=10)):
        assert open_.sign(Typed(code=app.at(START)), key="k1") == first
    assert len(signatures()) == 1


def test_wrong_codes_wait_longer_each_time_though_the_password_was_right(ready) -> None:
    _, _, open_ = ready
    for _ in range(3):
        with pytest.raises(NotProven, match="not right"):
            open_.sign(Typed(code="000000"))
    assert session.get(SignInThrottle, "paula").failures == 3
    with pytest.raises(NotProven, match="wait"):
        open_.sign(Typed(code="000000"))


def test_a_code_where_none_is_registered_is_refused(bank) -> None:
    cast = Cast()
    open_ = page(cast.paula, consenting_recipient(cast).code)
    with pytest.raises(NotProven, match="no time code registered"):
        open_.sign(Typed(code="123456"))


def test_a_time_code_is_the_way_when_the_passkey_is_not_at_hand(ready) -> None:
    cast, app, _ = ready
    registered(cast.paula)
    open_ = page(cast.paula, consenting_recipient(cast).code)
    with pytest.raises(NotProven, match="your passkey, or give a time code"):
        open_.sign()
    open_.sign(Typed(code=app.at(START)))
    assert signatures()[-1].binding is Binding.TIME_CODE


def test_a_sealed_secret_opens_for_its_owner_alone(ready) -> None:
    cast, app, _ = ready
    kept = session.scalars(sa.select(TimeCode.secret)).one()
    assert timecode.unsealed(kept, cast.paula.code) == app.secret and app.secret not in kept
    with pytest.raises(vault.DoesNotOpen):
        timecode.unsealed(kept, cast.quentin.code)


def test_the_database_takes_no_step_back(ready) -> None:
    _, app, open_ = ready
    open_.sign(Typed(code=app.at(START)))
    with pytest.raises(sa.exc.DBAPIError, match="taken twice|entry"), transaction():
        session.execute(sa.text("UPDATE time_code SET last_step = 1"))


def test_a_role_may_be_told_to_sign_with_a_second_factor(demanding) -> None:
    cast = Cast()
    open_ = page(cast.paula, consenting_recipient(cast).code)
    with pytest.raises(NotProven, match="In this bank physician sign with a second factor"):
        open_.sign()
    app = with_time_code(cast.paula)
    assert open_.sign(Typed(code=app.at(START)))


# --- the second person ---------------------------------------------------------------------------

def check(beside, by, second: str, typed: Typed = NOTHING) -> dict:
    return perform(catalogue()["bags", "check"], beside.bag.code, words(beside), by=by,
                   second=Credential(second, PASSWORD, typed))


def words(beside) -> dict:
    """What both of them scanned."""
    band, label = beside.band.code, label_text(beside.bag)
    return {"wristband": band, "label": label, "wristband_again": band, "label_again": label}


def test_a_second_person_with_a_time_code_gives_it(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    app = with_time_code(cast.noel)
    with pytest.raises(NotProven, match="the six figures"):
        check(beside, cast.nadia, "noel")
    assert check(beside, cast.nadia, "noel", Typed(code=app.at(START)))["verdict"] == "go"


def test_a_second_person_with_a_passkey_confirms_what_the_first_one_scanned(bank) -> None:
    cast = Cast()
    beside = bedside(cast)
    device = registered(cast.noel)
    act = catalogue()["bags", "check"]
    with pytest.raises(NotProven, match="passkey"):
        check(beside, cast.nadia, "noel")
    other = words(beside) | {"label": None}
    asked = factors.ask_second(cast.nadia, second_statement(act, beside.bag.code, other,
                                                            cast.nadia))
    with pytest.raises(NotProven, match="does not fit"):
        check(beside, cast.nadia, "noel", typed(device, asked))
    asked = factors.ask_second(cast.nadia, second_statement(act, beside.bag.code, words(beside),
                                                            cast.nadia))
    assert '"allowCredentials": []' in asked.options
    answer = typed(device, asked)
    with pytest.raises(NotProven, match="not registered for this person"):
        registered(cast.quynh)
        check(beside, cast.nadia, "quynh", answer)
    told = check(beside, cast.nadia, "noel", answer)
    assert told["verdict"] == "go"
    with pytest.raises(NotProven, match="has been answered"):
        check(beside, cast.nadia, "noel", answer)
