"""One person's follow-up as a paper: the schedule, the measures with their plots, the events."""

from __future__ import annotations

from datetime import date

from reportlab.platypus import Flowable

from mscbank.audit import checkpoints
from mscbank.followup.events import latest_opinion
from mscbank.followup.models import AdverseEvent, Side, Visit
from mscbank.followup.schedule import Planned, infused_on_of, missing, protocol_of, schedule_of
from mscbank.followup.service import end_of
from mscbank.recipients.models import Recipient
from mscbank.reports import course, paper
from mscbank.reports.binding import document, section
from mscbank.reports.drawing import Drawing
from mscbank.reports.layout import day_in_words
from mscbank.reports.sketched import drawn_sketch



def follow_up_paper(recipient: Recipient, today: date) -> bytes:
    """The PDF. The same record on the same day gives the same bytes; study numbers only."""
    infused_on = infused_on_of(recipient)
    schedule = schedule_of(recipient, today)
    plots = course.plots(schedule, infused_on)
    content = [
        *_head(recipient, infused_on), *section("Schedule", _schedule(schedule)),
        *section("What was measured", _measures(schedule), *_unusual(schedule)),
        *section("Laboratory", _laboratory(schedule)),
        *[block for plot in plots for block in section(
            plot.title, Drawing(drawn_sketch(plot)), paper.words(plot.told, paper.SMALL),
            room=95 * paper.mm)],
        *section("Adverse events", _events(recipient))]
    return document("Follow-up", f"recipient {recipient.number}", content,
                    head=checkpoints.head())


def _head(recipient: Recipient, infused_on: date | None) -> list[Flowable]:
    protocol, end = protocol_of(recipient), end_of(recipient)
    return [paper.facts((
        ("Recipient", recipient.number), ("Protocol", f"{protocol.registry_id} "
                                                      f"({protocol.reference})"),
        ("Cells first given", "not yet" if infused_on is None else day_in_words(infused_on)),
        ("Follow-up", "goes on" if end is None else
         paper.marked("{}{}{}", f"ended {day_in_words(end.ended_on)}: {end.ended_as}", ": ",
                      paper.typed(end.why)))))]


def _schedule(schedule: list[Planned]) -> Flowable:
    rows = []
    for each in schedule:
        window, seen = each.window, each.visit
        took = seen.took_place_on if seen else None
        note = ", ".join(label.replace("_", " ") for label in missing(each))
        rows.append((
            each.name, day_in_words(window.due),
            " – ".join(dict.fromkeys(map(day_in_words, (window.opens, window.closes)))),
            str(each.state),
            day_in_words(took) if took else "—",
            paper.typed(seen.missed_why) if seen and seen.missed_why
            else ("" if not seen or seen.within_window else "outside its window")
            or (f"not recorded: {note}" if note else "")))
    return paper.grid_or("Nothing was given yet: the schedule begins with the infusion.",
                         ("Visit", "Due", "Window", "Stands", "Took place", "Note"), rows,
                         (1, 1.7, 3.2, 1.3, 1.7, 4))


def _measures(schedule: list[Planned]) -> Flowable:
    rows = [(each.name, *_numbers(each.visit)) for each in schedule
            if each.visit and each.visit.took_place_on]
    return paper.grid_or("No visit took place yet.", (
        "Visit", "mRSS", "FVC %", "DLCO %", "HAQ-DI", "SF-36 phys.", "SF-36 ment.",
        "Temp. °C", "Pulse", "Pressure", "SpO2 %", "Survival"), rows,
        (1, 1, 1, 1, 1.1, 1.3, 1.3, 1.2, 1, 1.4, 1.1, 1.3))


def _unusual(schedule: list[Planned]) -> list[Flowable]:
    """The visits at which a vital sign was out of the usual, and why."""
    return [paper.words(paper.marked("<b>{}</b>{}", each.name, paper.unusual(each.visit.why_unusual)))
            for each in schedule if each.visit and each.visit.why_unusual]


def _numbers(seen: Visit) -> tuple[str, ...]:
    pressure = "—" if seen.systolic is None else f"{seen.systolic}/{seen.diastolic}"
    return (*(paper.number(getattr(seen, column)) for column in (
        "mrss", "fvc_percent", "dlco_percent", "haq_di", "sf36_physical", "sf36_mental",
        "temperature_c", "pulse")), pressure, paper.number(seen.saturation),
        str(seen.survival or "—"))


def _laboratory(schedule: list[Planned]) -> Flowable:
    rows = [(each.name, value.name, f"{paper.number(value.value)} {value.unit}",
             value.reference, value.flag or "—")
            for each in schedule if each.visit for value in each.visit.laboratory]
    return paper.grid_or("No laboratory value was recorded.",
                         ("Visit", "Value", "Result", "Reference", "Reads"), rows,
                         (1, 2.4, 2, 2, 1))


def _events(recipient: Recipient) -> Flowable:
    return paper.grid_or("No adverse event was reported.", (
        "Event", "Grade", "Began", "Serious", "Outcome", "Investigator", "Sponsor"),
        [_event(each) for each in recipient.adverse_events], (2.6, .8, 2, 2.6, 1.6, 1.4, 1.4))


def _event(event: AdverseEvent) -> tuple[str, ...]:
    said = {side: latest_opinion(event, side) for side in Side}
    return (event.named, str(event.now.grade), paper.moment_here(event.onset_at),
            ", ".join(event.now.seriousness) or "no", str(event.now.outcome),
            *(str(said[side].cause) if said[side] else "—" for side in Side))
