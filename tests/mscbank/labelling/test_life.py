"""The life of a copy: damaged, replaced, voided, its paper destroyed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, WrongMoment
from mscbank.labelling import copies, jobs, service
from mscbank.labelling.models import LabelCopy, LabelJob, LabelKind
from mscbank.labelling.rules import CopyState
from mscbank.scanning.reading import Problem
from mscbank.scanning.service import look_up
from tests.cast import Cast
from tests.stages.bags import filled_lot
from tests.stages.donors import enrolled_donor
from tests.stages.labelling import (
    apply,
    damage,
    destroy,
    issued_labels,
    labelled_lot,
    printed_labels,
    reprinted,
)
from tests.stages.testing import sample_of


def sample_job(cast: Cast, *, printed: bool = True) -> LabelJob:
    """The label of a tube, issued and printed."""
    paper = jobs.paper_of(LabelKind.SAMPLE)
    sample = sample_of(cast, filled_lot(cast))
    with transaction():
        job = copies.issue_label(paper, "issue label", sample, jobs.On(paper.stock), {},
                                 by=cast.tessa, at=clock.now())
    if printed:
        with transaction():
            service.print_job(job, by=cast.tessa, at=clock.now())
    return job


def reprint(cast: Cast, copy: LabelCopy, reason: str = "Wet.") -> LabelCopy:
    with transaction():
        return copies.reprint_copy(copy, reason, by=cast.tessa, at=clock.now()).copies[0]


# --- damaged -------------------------------------------------------------------------------------

def test_a_damaged_label_stops_its_bag_until_the_reprint_is_scanned_back(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    copy = damage(cast, service.current_copy(bag))
    assert service.as_rule(copy).state is CopyState.DAMAGED
    assert (copy.damaged_by_id, copy.voided_why) == (cast.tessa.id, "Wet.")
    assert service.label_findings(bag) == [
        ("label", "It has no label: issue or reprint it, and apply it.")]
    assert reprinted(cast, bag).number == 2
    apply(cast, bag)
    assert service.label_findings(bag) == []


def test_a_damaged_label_says_stop_when_scanned(bank):
    cast = Cast()
    bag = labelled_lot(cast).bags[0]
    copy = damage(cast, service.current_copy(bag))
    found = look_up(copy.content["code"])
    assert found.problem is Problem.OLD_LABEL and found.sentence.startswith("STOP")


@pytest.mark.parametrize("reason", ["", "  "])
def test_damage_needs_a_reason(bank, reason):
    cast = Cast()
    copy = printed_labels(cast).copies[0]
    with pytest.raises(Malformed) as refused:
        damage(cast, copy, reason)
    assert refused.value.field == "reason" and copy.damaged_at is None


def test_a_label_is_damaged_once_and_only_on_paper(bank):
    cast = Cast()
    copy = issued_labels(cast).copies[0]
    with pytest.raises(WrongMoment, match="never printed"):
        damage(cast, copy)
    with transaction():
        service.print_job(copy.job, by=cast.tessa, at=clock.now())
    damage(cast, copy)
    with pytest.raises(AlreadyDone, match="void already"):
        damage(cast, copy)


def test_a_nurse_reports_no_bag_label_as_damaged(bank):
    cast = Cast()
    copy = printed_labels(cast).copies[0]
    with pytest.raises(NotAllowed):
        damage(cast, copy, who="nadia")


# --- replaced ------------------------------------------------------------------------------------

def test_a_reprint_says_stop_with_the_number_that_replaces_it(bank):
    cast = Cast()
    first = sample_job(cast).copies[0]
    second = reprint(cast, first)
    assert (second.number, second.part, second.reason) == (2, 1, "Wet.")
    found = look_up(first.content["code"])
    assert found.problem is Problem.OLD_LABEL
    assert "replaced on 02 MAR 2026 09:00 CET by copy 2" in found.sentence
    assert look_up(second.content["code"]).copy_state is CopyState.ISSUED


def test_only_the_latest_copy_is_reprinted(bank):
    cast = Cast()
    first = sample_job(cast).copies[0]
    reprint(cast, first)
    with pytest.raises(AlreadyDone, match="replaced already"):
        reprint(cast, first)


def test_the_reprint_of_one_tube_leaves_the_others(bank):
    cast = Cast()
    paper, donor = jobs.paper_of(LabelKind.DONOR_TUBE), enrolled_donor(cast)
    told = {"tests": "HIV", "tubes": 3, "taken_at": clock.now().isoformat()}
    with transaction():
        job = copies.issue_label(paper, "issue label", donor, jobs.On(paper.stock), told,
                                 by=cast.carole, at=clock.now())
    with transaction():
        again = copies.reprint_copy(job.copies[1], "Torn.", by=cast.carole,
                                    at=clock.now()).copies[0]
    assert (again.part, again.number) == (2, 4)
    assert again.content["tube"] == "2/3" and again.content["tests"] == "HIV"
    assert [copy.number for copy in service.copies_of(donor.code) if not copy.voided_at] == [
        1, 3, 4]


@pytest.mark.parametrize("act", ["reprint_copy", "void_copy"])
def test_which_label_of_a_bag_counts_is_decided_at_the_bag(bank, act):
    cast = Cast()
    copy = printed_labels(cast).copies[0]
    with pytest.raises(WrongMoment, match="open the bag"), transaction():
        getattr(copies, act)(copy, "Torn.", by=cast.tessa, at=clock.now())


# --- destroyed -----------------------------------------------------------------------------------

def test_the_paper_of_a_void_copy_is_destroyed_by_name_and_time(bank):
    cast = Cast()
    copy = damage(cast, sample_job(cast).copies[0])
    destroy(cast, copy, "Cut up and thrown away.")
    assert (copy.destroyed_by_id, copy.destroyed_at) == (cast.tessa.id, clock.now())
    assert service.as_rule(copy).state is CopyState.DESTROYED
    assert "was recorded as destroyed" in look_up(copy.content["code"]).sentence


def test_an_unused_label_is_void_once_its_paper_is_destroyed(bank):
    cast = Cast()
    copy = destroy(cast, sample_job(cast).copies[0])
    assert copy.voided_why == "Not used: Cut up."


@pytest.mark.parametrize(("stage", "sentence"), [
    ("issued", "never printed"), ("applied", "is in use"), ("destroyed", "destroyed already")])
def test_what_is_in_use_or_not_on_paper_is_not_destroyed(bank, stage, sentence):
    cast = Cast()
    job = issued_labels(cast) if stage == "issued" else printed_labels(cast)
    copy = job.copies[0]
    if stage == "applied":
        apply(cast, copy.bag)
    if stage == "destroyed":
        destroy(cast, copy)
    with pytest.raises((WrongMoment, AlreadyDone), match=sentence):
        destroy(cast, copy)


def test_how_it_was_destroyed_is_told(bank):
    cast = Cast()
    copy = printed_labels(cast).copies[0]
    with pytest.raises(Malformed) as refused:
        destroy(cast, copy, "  ")
    assert refused.value.field == "how"


@pytest.mark.parametrize("change", [
    "destroyed_at = NULL, destroyed_by_id = NULL, destroyed_how = NULL", "voided_at = NULL, "
    "voided_why = NULL", "about = 'BXBBBBBBBBBBBBBBBBBB'", "part = 7", "number = 7"])
def test_the_database_forgets_nothing_of_a_copy(bank, change):
    cast = Cast()
    copy = destroy(cast, damage(cast, printed_labels(cast).copies[0]))
    with (pytest.raises(sa.exc.DBAPIError, match="set once|never changes|CHECK|check"),
          transaction() as under_way):
        session.execute(sa.text(f"UPDATE label_copy SET {change}, entry = :entry WHERE id = :id"),
                        {"entry": under_way.sequence + 1, "id": copy.id})
