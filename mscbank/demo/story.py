"""How a family's story is told: a generator that yields the moment of its next step.

Everything between two moments is done through the steps' own acts, by different people.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from mscbank.bags import cryo
from mscbank.bags import service as bags
from mscbank.bags.models import Bag, Lot
from mscbank.cultures import service as cultures
from mscbank.cultures.models import Culture, ReagentKind, VesselKind
from mscbank.demo import on_the_way, screening
from mscbank.demo.bench import Attempt, Bench, at, working_day
from mscbank.demo.families import Family, Turn
from mscbank.donors import service as donors
from mscbank.donors.models import Agent, Donor, Kinship, Reaction
from mscbank.harvests import service as harvests
from mscbank.harvests.models import Anticoagulant, Harvest, Site
from mscbank.labelling import copies as label_copies
from mscbank.labelling import service as labelling
from mscbank.labelling import units as unit_labels
from mscbank.labelling.jobs import On
from mscbank.labelling.papers import CRYO_UNIT
from mscbank.recipients import service as recipients
from mscbank.recipients.models import Recipient, Sex
from mscbank.signatures.meanings import Meaning

from labels import housecode

D = Decimal
LABORATORY = "Infectious disease laboratory"
R = ReagentKind
Telling = Iterator[datetime | Attempt]
_WOMEN = {Kinship.MOTHER, Kinship.SISTER, Kinship.DAUGHTER}


@dataclass
class Thread:
    """What one family's story holds in its hands."""

    bench: Bench
    family: Family
    index: int
    protocol: str | None = None
    recipient: Recipient = field(init=False)
    donor: Donor = field(init=False)
    harvest: Harvest = field(init=False)
    lot: Lot = field(init=False)

    def by(self, who: str) -> dict[str, Any]:
        return self.bench.by(who)


def enrolment(t: Thread) -> Telling:
    """Consent, assessment, weight, the next place in the ladder."""
    family, day = t.family, t.family.enrolled
    yield at(day, "09:10")
    t.recipient = recipients.enrol(
        family.sex, family.name, family.born, f"STL{740100 + 37 * t.index}", t.protocol,
        **t.by("julie"))
    recipients.consent(t.recipient, "Patient information, version 3", day, **t.by("julie"))
    yield at(day, "10:30")
    screening.screened(t, day)
    recipients.weigh(t.recipient, family.kg, at(day, "10:20"), **t.by("ines"))
    recipients.allocate(t.recipient, **t.by("dr.moreau"))


def donation(t: Thread) -> Telling:
    """The relative: consent, markers, HLA, the physician's signed decision."""
    family, day = t.family, working_day(t.family.enrolled + timedelta(days=7))
    yield at(day, "09:00")
    sex = Sex.FEMALE if family.kinship in _WOMEN else Sex.MALE
    t.donor = donors.enrol_donor(t.recipient, family.kinship, sex, family.donor,
                                 family.donor_born, **t.by("julie"))
    donors.consent_donor(t.donor, "Donor information, version 2", day, **t.by("julie"))
    yield at(working_day(day + timedelta(days=3)), "11:00")
    for agent in (Agent.HIV, Agent.HBSAG, Agent.ANTI_HBC, Agent.HCV, Agent.SYPHILIS):
        reactive = family.turn == Turn.REACTIVE_DONOR and agent == Agent.ANTI_HBC
        donors.record_marker(t.donor, agent,
                             Reaction.REACTIVE if reactive else Reaction.NON_REACTIVE,
                             at(day, "09:40"), LABORATORY, **t.by("hugo"))
    for locus, first, second in _hla(t.index):
        donors.type_hla(t.donor, locus, first, second, **t.by("hugo"))
    yield at(working_day(day + timedelta(days=5)), "15:00")
    if family.turn == Turn.REACTIVE_DONOR:
        why = "Anti-HBc alone, HBV DNA not detected, no other relative; recipient informed."
        donors.accept_by_exception(t.donor, why, **t.bench.signed(
            "dr.moreau", Meaning.DONOR_EXCEPTION, donors.donor_record(t.donor, why)))
    else:
        donors.find_eligible(t.donor, **t.bench.signed(
            "dr.moreau", Meaning.DONOR_ELIGIBLE, donors.donor_record(t.donor)))


def collection(t: Thread, day: date) -> Telling:
    """The marrow, its way to the laboratory, its receipt."""
    yield at(day, "09:30")
    t.harvest = harvests.harvest(t.donor, Site.BOTH_POSTERIOR, at(day, "09:00"),
                                 D(28 + t.index % 9), Anticoagulant.HEPARIN, **t.by("dr.moreau"))
    harvests.dispatch(t.harvest, at(day, "09:25"), **t.by("ines"))
    yield at(day, "10:45")
    harvests.receive_harvest(
        t.harvest, at(day, "10:20"), D("18.5"), D("21.0"), "intact, no clots",
        420_000_000 + 11_000_000 * t.index, D(94 + t.index % 5), **t.by("hugo"))


def expansion(t: Thread, day: date, *, until: str = "counted", kept_back: int = 0,
              ) -> Iterator[Any]:
    """P0 from the marrow, P1 from P0; so many cryo units of what P0 has left. Returns the last
    culture, counted."""
    use = t.bench.use
    yield at(day, "14:00")
    first = cultures.seed(
        t.harvest, VesselKind.STACK_10, 1, 318_000_000, "Incubator 2",
        use(R.MEDIUM, R.PLATELET_LYSATE), at(day + timedelta(days=3), "10:00"), **t.by("lea"))
    if until == "seeded":
        return first
    for days, confluence in ((3, 10), (6, 35), (9, 60)):
        yield at(day + timedelta(days=days), "10:00")
        cultures.feed(first, use(R.MEDIUM, R.PLATELET_LYSATE), confluence, "spindle-shaped colonies",
                      at(day + timedelta(days=days + 3), "10:00"), **t.by("lea"))
    yield at(day + timedelta(days=12), "09:00")
    cultures.observe(first, 82, "colonies touch, no floating cells", **t.by("hugo"))
    sample = on_the_way.sampled(t, first, day + timedelta(days=12))
    viable = 26_000_000 + 350_000 * t.index
    cultures.count(first, viable + 1_200_000, viable, **t.by("lea"))
    second = cultures.passage(
        first, VesselKind.STACK_10, 1, 25_400_000, "Incubator 2",
        use(R.MEDIUM, R.PLATELET_LYSATE, R.ENZYME),
        next_due_at=at(day + timedelta(days=15), "10:00"), **t.by("lea"))
    if kept_back:
        yield from keep_back(t, first, day + timedelta(days=12), kept_back)
    for days, confluence in ((15, 40), (17, 65)):
        yield at(day + timedelta(days=days), "10:00")
        cultures.feed(second, use(R.MEDIUM, R.PLATELET_LYSATE), confluence, None,
                      at(day + timedelta(days=days + 2), "10:00"), **t.by("hugo"))
    yield at(day + timedelta(days=19), "09:00")
    cultures.observe(second, 86, "even layer", **t.by("lea"))
    on_the_way.sterile(t, sample, day + timedelta(days=19))
    viable = 330_000_000 + 2_000_000 * t.index
    cultures.count(second, viable + 14_000_000, viable, **t.by("lea"))
    return second


def keep_back(t: Thread, culture: Culture, day: date, units: int) -> Telling:
    """Cells that are left over a passage, frozen to grow on from if the bags should fail."""
    cryo.freeze_into_units(culture, units, 5_000_000, D("1.8"), t.bench.use(R.CRYOPROTECTANT),
                           **t.by("lea"))
    yield at(day, "09:40")
    for unit in culture.cryo_units:
        job = label_copies.issue_label(CRYO_UNIT, "issue label", unit, On(CRYO_UNIT.stock, "en"), {},
                                       **t.by("hugo"))
        labelling.print_job(job, **t.by("hugo"))
        unit_labels.apply_label(unit, job.copies[0].content["code"], **t.by("hugo"))
    yield at(day, "14:30")
    for unit in culture.cryo_units:
        cryo.store(unit, t.bench.free.popleft(), **t.by("lea"))


def filling(t: Thread, culture: Culture, day: date, count: int, *, labels: bool = True) -> Telling:
    """Bags filled, frozen, labelled by scanning back, stored."""
    yield at(day, "11:00")
    t.lot = bags.fill(
        culture, count, D(50), 80_000_000, "albumin 4 %, sodium chloride 0.9 %", D(10),
        at(day + timedelta(days=730), "23:59"),
        t.bench.use(R.CRYOPROTECTANT, R.ALBUMIN, R.ENZYME, R.BUFFER), **t.by("lea"))
    yield at(day, "11:40")
    job = labelling.issue_labels(t.lot, **t.by("hugo"))
    labelling.print_job(job, **t.by("hugo"))
    if labels:
        for bag in t.lot.bags:
            apply_current(t, bag)
    yield at(day, "14:30")
    bags.freeze(t.lot, **t.by("lea"))
    for bag in t.lot.bags:
        bags.store(bag, t.bench.free.popleft(), **t.by("lea"))


def apply_current(t: Thread, bag: Bag) -> None:
    """Scan the bag's newest copy back."""
    number = labelling.current_copy(bag).number
    labelling.apply_label(bag, housecode.copy_text(bag.code, number), **t.by("hugo"))


def mishaps(t: Thread, day: date) -> Telling:
    """What happens to bags in this family's story before they leave the freezer."""
    if t.family.turn == Turn.BROKEN_BAG:
        yield at(day, "16:00")
        broken = t.lot.bags[-1]
        t.bench.free.append(broken.storage_place.code)
        bags.destroy(broken, "Port cracked when the box was moved; contents discarded.",
                     **t.by("lea"))
    if t.family.turn == Turn.DAMAGED_LABEL:
        yield at(day, "16:10")
        bag, why = t.lot.bags[0], "Corner torn by frost, code no longer reads."
        torn = labelling.current_copy(bag)
        label_copies.report_damaged(torn, why, **t.by("hugo"))
        labelling.print_job(labelling.reprint(bag, why, **t.by("hugo")), **t.by("hugo"))
        apply_current(t, bag)
        label_copies.destroy_copy(torn, "Peeled off and cut up.", **t.by("hugo"))


def _hla(index: int) -> tuple[tuple[str, str, str], ...]:
    """Invented typings."""
    return (("A", f"A*{1 + index % 3:02d}:01", "A*24:02"), ("B", "B*07:02", f"B*{35 + index % 10}:01"),
            ("DRB1", "DRB1*15:01", f"DRB1*{(1, 4, 7, 11)[index % 4]:02d}:01"))
