"""How an order comes to its volumes, in sentences: on the page, in what is signed, and on paper.

Pure. Cells are viable cells after thawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal

from mscbank.infusions.dose import BagFacts, cells_in, thawed_cells
from mscbank.infusions.rules import millions
from mscbank.rules import count_told
from specs.protocol import DoseRules

TENTH = Decimal("0.1")


@dataclass(frozen=True)
class Rate:
    """The fastest an infusion may run, and why. ``ml_per_minute`` None: no limit."""

    ml_per_minute: Decimal | None
    sentence: str


def fastest(limits: DoseRules, kg: Decimal) -> Rate:
    """mL per minute from both limits of the protocol, the slower counts, rounded down to 0.1."""
    said, rates = [], []
    if limits.ml_per_minute_max is not None:
        rates.append(limits.ml_per_minute_max)
        said.append(f"at most {_told(limits.ml_per_minute_max)} mL/min")
    if limits.ml_per_kg_per_hour_max is not None:
        by_weight = limits.ml_per_kg_per_hour_max * kg / 60
        rates.append(by_weight)
        said.append(f"at most {_told(limits.ml_per_kg_per_hour_max)} mL/kg/h × {_told(kg)} kg = "
                    f"{_told(by_weight.quantize(Decimal('0.01')))} mL/min")
    if not rates:
        return Rate(None, "The protocol limits no rate.")
    slowest = max(min(rates).quantize(TENTH, ROUND_FLOOR), TENTH)
    return Rate(slowest, f"Not faster than {_told(slowest)} mL/min: {'; '.join(said)}.")


def minutes_at_least(volume_ml: Decimal, rate: Rate) -> int | None:
    """Whole minutes that this volume takes at the fastest; None where no rate is limited."""
    if rate.ml_per_minute is None:
        return None
    return int((volume_ml / rate.ml_per_minute).to_integral_value(ROUND_UP))


def proposal(target: int, given: int, bags: Sequence[BagFacts], step: Decimal,
             ) -> list[tuple[BagFacts, Decimal]]:
    """Bags and mL that come nearest to the target: whole bags first, a part of the last one."""
    left, parts = Decimal(target - given), []
    for bag in bags:
        per_ml = Decimal(thawed_cells(bag)) / bag.volume_ml
        wanted = min(bag.volume_ml, _stepped(left / per_ml, step))
        if wanted <= 0:
            break
        parts.append((bag, wanted))
        left -= wanted * per_ml
    return parts


def explained(kg: Decimal, dose_per_kg: int, target: int, given: int,
              parts: Sequence[tuple[BagFacts, Decimal]], limits: DoseRules) -> list[str]:
    """Every step from weight to volumes, each a sentence."""
    ordered = sum(cells_in(bag, volume) for bag, volume in parts)
    lines = [f"Target: {millions(dose_per_kg)} cells/kg × {_told(kg)} kg = {millions(target)} "
             "viable cells."]
    lines += [_of_a_bag(bag, volume) for bag, volume in parts]
    lines += _rounding(target, given, parts, limits.volume_step_ml)
    before = f", with {millions(given)} given before," if given else ""
    off = (Decimal(ordered + given - target) * 100 / target).quantize(Decimal("0.01"))
    lines.append(f"Together {millions(ordered)}{before}: {off:+f} % of the target; the protocol "
                 f"allows {_told(limits.tolerance_percent)} % either way.")
    dmso = dmso_ml(parts)
    most = min(limits.dmso_ml_per_kg_max * kg, limits.dmso_ml_max)
    lines.append(f"DMSO: {_told(dmso)} mL = {_told((dmso / kg).quantize(Decimal('0.001')))} mL/kg; "
                 f"at most {_told(most)} mL for this weight.")
    rate = fastest(limits, kg)
    return [*lines, rate.sentence]


def durations(parts: Sequence[tuple[BagFacts, Decimal]], minutes: Sequence[int | None],
              ) -> list[str]:
    """How long each bag runs in at least, by the specification of its lot and by the rates."""
    return [f"{bag.title}: {_told(volume)} mL run in over at least {count_told(least, 'minute')}, by "
            "specification and rate."
            for (bag, volume), least in zip(parts, minutes, strict=True) if least is not None]


def dmso_ml(parts: Sequence[tuple[BagFacts, Decimal]]) -> Decimal:
    """DMSO in the volumes ordered, in mL."""
    return sum((volume * bag.dmso_percent / 100 for bag, volume in parts), Decimal(0))


def _of_a_bag(bag: BagFacts, volume: Decimal) -> str:
    whole = "the whole bag" if volume == bag.volume_ml else f"{_told(volume)} mL of it"
    return (f"{bag.title}: {_told(bag.volume_ml)} mL, filled with {millions(bag.viable_cells)}; "
            f"{_told(bag.recovery_percent)} % come out of thawing viable ({bag.recovery_why}): "
            f"{millions(thawed_cells(bag))}. Ordered is {whole} = {millions(cells_in(bag, volume))}.")


def _rounding(target: int, given: int, parts: Sequence[tuple[BagFacts, Decimal]],
              step: Decimal) -> list[str]:
    """Why the last bag's volume is not the exact one."""
    if not parts:
        return []
    bag, volume = parts[-1]
    others = sum(cells_in(each, ml) for each, ml in parts[:-1])
    per_ml = Decimal(thawed_cells(bag)) / bag.volume_ml
    exact = ((target - given - others) / per_ml).quantize(Decimal("0.001"), ROUND_HALF_UP)
    if volume == exact:
        return [f"Exactly {_told(exact)} mL of {bag.title} are wanted, and ordered."]
    if volume == bag.volume_ml and exact > volume:
        return [f"{bag.title} would have to give {_told(exact)} mL; it holds {_told(volume)} mL."]
    one_step = millions(int(per_ml * step))
    if volume == _stepped(exact, step):
        return [f"Exactly {_told(exact)} mL of {bag.title} are wanted; rounded to {_told(volume)} "
                f"mL because volumes are set in steps of {_told(step)} mL ({one_step} cells)."]
    return [f"Exactly {_told(exact)} mL of {bag.title} would meet the target; {_told(volume)} mL "
            f"are ordered (steps of {_told(step)} mL are {one_step} cells)."]


def _stepped(volume: Decimal, step: Decimal) -> Decimal:
    """The nearest whole number of steps; a half goes up."""
    return (volume / step).to_integral_value(ROUND_HALF_UP) * step


def _told(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
