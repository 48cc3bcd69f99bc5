"""Telling the story: every family's next step in the order of time, each through the acts."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from mscbank import clock, migrations
from mscbank.acts import catalogue, perform
from mscbank.audit import checkpoints
from mscbank.audit.models import Entry
from mscbank.audit.verify import verify
from mscbank.bags.models import Lot
from mscbank.database import db, session, transaction
from mscbank.demo import people, quality, screening
from mscbank.demo.bench import Attempt, Bench
from mscbank.demo.families import trial
from mscbank.demo.people import GUEST, PASSWORD, PEOPLE
from mscbank.demo.plots import today, trial_family
from mscbank.demo.story import Telling
from mscbank.demo.study import study_papers
from mscbank.errors import Refused
from mscbank.labelling import service as labelling
from mscbank.labelling.models import LabelCopy
from mscbank.reports import certificate, safety
from mscbank.settings import local

MOMENTS = 1350  # about as many as there are; the bar only needs to be near


def tell(app: Any, out: Path | None) -> None:
    """Fill the empty database of ``app`` with the story, and write its papers under ``out``."""
    _must_be_empty()
    migrations.upgrade(db.engine)
    now = clock.now()
    with click.progressbar(length=MOMENTS, label="Telling the reference trial") as bar:
        for _ in _moments(now):
            bar.update(1)
        bar.update(MOMENTS)
    if out:
        _papers(out, app.extensions["mscbank"].signing_key)
    click.echo(safety.as_text(safety.safety_table()))
    report = verify()
    click.echo(f"\nThe trail: {report.entries} entries and {report.rows} rows, "
               + ("all sound." if report.sound else f"NOT SOUND: {report.problems}"))
    _introduce()


def _must_be_empty() -> None:
    with db.engine.connect() as connection:
        if migrations.revision_of(connection) is not None and connection.execute(
                sa.select(sa.func.count()).select_from(Entry)).scalar():
            raise Refused("This database is not empty: the demo is told in an empty one. Set "
                          "MSCBANK_INSTANCE to a new folder, or MSCBANK_DATABASE_URL to an empty "
                          "database.")


def _moments(now: datetime) -> Iterator[datetime]:
    """Tell every story, always the one whose next step is the earliest."""
    with clock.pinned(datetime(2014, 1, 6, 6, 0, tzinfo=UTC)):
        bench = Bench(people.Cast(clock.now()), now)
        with transaction():
            quality.register_is_kept(bench.by("claire"))
    day = local(now).date()
    tellings: list[Telling] = [bench.stores()]
    tellings += [trial_family(bench, family, index)
                 for index, family in enumerate(trial(), start=0)]
    tellings += [screening.not_taken_in(bench, number)
                 for number in range(len(screening.CANDIDATES))]
    tellings += [*today(bench, day), quality.audit_begins(bench, day)]
    queue: list[tuple[datetime, int, Telling]] = []
    for number, telling in enumerate(tellings):
        _next(queue, number, telling)
    while queue and queue[0][0] <= now:
        moment, number, telling = heapq.heappop(queue)
        with clock.pinned(moment), transaction():
            step = next(telling, None)
        while isinstance(step, Attempt):
            with clock.pinned(moment):
                _attempt(bench, step)
            with clock.pinned(moment), transaction():
                step = next(telling, None)
        if step is not None:
            heapq.heappush(queue, (max(step, moment), number, telling))
        yield moment


def _next(queue: list[tuple[datetime, int, Telling]], number: int, telling: Telling) -> None:
    first = next(telling)
    heapq.heappush(queue, (first, number, telling))


def _attempt(bench: Bench, attempt: Attempt) -> None:
    """Try what must be refused; the refusal becomes an entry."""
    act = catalogue()[attempt.place, attempt.slug]
    try:
        perform(act, attempt.code, attempt.data, by=bench.cast[attempt.who])
    except Refused:
        return
    raise AssertionError(f"{act.name} on {attempt.code} should have been refused")


def _papers(out: Path, signing_key: bytes) -> None:
    """Labels, certificates, the study's report and data, the safety table and a checkpoint."""
    for folder in ("labels", "certificates", "reports"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    copies = session.scalars(sa.select(LabelCopy).order_by(LabelCopy.id)).all()
    with click.progressbar(copies, label="Labels") as bar:
        for copy in bar:
            about = copy.thing
            among = f"{about.lot.number}-bag" if copy.bag else f"{about.harvest.din}-unit"
            name = f"{among}-{about.number}-copy-{copy.number}-{about.code}.pdf"
            (out / "labels" / name).write_bytes(labelling.pdf_of_copy(copy))
    head = checkpoints.head()
    lots = session.scalars(sa.select(Lot).where(Lot.standing != "pending").order_by(Lot.id)).all()
    with click.progressbar(lots, label="Certificates") as bar:
        for lot in bar:
            (out / "certificates" / f"{lot.number}.pdf").write_bytes(certificate.certificate(lot, head=head))
    study_papers(out / "reports")
    table = safety.safety_table()
    (out / "reports" / "safety.json").write_text(json.dumps(table, indent=2) + "\n")
    (out / "reports" / "safety.txt").write_text(safety.as_text(table) + "\n")
    (out / "reports" / "checkpoint.txt").write_text(checkpoints.note(signing_key, clock.now()))


def _introduce() -> None:
    click.echo("\nGo on by hand as one of these; the password of each is "
               f"“{PASSWORD}”:")
    for username, name, role in (*PEOPLE, GUEST):
        click.echo(f"  {username:10} {role:18} {name}")
