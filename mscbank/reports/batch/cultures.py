"""The cultures, from the seeding to the count, and the reagents they were fed."""

from __future__ import annotations

from collections.abc import Iterator

from reportlab.platypus import Flowable, Spacer

from mscbank.audit.models import Entry
from mscbank.cultures.cells import culture_limits, doublings, reached
from mscbank.cultures.models import Culture
from mscbank.reports import paper
from mscbank.reports.batch.family import Family
from mscbank.reports.binding import section
from mscbank.reports.drawing import Drawing, drawn_curve, drawn_tree
from mscbank.reports.growth import growth
from mscbank.reports.layout import Grid
from mscbank.reports.tree import tree_of, viability

GRID = Grid(width=92, height=74, column=128, row=82)  # points, as they are printed


def pictures(family: Family) -> list[Flowable]:
    """The family tree of the lot and the growth of its cells."""
    if not family.cultures:
        return [paper.words("No culture was recorded for this lot.")]
    tree = tree_of(family.harvest, family.cultures, [family.lot], family.links, GRID)
    limit = culture_limits(family.harvest).population_doublings_max
    curve = growth(family.cultures, limit, reached(family.cultures, family.edges))
    return [
        paper.words(tree.told), Spacer(1, 2 * paper.mm), Drawing(drawn_tree(tree)),
        *section("Growth", *([Drawing(drawn_curve(curve)), paper.words(curve.told, paper.SMALL)]
                             if curve else [paper.words("No passage was counted yet.")]),
                 room=110 * paper.mm if curve else 30 * paper.mm),
    ]


def cultures(family: Family) -> list[Flowable]:
    """Each culture: seeding, what was seen and fed, counts, doublings, end."""
    if not family.cultures:
        return [paper.words("No culture was recorded for this lot.")]
    grown = reached(family.cultures, family.edges)
    return [block for culture in family.cultures for block in section(
        f"Passage {culture.passage}: {family.name(culture.code)}",
        paper.facts(_facts(family, culture)), Spacer(1, 1.5 * paper.mm), _notes(family, culture),
        Spacer(1, 1.5 * paper.mm), _counts(family, culture, str(grown[culture.code].quantize(
            paper.HUNDREDTH))))]


def _facts(family: Family, culture: Culture) -> Iterator[tuple[str, object]]:
    yield "Code", culture.code
    parents = [edge for edge in family.edges if edge.child == culture.code]
    yield "Made from", "; ".join(
        family.name(edge.parent) + (f", {paper.number(edge.cells)} cells" if edge.cells else "")
        for edge in parents)
    yield "Seeded", (f"{paper.when(culture.seeded_at)} by {family.person(culture.recorded_by_id)}")
    colonies = (f"; {paper.number(culture.colony_forming)} colony-forming"
                if culture.colony_forming else "")
    yield "Cells", (f"{paper.number(culture.seeded_cells)}{colonies}; "
                    f"{paper.number(int(culture.density))} per cm²")
    yield "Vessels", (f"{culture.vessels} × {culture.vessel}, "
                      f"{paper.number(culture.area_cm2)} cm², "
                      f"incubator {culture.incubator}")
    used = [use.reagent_lot.title for use in family.uses if use.used_in == culture.code]
    yield "Reagents", "; ".join(dict.fromkeys(used)) or "none recorded"
    yield "Ended", (f"{paper.when(culture.ended_at)}: {culture.ended_as}" if culture.ended_at
                    else "in culture")


def _notes(family: Family, culture: Culture) -> Flowable:
    return paper.grid_or(
        "Neither fed nor observed.", ("When", "What", "Confluence", "Seen", "By"),
        [(paper.moment_here(note.at), note.kind, paper.number(note.confluence, "%"),
          note.seen or "—", family.person(note.recorded_by_id)) for note in culture.notes],
        (30, 18, 20, 44, 18))


def _counts(family: Family, culture: Culture, reached_here: str) -> Flowable:
    corrections = {count.corrects_id: count for count in culture.counts}
    rows = []
    for count in culture.counts:
        cells = (f"{paper.number(count.total_cells)} cells, "
                 f"{paper.number(count.viable_cells)} viable")
        share, asked = f"{paper.number(viability(count))} %", paper.unusual(count.why_unusual)
        if correction := corrections.get(count.id):
            told: object = paper.struck(cells, family.person(correction.recorded_by_id),
                                        correction.recorded_at, correction.reason)
            rows.append((paper.moment_here(count.at), paper.marked("{}{}", told, asked),
                         paper.marked("<strike>{}</strike>", share), "—",
                         family.person(count.recorded_by_id)))
        else:
            own = doublings(culture)
            grown = (f"{own.quantize(paper.HUNDREDTH)}; {reached_here} in all"
                     if own is not None else f"not known; {reached_here} in all")
            rows.append((paper.moment_here(count.at), paper.marked("{}{}", cells, asked), share,
                         grown, family.person(count.recorded_by_id)))
    return paper.grid_or("Not counted.", ("Counted", "Cells", "Viability", "Doublings", "By"),
                         rows, (30, 48, 18, 26, 18))


def reagents(family: Family) -> list[Flowable]:
    """Each reagent lot once: where it went in, its expiry, and who let it out of quarantine."""
    used: dict[str, list[str]] = {}
    for use in family.uses:
        used.setdefault(use.reagent_lot.code, []).append(family.name(use.used_in))
    lots = {use.reagent_lot.code: use.reagent_lot for use in family.uses}
    return [paper.grid_or(
        "No reagent was recorded for this lot.",
        ("Reagent", "Supplier and lot", "Expires", "Used in", "Quarantine"),
        [(f"{lot.name} ({lot.reagent})", f"{lot.supplier}, {lot.lot_number}", lot.expires_on,
          ", ".join(dict.fromkeys(used[code])), _quarantine(family, code, lot.standing))
         for code, lot in lots.items()], (34, 32, 18, 30, 34))]


def _quarantine(family: Family, code: str, standing: str) -> paper.Marked:
    """The decisions on a reagent lot, as the trail tells them."""
    words = {"release reagent": "released", "block reagent": "BLOCKED"}

    def told(entry: Entry, body: dict) -> paper.Marked:
        return paper.marked("{} by {}, {}{}", words[entry.act], family.name(entry.by),
                            paper.entered(entry.at),
                            f": {body['reason']}" if body["reason"] else "")

    decided = [told(entry, body) for entry, body in zip(family.entries, family.bodies, strict=True)
               if entry.subject == code and entry.act in words]
    now = paper.marked("<b>now {}</b>", standing) if standing != "released" else paper.Marked("")
    return paper.Marked("<br/>".join(part for part in (*decided, now) if part))
