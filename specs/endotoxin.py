"""Endotoxin per kg of body weight and hour.

The limit of a product that is infused: EU/mL = K x kg x h / mL, with K in EU/kg/h (5 for what goes
into a vein, as widely used with Ph. Eur. 5.1.10 and USP <85>, whose texts were not read), the
patient's weight in kg, the hours of the infusion and its volume in mL. Turned round, a measured
concentration gives EU/kg/h = EU/mL x mL / (kg x h). Of a dose in cells per kg the weight cancels:
mL per kg are the cells per kg x the mL of a bag / the cells of that bag.
"""
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal

EXACT = Context(prec=100)
SHOWN = Context(prec=4, rounding=ROUND_CEILING)  # never less endotoxin than there is


@dataclass(frozen=True)
class Dose:
    """The most a patient may be given: viable cells per kg, from bags of `bag_ml` and `bag_cells`.

    Raises ValueError unless all are Decimals above zero.
    """

    cells_per_kg: Decimal
    bag_ml: Decimal
    bag_cells: Decimal

    def __post_init__(self) -> None:
        _amounts(**vars(self))

    def __str__(self) -> str:
        return f"{self.cells_per_kg:f} cells/kg x {self.bag_ml:f} mL / {self.bag_cells:f} cells"


def limit_per_ml(k: Decimal, kg: Decimal, hours: Decimal, ml: Decimal) -> Decimal:
    """The endotoxin limit in EU/mL: K x kg x h / mL. 5 EU/kg/h, 70 kg, 1 h, 50 mL: 7 EU/mL.

    Raises ValueError unless all are Decimals above zero.
    """
    _amounts(k=k, kg=kg, hours=hours, ml=ml)
    return k * kg * hours / ml


def per_kg_and_hour(eu_per_ml: Decimal, dose: Dose, hours: Decimal) -> Decimal:
    """What a patient receives in EU/kg/h, with four significant digits, rounded up.

    0.5 EU/mL, 3e6 cells/kg from 50 mL with 75e6 cells (2 mL/kg), 0.5 h: 2 EU/kg/h. Raises
    ValueError unless the hours are a Decimal above zero.
    """
    _amounts(hours=hours)
    given = EXACT.multiply(EXACT.multiply(eu_per_ml, dose.cells_per_kg), dose.bag_ml)
    return SHOWN.divide(given, EXACT.multiply(dose.bag_cells, hours))


def _amounts(**amounts: Decimal) -> None:
    for name, amount in amounts.items():
        if not isinstance(amount, Decimal) or not amount.is_finite() or amount <= 0:
            raise ValueError(f"{name} must be a Decimal above zero, not {amount!r}")
