"""A cryo unit is thawed only once the label that is on it was scanned back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.acts import catalogue, perform, why_not
from mscbank.bags import cryo
from mscbank.bags.models import CryoUnit, UnitPlace
from mscbank.database import db, session, transaction
from mscbank.errors import Malformed, NotAllowed, Unfit, WrongMoment
from mscbank.labelling import copies, units
from mscbank.labelling.models import LabelCopy
from mscbank.reports import listing, worklist
from tests.cast import Cast
from tests.stages.bags import frozen_units, stored_unit
from tests.stages.labelling import (
    issued_unit_label,
    labelled_unit,
    print_job,
    scan_back,
    thawed_culture,
)

TO_LABEL = "Cryo units to label"


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


def why(cast: Cast, unit: CryoUnit) -> str | None:
    """The sentence under the greyed button, none where it may be pressed."""
    return why_not(catalogue()[("cryo-units", "thaw-and-seed")], unit, cast.tessa)


def replaced(cast: Cast, copy: LabelCopy) -> LabelCopy:
    """The next copy of the label: printed, not scanned back."""
    with transaction():
        job = copies.reprint_copy(copy, "The print came off.", by=cast.tessa, at=clock.now())
    return print_job(cast, job).copies[0]


def test_a_cryo_unit_whose_label_was_not_scanned_back_is_not_thawed(cast) -> None:
    unit = stored_unit(cast)
    for no_proof, sentence in (
            (lambda: None, "has no label: issue one"),
            (lambda: issued_unit_label(cast, unit), "Copy 1 of the label of Cryo unit 1 of 2.*"
                                                    "was not scanned back")):
        no_proof()
        with pytest.raises(WrongMoment, match=sentence) as refusal:
            thawed_culture(cast, unit)
        assert refusal.value.reasons == ("label",) and why(cast, unit) == refusal.value.sentence
        assert unit.place is UnitPlace.STORED
    scan_back(cast, copies.copies_of(unit.code)[0])
    assert why(cast, unit) is None
    thawed_culture(cast, unit)
    assert unit.place is UnitPlace.THAWED


def test_a_label_that_was_replaced_proves_nothing_any_more(cast) -> None:
    unit = labelled_unit(cast)
    second = replaced(cast, copies.copies_of(unit.code)[0])
    assert "Copy 2 of the label" in why(cast, unit)
    scan_back(cast, second)
    with transaction():
        copies.report_damaged(second, "Torn.", by=cast.tessa, at=clock.now())
    assert "has no label" in why(cast, unit)
    scan_back(cast, replaced(cast, second))
    assert why(cast, unit) is None


def test_the_label_of_the_neighbouring_unit_proves_nothing(cast) -> None:
    first, second = frozen_units(cast)
    stored_unit(cast, first)
    mine, other = issued_unit_label(cast, first), issued_unit_label(cast, second)
    with pytest.raises(Unfit, match="label of another cryo unit"), transaction():
        copies.scan_back(mine, other.content["code"], by=cast.tessa, at=clock.now())
    scan_back(cast, other)
    assert "Copy 1 of the label of Cryo unit 1" in why(cast, first)


def test_a_unit_is_proven_where_it_stands_by_scanning_the_label_that_is_on_it(cast) -> None:
    first, second = frozen_units(cast)
    apply = catalogue()[("cryo-units", "apply-label")]
    assert "has no label" in why_not(apply, first, cast.tessa)
    mine, other = issued_unit_label(cast, first), issued_unit_label(cast, second)
    with pytest.raises(Unfit, match="label of another cryo unit"):
        perform(apply, first.code, {"text": other.content["code"]}, by=cast.tessa)
    with pytest.raises(Malformed, match="bare code of the cryo unit"):
        perform(apply, first.code, {"text": first.code}, by=cast.tessa)
    assert mine.applied_at is None and why_not(apply, first, cast.tessa) is None
    told = perform(apply, first.code, {"text": mine.content["code"]}, by=cast.tessa)
    assert (told["copy"], mine.applied_at) == (1, clock.now())
    assert why_not(apply, first, cast.tessa) == "Copy 1 is applied already."
    assert ("labels", [mine]) in [(name, rows) for name, _, rows in listing.attached(first)]
    with transaction():
        cryo.destroy(first, "Cracked.", by=cast.tessa, at=clock.now())
    assert "gets no label any more" in why_not(apply, first, cast.tessa)


def test_only_who_works_on_cultures_thaws(cast) -> None:
    unit = labelled_unit(cast)
    for person in (cast.nadia, cast.paula, cast.quentin, cast.carole, cast.adam):
        with pytest.raises(NotAllowed), transaction():
            units.thaw_and_seed(unit, by=person, at=clock.now())


def test_freezing_does_not_wait_for_a_label_but_the_worklist_calls_for_it(cast) -> None:
    def called_for() -> list[tuple[str, bool]]:
        return [(item.thing.code, item.overdue) for section in worklist.sections(cast.tessa)
                if section.title == TO_LABEL for item in section.items]

    first, second = frozen_units(cast)
    stored_unit(cast, first)
    with clock.pinned(clock.now() + timedelta(minutes=1)):
        assert called_for() == [(first.code, True), (second.code, True)]
        issued_unit_label(cast, second)
        labelled_unit(cast, first)
        assert called_for() == [(second.code, True)]
        scan_back(cast, copies.copies_of(second.code)[0])
        assert called_for() == []


def test_the_database_thaws_no_unit_without_a_proven_label(cast) -> None:
    unit, codes = stored_unit(cast), {}
    for proof in (None, issued_unit_label, labelled):
        if proof:
            proof(cast, unit)
        session.rollback()
        codes[proof] = thaws(unit.id)
    assert codes == {None: False, issued_unit_label: False, labelled: True}
    replaced(cast, copies.copies_of(unit.code)[0])
    session.rollback()
    assert not thaws(unit.id)


def labelled(cast: Cast, unit: CryoUnit) -> None:
    scan_back(cast, copies.copies_of(unit.code)[0])


def thaws(unit: int) -> bool:
    """Whether the database lets somebody with a client thaw it. Afterwards it never happened."""
    with db.engine.connect() as connection, connection.begin_nested() as step:
        try:
            connection.execute(sa.text(
                "UPDATE cryo_unit SET place = 'thawed', storage_place_id = NULL, viable_thawed = 1,"
                " thawed_at = place_since, entry = (SELECT sequence + 1 FROM audit_head WHERE"
                " id = 1) WHERE id = :unit"), {"unit": unit})
        except sa.exc.DBAPIError as error:
            assert "its label scanned back" in str(error)
            return False
        finally:
            step.rollback()
        return True
