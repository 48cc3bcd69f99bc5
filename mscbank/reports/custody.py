"""A bag's chain of custody: where it was, from when, in whose hands, how warm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from mscbank.accounts.models import Account
from mscbank.audit import chain
from mscbank.bags.models import Bag
from mscbank.custody.models import Journey
from mscbank.database import session
from mscbank.rules import moment_told
from mscbank.settings import local


def custody_record(bag: Bag) -> dict[str, Any]:
    """The record as plain values; staff by user name, the recipient by study number."""
    people = dict(session.execute(sa.select(Account.id, Account.username)).tuples().all())
    steps: list[tuple[datetime | None, str, str | None]] = [
        (bag.recorded_at, "filled", people.get(bag.recorded_by_id)), (bag.frozen_at, "frozen", None)]
    for journey in bag.journeys:
        steps += _journey(journey, people)
    steps.append((bag.thawed_at, "thawed", None))
    if infusion := bag.infusion:
        how = " on paper" if infusion.paper_id else ""
        steps.append((infusion.started_at, f"infusion into {infusion.recipient.number} started{how}",
                      people.get(infusion.recorded_by_id)))
        steps.append((infusion.ended_at, f"infusion {infusion.ending}: {infusion.volume_given_ml} "
                      "mL given", None))
    return chain.plain({
        "bag": bag.code, "title": bag.title, "DIN": bag.lot.harvest.din, "place": bag.place,
        "since": bag.place_since, "stored at": bag.storage_place and bag.storage_place.title,
        "usable until": bag.usable_until,
        "steps": [{"at": at, "what": what, "by": by}
                  for at, what, by in sorted((s for s in steps if s[0]), key=lambda s: s[0])],
    })


def _journey(journey: Journey, people: dict[int, str]) -> list[tuple[datetime | None, str, str | None]]:
    steps: list[tuple[datetime | None, str, str | None]] = [
        (journey.given_at, f"given out in {journey.box} to {journey.destination}",
         people.get(journey.given_by_id)),
        (journey.received_at, f"received: {journey.condition}",
         people.get(journey.received_by_id or 0)),
        (journey.returned_at, "returned", None)]
    steps += [(reading.at, f"{reading.celsius} C", people.get(reading.recorded_by_id))
              for reading in journey.readings]
    for excursion in journey.excursions:
        steps.append((excursion.began_at, f"excursion: {excursion.celsius} C", None))
        steps.append((excursion.judged_at, f"excursion judged: {excursion.judgement}", None))
    return steps


def as_text(record: dict[str, Any]) -> str:
    """The record to be read, times on the site's clock."""
    def told(text: str | None) -> str:
        return moment_told(local(datetime.fromisoformat(text))) if text else ""

    lines = [f"{record['title']} ({record['bag']}), DIN {record['DIN']}",
             f"Now {record['place']} since {told(record['since'])}; usable until "
             f"{told(record['usable until'])}.", ""]
    lines += [f"{told(step['at']):24} {step['what']}" + (f" ({step['by']})" if step["by"] else "")
              for step in record["steps"]]
    return "\n".join(lines)
