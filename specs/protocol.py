"""A trial protocol: cohorts and doses, who may take part, limits, windows, visits, stopping rule.

Times are in the unit their name ends with; doses in viable cells per kg of body weight. `basis`
says of every number whether it was published or is the bank's own choice: `basis["dose.
tolerance_percent"]`, `basis["cohort.1"]`, `basis["visit.M3.window"]`.

Sheets have two forms. A sheet of form 2 says everything; what the first form left unsaid has a
default here, and a sheet of the first form is read with it.
"""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from specs.criterion import Basis
from specs.eligibility import EntryCriterion
from specs.soundness import sound_protocol


class Measure(StrEnum):
    """What is looked at on a visit."""

    VITAL_SIGNS = "vital_signs"
    ADVERSE_EVENTS = "adverse_events"
    MRSS = "mrss"
    FVC = "fvc"
    DLCO = "dlco"
    HAQ_DI = "haq_di"
    SF36 = "sf36"
    LABORATORY = "laboratory"
    SURVIVAL = "survival"


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
    """`thaw_recovery_percent`: viable cells after thawing, of those filled, where the lot's own
    was not measured. Volumes are ordered in steps of `volume_step_ml`; a rate of None has no limit.
    """

    tolerance_percent: Decimal
    dmso_ml_per_kg_max: Decimal
    dmso_ml_max: Decimal
    weight_valid_days: int = 7
    thaw_recovery_percent: Decimal = Decimal(100)
    volume_step_ml: Decimal = Decimal("0.01")
    ml_per_minute_max: Decimal | None = None
    ml_per_kg_per_hour_max: Decimal | None = None


@dataclass(frozen=True)
class EnrolmentRules:
    """`days_between_cohorts`: from the last infusion of a cohort to the first of the next."""

    waivers_allowed: bool = False
    replace_not_infused: bool = False
    days_between_cohorts: int = 0


@dataclass(frozen=True)
class DonorRules:
    """`autologous_allowed`: the recipient may give the marrow themselves."""

    kinships: tuple[str, ...]
    markers: tuple[str, ...]
    sampling_to_donation_days_max: int
    autologous_allowed: bool = False


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


class Counted(StrEnum):
    """Among whom the events of the stopping rule are counted."""

    COHORT = "cohort"
    TRIAL = "trial"


@dataclass(frozen=True)
class StoppingRule:
    """`events_min` adverse events of `grade_min` or more pause the trial; `lifted_by` resumes it."""

    grade_min: int
    infusion_related_only: bool
    events_min: int = 1
    counted_within: Counted = Counted.TRIAL
    lifted_by: str = "the safety board"


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
class LaboratoryTest:
    """A blood value looked at on visits; `low` and `high` are what can be, not what is healthy."""

    key: str
    title: str
    unit: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True)
class Amendment:
    """What changed against the version before, and why."""

    changes: tuple[str, ...]
    why: str


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
    criteria: tuple[EntryCriterion, ...]
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
    disease: str = "systemic sclerosis"
    enrolment: EnrolmentRules = EnrolmentRules()
    laboratory: tuple[LaboratoryTest, ...] = ()
    amendment: Amendment | None = None
    digest: str = ""

    def __post_init__(self) -> None:
        sound_protocol(self)

    @property
    def reference(self) -> str:
        """Name and version as people write it: `nct02213705-1`."""
        return f"{self.name}-{self.version}"

    @property
    def places(self) -> int:
        """The places of all cohorts."""
        return sum(cohort.size for cohort in self.cohorts)

    def criterion(self, key: str) -> EntryCriterion:
        """The criterion of that key. Raises KeyError where the protocol has none."""
        return {each.key: each for each in self.criteria}[key]

    def temperature(self, name: str) -> TemperatureRange:
        """The range of that name. Raises KeyError where the protocol has none."""
        return {each.name: each for each in self.temperatures}[name]
