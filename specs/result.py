"""One result as the judge reads it, whatever the application keeps of it."""
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from specs.criterion import Stage, plain_words


class Qualifier(StrEnum):
    """Whether a number is the amount itself or only a bound on it."""

    EXACT = "exact"
    BELOW = "below detection limit"
    ABOVE = "above detection limit"


SIGNS = {Qualifier.EXACT: "", Qualifier.BELOW: "< ", Qualifier.ABOVE: "> "}


@dataclass(frozen=True)
class Result:
    """One result that stands. `value` in `unit`, or `text`, never both; neither while pending.

    `set_aside`: why an investigation took it out of the judgement; empty where none did. Raises
    ValueError for a float, a number that is not finite, or a moment without a zone.
    """

    key: str
    stage: Stage
    performed_at: datetime
    value: Decimal | None = None
    text: str | None = None
    unit: str | None = None
    qualifier: Qualifier = Qualifier.EXACT
    pending: bool = False
    confirmed: bool = False
    method: str = ""
    set_aside: str = ""

    def __post_init__(self) -> None:
        if self.performed_at.utcoffset() is None:
            raise ValueError(f"{self.key}: the moment of the result has no time zone")
        if self.value is not None and not isinstance(self.value, Decimal):
            raise ValueError(f"{self.key}: {self.value!r} must be a Decimal")
        if self.value is not None and not self.value.is_finite():
            raise ValueError(f"{self.key}: {self.value} is not a number")
        if self.value is not None and self.text is not None:
            raise ValueError(f"{self.key}: give a number or words, not both")
        if self.qualifier is not Qualifier.EXACT and self.value is None:
            raise ValueError(f"{self.key}: {self.qualifier} needs the detection limit as a number")

    @property
    def amount(self) -> str:
        """What was reported, as a person reads it: `82.5 %`, `< 0.05 EU/mL`, `no growth`."""
        if self.value is None:
            return self.text or ""
        unit = f" {self.unit}" if self.unit else ""
        return f"{SIGNS[self.qualifier]}{self.value:f}{unit}"

    @property
    def words(self) -> str:
        """The reported text as it is compared; empty where there is none."""
        return plain_words(self.text or "")
