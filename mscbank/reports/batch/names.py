"""What people call the things of a lot's family: by what each is, and its number among its kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mscbank.cultures.models import Culture
from mscbank.things import Thing

if TYPE_CHECKING:
    from mscbank.reports.batch.family import Family


def names_of(family: Family) -> dict[str, str]:
    """Every thing of the family by its house code, as people say it."""
    lot, harvest, donor = family.lot, family.harvest, family.donor
    told = {lot.code: f"lot {lot.number}", harvest.code: "the harvest", donor.code: donor.number}
    told |= _numbered("culture", family.cultures)
    told |= {unit.code: unit.title.lower() for unit in family.cryo_units}
    told |= {bag.code: f"bag {bag.number}" for bag in family.bags}
    told |= {use.reagent_lot.code: use.reagent_lot.title for use in family.uses}
    told |= _numbered("sample", family.samples)
    told |= {result.code: result.title for result in family.results}
    told |= {each.code: each.number for each in (*family.deviations, *family.investigations)}
    told |= {action.code: f"action {action.number} of {each.number}"
             for each in family.deviations for action in each.actions}
    for word, rows in (("hold", family.holds), ("decision", family.decisions),
                       ("journey", family.journeys), ("infusion", family.infusions),
                       ("order", family.orders), ("check", family.checks),
                       ("alert", family.alerts), ("label job", family.jobs),
                       ("trail review", family.reviews)):
        told |= _numbered(word, rows)
    for journey in family.journeys:
        told |= _numbered("excursion", journey.excursions)
    return told


def _numbered(word: str, rows: Iterable[Thing]) -> dict[str, str]:
    """In the order in which they came to be; a culture with its passage."""
    return {row.code: f"{word} {number}" + (
        f" (P{row.passage})" if isinstance(row, Culture) else "")
        for number, row in enumerate(rows, 1)}
