"""What waits for whom: the home page's sections, drawn from queries, overdue first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from mscbank import clock
from mscbank.accounts.models import Alert
from mscbank.database import session
from mscbank.followup.event_models import Side
from mscbank.permissions import Actor, Role
from mscbank.reports.waiting import audit, house, laboratory, quality, trial, ward
from mscbank.reports.waiting.item import MOST, Item


@dataclass(frozen=True)
class Section:
    """A list of the worklist. ``empty`` and ``begin`` stand there when nothing waits; without
    them the list itself does not."""

    title: str
    empty: str
    begin: str = ""
    items: list[Item] = field(default_factory=list)
    more: bool = False


Find = Callable[[datetime, Actor], list[Item]]


def alerts(person: Actor) -> list[Alert]:
    """What the holders of this person's roles must learn of, oldest first."""
    return list(session.scalars(
        sa.select(Alert).where(Alert.role.in_(person.roles), Alert.acknowledged_at.is_(None))
        .order_by(Alert.id).limit(MOST)))


def sections(person: Actor) -> list[Section]:
    """The lists of each role this person holds, each once; what is overdue first, then what is
    due, then what waits without a day, last the lists in which nothing waits."""
    at = clock.now()
    made = []
    for role, title, empty, begin, find in LISTS:
        if role in person.roles and title not in [section.title for section in made]:
            items = sorted(find(at, person), key=lambda one: one.urgency)
            if not items and not empty:
                continue  # a list that few people ever have anything in
            made.append(Section(title, empty, begin, items[:MOST], len(items) > MOST))
    return sorted(made, key=lambda section: min(
        ((not one.overdue, not one.today, one.due_at is None) for one in section.items),
        default=(True, True, True)) + (not section.items,))


T, Q, P, N, C, A, U = Role
FAMILIES = ("Families", "Every recipient has a place in the trial.",
            "Enrol the recipient first, then the relative who gives marrow.", trial.to_allocate)
UNCHECKED = ("Given out and not checked", "", "", ward.unchecked)
OUT_OF_SPECIFICATION = ("Results out of specification", "No result is investigated.", "",
                        laboratory.investigations)
RUNNING = ("Infusions running", "No infusion is running.", "", ward.running)
CONFIRM = ("Results to confirm", "No result waits for a second person.", "", laboratory.to_confirm)
EXPIRING = ("Reagents expiring", "", "", laboratory.expiring)
BAGS_EXPIRING = ("Bags expiring", "", "", laboratory.bags_expiring)
UNITS_EXPIRING = ("Cryo units expiring", "", "", laboratory.units_expiring)
VISITS = ("Visits", "No visit is due within a month.",
          "Visits are counted from the infusion.", trial.visits)
REPORTS = ("Reports to send", "", "", trial.reports)
LISTS: tuple[tuple[Role, str, str, str, Find], ...] = (
    (N, *UNCHECKED), (N, *RUNNING),
    (N, "Bags on the ward", "No bag is on the ward.",
     "A bag stands here once it was received from the laboratory: scan it.", ward.on_the_ward),
    (N, "On the way", "No bag is on its way.", "", ward.on_the_way),
    (T, *UNCHECKED),
    (T, "Deliveries", "No marrow is expected.", "", laboratory.deliveries),
    (T, "Cultures", "No culture is growing.", "Scan a received harvest and seed it.",
     laboratory.cultures),
    (T, "Samples on their way", "Every sample has arrived.", "", laboratory.samples),
    (T, "Bags to label", "Every bag bears its label.", "", laboratory.to_label),
    (T, "Bags to put away", "Every labelled bag lies in its position.", "", laboratory.to_put_away),
    (T, "Cryo units to label", "", "", laboratory.units_to_label),
    (T, "Labels to account for", "", "", laboratory.loose_papers),
    (T, "Results awaited", "No result is outstanding.", "", laboratory.results_awaited),
    (T, *CONFIRM), (T, *OUT_OF_SPECIFICATION), (T, *EXPIRING), (T, *BAGS_EXPIRING),
    (T, *UNITS_EXPIRING),
    (Q, "Lots to decide on", "No lot waits for a decision.",
     "A lot stands here once a culture was filled into bags.", quality.lots),
    (Q, "Trails to review", "", "", quality.to_review),
    (Q, *OUT_OF_SPECIFICATION), (Q, *CONFIRM),
    (Q, "Deviations", "No deviation is open.", "", quality.deviations),
    (Q, "Temperature excursions", "No excursion waits to be judged.", "", quality.excursions),
    (Q, "Returned bags", "No bag came back.", "", quality.returned),
    (Q, "Reagents in quarantine", "No reagent waits.", "", quality.reagents),
    (Q, *EXPIRING), (Q, *BAGS_EXPIRING), (Q, *UNITS_EXPIRING),
    (Q, "Lost credentials", "", "", house.lost_credentials),
    (P, *RUNNING),
    (P, "To assess", "Everybody was assessed.", "", trial.to_assess),
    (P, *FAMILIES),
    (P, "Infusions to order", "", "", trial.to_order),
    (P, "Adverse events", "No event waits for your opinion.", "", trial.events(Side.INVESTIGATOR)),
    (P, *REPORTS),
    (C, *VISITS), (C, *REPORTS), (C, *FAMILIES),
    (C, "Adverse events", "No event waits for the sponsor.", "", trial.events(Side.SPONSOR)),
    (A, "People not enrolled", "Everybody has signed in once.", "", house.not_enrolled),
    (A, "Lost credentials", "No credential is reported lost.", "", house.lost_credentials),
    (U, "Released exceptionally", "No lot was released exceptionally.", "", audit.exceptions),
    (U, "Nonconforming after release", "No released lot was found nonconforming.", "",
     audit.nonconforming),
    (U, "Given on paper", "No bag was given on paper.", "", audit.on_paper),
    (U, "Deviations", "No deviation is open.", "", quality.deviations),
    (U, "Corrected results", "No result was corrected.", "", audit.corrected),
    *((role, "Actions", "", "", quality.actions) for role in (N, T, Q, P, C)),
)
