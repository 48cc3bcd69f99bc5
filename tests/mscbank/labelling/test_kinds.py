"""A label of every kind: issued for its thing, drawn, read back, put in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from labels import housecode, readback
from mscbank import acts, clock
from mscbank.accounts.models import Account
from mscbank.bags.models import StoragePlace
from mscbank.cultures.models import VesselKind
from mscbank.database import session, transaction
from mscbank.errors import AlreadyDone, Malformed, NotAllowed, Refused, Unfit, WrongMoment
from mscbank.harvests.models import Harvest
from mscbank.labelling import copies, jobs, service
from mscbank.labelling.models import LabelCopy, LabelJob, LabelKind
from mscbank.labelling.rules import CopyState
from mscbank.things import Thing, by_code
from tests.cast import Cast
from tests.stages import bags, cultures, custody, donors, harvests, infusions
from tests.stages.testing import sample_of


class Kind(NamedTuple):
    """A kind of label: how its thing comes to be, who issues it, and what they say."""

    kind: LabelKind
    stage: Callable[[Cast], Thing]
    who: str
    act: str = "issue-label"
    data: dict[str, Any] = {}
    parts: int = 1


def _account(cast: Cast) -> Account:
    return session.get_one(Account, cast.tessa.id)


def _place(cast: Cast) -> StoragePlace:
    return custody.free_places(cast, 1)[0]


def _band(cast: Cast) -> Thing:
    return infusions.bedside(cast).band


def _journey(cast: Cast) -> Thing:
    return custody.issued_bag(cast).journeys[-1]


def _order(cast: Cast) -> Thing:
    return infusions.bedside(cast).order


TUBES = {"tests": "HIV, HBV, HCV, syphilis", "tubes": 3, "taken_at": "2026-03-02T08:00:00+00:00"}
KINDS = [
    Kind(LabelKind.DONOR_TUBE, donors.enrolled_donor, "carole", data=TUBES, parts=3),
    Kind(LabelKind.HARVEST, harvests.received_harvest, "paula"),
    Kind(LabelKind.VESSEL, cultures.seeded_culture, "tessa", parts=4),
    Kind(LabelKind.SAMPLE, lambda cast: sample_of(cast, bags.filled_lot(cast)), "tessa"),
    Kind(LabelKind.PLACE, _place, "tessa"),
    Kind(LabelKind.BADGE, _account, "adam"),
    Kind(LabelKind.WRISTBAND, _band, "nadia"),
    Kind(LabelKind.BOX, _journey, "tessa", "issue-box-label"),
    Kind(LabelKind.PACKING_LIST, _journey, "tessa", "issue-packing-list"),
    Kind(LabelKind.BEDSIDE_FORM, _order, "nadia", "issue-bedside-form"),
]
each_kind = pytest.mark.parametrize("asked", KINDS, ids=lambda asked: asked.kind)


def issue(cast: Cast, asked: Kind, thing: Thing, **data: Any) -> LabelJob:
    """Through the door, as a page or a machine does."""
    act = acts.catalogue()[thing.SLUG, asked.act]
    told = acts.perform(act, thing.code, act.schema().load(asked.data | data),
                        by=getattr(cast, asked.who))
    return by_code(told["code"])


@each_kind
def test_a_label_is_issued_read_back_printed_and_scanned_in_its_place(bank, asked):
    cast = Cast()
    thing = asked.stage(cast)
    parts = thing.vessels if asked.kind is LabelKind.VESSEL else asked.parts
    job = issue(cast, asked, thing)
    person = getattr(cast, asked.who)
    assert (job.kind, len(job.copies)) == (asked.kind, parts)
    assert [copy.number for copy in job.copies] == list(range(1, parts + 1))
    texts = [copy.content["code"] for copy in job.copies]
    found = list(readback.pages(service.pdf_of(job)))
    assert [text in page for text, page in zip(texts, found, strict=True)] == [True] * parts
    with transaction():
        service.print_job(job, by=person, at=clock.now())
    if asked.kind is LabelKind.BEDSIDE_FORM:  # a paper, not a label: it names its order alone
        assert texts == [thing.code] * parts
        with pytest.raises(WrongMoment, match="goes on nothing"), transaction():
            copies.scan_back(job.copies[-1], texts[-1], by=person, at=clock.now())
        return
    assert texts == [housecode.copy_text(thing.code, copy.number) for copy in job.copies]
    with transaction():
        copy = copies.scan_back(job.copies[-1], texts[-1], by=person, at=clock.now())
    assert service.as_rule(copy).state is CopyState.APPLIED


@each_kind
@pytest.mark.parametrize("language", ["fr", "en+fr"])
def test_every_kind_speaks_both_languages_on_every_stock(bank, asked, language):
    cast = Cast()
    thing = asked.stage(cast)
    paper = jobs.paper_of(asked.kind)
    told = asked.data | {"taken_at": asked.data["taken_at"]} if asked.data else {}
    wanted = copies.wanted_of(paper, thing, told)
    for stock in paper.stocks:
        on = jobs.On(stock, language)
        assert jobs.prepare(paper, wanted, on) == jobs.prepare(paper, wanted, on)


@each_kind
def test_a_thing_is_labelled_once(bank, asked):
    cast = Cast()
    thing = asked.stage(cast)
    first = issue(cast, asked, thing)
    if asked.kind is LabelKind.DONOR_TUBE:  # blood is drawn again, into tubes of their own
        again = issue(cast, asked, thing, tubes=1)
        assert [(copy.part, copy.number) for copy in again.copies] == [(4, 4)]
        return
    with pytest.raises(AlreadyDone, match="reprinted, with a reason"):
        issue(cast, asked, thing)
    assert len(service.copies_of(thing.code)) == len(first.copies)


@each_kind
def test_a_quality_manager_issues_none_of_these(bank, asked):
    cast = Cast()
    thing = asked.stage(cast)
    with pytest.raises(NotAllowed):
        issue(cast, asked._replace(who="quentin"), thing)
    assert service.copies_of(thing.code) == []


def test_box_label_and_packing_list_are_numbered_through(bank):
    cast = Cast()
    journey = _journey(cast)
    box, packing = (next(each for each in KINDS if each.kind is kind)
                    for kind in (LabelKind.BOX, LabelKind.PACKING_LIST))
    numbers = [issue(cast, each, journey).copies[0].number for each in (box, packing)]
    assert numbers == [1, 2]
    bag = journey.bag
    content = service.copies_of(journey.code)[1].content
    assert [packed["code"] for packed in content["bags"]] == [bag.code]


def test_a_box_that_arrived_gets_no_label(bank):
    cast = Cast()
    journey = custody.bag_at_bedside(cast).journeys[-1]
    with pytest.raises(WrongMoment, match="has arrived"):
        issue(cast, next(each for each in KINDS if each.kind is LabelKind.BOX), journey)


def test_a_bedside_form_never_reads_as_its_bag(bank):
    cast = Cast()
    order = _order(cast)
    job = issue(cast, next(each for each in KINDS if each.kind is LabelKind.BEDSIDE_FORM), order)
    page = next(iter(readback.pages(service.pdf_of(job))))
    assert not any(text.startswith("BX") for text in page)


def test_the_marrow_carries_its_recipient_and_the_end_of_its_time(bank):
    cast = Cast()
    harvest: Harvest = harvests.received_harvest(cast)
    job = issue(cast, next(each for each in KINDS if each.kind is LabelKind.HARVEST), harvest)
    content = job.copies[0].content
    assert content["recipient_number"] == harvest.donor.recipient.number
    assert content["din"] == harvest.din and content["expiry"] > content["collected_at"]


def test_the_marrow_of_a_reactive_donor_is_marked(bank):
    cast = Cast()
    harvest = harvests.received_harvest(cast, donors.exceptional_donor(cast))
    job = issue(cast, next(each for each in KINDS if each.kind is LabelKind.HARVEST), harvest)
    assert "biohazard" in job.copies[0].content["cautions"]
    assert job.copies[0].content["reactive_for"] == ["anti-HBc"]


def test_no_label_holds_the_name_of_donor_or_recipient(bank):
    cast = Cast()
    donor = donors.enrolled_donor(cast)
    content = issue(cast, KINDS[0], donor).copies[0].content
    assert content["donor_number"] == donor.number
    assert not {"name", "birth_date", "hospital_number"} & set(content)


def test_tubes_that_are_drawn_tomorrow_are_not_labelled(bank):
    cast = Cast()
    donor = donors.enrolled_donor(cast)
    with pytest.raises(Malformed) as refused:
        issue(cast, KINDS[0], donor, taken_at="2026-03-03T08:00:00+00:00")
    assert refused.value.field == "taken_at"


def test_the_label_of_one_vessel_is_not_scanned_on_another(bank):
    cast = Cast()
    culture = cultures.seeded_culture(cast, vessels=3, vessel=VesselKind.STACK_1,
                                      seeded_cells=60_000_000)
    job = issue(cast, KINDS[2], culture)
    assert [copy.content["vessel"] for copy in job.copies] == [
        "1/3, 1-layer stack", "2/3, 1-layer stack", "3/3, 1-layer stack"]
    with transaction():
        service.print_job(job, by=cast.tessa, at=clock.now())
    second = job.copies[1].content["code"]
    with pytest.raises(Unfit, match="copy 2, and copy 1 was to be scanned"), transaction():
        copies.scan_back(job.copies[0], second, by=cast.tessa, at=clock.now())


@pytest.mark.parametrize(("used", "told"), [
    ([1, 2, 3], True), ([0], False), ([4, 4], False), (list(range(1, 45)), False), ([99], False)])
def test_used_places_of_a_sheet_stay_free(bank, used, told):
    cast = Cast()
    culture = cultures.seeded_culture(cast)
    paper = jobs.paper_of(LabelKind.VESSEL)
    on = jobs.On("a4-small-50x25", "en", used)
    wanted = copies.wanted_of(paper, culture, {})
    if not told:
        with pytest.raises(Refused) as refused:
            jobs.prepare(paper, wanted, on)
        assert refused.value.field == "used"
        return
    with transaction():
        job = jobs.issue(paper, wanted, on, None, by=cast.tessa, at=clock.now())
        copies.record("issue label", culture, by=cast.tessa, at=clock.now(), job=job.code)
    assert job.pdf_digest == jobs.digest(service.pdf_of(job))
    assert job.pdf_digest != jobs.prepare(paper, wanted, jobs.On("a4-small-50x25")).pdf_digest


def test_a_small_bag_label_brings_its_companion_with_the_same_copy(bank):
    cast = Cast()
    lot = bags.filled_lot(cast)
    with transaction():
        job = service.issue_labels(lot, "small-50x25", by=cast.tessa, at=clock.now())
    texts = [copy.content["code"] for copy in job.copies]
    for pdf in (service.pdf_of(job), jobs.tags_of(job)):
        for text, page in zip(texts, readback.pages(pdf), strict=True):
            assert text in page


def test_a_large_label_has_no_companion(bank):
    cast = Cast()
    lot = bags.filled_lot(cast)
    with transaction():
        job = service.issue_labels(lot, by=cast.tessa, at=clock.now())
    with pytest.raises(Malformed, match="no companion goes with them"):
        jobs.tags_of(job)


def test_a_thing_has_one_label_of_a_part_that_counts_says_the_database(bank):
    cast = Cast()
    donor = donors.enrolled_donor(cast)
    copy = issue(cast, KINDS[0], donor).copies[0]
    with pytest.raises(sa.exc.IntegrityError), transaction():
        session.add(LabelCopy(about=donor.code, kind=copy.kind, part=1, number=9,
                              content=copy.content, recorded_by_id=cast.tessa.id,
                              recorded_at=clock.now()))
        session.flush()


def test_only_a_bag_s_label_may_stand_for_a_bag_says_the_database(bank):
    cast = Cast()
    bag = bags.filled_lot(cast).bags[0]
    with pytest.raises(sa.exc.IntegrityError, match="bag_of_bags"), transaction():
        session.add(LabelCopy(about=bag.code, kind=LabelKind.SAMPLE, bag=bag, part=1, number=1,
                              content={}, recorded_by_id=cast.tessa.id,
                              recorded_at=clock.now()))
        session.flush()


def test_a_label_of_a_place_is_scanned_where_its_code_is_asked_for(bank):
    cast = Cast()
    place = _place(cast)
    text = issue(cast, KINDS[4], place).copies[0].content["code"]
    assert by_code(text) is place
    with transaction():
        copies.void_copy(service.copies_of(place.code)[0], "Wrong tank.", by=cast.tessa,
                         at=clock.now())
    with pytest.raises(Unfit, match="STOP: this copy of the label was voided"):
        by_code(text)
    with pytest.raises(Unfit, match="Copy 7 of this label was never issued"):
        by_code(housecode.copy_text(place.code, 7))


def test_what_cannot_be_read_back_is_not_issued(bank, monkeypatch):
    cast = Cast()
    sample = sample_of(cast, bags.filled_lot(cast))
    monkeypatch.setattr(jobs.draw, "expected_pages", lambda *_, **__: [{"another"}])
    with pytest.raises(Unfit, match="could not be read back, and nothing was issued"):
        issue(cast, KINDS[3], sample)
    assert service.copies_of(sample.code) == []
