"""The family tree of anything, both ways: for ``mscbank trace``, recalls and the pages.

What people hold is understood: a house code, a label's text, a donation number, a lot's number,
R-001, D-001; each is one indexed look-up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from labels import housecode
from mscbank import lineage, things
from mscbank.audit import chain
from mscbank.bags.models import Bag, CryoUnit, Lot
from mscbank.cultures.models import Culture, ReagentLot
from mscbank.cultures.reagents import used_in
from mscbank.database import session
from mscbank.donors.models import Donor
from mscbank.errors import Malformed, NotKnown
from mscbank.harvests.models import Harvest
from mscbank.harvests.service import find_harvest
from mscbank.infusions.models import Infusion
from mscbank.recipients.models import Recipient, Wristband
from mscbank.reports.layout import Edge, day_in_words
from mscbank.rules import parted
from mscbank.settings import local

NUMBERS: tuple[tuple[re.Pattern[str], type[Any]], ...] = (
    (re.compile(r"R-[0-9]+"), Recipient), (re.compile(r"D-[0-9]+"), Donor),
    (re.compile(r"L[0-9]{2}-[0-9]+"), Lot),
)
MADE: tuple[type[Any], ...] = (Harvest, Culture, CryoUnit, Lot, Bag)


@dataclass(frozen=True)
class Node:
    """One thing of the tree: what it is, its house code, its name, its state now and its date."""

    kind: str
    code: str
    title: str
    state: str
    date: datetime


@dataclass(frozen=True)
class Tree:
    """Everything that led to ``start`` and everything that came of it, in the chain's order."""

    start: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def find(text: str, slug: str | None = None) -> Any:
    """The thing a house code, label, DIN or number names; of ``slug`` ("lots") where one is asked.

    Raises NotKnown with what to try, Malformed for a code that fails its check.
    """
    found = _numbered(text.strip()) or find_harvest(text) or _coded(text)
    if slug is not None and slug != found.SLUG:
        raise NotKnown(f"{text.strip()} names one of {found.SLUG}, where one of {slug} is needed.")
    return found


def _numbered(text: str) -> Any | None:
    for pattern, model in NUMBERS:
        if pattern.fullmatch(text.upper()):
            number = text.upper()
            found = session.scalar(sa.select(model).where(model.number == number))
            if found is None:
                raise NotKnown(f"{number} stands nowhere here: check the number.")
            return found
    return None


def _coded(text: str) -> Any:
    try:
        code = housecode.parse(text).code  # a label's text begins with its bag's code
    except housecode.CodeError as error:
        raise Malformed(f"{text.strip()[:40]} is no house code, donation number, lot number, "
                        "recipient's or donor's number: check it.", field="code") from error
    return things.by_code(code)


def family_tree(text: str) -> Tree:
    """The whole tree around what ``text`` names (see ``find``), up and down.

    From a recipient or a donor: everything made for or of them. From a reagent lot: everything it
    went into, with all that came of it.
    """
    start = find(text)
    if isinstance(start, Wristband):
        start = start.recipient
    if isinstance(start, Infusion):
        start = start.bag
    if not isinstance(start, (*MADE, Recipient, Donor, ReagentLot)):
        raise NotKnown(f"One of {start.SLUG} has no family tree: trace what it belongs to.")
    rows = list(_rows(start, _codes(start)))
    nodes = tuple(_node(row) for row in rows)
    derived = (Edge(edge.parent, edge.child, edge.cells)
               for edge in lineage.edges_among(node.code for node in nodes))
    return Tree(start.code, nodes, (*_edges_of_people(rows), *derived, *_edges_aside(rows, start)))


def _codes(start: Any) -> set[str]:
    """Codes of the harvests, cultures, lots and bags of the tree."""
    if isinstance(start, MADE):
        return _both_ways([start.code])
    if isinstance(start, ReagentLot):
        return _both_ways(used_in(start))
    of = Donor.id if isinstance(start, Donor) else Donor.recipient_id
    return _both_ways(session.scalars(
        sa.select(Harvest.code).join(Donor, Harvest.donor_id == Donor.id).where(of == start.id)))


def _both_ways(starts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for code in starts:
        found |= {code, *lineage.ancestors(code), *lineage.descendants(code)}
    return found


def _rows(start: Any, codes: set[str]) -> Iterator[Any]:
    """The rows of the tree in the chain's order, each kind in one query."""
    made = {model: list(session.scalars(
        sa.select(model).where(model.code.in_(codes)).order_by(model.id).options(*options)))
        for model, options in (
            (Harvest, (selectinload(Harvest.donor),)),
            (Culture, (selectinload(Culture.counts), selectinload(Culture.harvest))),
            (CryoUnit, (selectinload(CryoUnit.culture).selectinload(Culture.harvest),)),
            (Lot, ()), (Bag, ()))}
    people = {harvest.donor for harvest in made[Harvest]}
    if isinstance(start, Donor):
        people.add(start)
    if isinstance(start, Recipient):
        people |= set(start.donors)
    donors = sorted(people, key=lambda donor: donor.id)
    recipients = {donor.recipient for donor in donors}
    if isinstance(start, Recipient):
        recipients.add(start)
    yield from sorted(recipients, key=lambda recipient: recipient.id)
    yield from donors
    yield from made[Harvest]
    if isinstance(start, ReagentLot):
        yield start
    for model in (Culture, CryoUnit, Lot, Bag):
        yield from made[model]
    yield from session.scalars(
        sa.select(Infusion).order_by(Infusion.id)
        .where(Infusion.bag_id.in_([bag.id for bag in made[Bag]]))
        .options(selectinload(Infusion.recipient)))


def _edges_of_people(rows: list[Any]) -> Iterator[Edge]:
    for row in rows:
        if isinstance(row, Donor):
            yield Edge(row.recipient.code, row.code)
        elif isinstance(row, Harvest):
            yield Edge(row.donor.code, row.code)


def _edges_aside(rows: list[Any], start: Any) -> Iterator[Edge]:
    """From a bag to its infusion, and from a reagent lot to what it went into."""
    yield from (Edge(row.bag.code, row.code) for row in rows if isinstance(row, Infusion))
    if isinstance(start, ReagentLot):
        yield from (Edge(start.code, code) for code in used_in(start))


def _culture_state(culture: Culture) -> str:
    return culture.ended_as or ("counted" if culture.count else "growing")


def _bag_state(bag: Bag) -> str:
    return f"{bag.place}, thawed" if bag.thawed_at else bag.place


def _harvest_state(harvest: Harvest) -> str:
    return ("received" if harvest.received_at else
            "on its way" if harvest.dispatched_at else "collected")


def _infusion_title(infusion: Infusion) -> str:
    return f"{infusion.title} into {infusion.recipient.number}"


# kind -> its word, its name, its state, its date
TELL: dict[type[Any], tuple[str, Callable, Callable, Callable]] = {
    Recipient: ("recipient", lambda r: r.title,
                lambda r: "consenting" if r.consents_now else "without consent",
                lambda r: r.recorded_at),
    Donor: ("donor", lambda d: d.title,
            lambda d: d.decision.outcome if d.decision else "not decided on",
            lambda d: d.recorded_at),
    Harvest: ("harvest", lambda h: h.title, _harvest_state, lambda h: h.collected_at),
    ReagentLot: ("reagent lot", lambda g: g.title, lambda g: g.standing, lambda g: g.recorded_at),
    Culture: ("culture", lambda c: c.title, _culture_state, lambda c: c.seeded_at),
    CryoUnit: ("cryo unit", lambda u: u.title, lambda u: u.place, lambda u: u.frozen_at),
    Lot: ("lot", lambda lot: lot.title, lambda lot: lot.standing, lambda lot: lot.filled_at),
    Bag: ("bag", lambda b: b.title, _bag_state, lambda b: b.place_since),
    Infusion: ("infusion", _infusion_title, lambda i: i.ending or "running",
               lambda i: i.started_at),
}


def _node(row: Any) -> Node:
    kind, title, state, date = TELL[type(row)]
    return Node(kind, row.code, title(row), str(state(row)), date(row))


def as_json(tree: Tree) -> dict[str, Any]:
    """``{"start", "nodes": [...], "edges": [...]}``, plain values, moments in UTC."""
    return chain.plain(asdict(tree))


def as_text(tree: Tree) -> str:
    """The tree as indented lines, cells on the way in; ``>`` marks what was asked for.

    What was pooled stands once in full and is named again under each further parent.
    """
    known = {node.code: node for node in tree.nodes}
    children: dict[str, list[Edge]] = {}
    for edge in tree.edges:
        children.setdefault(edge.parent, []).append(edge)
    below = {edge.child for edge in tree.edges}
    told: set[str] = set()

    def lines(code: str, depth: int, cells: int | None) -> Iterator[str]:
        node, mark = known[code], ">" if code == tree.start else " "
        number = f"{parted(cells)} cells: " if cells is not None else ""
        if code in told:
            yield f"{mark} {'  ' * depth}{number}{node.title}, as above"
            return
        told.add(code)
        yield (f"{mark} {'  ' * depth}{number}{node.title} | {node.state} | "
               f"{_moment(node.date)} | {code}")
        for edge in children.get(code, ()):
            yield from lines(edge.child, depth + 1, edge.cells)

    roots = [node.code for node in tree.nodes if node.code not in below]
    return "\n".join(line for root in roots for line in lines(root, 0, None))


def _moment(when: datetime) -> str:
    """``22 NOV 2026 16:05 CET``, on the site's clock."""
    return f"{day_in_words(when)} {local(when):%H:%M %Z}"
