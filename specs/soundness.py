"""Whether a protocol contradicts itself. Every fault says where it stands and why."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from specs.criterion import Unsound
from specs.eligibility import SCALES, EntryCriterion

if TYPE_CHECKING:
    from specs.protocol import Cohort, LaboratoryTest, Protocol, TemperatureRange, Visit

GRADES = range(1, 6)


def sound_protocol(protocol: Protocol) -> None:
    """Raises Unsound at the first contradiction."""
    _sound_cohorts(protocol.cohorts)
    _sound_criteria(protocol.criteria)
    _sound_limits(protocol)
    _sound_donor(protocol)
    _sound_temperatures(protocol.temperatures)
    _sound_visits(protocol.visits)
    _sound_laboratory(protocol.laboratory, protocol.visits)


def _sound_cohorts(cohorts: Sequence[Cohort]) -> None:
    for place, cohort in enumerate(cohorts):
        here = ("cohort", place)
        if cohort.number != place + 1:
            raise Unsound((*here, "number"), f"cohort {cohort.number} stands where cohort"
                          f" {place + 1} belongs")
        if cohort.size < 1:
            raise Unsound((*here, "size"), "a cohort needs at least one place")
        lower = cohorts[place - 1].dose_per_kg if place else 0
        if cohort.dose_per_kg <= lower:
            raise Unsound((*here, "dose_per_kg"), f"the dose {cohort.dose_per_kg} must be above"
                          f" {lower}: the dose rises from cohort to cohort")


def _sound_limits(protocol: Protocol) -> None:
    for section, grade in (("endpoint", protocol.endpoint.grade_min),
                           ("stopping", protocol.stopping.grade_min)):
        if grade not in GRADES:
            raise Unsound((section, "grade_min"), f"{grade} is no grade; grades are 1 to 5")
    minutes = protocol.infusion.observation_minutes
    if minutes[0] < 0 or any(one >= two for one, two in zip(minutes, minutes[1:])):
        raise Unsound(("infusion", "observation_minutes"), "observation minutes must rise from 0")
    if protocol.dose.thaw_recovery_percent > 100:
        raise Unsound(("dose", "thaw_recovery_percent"), "no more cells come out of a bag than"
                      " went into it: at most 100")


def _sound_criteria(criteria: Sequence[EntryCriterion]) -> None:
    keys, asked = set(), set()
    for place, each in enumerate(criteria):
        if each.key in keys:
            raise Unsound(("criterion", place, "key"), f"{each.key} is written twice")
        if each.ask in SCALES and each.ask in asked:
            raise Unsound(("criterion", place, "ask"), f"{each.ask} is asked twice")
        keys.add(each.key)
        asked.add(each.ask)


def _sound_donor(protocol: Protocol) -> None:
    """The recipient gives their own marrow only where the protocol says so in both places."""
    if ("self" in protocol.donor.kinships) != protocol.donor.autologous_allowed:
        raise Unsound(("donor", "autologous_allowed"), "kinships and autologous_allowed contradict"
                      " each other: the recipient is the kinship \"self\"")


def _sound_laboratory(tests: Sequence[LaboratoryTest], visits: Iterable[Visit]) -> None:
    keys = set()
    for place, each in enumerate(tests):
        if each.key in keys:
            raise Unsound(("laboratory", place, "key"), f"{each.key} is written twice")
        if each.low >= each.high:
            raise Unsound(("laboratory", place, "low"), f"low {each.low} is not below high"
                          f" {each.high}")
        keys.add(each.key)
    if not tests and any("laboratory" in visit.measures for visit in visits):
        raise Unsound(("visit",), "a visit asks for laboratory values, but none is named")


def _sound_temperatures(ranges: Iterable[TemperatureRange]) -> None:
    names = set()
    for place, each in enumerate(ranges):
        if each.low > each.high:
            raise Unsound(("temperature", place, "low"), f"low {each.low} is above high"
                          f" {each.high}")
        if each.name in names:
            raise Unsound(("temperature", place, "name"), f"{each.name} is written twice")
        names.add(each.name)


def _sound_visits(visits: Sequence[Visit]) -> None:
    """A month is 28 to 31 days, so windows that stay apart here stay apart in every year."""
    names, closed = set(), -1
    for place, visit in enumerate(visits):
        here = ("visit", place)
        if visit.name in names:
            raise Unsound((*here, "name"), f"{visit.name} is written twice")
        if (visit.day is None) == (visit.month is None):
            raise Unsound(here, f"{visit.name} needs a day or a month, one of the two")
        first, last = ((visit.day, visit.day) if visit.month is None
                       else (visit.month * 28, visit.month * 31))
        if min(first, visit.before, visit.after) < 0:
            raise Unsound(here, f"{visit.name} has a number below zero")
        if first - visit.before <= closed:
            raise Unsound((*here, "window"), f"the window of {visit.name} opens before the one"
                          " of the visit before it has closed")
        names.add(visit.name)
        closed = last + visit.after
