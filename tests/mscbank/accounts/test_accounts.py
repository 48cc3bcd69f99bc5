"""Accounts, roles, passwords, sessions and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts import rules, service, sessions
from mscbank.accounts.models import Account, Alert
from mscbank.audit.models import Entry
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, NotProven
from mscbank.permissions import CHART, SYSTEM, Permission, Role
from tests.cast import PASSWORD, Cast
from tests.conftest import START

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=10)


def add(username: str = "zoe", password: str = PASSWORD, by=SYSTEM) -> str:
    with transaction():
        return service.add_account(username, "Zoe Z", password, [Role.NURSE], by=by,
                                   at=clock.now()).code


def test_a_new_account_signs_in_and_must_change_its_password_before_it_signs(bank) -> None:
    add()
    assert service.prove("zoe", PASSWORD, through="test").roles == {Role.NURSE}
    with pytest.raises(NotProven, match="Change the password"):
        service.prove("zoe", PASSWORD, through="test", signing=True)


def test_a_user_name_is_never_given_twice(bank) -> None:
    add()
    with pytest.raises(AlreadyDone, match="never given again"):
        add()


@pytest.mark.parametrize("username", ["", "Z", "zoe zoe", "zoé", "a" * 41, "1zoe"])
def test_an_odd_user_name_is_refused(username: str) -> None:
    with pytest.raises(Malformed):
        rules.username(username)


@pytest.mark.parametrize("password", ["short", "zoe is my own name here", "aaaaaaaaaaaaaaaa",
                                      "my password is long", "x" * 129, "mscbank forever 1"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(Malformed):
        rules.password(password, "zoe")


def test_only_an_administrator_keeps_accounts(bank) -> None:
    cast = Cast()
    assert CHART[Permission.KEEP_ACCOUNTS] == (Role.ADMINISTRATOR,)
    with pytest.raises(NotAllowed):
        add("yann", by=cast.quentin)
    add("yann", by=cast.adam)


def test_an_administrator_has_no_rights_in_the_laboratory() -> None:
    rights = {permission for permission, roles in CHART.items() if Role.ADMINISTRATOR in roles}
    assert rights == {Permission.KEEP_ACCOUNTS, Permission.READ_ACCOUNTS, Permission.READ_TRAIL,
                      Permission.CONFIRM_LOST_CREDENTIAL, Permission.ACKNOWLEDGE_ALERT}


def test_a_role_is_held_from_when_it_was_given_until_it_was_taken(bank) -> None:
    cast = Cast()
    account = session.get_one(Account, cast.tessa.id)
    with transaction():
        service.give_role(account, Role.QUALITY, by=cast.adam, at=START, reason="trained")
    with pytest.raises(AlreadyDone), transaction():
        service.give_role(account, Role.QUALITY, by=cast.adam, at=START, reason="again")
    later = START + timedelta(days=2)
    with transaction():
        service.take_role(account, Role.QUALITY, by=cast.adam, at=later, reason="moved")
    held = {days: Role.QUALITY in service.actor(account, START + timedelta(days=days), "t").roles
            for days in (0, 1, 2, 3)}
    assert held == {0: True, 1: True, 2: False, 3: False}
    with pytest.raises(AlreadyDone), transaction():
        service.take_role(account, Role.QUALITY, by=cast.adam, at=later, reason="again")


def test_a_session_lives_while_it_is_used_and_not_longer_than_a_shift(bank) -> None:
    cast = Cast()
    token = sessions.sign_in(cast.nadia, at=START)

    def alive(minutes: float) -> bool:
        return sessions.find_session(token, at=START + timedelta(minutes=minutes), idle=IDLE,
                                     absolute=ABSOLUTE) is not None

    assert alive(0) and alive(14) and alive(28)
    assert not alive(44)
    for minutes in range(30, 601, 10):
        alive(minutes)
    assert not alive(601)


def test_signing_out_ends_the_session_on_the_server(bank) -> None:
    cast = Cast()
    token = sessions.sign_in(cast.nadia, at=START)
    sessions.sign_out(token, by=cast.nadia, at=START)
    assert sessions.find_session(token, at=START, idle=IDLE, absolute=ABSOLUTE) is None


def test_an_ended_account_is_dead_at_once_everywhere(bank) -> None:
    cast = Cast()
    account = session.get_one(Account, cast.nadia.id)
    browser = sessions.sign_in(cast.nadia, at=START)
    with transaction():
        machine = sessions.create_token(account, "tablet", 30, by=cast.adam, at=START)
    assert sessions.find_token(machine, at=START).username == "nadia"
    with transaction():
        service.end_account(account, by=cast.adam, at=START, reason="left the hospital")
    assert sessions.find_session(browser, at=START, idle=IDLE, absolute=ABSOLUTE) is None
    assert sessions.find_token(machine, at=START) is None
    with pytest.raises(NotProven):
        service.prove("nadia", PASSWORD, through="test")
    with pytest.raises(AlreadyDone), transaction():
        service.end_account(account, by=cast.adam, at=START, reason="again")


def test_nobody_ends_their_own_account(bank) -> None:
    cast = Cast()
    with pytest.raises(NotAllowed, match="own account"), transaction():
        service.end_account(session.get_one(Account, cast.adam.id), by=cast.adam, at=START,
                            reason="bye")


def test_a_token_ends_on_its_day(bank) -> None:
    cast = Cast()
    with transaction():
        token = sessions.create_token(session.get_one(Account, cast.tessa.id), "counter", 1,
                                      by=SYSTEM, at=START)
    assert sessions.find_token(token, at=START + timedelta(hours=23))
    assert not sessions.find_token(token, at=START + timedelta(hours=24))
    assert not sessions.find_token("msc_unknown", at=START)


def test_failed_sign_ins_wait_longer_each_time_and_alert_once(bank) -> None:
    Cast()
    moment = START
    for failures in range(1, 9):
        with clock.pinned(moment), pytest.raises(NotProven, match="do not match"):
            service.prove("tessa", "not her password", through="test")
        if seconds := rules.delay(failures):
            too_early = moment + timedelta(seconds=seconds - 1)
            with clock.pinned(too_early), pytest.raises(NotProven, match="wait 1 s|wait 2 s"):
                service.prove("tessa", PASSWORD, through="test")
        moment += timedelta(seconds=seconds)
    assert session.scalar(sa.select(sa.func.count()).select_from(Alert)) == 1


def test_the_delay_doubles_and_never_locks_out() -> None:
    assert [rules.delay(n) for n in (1, 2, 3, 4, 5, 6)] == [0, 0, 2, 4, 8, 16]
    assert rules.delay(500) == 900


def test_five_failures_stand_in_the_trail_without_what_was_typed(bank) -> None:
    Cast()
    for failure in range(5):
        with clock.pinned(START + timedelta(hours=failure)), pytest.raises(NotProven):
            service.prove("tessa", "wrong", through="test")
    failed = session.scalars(sa.select(Entry).where(Entry.act == "sign-in failed")).all()
    assert len(failed) == 5 and all("wrong" not in entry.body for entry in failed)


def test_a_success_forgets_the_failures(bank) -> None:
    Cast()
    for hour in range(3):
        with clock.pinned(START + timedelta(hours=hour)), pytest.raises(NotProven):
            service.prove("tessa", "wrong", through="test")
    with clock.pinned(START + timedelta(hours=9)):
        service.prove("tessa", PASSWORD, through="test")
        with pytest.raises(NotProven, match="do not match"):
            service.prove("tessa", "wrong", through="test")
        service.prove("tessa", PASSWORD, through="test")


def test_an_unknown_name_is_answered_like_a_wrong_password(bank) -> None:
    Cast()
    sentences = set()
    for username in ("tessa", "nobody"):
        with pytest.raises(NotProven) as refusal:
            service.prove(username, "wrong", through="test")
        sentences.add(refusal.value.sentence)
    assert len(sentences) == 1


def test_a_password_is_set_by_its_owner_and_by_no_administrator(bank) -> None:
    cast = Cast()
    account = session.get_one(Account, cast.tessa.id)
    with transaction():
        service.change_password(account, "an entirely new sentence", by=cast.tessa, at=START)
    assert service.prove("tessa", "an entirely new sentence", through="t", signing=True)
    for other in (cast.adam, cast.theo):
        with pytest.raises(NotAllowed, match="Only tessa sets"), transaction():
            service.change_password(account, "given by the office", by=other, at=START)
    assert service.prove("tessa", "an entirely new sentence", through="t", signing=True)


def test_a_password_given_with_a_new_account_signs_nothing_until_it_was_changed(bank) -> None:
    cast = Cast()
    with transaction():
        account = service.add_account("yann", "Yann Roux", "given by the office",
                                      [Role.NURSE], by=cast.adam, at=START)
    with pytest.raises(NotProven, match="Change the password"):
        service.prove("yann", "given by the office", through="t", signing=True)
    yann = service.prove("yann", "given by the office", through="t")
    with transaction():
        service.change_password(account, "four grey herons", by=yann, at=START)
    assert service.prove("yann", "four grey herons", through="t", signing=True)
