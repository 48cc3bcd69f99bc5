"""One adverse event on one page, in the order of a CIOMS I form: for an authority, pseudonymised.

The person is a study number, an age and a sex; no name, no birth date, no code that leads to the
sealed vault. What the form asks and the bank does not know is said to be not recorded.
"""

from __future__ import annotations

from reportlab.lib import colors
from reportlab.platypus import Flowable, KeepInFrame, Table

from mscbank.audit import checkpoints
from mscbank.followup.event_rules import since
from mscbank.followup.events import latest_opinion
from mscbank.followup.expedited import cells_before, clock_of
from mscbank.followup.models import AdverseEvent, Seriousness, Side
from mscbank.followup.schedule import protocol_of
from mscbank.infusions.rules import millions
from mscbank.reports import paper
from mscbank.reports.binding import document
from mscbank.reports.layout import day_in_words
from mscbank.reports.paper import INK, LINE, SHADE, WIDTH, Marked, marked, mm, words
from mscbank.settings import local, settings

UNKNOWN = "not recorded here"
HIGH = 214 * mm  # what a page has left under its title
PRODUCT = "Allogeneic marrow mesenchymal stromal cells of a relative"


def cioms(event: AdverseEvent) -> bytes:
    """The PDF, one page. A long narrative makes it smaller, never longer."""
    content = [_who(event), _what(event), _product(event), _opinions(event), _report(event)]
    return document("Serious adverse event" if event.now.serious else "Adverse event",
                    number_of(event), [KeepInFrame(WIDTH, HIGH, content, mode="shrink")],
                    head=checkpoints.head())


def number_of(event: AdverseEvent) -> str:
    """The study number and which of the person's events it is: ``R-012, event 3``."""
    order = sorted(event.recipient.adverse_events, key=lambda each: each.id)
    return f"{event.recipient.number}, event {order.index(event) + 1}"


def _who(event: AdverseEvent) -> Flowable:
    person, onset = event.recipient, local(event.onset_at)
    age = person.assessments[0].age if person.assessments else None
    return _part("I. Reaction", [
        [("1 Person", person.number), ("2 Age, at entry", paper.number(age, "years")),
         ("3 Sex", person.sex), ("4-6 Onset", paper.moment_here(onset))],
        [("Study", f"{protocol_of(person).registry_id}, {protocol_of(person).reference}"),
         ("Onset after the cells", _after(event)), ("Ended", _ended(event)),
         ("Outcome", event.now.outcome)]])


def _what(event: AdverseEvent) -> Flowable:
    now = event.now
    ticks = [marked("{} {}", "[x]" if each in now.seriousness else "[  ]", each)
             for each in Seriousness]
    return _part("", [
        [("7 + 13 Reaction", marked("<b>{}</b>, grade {} of CTCAE {}<br/>{}", event.named,
                                    now.grade, event.ctcae_version,
                                    now.narrative or "No narrative was written.")),
         ("8-12 Seriousness", Marked("<br/>".join(ticks)))],
        [("Treatment of the event", now.treatment or UNKNOWN),
         ("Known in", f"version {now.number}, {paper.moment_here(now.recorded_at)}"
          + (f": {now.what_is_new}" if now.what_is_new else ""))]], (5, 3))


def _product(event: AdverseEvent) -> Flowable:
    given = cells_before(event)
    if given is None:
        return _part("II. Suspect product", [[("14 Product", f"{PRODUCT}: none was given before "
                                                            "the onset")]])
    order, lot = given.order, given.bag.lot
    lasted = (given.ended_at - given.started_at) if given.ended_at else None
    return _part("II. Suspect product", [
        [("14 Product, batch", f"{PRODUCT}, lot {lot.number}, bag {given.bag.number}"),
         ("15 Dose", f"{millions(order.dose_per_kg)} viable cells/kg at {order.weight_kg} kg"),
         ("16 Route", "intravenous infusion")],
        [("17 Indication", protocol_of(event.recipient).disease),
         ("18 Given", paper.moment_here(given.started_at)),
         ("19 Duration", f"{int(lasted.total_seconds()) // 60} min" if lasted else UNKNOWN)],
        [("20-21 Done with the cells", event.now.action),
         ("22 Other medicines", UNKNOWN), ("23 History", UNKNOWN)]])


def _opinions(event: AdverseEvent) -> Flowable:
    cells = []
    for side in Side:
        said = latest_opinion(event, side)
        expected = f", {said.expectedness}" if said and said.expectedness else ""
        cells.append((f"{side}'s opinion on the cause".capitalize(), "not given yet" if said is None
                      else f"{said.cause}{expected}, {paper.moment_here(said.recorded_at)}"
                      + (f": {said.reason}" if said.reason else "")))
    return _part("III. Causality: both opinions stand, neither replaces the other", [cells])


def _report(event: AdverseEvent) -> Flowable:
    site, clock = settings(), clock_of(event)
    due = (f"{clock.due.what} by {day_in_words(clock.due.on)} (day {clock.due.days} after "
           f"{day_in_words(clock.due.counted_from)})" if clock.due else "none is due")
    sent = "; ".join(f"{each.number}: {paper.moment_here(each.sent_at)} to {each.sent_to}"
                     + (f" ({each.reference})" if each.reference else "")
                     for each in event.reports) or "none yet"
    return _part("IV. Sponsor and report", [
        [("24 Sent by", f"{site.site_name}, {site.site_address}"),
         ("Number", number_of(event)), ("Kind", "follow-up" if event.reports else "first")],
        [("Investigator knew", paper.moment_here(event.known_at)),
         ("Sponsor knew", paper.moment_here(event.recorded_at)), ("Reports sent", sent)],
        [("Expedited clock", clock.why), ("Due", due), ("Form", "in the order of CIOMS I; no copy "
                                                                "of it")]])


def _after(event: AdverseEvent) -> str:
    began = cells_before(event)
    return since(local(began.started_at) if began else None, local(event.onset_at))


def _ended(event: AdverseEvent) -> str:
    return paper.moment_here(event.now.ended_at) if event.now.ended_at else UNKNOWN


def _part(title: str, rows: list[list[tuple[str, object]]], parts: tuple[int, ...] = (),
          ) -> Flowable:
    """A numbered part of the form: boxes with their names in small."""
    wide = max(len(row) for row in rows)
    shares = parts or (1,) * wide
    widths = [share * WIDTH / sum(shares) for share in shares]
    cells = [[[words(marked("<font size='6.6' color='#4a4a4a'>{}</font>", name), paper.SMALL),
               words(value)] for name, value in row] + [""] * (wide - len(row)) for row in rows]
    head = [[words(title, paper.HEAD)] + [""] * (wide - 1)] if title else []
    table = Table(head + cells, colWidths=widths)
    style = [("VALIGN", (0, 0), (-1, -1), "TOP"), ("BOX", (0, 0), (-1, -1), 0.9, INK),
             ("INNERGRID", (0, len(head)), (-1, -1), 0.4, LINE),
             ("LEFTPADDING", (0, 0), (-1, -1), 5), ("RIGHTPADDING", (0, 0), (-1, -1), 5),
             ("TOPPADDING", (0, 0), (-1, -1), 2.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5)]
    if head:
        style += [("SPAN", (0, 0), (-1, 0)), ("BACKGROUND", (0, 0), (-1, 0), SHADE),
                  ("TEXTCOLOR", (0, 0), (-1, 0), colors.black)]
    table.setStyle(style)
    return table
