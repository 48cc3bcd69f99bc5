"""Who may take part: the criteria of a protocol, and each of them judged in words.

A criterion asks one thing. ``any of`` wants at least one of its options, each a word a physician
can tick; ``none of`` wants none of them. Not recorded is never met.
"""
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from specs.criterion import Unsound
from specs.scores import ACR_EULAR_HIGHEST, MRSS_HIGHEST


class Ask(StrEnum):
    """What a criterion asks for."""

    AGE = "age"  # whole years on the day of the assessment
    SKIN_SCORE = "skin score"
    ACR_EULAR = "ACR/EULAR 2013"
    NUMBER = "number"
    ANY_OF = "any of"
    NONE_OF = "none of"


NUMBERED = frozenset({Ask.AGE, Ask.SKIN_SCORE, Ask.ACR_EULAR, Ask.NUMBER})
SCALES = {Ask.AGE: (0, 120), Ask.SKIN_SCORE: (0, MRSS_HIGHEST),
          Ask.ACR_EULAR: (0, ACR_EULAR_HIGHEST)}


@dataclass(frozen=True)
class EntryCriterion:
    """One criterion. ``low`` and ``high`` are allowed themselves; ``options`` by key."""

    key: str
    title: str
    ask: Ask
    low: Decimal | None = None
    high: Decimal | None = None
    unit: str = ""
    options: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if self.ask in NUMBERED:
            if self.low is None and self.high is None:
                raise Unsound(("ask",), f"{self.key} needs low, high or both")
            if self.options:
                raise Unsound(("options",), f"{self.key} asks for a number: it has no options")
            self._sound_limits()
        elif not self.options:
            raise Unsound(("ask",), f"{self.key} asks for {self.ask}: name the options")
        elif self.low is not None or self.high is not None or self.unit:
            raise Unsound(("ask",), f"{self.key} asks for {self.ask}: it has no limits and no unit")

    def _sound_limits(self) -> None:
        limits = [each for each in (self.low, self.high) if each is not None]
        if limits != sorted(limits):
            raise Unsound(("low",), f"low {self.low} is above high {self.high}")
        lowest, highest = SCALES.get(self.ask, (None, None))
        if lowest is not None and not all(lowest <= each <= highest for each in limits):
            raise Unsound(("low",), f"{self.key} runs from {lowest} to {highest}")


@dataclass(frozen=True)
class Found:
    """What was found of one criterion: a number, or which of the options are present.

    ``excluded`` says what speaks against it whatever the number.
    """

    number: int | Decimal | None = None
    present: tuple[str, ...] | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A criterion with its finding: met or not, and a sentence either way."""

    key: str
    title: str
    met: bool
    sentence: str


def judge(criterion: EntryCriterion, found: Found | None) -> Judged:
    """What the protocol says to this finding."""
    met, words = _judged(criterion, found)
    return Judged(criterion.key, criterion.title, met, f"{criterion.title}{words}")


def judged(criteria: Iterable[EntryCriterion], found: Mapping[str, Found]) -> list[Judged]:
    """Every criterion, in the order of the protocol; what was not found out is not met."""
    return [judge(each, found.get(each.key)) for each in criteria]


def _judged(criterion: EntryCriterion, found: Found | None) -> tuple[bool, str]:
    if criterion.ask in NUMBERED:
        if found is None or found.number is None:
            return False, ": not recorded"
        return _number(criterion, found)
    if found is None or found.present is None:
        return False, ": not recorded"
    named = ", ".join(criterion.options[key] for key in criterion.options
                      if key in found.present)
    if criterion.ask is Ask.ANY_OF:
        return (True, f": {named}") if named else (False, ": none, the protocol requires one of "
                                                   f"{', '.join(criterion.options.values())}")
    return (False, f": {named}, the protocol excludes it") if named else (True, ": none")


def _number(criterion: EntryCriterion, found: Found) -> tuple[bool, str]:
    unit = f" {criterion.unit}" if criterion.unit else ""
    said = f" is {found.number}{unit}"
    if found.excluded:
        return False, f"{said}, but {' and '.join(found.excluded)}"
    if criterion.low is not None and found.number < criterion.low:
        return False, f"{said}, the protocol asks for at least {criterion.low}"
    if criterion.high is not None and found.number > criterion.high:
        return False, f"{said}, the protocol allows at most {criterion.high}"
    return True, said
