"""Frozen cells go on growing only once the label that is on them was scanned back.

Two families' units lie in one tank and look alike: which of them this is, its label alone says.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mscbank.bags import cryo
from mscbank.bags.models import CryoUnit
from mscbank.cultures.models import Culture
from mscbank.labelling import copies, rules
from mscbank.labelling.models import LabelCopy
from mscbank.labelling.service import as_rule, copies_of, scanned_back
from mscbank.permissions import Actor, Permission


def apply_label(unit: CryoUnit, text: str, *, by: Actor, at: datetime) -> LabelCopy:
    """The label is on the unit, proven by scanning exactly that copy."""
    return copies.scan_back(scanned_back(unit.code, copies_of(unit.code), text), text, by=by, at=at)


def waits_for_label(unit: CryoUnit) -> None:
    """Refuse a unit that is used up or gone, has no label, or has proven it."""
    cryo.may_be_kept(unit)
    rules.may_be_applied(rules.the_current(unit.title, _copies(unit)))


def thaw_and_seed(unit: CryoUnit, *, by: Actor, at: datetime, **seeded: Any) -> Culture:
    """Thaw a unit whose label was scanned back, and seed it on as the next passage.

    ``seeded`` as in ``cryo.thaw_and_seed``: what was counted, into which vessels, with what.
    """
    by.must(Permission.CULTURE)
    may_be_thawed(unit, at)
    return cryo.thaw_and_seed(unit, **seeded, by=by, at=at)


def may_be_thawed(unit: CryoUnit, at: datetime) -> None:
    """Refuse a unit that is not in its position or past its limit, whose cells may go no further,
    or of which nobody has proven which it is."""
    cryo.may_be_thawed(unit, at)
    rules.proven(unit.title, _copies(unit))


def _copies(unit: CryoUnit) -> list[rules.Copy]:
    return [as_rule(copy) for copy in copies_of(unit.code)]
