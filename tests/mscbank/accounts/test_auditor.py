"""An auditor reads everything but names, changes nothing, and comes for a while."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal as D

import pytest
import sqlalchemy as sa

from mscbank import acts, clock
from mscbank.accounts import service
from mscbank.accounts.models import Account, RoleHeld
from mscbank.audit.service import record
from mscbank.audit.verify import verify
from mscbank.database import session, transaction
from mscbank.errors import Malformed, Refused, Unfit
from mscbank.permissions import CHART, SYSTEM, Permission, Role
from mscbank.reports import worklist
from mscbank.reports.waiting import audit
from mscbank.testing import results
from tests.cast import PASSWORD, Cast
from tests.conftest import START
from tests.mscbank.web.conftest import ON_ONE_DATABASE, browse, cast
from tests.stages.bags import filled_lot
from tests.stages.custody import bag_at_bedside
from tests.stages.infusions import bedside, given_on_paper
from tests.stages.release import exceptional_lot, nonconforming_lot
from tests.stages.testing import result_of, sample_of

__all__ = ["browse", "cast"]  # fixtures

IN_A_MONTH = date(2026, 4, 2)


def come(roles: list[Role], until: date | None) -> Account:
    with transaction():
        return service.add_account("zoe", "Zoe Z", PASSWORD, roles, by=SYSTEM, at=clock.now(),
                                   until=until)


def give(people: Cast, username: str, role: Role, until: date | None = None,
         at: datetime | None = None) -> None:
    with transaction():
        service.give_role(service.find_account(username), role, by=people.adam,
                          at=at or clock.now(), reason="inspection", until=until)


def test_an_auditor_reads_everything_but_names_and_may_do_nothing() -> None:
    assert {permission for permission, roles in CHART.items() if Role.AUDITOR in roles} == {
        Permission.READ_RECORDS, Permission.READ_TRAIL, Permission.READ_ACCOUNTS,
        Permission.READ_SCANNING}
    offered = [act.name for act in acts.catalogue().values()
               if Role.AUDITOR in CHART[act.permission]]
    assert offered == []
    assert [act for act in acts.catalogue().values() if Role.NURSE in CHART[act.permission]]


@pytest.mark.parametrize("roles, until, why", [
    ([Role.AUDITOR], None, "for a while"),
    ([Role.AUDITOR], date(2027, 3, 5), "for a while"),
    ([Role.AUDITOR], date(2026, 3, 1), "has passed"),
    ([Role.NURSE], date(2026, 3, 1), "has passed"),
    ([Role.AUDITOR, Role.QUALITY], IN_A_MONTH, "nothing else")])
def test_who_audits_comes_alone_and_for_a_while(roles, until, why, bank) -> None:
    with pytest.raises((Malformed, Unfit), match=why):
        come(roles, until)
    come(roles[:1], IN_A_MONTH)


def test_who_works_here_does_not_audit_and_who_audits_does_not_work_here(bank) -> None:
    people = Cast()
    for username, role in (("quentin", Role.AUDITOR), ("aude", Role.QUALITY)):
        with pytest.raises(Unfit, match="nothing else"):
            give(people, username, role, IN_A_MONTH)
    with transaction():
        service.take_role(service.find_account("quentin"), Role.QUALITY, by=people.adam,
                          at=clock.now(), reason="moved")
    give(people, "quentin", Role.AUDITOR, IN_A_MONTH)
    assert service.find_account("quentin").roles_at(clock.now()) == {Role.AUDITOR}
    assert verify().sound


def test_what_was_given_until_a_day_ends_with_that_day_of_the_site(bank) -> None:
    people = Cast()
    come([Role.AUDITOR], date(2026, 3, 9))
    last, over = (datetime.fromisoformat(text) for text in (
        "2026-03-09T23:59:59+01:00", "2026-03-10T00:00:00+01:00"))
    account = service.find_account("zoe")
    assert account.roles_at(last) == {Role.AUDITOR}
    assert account.roles_at(over) == frozenset()
    assert service.actor_now(account.id, last, "test").may(Permission.READ_RECORDS)
    assert not service.actor_now(account.id, over, "test").may(Permission.READ_RECORDS)
    session.rollback()
    give(people, "zoe", Role.AUDITOR, date(2026, 4, 9), at=over)  # and is given again


def held(account_id: int, role: Role, until: datetime | None, since: datetime = START) -> None:
    """The row without the act."""
    with transaction():
        session.add(RoleHeld(account_id=account_id, role=role, from_at=since, until_at=until))
        record("change", None, by=SYSTEM, at=clock.now())


def test_the_database_itself_keeps_who_audits_apart(bank) -> None:
    people, month = Cast(), START + timedelta(days=31)
    with pytest.raises(sa.exc.IntegrityError, match="nothing else"):
        held(people.quentin.id, Role.AUDITOR, month)
    with pytest.raises(sa.exc.IntegrityError, match="nothing else"):
        held(people.aude.id, Role.NURSE, None, month)
    with pytest.raises(sa.exc.IntegrityError, match="audits_until"):
        held(come([Role.AUDITOR], IN_A_MONTH).id, Role.AUDITOR, None)
    for name, value in (("role", Role.QUALITY), ("from_at", START - timedelta(days=9))):
        with pytest.raises(sa.exc.IntegrityError, match="never changes"), transaction():
            setattr(service.find_account("theo").roles[0], name, value)
            record("change", None, by=SYSTEM, at=clock.now())
    held(people.quentin.id, Role.NURSE, None)  # another role beside one's own is nobody's harm


@ON_ONE_DATABASE
def test_nothing_on_an_auditors_page_can_be_pressed(browse, cast) -> None:
    bag = bag_at_bedside(cast)
    for path in (f"/bags/{bag.code}", f"/lots/{bag.lot.code}", f"/trail?thing={bag.code}"):
        page = browse("aude").get(path)
        assert page.status_code == 200, path
        assert "open-deviation" not in page.text and 'aria-disabled="true"' not in page.text, path
    assert "open-deviation" in browse("quentin").get(f"/bags/{bag.code}").text
    for (place, slug), act in acts.catalogue().items():
        if act.on is type(bag):
            with pytest.raises(Refused, match="may not"):
                acts.perform(act, bag.code, {}, by=cast.aude)


def test_an_auditor_is_shown_first_where_the_bank_left_its_way(cast) -> None:
    def shown() -> dict[str, list[str]]:
        return {section.title: [f"{item.thing.title}: {item.sentence}" for item in section.items]
                for section in worklist.sections(cast.aude)}

    beside = bedside(cast)  # a certified lot, of which awaited results came back
    assert shown() == {"Released exceptionally": [], "Nonconforming after release": [],
                       "Given on paper": [], "Deviations": [], "Corrected results": []}
    infusion, lots = given_on_paper(cast, beside), (exceptional_lot(cast), nonconforming_lot(cast))
    found = shown()
    assert found["Given on paper"] == [
        f"{infusion.title}: given on paper, without the bank's check"]
    assert found["Released exceptionally"] == [
        f"{lots[0].title}: released exceptionally: No other lot in time."]
    assert found["Nonconforming after release"] == [
        f"{lots[1].title}: declared nonconforming: Growth on day 12."]
    assert len(found["Deviations"]) == 2


def test_what_was_awaited_and_came_back_corrects_nothing(cast) -> None:
    sample = sample_of(cast, filled_lot(cast))
    read = result_of(cast, sample, "viability")
    awaited = result_of(cast, sample, "sterility", pending=True)
    for result, reason, outcome in ((awaited, "It came back.", {"word": "no growth"}),
                                    (read, "Read wrongly.", {"value": D("94.1"), "unit": "%"})):
        with transaction():
            results.correct_result(result, reason, **outcome, by=cast.theo, at=clock.now())
    assert [item.sentence for item in audit.corrected(clock.now(), cast.aude)] == [
        "corrected: Read wrongly."]
