"""Cells are thawed once, and are lost an hour or two later: which bag this is, its label says.

A thawing that is written to another bag leaves the one in the hand without its short expiry, and
takes from a patient the one that still is frozen.
"""

from __future__ import annotations

from datetime import datetime

from mscbank.bags import service as bags
from mscbank.bags.models import Bag
from mscbank.custody import rules
from mscbank.custody.service import stops
from mscbank.labelling import rules as label_rules
from mscbank.labelling.service import as_rule, copies_of, read_text
from mscbank.permissions import Actor, Permission


def thaw(bag: Bag, text: str, why: str | None = None, *, by: Actor, at: datetime) -> Bag:
    """Thaw the bag whose label was scanned just now (``text``), once.

    A bag that may not be used is thawed only with a reason (``why``), as a test of thawed cells is.
    """
    by.must(Permission.HAND_OVER)
    may_be_thawed(bag)
    label_rules.that_copy(bag.code, read_text(text), _copies(bag))
    rules.thawed_all_the_same(bag.title, stops(bag, at), why)
    return bags.thaw(bag, why, by=by, at=at)


def may_be_thawed(bag: Bag) -> None:
    """Refuse a bag that was thawed, never frozen or is gone, and one of which nobody has proven
    which it is."""
    bags.may_thaw(bag)
    label_rules.proven(bag.title, _copies(bag))


def _copies(bag: Bag) -> list[label_rules.Copy]:
    return [as_rule(copy) for copy in copies_of(bag.code)]
