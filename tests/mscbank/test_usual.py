"""A value that can be, but is far out of the usual, is kept with its reason or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest
import sqlalchemy as sa

from mscbank import clock, usual
from mscbank.audit.models import Entry
from mscbank.audit.reading import told
from mscbank.bags import service as bags
from mscbank.cultures import service as cultures
from mscbank.cultures.models import CultureCount
from mscbank.database import session, transaction
from mscbank.harvests.models import Harvest
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Weight
from mscbank.settings import local
from mscbank.usual import UnusualValue, held_against
from specs import shelf
from specs.criterion import BasisKind
from specs.sheet import ShelfError, open_sheet
from specs.usual_values import FIRST_KEYS, KEYS, read_usual
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.cultures import seeded_culture
from tests.stages.harvests import collected_harvest, dispatched_harvest, receive
from tests.stages.recipients import consenting_recipient

D = Decimal
WHY = "Weighed twice: diuretics since Monday."


def weigh(cast: Cast, person, kg: str, why: str | None = None) -> Weight:
    with transaction():
        return recipients.weigh(person, D(kg), clock.now(), why, by=cast.nadia, at=clock.now())


def later() -> datetime:
    return clock.now() + timedelta(hours=1)


def last_reason() -> str | None:
    entry = session.scalars(sa.select(Entry).order_by(Entry.sequence.desc()).limit(1)).one()
    return told([entry])[0].reason


def test_a_weight_a_third_below_the_last_is_asked_about_and_kept_with_its_reason(bank):
    cast = Cast()
    person = consenting_recipient(cast)
    weigh(cast, person, "70")
    with clock.pinned(later()):
        with pytest.raises(UnusualValue) as refused:
            weigh(cast, person, "48")
        assert refused.value.sentence == (
            "48 kg is 31 % below the last value, 70 kg. Check it; if it is right, write why.")
        assert (refused.value.field, refused.value.status) == ("why_unusual", 422)
        kept = weigh(cast, person, "48", f" {WHY} ")
    assert (kept.why_unusual, kept.usual) == (WHY, {"kg": ["63", "77"]})
    assert last_reason() == WHY


@pytest.mark.parametrize("kg", ["63", "77", "70.5"])
def test_a_weight_within_a_tenth_is_not_asked_about(bank, kg):
    """The control, with both bounds; a reason that nobody asked for is not kept."""
    cast = Cast()
    person = consenting_recipient(cast)
    weigh(cast, person, "70")
    with clock.pinned(later()):
        assert weigh(cast, person, kg, WHY).why_unusual is None


def test_who_is_light_is_asked_once(bank):
    cast = Cast()
    person = consenting_recipient(cast)
    with pytest.raises(UnusualValue, match="Weight: 30 kg lies outside what is usual here, 35 to"):
        weigh(cast, person, "30")
    weigh(cast, person, "30", "Cachexia, weighed twice.")
    with clock.pinned(later()):
        assert weigh(cast, person, "31").why_unusual is None


@pytest.mark.parametrize(("total", "viable", "said"), [
    (1_000_000, 690_000, "Viability: 69 % lies outside what is usual here, 70 to 100 %."),
    (9_999, 9_999, "Cells in all: 9999 cells lies outside"),
    (10_000_000_001, 9_000_000_000, "Cells in all: 10000 x 10^6 cells lies outside")])
def test_a_count_out_of_the_usual_asks_for_its_reason(bank, total, viable, said):
    cast = Cast()
    culture = seeded_culture(cast)
    with pytest.raises(UnusualValue) as refused, transaction():
        cultures.count(culture, total, viable, by=cast.tessa, at=clock.now())
    assert refused.value.sentence.startswith(said)
    with transaction():
        kept = cultures.count(culture, total, viable, WHY, by=cast.tessa, at=clock.now())
    assert kept.why_unusual == WHY


def test_a_correction_of_a_count_has_its_reason_already(bank):
    cast = Cast()
    culture = seeded_culture(cast)
    with transaction():
        cultures.count(culture, 1_000_000, 700_000, by=cast.tessa, at=clock.now())  # usual still
    with transaction():
        kept = cultures.correct_count(culture, 1_000_000, 500_000, "Read the wrong square.",
                                      by=cast.tessa, at=clock.now())
    assert kept.why_unusual == "Read the wrong square."


def test_a_harvest_keeps_the_reason_of_each_of_its_two_acts(bank):
    cast = Cast()
    with pytest.raises(UnusualValue, match="Volume of the marrow: 300 mL lies outside"):
        collected_harvest(cast, volume_ml=D(300))
    harvest = dispatched_harvest(cast, volume_ml=D(300), why_unusual="Two punctures.")
    with pytest.raises(UnusualValue, match="Viability: 60 % lies outside"):
        receive(cast, harvest, viability=D(60))
    receive(cast, harvest, viability=D(60), why_unusual="Six hours on the road.")
    assert (harvest.why_unusual, harvest.why_received_unusual) == (
        "Two punctures.", "Six hours on the road.")
    assert set(harvest.usual) == {"volume_ml", "nucleated_cells", "viability"}


def test_bags_out_of_the_usual_are_filled_with_a_reason(bank):
    cast = Cast()
    with pytest.raises(UnusualValue, match="Volume of each bag: 500 mL lies outside"):
        filled_lot(cast, volume_ml=D(500))
    assert filled_lot(cast, volume_ml=D(500), why_unusual=WHY).why_unusual == WHY


# --- the database says the same -----------------------------------------------------------------

def forged(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that forgets to ask: it keeps the bounds and no reason."""
    def silent(about, values, why, at, last=None):
        sheet, before = shelf.usual(local(at).date()), last or {}
        return {"usual": {name: [usual.plain_decimal(one) for one in
                                 sheet.values[f"{about}.{name}"].bounds(before.get(name))]
                          for name in values}, "why_unusual": None}
    for step in (recipients, cultures, bags):
        monkeypatch.setattr(step, "held_against", silent)
    monkeypatch.setattr("mscbank.harvests.service.held_against", silent)


def test_the_database_refuses_an_unusual_value_without_its_reason(bank, monkeypatch):
    cast = Cast()
    person, culture = consenting_recipient(cast), seeded_culture(cast)
    harvest = dispatched_harvest(cast)
    weigh(cast, person, "70")
    forged(monkeypatch)
    with clock.pinned(later()):
        tried = (lambda: weigh(cast, person, "62.99"),
                 lambda: cultures.count(culture, 1_000_000, 699_999, by=cast.tessa, at=clock.now()),
                 lambda: receive(cast, harvest, viability=D("69.9")),
                 lambda: collected_harvest(cast, volume_ml=D("9.9")),
                 lambda: filled_lot(cast, volume_ml=D("200.01")))
        for act in tried:
            with pytest.raises(sa.exc.DBAPIError, match="out of the usual has its reason"):
                if act is tried[1]:
                    with transaction():
                        act()
                else:
                    act()
            session.rollback()
        weigh(cast, person, "63")  # the control: the bounds themselves are usual
        with transaction():
            cultures.count(culture, 1_000_000, 700_000, by=cast.tessa, at=clock.now())
        receive(cast, harvest, viability=D(70))
    assert session.scalar(sa.select(sa.func.count()).select_from(CultureCount)) >= 1
    assert session.scalars(sa.select(Harvest.viability)).all().count(D(70)) == 1


def test_a_weight_without_its_bounds_is_refused_by_the_database(bank, monkeypatch):
    cast = Cast()
    person = consenting_recipient(cast)
    monkeypatch.setattr(recipients, "held_against",
                        lambda *_: {"usual": None, "why_unusual": None})
    with pytest.raises(sa.exc.DBAPIError, match="out of the usual has its reason"):
        weigh(cast, person, "70")


# --- the sheet ----------------------------------------------------------------------------------

FIRST, SHEET = ((files("specs") / "usual" / f"usual-{version}.toml").read_text()
                for version in (1, 2))


def test_the_sheet_says_what_is_usual_of_every_value_and_where_that_comes_from():
    sheet = shelf.usual(shelf.usual(clock.now().date()).effective)
    assert tuple(sheet.values) == KEYS and sheet.reference == "usual-2"
    assert {key for key, value in sheet.values.items()
            if value.basis.kind is BasisKind.PUBLISHED} == {
        f"observation.{name}" for name in ("temperature_c", "pulse", "systolic", "saturation")}


def test_the_second_sheet_says_all_that_the_first_says():
    first = read_usual(open_sheet("usual-1.toml", FIRST.encode()), "")
    second = read_usual(open_sheet("usual-2.toml", SHEET.encode()), "")
    assert tuple(first.values) == FIRST_KEYS == KEYS[:len(FIRST_KEYS)]
    assert {key: second.values[key] for key in FIRST_KEYS} == first.values


@pytest.mark.parametrize(("was", "becomes", "said"), [
    ('key = "bag.volume_ml"', 'key = "bag.colour"', "no value that is asked about"),
    ('key = "bag.volume_ml"', 'key = "weight.kg"', "stands twice"),
    ("low = 35", "low = 130", "low must be below high"),
    ("change_percent = 10", "change_percent = 100", "between 0 and 100"),
    ("low = 35", "lowest = 35", "low")])
def test_a_sheet_that_cannot_be_meant_is_refused_with_its_line(was, becomes, said):
    with pytest.raises(ShelfError, match=said):
        read_usual(open_sheet("usual-2.toml", SHEET.replace(was, becomes).encode()), "")


@pytest.mark.parametrize(("whole", "last"), [
    (FIRST, "bag.viable_cells"), (SHEET, "observation.saturation")])
def test_a_sheet_that_leaves_a_value_out_is_refused(whole, last):
    short = whole[:whole.rindex("[[value]]")]
    with pytest.raises(ShelfError, match=f"says nothing of {last}"):
        read_usual(open_sheet("usual.toml", short.encode()), "")


def test_what_is_usual_can_be_read_as_a_table():
    at = clock.now()
    asked = held_against("weight", {"kg": D("70.004")}, None, at, {"kg": D("70")})
    assert asked == {"usual": {"kg": ["63", "77"]}, "why_unusual": None}
