"""A trial protocol: cohorts and doses, who may take part, limits, windows, visits, stopping rule.

Times are in the unit their name ends with; doses in viable cells per kg of body weight. `basis`
says of every number whether it was published or is the bank's own choice: `basis["dose.
tolerance_percent"]`, `basis["cohort.1"]`, `basis["visit.M3.window"]`.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from specs.criterion import Basis, Unsound

MRSS_HIGHEST = 51  # 17 sites x 3
GRADES = range(1, 6)


class Measure(StrEnum):
    """What is looked at on a visit."""

    VITAL_SIGNS = "vital_signs"
    ADVERSE_EVENTS = "adverse_events"
    MRSS = "mrss"
    FVC = "fvc"
    DLCO = "dlco"
    HAQ_DI = "haq_di"
    SF36 = "sf36"
    SURVIVAL = "survival"
    LABORATORY = "laboratory"


@dataclass(frozen=True)
class Reference:
    text: str
    note: str = ""


@dataclass(frozen=True)
class Discrepancy:
    """Where the registry and the paper disagree, so that a report can say so."""

    about: str
    registry: str
    paper: str


@dataclass(frozen=True)
class Cohort:
    """`dose_per_kg`: viable cells per kg, a whole number."""

    number: int
    size: int
    dose_per_kg: int


@dataclass(frozen=True)
class DoseRules:
    tolerance_percent: Decimal
    dmso_ml_per_kg_max: Decimal
    dmso_ml_max: Decimal


@dataclass(frozen=True)
class EligibilityLimits:
    age_min: int
    age_max: int
    mrss_min: int
    mrss_max: int
    acr_eular_min: int
    organ_involvement_required: bool
    inadequate_response_or_contraindication_required: bool
    severe_comorbidity_excluded: bool


@dataclass(frozen=True)
class DonorRules:
    kinships: tuple[str, ...]
    markers: tuple[str, ...]
    sampling_to_donation_days_max: int


@dataclass(frozen=True)
class CultureRules:
    marrow_to_seeding_hours_max: int
    first_seeding_cells_per_cm2: int
    reseeding_cells_per_cm2: int
    confluence_percent_max: Decimal
    passage_limit: int
    population_doublings_max: Decimal


@dataclass(frozen=True)
class BedsideRules:
    thawed_expiry_minutes: int
    check_valid_minutes: int
    go_token_seconds: int


@dataclass(frozen=True)
class InfusionRules:
    """`observation_minutes`: counted from the start of the infusion; 0 is the baseline."""

    observation_minutes: tuple[int, ...]


@dataclass(frozen=True)
class Endpoint:
    """Primary endpoint: a serious adverse event of `grade_min` or more within `days`."""

    days: int
    grade_min: int


@dataclass(frozen=True)
class StoppingRule:
    """One adverse event of `grade_min` or more pauses the trial."""

    grade_min: int
    infusion_related_only: bool


@dataclass(frozen=True)
class SafetyReporting:
    """Days count from the day after the sponsor knew; hours from the investigator's knowledge."""

    ctcae_version: str
    investigator_to_sponsor_hours: int
    susar_fatal_or_life_threatening_days: int
    susar_other_days: int
    susar_follow_up_days: int


@dataclass(frozen=True)
class Transport:
    hours_max: int


@dataclass(frozen=True)
class TemperatureRange:
    """Degrees Celsius, both ends allowed."""

    name: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Visit:
    """Due on a `day` after the infusion or in a calendar `month` after it, one of the two."""

    name: str
    day: int | None
    month: int | None
    before: int
    after: int
    measures: tuple[Measure, ...]


@dataclass(frozen=True)
class Protocol:
    """A protocol as published: its rules, from which day, and its file's digest."""

    name: str
    version: int
    title: str
    effective: date
    registry_id: str
    release_specification: str
    references: tuple[Reference, ...]
    discrepancies: tuple[Discrepancy, ...]
    cohorts: tuple[Cohort, ...]
    dose: DoseRules
    eligibility: EligibilityLimits
    donor: DonorRules
    culture: CultureRules
    bedside: BedsideRules
    infusion: InfusionRules
    endpoint: Endpoint
    stopping: StoppingRule
    safety: SafetyReporting
    transport: Transport
    temperatures: tuple[TemperatureRange, ...]
    visits: tuple[Visit, ...]
    basis: Mapping[str, Basis]
    digest: str = ""

    def __post_init__(self) -> None:
        _sound_cohorts(self.cohorts)
        _sound_limits(self)
        _sound_temperatures(self.temperatures)
        _sound_visits(self.visits)

    @property
    def reference(self) -> str:
        """Name and version as people write it: `nct02213705-1`."""
        return f"{self.name}-{self.version}"

    def temperature(self, name: str) -> TemperatureRange:
        """The range of that name. Raises KeyError where the protocol has none."""
        return {each.name: each for each in self.temperatures}[name]


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
    who = protocol.eligibility
    if who.age_min > who.age_max:
        raise Unsound(("eligibility", "age_min"), "age_min is above age_max")
    if not 0 <= who.mrss_min <= who.mrss_max <= MRSS_HIGHEST:
        raise Unsound(("eligibility", "mrss_min"), "mrss_min and mrss_max must rise between 0 and"
                      f" {MRSS_HIGHEST}")
    for section, grade in (("endpoint", protocol.endpoint.grade_min),
                           ("stopping", protocol.stopping.grade_min)):
        if grade not in GRADES:
            raise Unsound((section, "grade_min"), f"{grade} is no grade; grades are 1 to 5")
    minutes = protocol.infusion.observation_minutes
    if minutes[0] < 0 or any(one >= two for one, two in zip(minutes, minutes[1:])):
        raise Unsound(("infusion", "observation_minutes"), "observation minutes must rise from 0")


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
