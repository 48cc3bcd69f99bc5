"""Criteria and results for the tests of the judge."""
from datetime import UTC, date, datetime
from decimal import Decimal

from specs.criterion import Basis, BasisKind, Criterion, Limit, Specification, Stage
from specs.judge import Outcome, judge
from specs.result import Qualifier, Result

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
EXACT, BELOW, ABOVE = Qualifier
PASS, FAIL, MISSING, PENDING, INFORMATIVE, OUT_OF_DATE, UNCONFIRMED = Outcome
LIMITS = {
    Limit.AT_LEAST: {"low": Decimal(70)},
    Limit.AT_MOST: {"high": Decimal(2)},
    Limit.BETWEEN: {"low": Decimal(5), "high": Decimal(10)},
    Limit.ONE_OF: {"values": ("46,XX", "46,XY"), "unit": ""},
    Limit.NONE_OF: {"values": ("clumps", "haemolysis"), "unit": ""},
    Limit.ABSENT: {"values": ("no growth", "negative"), "unit": "CFU/mL"},
}


def criterion(limit=Limit.AT_LEAST, **changes):
    values = {"key": "test", "title": "Viability", "stage": Stage.DRUG_PRODUCT, "limit": limit,
              "basis": Basis(BasisKind.OWN_CHOICE, "for the test"), "unit": "%", **LIMITS[limit]}
    return Criterion(**{**values, **changes})


def result(value=None, unit=None, **changes):
    """A number is a value, words are a text; the unit is per cent unless said."""
    is_words = value is not None and not value.replace(".", "").replace("-", "").isdigit()
    told = {"text": value} if is_words else {
        "value": None if value is None else Decimal(value), "unit": "%" if unit is None else unit}
    return Result(**{"key": "test", "stage": Stage.DRUG_PRODUCT, "performed_at": NOON,
                     **told, **changes})


def judged(one, *results, at=NOON, dose=None):
    # a second criterion that decides, so that an informative one may be judged too
    other = criterion(key="other")
    return judge(Specification("s", 1, "S", date(2026, 1, 1), (one, other)), results, at=at,
                 dose=dose)[0]
