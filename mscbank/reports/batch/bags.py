"""The bags: filled, frozen, stored, labelled, carried and given."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from reportlab.platypus import Flowable, Spacer

from mscbank.bags.models import Lot
from mscbank.custody.models import Journey
from mscbank.infusions.models import Infusion, Observation, Reaction
from mscbank.infusions.seen_models import chains
from mscbank.labelling.models import LabelCopy
from mscbank.labelling.reconciliation import count, sentence, sum_of_paper
from mscbank.labelling.rules import ACCOUNTED
from mscbank.reports import paper
from mscbank.reports.batch.family import Family
from mscbank.reports.binding import section
from mscbank.rules import count_told
from mscbank.settings import local
from mscbank.usual import outside
from specs import shelf

KEPT = {"store": "stored in", "relocate": "moved to", "thaw": "thawed", "destroy": "DESTROYED",
        "return": "returned", "accept return": "taken back into"}


def product(family: Family) -> list[Flowable]:
    """Filling, freezing and where each bag was kept."""
    lot = family.lot
    used = [use.reagent_lot.title for use in family.uses if use.used_in == lot.code]
    parents = [edge for edge in family.edges if edge.child == lot.code]
    return [
        paper.facts([
            ("Filled", f"{paper.when(lot.filled_at)} by {family.person(lot.recorded_by_id)}"),
            ("From", "; ".join(f"{family.name(edge.parent)}, {paper.number(edge.cells)} cells"
                               for edge in parents)),
            ("Excipients", f"{lot.excipients}; DMSO {paper.number(lot.dmso_percent, '%')}"),
            ("Reagents", "; ".join(dict.fromkeys(used)) or "none recorded"),
        ]),
        *section("Bags", paper.grid_or(
            "No bag was filled.",
            ("Bag", "Volume, viable cells", "Frozen", "Expires", "Now"),
            [(paper.marked('<b>{}</b><br/><font size="6">{}</font>', bag.number, bag.code),
              paper.marked("{}<br/>{} cells{}", paper.number(bag.volume_ml, "mL"),
                           paper.number(bag.viable_cells), paper.unusual(lot.why_unusual)),
              paper.moment_here(bag.frozen_at) if bag.frozen_at else "not frozen",
              paper.moment_here(bag.expires_at) + (
                  f"; thawed {paper.moment_here(bag.thawed_at)}, to be used until "
                  f"{paper.moment_here(bag.usable_until)}" if bag.thawed_at else ""),
              f"{bag.place} since {paper.moment_here(bag.place_since)}"
              + (f", {bag.storage_place.title}" if bag.storage_place else ""))
             for bag in family.bags], (40, 30, 26, 34, 36))),
        *section("Storage", _storage(family)),
    ]


def _storage(family: Family) -> Flowable:
    """Where each bag was, read from the trail: its own row knows only where it is."""
    bags = {bag.code for bag in family.bags}
    kept = [(entry, body) for entry, body in zip(family.entries, family.bodies, strict=True)
            if entry.subject in bags and entry.act in KEPT]
    return paper.grid_or(
        "No bag was stored yet.", ("Bag", "When", "What", "By"),
        [(family.name(entry.subject), paper.entered(entry.at),
          " ".join(part for part in (KEPT[entry.act], family.name(body["facts"].get("place"), ""))
                   if part) + (f": {body['reason']}" if body["reason"] else ""),
          family.name(entry.by)) for entry, body in kept], (20, 36, 70, 24))


def labels(family: Family) -> list[Flowable]:
    """Every copy, and the count in which each must turn up once."""
    return [
        paper.grid_or(
            "No label was issued.", ("Bag", "Copy", "Issued", "Printed", "Applied", "Voided, destroyed"),
            [_copy(family, copy) for copy in family.labels], (14, 12, 32, 26, 32, 44)),
        *section("Reconciliation", *_reconciled(family.lot, family.labels)),
    ]


def _copy(family: Family, copy: LabelCopy) -> tuple[object, ...]:
    def at(moment: object) -> str:
        return paper.moment_here(moment) if moment else "—"

    return (copy.bag.number,
            paper.marked("<strike>{}</strike>" if copy.voided_at else "{}", copy.number),
            f"{paper.moment_here(copy.recorded_at)} by {family.person(copy.recorded_by_id)}"
            + (f": {copy.reason}" if copy.reason else ""),
            at(copy.printed_at),
            at(copy.applied_at) + (f" by {family.person(copy.applied_by_id)}"
                                   if copy.applied_at else ""),
            (f"{'damaged' if copy.damaged_at else 'voided'} {at(copy.voided_at)}: "
             f"{copy.voided_why}" if copy.voided_at else "—")
            + (f"\npaper destroyed {at(copy.destroyed_at)} by "
               f"{family.person(copy.destroyed_by_id)}: {copy.destroyed_how}"
               if copy.destroyed_at else ""))


def _reconciled(lot: Lot, copies: list[LabelCopy]) -> Iterator[Flowable]:
    """Each copy that was issued is in one line only, so the lines add up to the issued ones."""
    counted = count(copies)
    yield paper.grid(("Copies", "Number"), [
        *((paper.marked("<b>{}</b>", fate.upper()) if fate not in ACCOUNTED and number else fate,
           number) for fate, number in counted.items()),
        (paper.marked("<b>issued in all</b>"),
         paper.marked("<b>{}</b>", sum(counted.values())))], (90, 20))
    yield paper.words(f"{sum_of_paper(copies)}. {sentence(lot).capitalize()}.")


def custody(family: Family) -> list[Flowable]:
    """Each journey: two hands, its temperatures, excursions and how they were judged."""
    if not family.journeys:
        return [paper.words("No bag was given out.")]
    return [block for journey in family.journeys for block in _journey(family, journey)]


def _journey(family: Family, journey: Journey) -> Iterator[Flowable]:
    degrees = [reading.celsius for reading in journey.readings]
    yield from section(f"Bag {journey.bag.number} to {journey.destination}", paper.facts([
        ("Given out", (f"{paper.when(journey.given_at)} by {family.person(journey.given_by_id)}, "
                      f"box {journey.box}")),
        ("Taken over", f"{paper.when(journey.received_at)} by "
                       f"{family.person(journey.received_by_id)}: {journey.condition}"
         if journey.received_at else "not taken over"),
        ("Temperature", f"{paper.number(min(degrees))} to {paper.number(max(degrees), '°C')}, "
                        f"readings: {len(degrees)}" if degrees else "no reading"),
        ("Limits", f"{paper.number(journey.low_c)} to {paper.number(journey.high_c, '°C')}"),
        *([("Returned", paper.when(journey.returned_at))] if journey.returned_at else []),
    ]), Spacer(1, 1.5 * paper.mm))
    for excursion in journey.excursions:
        act = (f"Excursion: {paper.number(excursion.celsius, '°C')}, from "
               f"{paper.when(excursion.began_at)}")
        if excursion.signature_id is None:
            yield paper.unsigned(act, "NOT JUDGED: the bag may not be used.", alarm=True)
            continue
        given = family.signatures[excursion.signature_id]
        yield paper.signature(given, paper.cover(paper.unaltered(given, excursion)), act=act,
                              reason=excursion.judgement)


def infusions(family: Family) -> list[Flowable]:
    """Orders, bedside checks and infusions: the recipient by reference alone."""
    return [
        *section("Orders", *_orders(family)),
        *section("Bedside checks", paper.grid_or(
            "No bag was checked at the bedside.", ("Bag", "When", "Verdict", "By two", "Why"),
            [(check.bag.number, paper.moment_here(check.at), check.verdict.upper(),
              f"{family.person(check.recorded_by_id)}, {family.person(check.second_id)}",
              "; ".join(check.reasons) or "—") for check in family.checks],
            (12, 34, 22, 34, 58))),
        *section("Infusions", *([block for each in family.infusions
                                 for block in _infusion(family, each)]
                                or [paper.words("No bag was given.")])),
    ]


def _orders(family: Family) -> Iterator[Flowable]:
    if not family.orders:
        yield paper.words("No bag of this lot was ordered.")
    for order in family.orders:
        given = family.signatures[order.signature_id]
        bags = "; ".join(f"bag {part.bag.number} of lot {part.bag.lot.number}: "
                         f"{paper.number(part.volume_ml, 'mL')}, {paper.number(part.cells)} cells"
                         for part in order.parts)
        cancelled = (f" CANCELLED {paper.when(order.cancelled_at)}: {order.cancelled_why}"
                     if order.cancelled_at else "")
        yield paper.signature(
            given, paper.cover(paper.unaltered(given, order)), act=paper.marked(
                "{}{}", f"Order for {family.recipient.number}: {paper.number(order.target_cells)} "
                f"cells at {paper.number(order.weight_kg, 'kg')}; {bags}.{cancelled}",
                paper.unusual(family.weights[order.weight_id].why_unusual)))


def _began(family: Family, infusion: Infusion) -> str:
    """When and by whom; what began on paper with the deviation it is, and what stood against it."""
    sheet, person = infusion.paper, family.person
    if sheet is None:
        return f"{paper.when(infusion.started_at)} by {person(infusion.recorded_by_id)}"
    against = "; ".join(sheet.reasons) or "nothing"
    return (f"{paper.when(infusion.started_at)} ON PAPER by {person(sheet.first_id)} and "
            f"{person(sheet.second_id)}; entered {paper.when(sheet.recorded_at)} by "
            f"{person(sheet.recorded_by_id)} and {person(sheet.witness_id)}; deviation "
            f"{sheet.deviation.number}. {sheet.why} Against it stood: {against}.")


def _infusion(family: Family, infusion: Infusion) -> Iterator[Flowable]:
    ended = (f"{paper.when(infusion.ended_at)}: {infusion.ending}, "
             f"{paper.number(infusion.volume_given_ml, 'mL')} given"
             + (f"; {infusion.stop_reason}" if infusion.stop_reason else "")
             if infusion.ended_at else "running")
    yield paper.facts([
        (f"Bag {infusion.bag.number}", f"into {family.recipient.number}"),
        ("Started", _began(family, infusion)),
        ("Ended", ended),
        ("Observations", count_told(len(infusion.standing_observations), "time")),
        *(("Vital signs", _signs(family, chain)) for chain in chains(infusion.observations)
          if len(chain) > 1 or chain[0].why_unusual),
        *(("Reaction", _corrected(family, chain)) for chain in chains(infusion.reactions)),
    ])
    yield Spacer(1, 2.5 * paper.mm)


def _odd(seen: Observation) -> str:
    """The vital signs that lay outside what was usual then, by the names on its sheet."""
    sheet = shelf.usual(local(seen.recorded_at).date())
    known = [(sheet.values[f"observation.{name}"], number) for name, number in outside(seen).items()]
    return "; ".join(f"{value.title} {paper.number(number, value.unit)}" for value, number in known)


def _signs(family: Family, chain: list[Observation]) -> paper.Marked:
    """Vital signs that were corrected; of others, what was out of the usual."""
    if len(chain) > 1:
        return _corrected(family, chain)
    return paper.marked("{}: {}{}", paper.moment_here(chain[0].at), _odd(chain[0]),
                        paper.unusual(chain[0].why_unusual))


def _corrected(family: Family, chain: list[Observation] | list[Reaction]) -> paper.Marked:
    """What was seen beside a bag as it stands, under what it corrects; or how it was withdrawn."""
    parts: list[str] = [
        paper.struck(_seen(was), family.person(later.recorded_by_id), later.recorded_at,
                     later.reason, "withdrawn" if later.withdrawn else "corrected") + _why(was)
        for was, later in pairwise(chain) if not was.withdrawn]
    if not chain[-1].withdrawn:
        parts.append(paper.marked("{}", _seen(chain[-1])) + _why(chain[-1]))
    return paper.Marked("<br/>".join(parts))


def _why(one: Observation | Reaction) -> paper.Marked:
    return paper.unusual(one.why_unusual if isinstance(one, Observation) else None)


def _seen(one: Observation | Reaction) -> str:
    when = paper.moment_here(one.at)
    if isinstance(one, Reaction):
        return f"grade {one.grade}: {one.term}, {when}: {one.done}"
    return (f"{when}: {paper.number(one.temperature_c, '°C')}, pulse {one.pulse}, "
            f"{one.systolic}/{one.diastolic} mmHg, {one.saturation} %")
