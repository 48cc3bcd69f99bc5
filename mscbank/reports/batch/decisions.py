"""What was decided on the lot: requests, decisions, holds, alerts, reviews of its trail."""

from __future__ import annotations

import json
from itertools import pairwise

from reportlab.platypus import Flowable

from mscbank.release.models import Decision
from mscbank.reports import paper
from mscbank.reports.batch.family import Family
from mscbank.reports.binding import section
from mscbank.reports.certificate import decision_blocks
from mscbank.reports.criteria import changes
from mscbank.signatures.service import difference


def decisions(family: Family) -> list[Flowable]:
    """In the order of the trail, each with its signature; then what came between them."""
    return [*decision_blocks(family.lot, family.decisions, family.requests),
            *section("What came between the decisions", *_between(family)),
            *section("Reviews of this lot's trail", *_reviews(family))]


def _between(family: Family) -> list[Flowable]:
    """What the signer of each further decision saw that the one before had not seen."""
    signed = [decision for decision in family.decisions if decision.signature]
    blocks: list[Flowable] = []
    for before, after in pairwise(signed):
        lines = changes(difference(before.signature, json.loads(after.signature.record)))
        blocks.append(paper.grid(
            (f"From “{_named(before)}” to “{_named(after)}”",), [(line,) for line in lines], (1,)))
    return blocks or [paper.words("There was no second signed decision.")]


def _named(decision: Decision) -> str:
    return decision.signature.meaning if decision.signature else decision.standing


def _reviews(family: Family) -> list[Flowable]:
    if not family.reviews:
        return [paper.words("No review of this lot's entries alone was signed.")]
    return [paper.signature(
        each.signature, paper.cover(paper.unaltered(each.signature, each)),
        act=f"Entries {each.first} to {each.last} of the lot's family read: {each.entries}, among "
            f"them {each.refusals} refused and {each.corrections} corrections",
        reason=None) for each in family.reviews]


def holds(family: Family) -> list[Flowable]:
    """What stopped the lot or a bag, how it ended, and who was told."""
    return [*_holds(family), *section("Alerts", paper.grid_or(
        "Nobody had to be alerted.", ("To", "Raised", "What", "Acknowledged"),
        [(each.role, paper.moment_here(each.raised_at), each.sentence,
          f"{paper.moment_here(each.acknowledged_at)} by {family.person(each.acknowledged_by_id)}"
          + (", signed" if each.signature_id else "") if each.acknowledged_at
          else paper.marked("<b>NOT ACKNOWLEDGED</b>")) for each in family.alerts],
        (22, 26, 76, 36)))]


def _holds(family: Family) -> list[Flowable]:
    bags = {bag.id: f"bag {bag.number}" for bag in family.bags}
    blocks: list[Flowable] = []
    for each in family.holds:
        of = bags.get(each.bag_id, "the lot")
        act = (f"Hold on {of}, {paper.when(each.recorded_at)} by "
               f"{family.person(each.recorded_by_id)}: {each.reason}")
        if each.lifting_signature_id is None:
            blocks.append(paper.unsigned(act, "IN FORCE", alarm=True))
            continue
        given = family.signatures[each.lifting_signature_id]
        blocks.append(paper.signature(
            given, paper.cover(paper.unaltered(given, each)), act=act,
            reason=json.loads(given.record).get("reason")))
    return blocks or [paper.words("Neither the lot nor a bag was held.")]
