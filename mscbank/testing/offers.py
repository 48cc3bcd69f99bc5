"""What a form about a result offers: the tests the specification asks for, and the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from mscbank.acts import Offer
from mscbank.database import session
from mscbank.errors import Refused
from mscbank.rules import day_told
from mscbank.testing.models import Laboratory, Method, Result, Sample
from mscbank.testing.service import tests_of
from specs.criterion import Criterion


def for_sample(sample: Sample, typed: Mapping[str, str]) -> dict[str, Offer]:
    """The tests of this sample, each with limit, unit and method; of the one that was chosen, its
    unit and methods only. Nothing where the specification cannot be read: the act says so."""
    try:
        asked = tests_of(sample)
    except Refused:
        return {}
    chosen = [each for each in asked if each.key == typed.get("test")]
    return {"test": Offer(tuple((each.key, line(each)) for each in asked))} | _around(
        chosen or asked, alone=bool(chosen))


def for_correction(result: Result, typed: Mapping[str, str]) -> dict[str, Offer]:
    """The same for a result in the place of another: its test is known."""
    try:
        asked = [each for each in tests_of(result.sample) if each.key == result.test]
    except Refused:
        return {}
    return _around(asked, alone=True, keeps=True)


def line(asked: Criterion) -> str:
    """A criterion as a person chooses it: ``CD73 positive: at least 95 %; tested by Flow cytometry``."""
    unit, method = asked.reported_unit, asked.method_text or "any method"
    if unit and unit != asked.unit:
        return f"{asked.title}: {asked.limit_text}; reported in {unit}; tested by {method}"
    return f"{asked.title}: {asked.limit_text}; tested by {method}"


def _around(asked: Sequence[Criterion], *, alone: bool, keeps: bool = False) -> dict[str, Offer]:
    """Unit, method and laboratory for these criteria; ``keeps``: left out, the old one stays."""
    units = tuple(dict.fromkeys(each.reported_unit for each in asked if each.reported_unit))
    bound = {name for each in asked for name in each.methods} if alone else set()
    wanted = line(asked[0]) if alone and asked else ""
    offers = {
        "method": Offer(_register(Method, bound), first=not keeps),
        "laboratory": Offer(_register(Laboratory, set()), first=not keeps)}
    if units:
        offers["unit"] = Offer(tuple((unit, unit) for unit in units), first=alone)
    if wanted:
        offers["value"] = Offer(help=wanted)
        offers["word"] = Offer(help=wanted)
    return offers


def _register(model: type[Method] | type[Laboratory], bound: set[str]) -> tuple[
        tuple[str, str], ...]:
    """Names of the register, those that ended last: what was tested before may come in late."""
    rows = session.execute(sa.select(model.name, model.ended_on).order_by(
        model.ended_on.is_not(None), model.name)).all()
    return tuple((name, f"{name}, until {day_told(ended_on)}" if ended_on else name)
                 for name, ended_on in rows if not bound or name in bound)
