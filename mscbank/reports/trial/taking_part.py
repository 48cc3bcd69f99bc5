"""Who took part: disposition, baseline, exposure, length of follow-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from mscbank.followup.models import Ended
from mscbank.infusions.rules import millions
from mscbank.recipients.models import Sex
from mscbank.reports.trial.facts import Person, Study, completed, grouped
from mscbank.reports.trial.figures import NOTHING, Chapter, Figure, Line, lying, people, rounded
from mscbank.reports.trial.statistics import QUARTILES, spread

Value = Callable[[Person], Decimal | None]
MILLION = Decimal(1_000_000)


def head_of(study: Study) -> tuple[str, ...]:
    """A column a cohort, one for all."""
    return (*(f"Cohort {cohort.number}: {millions(cohort.dose_per_kg)}/kg"
              for cohort in study.protocol.cohorts), "All")


def disposition(study: Study) -> Chapter:
    """From the screening to the end, as a flow in words."""
    everyone = list(study.people)
    enrolled = [each for each in everyone if each.row.consents and not each.screened_out]
    ended = [each for each in study.infused if each.end]
    rows: list[tuple[str, Sequence[Person]]] = [
        ("Allocated to a dose", [each for each in enrolled if each.cohort is not None]),
        ("Treated", study.infused),
        ("Completed the follow-up", [each for each in ended if completed(each)]),
        *((f"Ended early: {reason}", [each for each in ended if each.end
                                      and each.end.ended_as is reason])
          for reason in Ended if reason is not Ended.COMPLETED),
        ("Followed still", [each for each in study.infused if not each.end])]
    before = [("Screened", everyone), ("Screened out", [each for each in everyone
                                                        if each.screened_out]),
              ("Enrolled", enrolled)]
    cohorts = len(study.protocol.cohorts)
    return Chapter("disposition", "Disposition", head_of(study), (
        *(Line(title, (*[NOTHING] * cohorts, people(found))) for title, found in before),
        *(Line(title, tuple(people(group) for group in grouped(found, study.protocol)))
          for title, found in rows)),
        "screened: everybody recorded; screened out: the screening ended without a place; "
        "enrolled: consented and not screened out")


def baseline(study: Study) -> Chapter:
    """Who was treated, before the cells."""
    groups = grouped(study.infused, study.protocol)
    counted = [("People", None), ("Women", Sex.FEMALE), ("Men", Sex.MALE)]
    return Chapter("baseline", "Baseline of those treated", head_of(study), (
        *(Line(title, tuple(
            people([each for each in group if sex is None or each.row.sex is sex],
                   len(group) if sex else None) for group in groups)) for title, sex in counted),
        *(Line(title, tuple(_lying(group, value, digits) for group in groups))
          for title, value, digits in BASELINE)), QUARTILES + "; skin score, lung function and "
        "questionnaires on the day of the infusion, the skin score else as assessed")


def _first(column: str) -> Value:
    def value(person: Person) -> Decimal | None:
        found = getattr(person.row.assessments[0], column) if person.row.assessments else None
        return None if found is None else Decimal(found)
    return value


def _before(column: str) -> Value:
    return lambda person: person.before(column)


BASELINE: tuple[tuple[str, Value, int], ...] = (
    ("Age, years", _first("age"), 1),
    ("Weight, kg", lambda person: person.infusions[0].order.weight_kg, 1),
    ("Modified Rodnan skin score, points", _before("mrss"), 1),
    ("ACR/EULAR 2013, points", _first("acr_eular_score"), 1),
    ("FVC, % of predicted", _before("fvc_percent"), 1),
    ("DLCO, % of predicted", _before("dlco_percent"), 1),
    ("HAQ-DI, points", _before("haq_di"), 2),
    ("SF-36 physical, points", _before("sf36_physical"), 1),
    ("SF-36 mental, points", _before("sf36_mental"), 1))


def exposure(study: Study) -> Chapter:
    """What was given: cells, volume, time."""
    groups = grouped(study.infused, study.protocol)
    return Chapter("exposure", "Exposure", head_of(study), (
        Line("People treated", tuple(people(group) for group in groups)),
        Line("Bags given", tuple(_bags(group) for group in groups)),
        *(Line(title, tuple(_lying(group, value, digits) for group in groups))
          for title, value, digits in EXPOSURE)),
        QUARTILES + "; viable cells as ordered, by the volume that ran in")


def _minutes(person: Person) -> Decimal | None:
    lasted = person.lasted
    return None if lasted is None else Decimal(int(lasted.total_seconds())) / 60


def _cells_per_kg(person: Person) -> Decimal | None:
    return None if person.cells_per_kg is None else person.cells_per_kg / MILLION


EXPOSURE: tuple[tuple[str, Value, int], ...] = (
    ("Viable cells, 10^6 per kg", _cells_per_kg, 2),
    ("Viable cells, 10^6", lambda person: person.cells / MILLION, 1),
    ("Volume, mL", lambda person: person.volume_ml, 1), ("Duration, min", _minutes, 0))


def _bags(group: Sequence[Person]) -> Figure:
    count = sum(len(each.infusions) for each in group)
    return Figure(str(count), count, people(group).behind)


def follow_up(study: Study) -> Chapter:
    """How long people were followed."""
    groups = grouped(study.infused, study.protocol)
    return Chapter("follow-up", "Length of follow-up", head_of(study), (
        Line("People", tuple(people(group) for group in groups)),
        Line("Months, median (quartiles)", tuple(
            _lying(group, lambda person: person.months) for group in groups)),
        Line("Months, shortest and longest", tuple(_ends(group) for group in groups)),
        Line("Months in all", tuple(_sum(group) for group in groups))),
        "months of 30.4375 days from the first infusion to the end of follow-up, or to the last "
        f"visit where it goes on; {QUARTILES}. Not the reverse Kaplan-Meier method: the abstract "
        "does not name one, and everybody's own time is known")


def _ends(group: Sequence[Person]) -> Figure:
    months = [each.months for each in group if each.months is not None]
    if not months:
        return NOTHING
    ends = (rounded(min(months)), rounded(max(months)))
    return Figure(" to ".join(ends), list(ends), people(group).behind)


def _sum(group: Sequence[Person]) -> Figure:
    total = sum((each.months for each in group if each.months is not None), Decimal(0))
    return Figure(rounded(total), rounded(total), people(group).behind)


def _lying(group: Sequence[Person], value: Value, digits: int = 1) -> Figure:
    found = [(each, number) for each in group if (number := value(each)) is not None]
    return lying(found, spread([number for _, number in found]), digits)
