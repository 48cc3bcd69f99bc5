"""A cryo unit keeps the storage limit in force when it was frozen, and is not thawed past it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from labels import readback
from mscbank import clock
from mscbank.acts import catalogue, why_not
from mscbank.audit.models import Entry
from mscbank.audit.reading import told
from mscbank.bags import cryo
from mscbank.bags.lifecycle import UNIT_PLACE
from mscbank.bags.models import CryoUnit, UnitPlace
from mscbank.database import db, session, transaction
from mscbank.errors import Unfit
from mscbank.exchange.pictures import facts as api_facts
from mscbank.labelling import jobs
from mscbank.permissions import Actor
from mscbank.reports import freezer, lists, worklist
from mscbank.reports.layout import Tone
from mscbank.settings import local
from specs import shelf
from tests.cast import Cast
from tests.specs.shelves import put
from tests.stages.bags import box, frozen_units, stored_unit
from tests.stages.cultures import counted_culture
from tests.stages.labelling import issued_unit_label, labelled_unit, thawed_culture

FROZEN = datetime(2026, 6, 15, 8, 0, 30, 5, tzinfo=UTC)  # a sheet with a limit is in force by then
OVER = datetime(2028, 6, 14, 8, 0, tzinfo=UTC)  # 730 days later, to the minute
LASTS = date(2099, 1, 1)
MOMENT = timedelta(microseconds=1)
EXPIRING = "Cryo units expiring"


@pytest.fixture
def cast(bank) -> Iterator[Cast]:
    with clock.pinned(FROZEN):
        yield Cast()


@pytest.fixture
def before_any_limit(bank) -> Cast:
    return Cast()


def why(cast: Cast, unit: CryoUnit) -> str | None:
    """The sentence under the greyed button, none where it may be pressed."""
    return why_not(catalogue()[("cryo-units", "thaw-and-seed")], unit, cast.tessa)


def waiting(person: Actor) -> list[tuple[str, str, bool]]:
    return [(item.thing.code, item.sentence, item.overdue) for section in worklist.sections(person)
            if section.title == EXPIRING for item in section.items]


def test_a_unit_keeps_the_limit_in_force_when_it_was_frozen(cast, tmp_path) -> None:
    first, second = frozen_units(cast)
    assert first.expires_at == second.expires_at == OVER
    entry = session.scalars(sa.select(Entry).where(Entry.act == "freeze into units")).one()
    facts = told([entry])[0].facts
    assert facts["specification"] == "bm-msc-3" and OVER.isoformat()[:16] in facts["expires_at"]
    shorter = (files("specs") / "release/bm-msc-3.toml").read_text().replace(
        "version = 3", "version = 4").replace("effective = 2026-06-01", "effective = 2026-06-16")
    put(tmp_path, "release", "bm-msc-4", shorter.replace("days_max = 730", "days_max = 30"))
    later = FROZEN + timedelta(days=1)
    with shelf.beside(tmp_path), clock.pinned(later):
        other = frozen_units(cast, counted_culture(cast))[0]
        assert other.expires_at == (later + timedelta(days=30)).replace(second=0, microsecond=0)
        assert first.expires_at == OVER


def test_a_unit_frozen_before_any_sheet_set_a_limit_has_none_for_ever(before_any_limit) -> None:
    cast = before_any_limit
    unit = labelled_unit(cast)
    assert unit.expires_at is None and api_facts(unit)["expires_at"] is None
    with clock.pinned(clock.now() + timedelta(days=7300)):
        assert why(cast, unit) is None and waiting(cast.tessa) == []
        thawed_culture(cast, unit, expires_on=LASTS)
    assert unit.place is UnitPlace.THAWED


@pytest.mark.parametrize(("early", "thaws"), [(MOMENT, True), (timedelta(0), False)])
def test_an_expired_unit_is_not_thawed(cast, early, thaws) -> None:
    unit = labelled_unit(cast)
    with clock.pinned(OVER - early):
        if thaws:
            assert why(cast, unit) is None
            thawed_culture(cast, unit, expires_on=LASTS)
            assert unit.thawed_at == clock.now()
            return
        with pytest.raises(Unfit, match="has expired: do not thaw it; destroy it") as refusal:
            thawed_culture(cast, unit, expires_on=LASTS)
        assert refusal.value.reasons == ("expired",)
        assert why(cast, unit) == refusal.value.sentence
        assert unit.place is UnitPlace.STORED and unit.culture.cryo_units


def test_an_expired_unit_is_still_put_away_moved_and_destroyed(cast) -> None:
    first, second = frozen_units(cast)
    here, there, _, _ = box(cast)
    with clock.pinned(OVER + timedelta(days=1)), transaction():
        cryo.store(first, here.code, by=cast.tessa, at=clock.now())
        cryo.relocate(first, there.code, by=cast.tessa, at=clock.now())
        for unit in (first, second):
            cryo.destroy(unit, "Past its limit.", by=cast.tessa, at=clock.now())
    assert {row.act for row in UNIT_PLACE if row.unexpired} == {"thaw and seed"}


@pytest.mark.parametrize(("early", "thaws"), [(MOMENT, True), (timedelta(0), False)])
def test_the_database_thaws_no_unit_past_its_limit(cast, early, thaws) -> None:
    unit = labelled_unit(cast)
    session.rollback()
    assert lets(unit.id, "thawed_before_expiry", place=UnitPlace.THAWED, storage_place_id=None,
                viable_thawed=1, thawed_at=OVER - early) is thaws


def test_the_database_keeps_the_limit_of_a_unit(cast) -> None:
    first, second = frozen_units(cast)
    session.rollback()
    for unit in (first.id, second.id):
        for other in (None, OVER + timedelta(days=1)):
            assert not lets(unit, "this never changes", expires_at=other)
        assert lets(unit, "", expires_at=OVER)
    with pytest.raises(IntegrityError, match="expires_later"), transaction():
        session.add(CryoUnit(
            culture_id=first.culture_id, number=3, units=3, viable_cells=1, volume_ml=1,
            frozen_at=FROZEN, expires_at=FROZEN, place_since=FROZEN, recorded_at=FROZEN,
            recorded_by_id=cast.tessa.id))
        session.flush()


def lets(unit: int, refusal: str, **values: object) -> bool:
    """Whether the database lets somebody with a client write it. Afterwards it never happened."""
    table = CryoUnit.__table__
    entry = sa.text("(SELECT sequence + 1 FROM audit_head WHERE id = 1)")
    with db.engine.connect() as connection, connection.begin_nested() as step:
        try:
            connection.execute(table.update().where(table.c.id == unit).values(
                values | {"entry": entry}))
        except sa.exc.DBAPIError as error:
            assert refusal in str(error)
            return False
        finally:
            step.rollback()
        return True


def test_the_worklist_calls_for_what_is_near_its_limit_and_past_it(cast) -> None:
    unit, other = frozen_units(cast)
    both = {cast.tessa: "the laboratory", cast.quentin: "quality assurance"}
    for at, sentence, overdue in (
            (OVER - timedelta(days=30) - MOMENT, None, False),
            (OVER - timedelta(days=30), "thaw and seed it before, or destroy it then", False),
            (OVER - MOMENT, "thaw and seed it before, or destroy it then", False),
            (OVER + MOMENT, "expired: do not thaw it; destroy it", True),
            (OVER + timedelta(days=400), "expired: do not thaw it; destroy it", True)):
        with clock.pinned(at):
            for person in both:
                assert waiting(person) == ([(each.code, sentence, overdue)
                                            for each in (unit, other)] if sentence else [])
            assert waiting(cast.nadia) == []
    with clock.pinned(OVER + MOMENT), transaction():
        cryo.destroy(unit, "Past its limit.", by=cast.tessa, at=clock.now())
        assert [code for code, _, _ in waiting(cast.tessa)] == [other.code]


def test_the_freezer_map_and_the_list_say_what_has_expired(cast) -> None:
    unit = stored_unit(cast)
    for at, word, tone in ((OVER - MOMENT, "cryo unit", Tone.GOOD), (OVER, "expired", Tone.STOP)):
        [shown] = freezer.boxes("TANK 9", at)
        assert freezer.how(shown.positions[0], at) == (word, tone)
        block = shown.picture.marks[0]
        assert word in block.lines and block.told.endswith("expired") is (tone is Tone.STOP)
    found = lists.show(CryoUnit, lists.read(CryoUnit, {"sort": "expires_at"}))
    assert [dict(zip([column.name for column in found.columns], cells, strict=True))["expires_at"]
            for _, cells in found.rows] == [OVER, OVER]
    assert api_facts(unit)["expires_at"] == "2028-06-14T08:00:00.000000Z"


def test_the_label_says_the_limit_and_nothing_where_there_is_none(cast) -> None:
    unit = frozen_units(cast)[0]
    copy = issued_unit_label(cast, unit)
    assert datetime.fromisoformat(copy.content["expiry"]) == local(OVER)
    pdf = jobs.pdf_of(copy.job)
    assert list(readback.pages(pdf)) == [{copy.content["code"]}]


def test_the_label_of_a_unit_without_a_limit_names_none(before_any_limit) -> None:
    assert issued_unit_label(before_any_limit, frozen_units(before_any_limit)[0]
                             ).content["expiry"] is None
