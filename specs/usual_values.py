"""What is usual, as sealed, dated data: a value outside is possible and asks for its reason.

What is impossible is refused elsewhere; what is out of specification is judged elsewhere. This finds
the slip of the hand (48 for 84, a power of ten) at the moment it is made, and nothing else.
"""
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from specs.criterion import Basis
from specs.reading import heading
from specs.sheet import Table

FIRST_KEYS = ("weight.kg", "harvest.volume_ml", "harvest.nucleated_cells", "harvest.viability",
              "count.total_cells", "count.viability", "bag.volume_ml", "bag.viable_cells")
"""What version 1 speaks of: a published sheet stays as it is."""
KEYS = (*FIRST_KEYS, "observation.temperature_c", "observation.pulse", "observation.systolic",
        "observation.diastolic", "observation.saturation")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Value:
    """The bounds of one value. With ``change_percent`` it is held against the value before, where
    there is one, and not against the bounds: who weighs 30 kg is asked once."""

    key: str
    title: str
    unit: str
    low: Decimal
    high: Decimal
    change_percent: Decimal | None
    basis: Basis

    def bounds(self, last: Decimal | None = None) -> tuple[Decimal, Decimal]:
        """(low, high), both of them usual still."""
        if last is None or self.change_percent is None:
            return self.low, self.high
        return (last * (HUNDRED - self.change_percent) / HUNDRED,
                last * (HUNDRED + self.change_percent) / HUNDRED)


@dataclass(frozen=True)
class Usual:
    """One published sheet of usual values."""

    name: str
    version: int
    title: str
    effective: date
    values: dict[str, Value]
    digest: str

    @property
    def reference(self) -> str:
        return f"{self.name}-{self.version}"


def read_usual(sheet: Table, digest: str) -> Usual:
    """The usual values on the sheet: every key once. Raises ShelfError with file, line, reason."""
    head, values = heading(sheet), {}
    for table in sheet.tables("value"):
        value = Value(
            key=table.text("key"), title=table.text("title"), unit=table.text("unit"),
            low=Decimal(table.quantity("low")), high=Decimal(table.quantity("high")),
            change_percent=table.quantity("change_percent", None), basis=table.basis())
        table.close()
        if value.key not in KEYS or value.key in values:
            raise table.error(f"{value.key} is no value that is asked about, or stands twice",
                              "key")
        if not value.low < value.high:
            raise table.error("low must be below high", "low")
        if value.change_percent is not None and not 0 < value.change_percent < HUNDRED:
            raise table.error("change_percent must lie between 0 and 100", "change_percent")
        values[value.key] = value
    asked = FIRST_KEYS if head["version"] == 1 else KEYS
    if missing := [key for key in asked if key not in values]:
        raise sheet.error(f"the sheet says nothing of {missing[0]}")
    sheet.close()
    return Usual(**head, values=values, digest=digest)
