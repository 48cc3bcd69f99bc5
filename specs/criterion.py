"""One criterion of a release specification: what is measured, where, and within which limits.

All quantities here are amounts: never below zero, and never above 100 where the unit is `%`.
"""
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

KEY_FORM = re.compile(r"[a-z][a-z0-9_]*")
FULL_PERCENT = Decimal(100)
STORAGE_DAYS = range(1, 36526)
PER_KG_AND_HOUR = "/kg/h"
PER_ML = "/mL"


class Stage(StrEnum):
    """Where in the process the sample was taken."""

    IN_PROCESS = "in process"
    DRUG_SUBSTANCE = "drug substance"
    DRUG_PRODUCT = "drug product"
    POST_THAW = "post-thaw"


class Limit(StrEnum):
    """The kind of limit. `absent`: the reported words are one of `values`, or nothing was found."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    ONE_OF = "one_of"
    NONE_OF = "none_of"
    ABSENT = "absent"


class Per(StrEnum):
    """What the laboratory's amount per mL is converted to before it is held against the limit."""

    KG_AND_HOUR = "kg and hour"


LIMIT_FIELDS = {
    Limit.AT_LEAST: ("low",),
    Limit.AT_MOST: ("high",),
    Limit.BETWEEN: ("low", "high"),
    Limit.ONE_OF: ("values",),
    Limit.NONE_OF: ("values",),
    Limit.ABSENT: ("values",),
}


class BasisKind(StrEnum):
    PUBLISHED = "published"
    OWN_CHOICE = "bank's own choice"


@dataclass(frozen=True)
class Basis:
    """Why a number is what it is: the published source, or why the bank chose it."""

    kind: BasisKind
    note: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.note}"


class Unsound(ValueError):
    """A limit or rule that contradicts itself. `path` leads to the value at fault."""

    def __init__(self, path: tuple[str | int, ...], reason: str):
        super().__init__(reason)
        self.path = path
        self.reason = reason


def plain_words(text: str) -> str:
    """The words of a reported text, for comparison: capitals and extra spaces do not matter."""
    return " ".join(text.split()).casefold()


def _distinct(name: str, texts: tuple[str, ...]) -> None:
    words = [plain_words(text) for text in texts]
    if "" in words:
        raise Unsound((name,), f"{name} may not contain an empty text")
    if len(set(words)) < len(words):
        raise Unsound((name,), f"{name} names the same words twice")


@dataclass(frozen=True)
class Criterion:
    """One line of a release specification.

    `low` and `high` are inclusive and in `unit`; `values` are the words for the kinds that compare
    words. `informative`: shown, never decides. `may_be_pending`: a conditional release may go ahead
    while the result is awaited. `needs_confirmation`: a second person must have checked the entry.
    `max_age_days`: an older result no longer counts. `methods`: those a result may have been made
    by, any where there are none (`method` only describes). `retests`: how many results may be set
    aside after a proven laboratory error. `per`: the laboratory reports in `reported_unit`, and
    the judge converts for the largest dose, infused over `infused_over_hours_at_least`.
    """

    key: str
    title: str
    stage: Stage
    limit: Limit
    basis: Basis
    low: Decimal | None = None
    high: Decimal | None = None
    values: tuple[str, ...] = ()
    unit: str = ""
    method: str = ""
    methods: tuple[str, ...] = ()
    may_be_pending: bool = False
    informative: bool = False
    needs_confirmation: bool = False
    max_age_days: int | None = None
    retests: int = 0
    per: Per | None = None
    infused_over_hours_at_least: Decimal | None = None

    def __post_init__(self) -> None:
        if not KEY_FORM.fullmatch(self.key):
            raise Unsound(("key",), f"the key {self.key!r} must be small letters, digits and _")
        self._has_the_limits_of_its_kind()
        self._numbers_are_amounts()
        _distinct("values", self.values)
        _distinct("methods", self.methods)
        self._converts_as_it_can()
        if self.method and self.methods:
            raise Unsound(("method",), "give method, which describes, or methods, which bind")
        if self.retests < 0:
            raise Unsound(("retests",), "retests must be zero or more")
        if self.informative and self.may_be_pending:
            raise Unsound(("may_be_pending",), "an informative criterion never holds up a release,"
                          " so may_be_pending contradicts informative")
        if self.max_age_days is not None and self.max_age_days < 1:
            raise Unsound(("max_age_days",), "max_age_days must be at least 1")

    def _has_the_limits_of_its_kind(self) -> None:
        given = {"low": self.low is not None, "high": self.high is not None,
                 "values": bool(self.values)}
        for name, is_given in given.items():
            needed = name in LIMIT_FIELDS[self.limit]
            if needed and not is_given:
                raise Unsound((name,), f"the limit {self.limit} needs {name}, which is missing")
            if is_given and not needed:
                raise Unsound((name,), f"the limit {self.limit} may not have {name}")

    def _numbers_are_amounts(self) -> None:
        for name, number in (("low", self.low), ("high", self.high)):
            if number is None:
                continue
            if not number.is_finite() or number < 0:
                raise Unsound((name,), f"{name} must be a number of zero or more, not {number}")
            if self.unit == "%" and number > FULL_PERCENT:
                raise Unsound((name,), f"{name} is {number} %, and nothing is more than 100 %")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise Unsound(("low",), f"low {self.low} is above high {self.high}")

    def _converts_as_it_can(self) -> None:
        """The conversion rounds up, so it serves an upper limit only."""
        hours = self.infused_over_hours_at_least
        if self.per is None:
            if hours is not None:
                raise Unsound(("infused_over_hours_at_least",),
                              "infused_over_hours_at_least goes with per, which is missing")
            return
        if self.limit is not Limit.AT_MOST:
            raise Unsound(("per",), f"per {self.per} goes with the limit at_most only")
        if not self.unit.endswith(PER_KG_AND_HOUR):
            raise Unsound(("unit",), f"per {self.per} needs a unit that ends in {PER_KG_AND_HOUR}")
        if hours is None or hours <= 0:
            raise Unsound(("infused_over_hours_at_least",), f"per {self.per} needs"
                          " infused_over_hours_at_least, above zero")

    @property
    def reported_unit(self) -> str:
        """The unit the laboratory reports in: `EU/mL` where the limit is in `EU/kg/h`."""
        if self.per is None:
            return self.unit
        return self.unit.removesuffix(PER_KG_AND_HOUR) + PER_ML

    @property
    def method_text(self) -> str:
        """How it is tested, as a person reads it; empty where the sheet does not say."""
        return " or ".join(self.methods) or self.method

    @property
    def limit_text(self) -> str:
        """The limit as a person writes it: `at least 70 %`, `between 5 and 10 %`."""
        unit = f" {self.unit}" if self.unit else ""
        match self.limit:
            case Limit.AT_LEAST:
                return f"at least {self.low}{unit}"
            case Limit.AT_MOST:
                return f"at most {self.high}{unit}"
            case Limit.BETWEEN:
                return f"between {self.low} and {self.high}{unit}"
        words = " or ".join(self.values)
        return {Limit.ONE_OF: words, Limit.NONE_OF: f"not {words}",
                Limit.ABSENT: f"absent ({words})"}[self.limit]


@dataclass(frozen=True)
class UnitLimit:
    """How long a cryo unit, cells frozen between two passages, is kept from its freezing."""

    storage_days_max: int
    basis: Basis

    def __post_init__(self) -> None:
        if self.storage_days_max not in STORAGE_DAYS:
            raise Unsound(("storage_days_max",), "storage_days_max must lie between 1 and"
                          f" {STORAGE_DAYS[-1]} (a hundred years)")


@dataclass(frozen=True)
class Specification:
    """A release specification as published: its criteria, from which day, and its file's digest.

    `cryo_unit` is None where it sets no limit.
    """

    name: str
    version: int
    title: str
    effective: date
    criteria: tuple[Criterion, ...]
    digest: str = ""
    cryo_unit: UnitLimit | None = None

    def __post_init__(self) -> None:
        seen = set()
        for number, criterion in enumerate(self.criteria):
            if (criterion.key, criterion.stage) in seen:
                raise Unsound(("criterion", number, "key"),
                              f"{criterion.key} at {criterion.stage} is written twice")
            seen.add((criterion.key, criterion.stage))
        if all(criterion.informative for criterion in self.criteria):
            raise Unsound(("criterion",), "a specification needs a criterion that decides")

    @property
    def reference(self) -> str:
        """Name and version as people write it: `bm-msc-1`."""
        return f"{self.name}-{self.version}"
