"""``mscbank export`` and ``remind``: the study's data taken along, its deadlines watched."""

from __future__ import annotations

from pathlib import Path

import click

from mscbank.cli import bank, main


@main.group()
def export() -> None:
    """Data for others, taken along by somebody who may: an act of the trail."""


@export.command("study")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="Whose act it is.")
@click.option("--purpose", required=True, help="Who gets it and why.")
@click.option("--protocol", help="Name and version; the bank's own when not said.")
@click.password_option(confirmation_prompt=False, help="Asked for when not given.")
def export_study(output: Path, username: str, purpose: str, protocol: str | None,
                 password: str) -> None:
    """The study's data as a zip of CSV tables with their dictionary, pseudonymised."""
    with bank():
        from mscbank import acts, things
        from mscbank.accounts import service as accounts
        from mscbank.exchange.study.models import StudyExport
        from mscbank.exchange.study.service import data_of

        person = accounts.prove(username, password, through="command line")
        told = acts.perform(acts.catalogue()["study-exports", "export-study-data"], None,
                            {"purpose": purpose, "protocol": protocol}, by=person)
        output.write_bytes(data_of(things.get(StudyExport, told["code"])))
        rows = ", ".join(f"{domain} {count}" for domain, count in told["rows"].items())
        click.echo(f"{output} was written: {rows}. SHA-256 {told['sha256']}, entry {told['entry']}.")


@main.command()
def remind() -> None:
    """Alert people to expedited reports that are overdue. Run it every day."""
    with bank():
        from mscbank import clock
        from mscbank.database import transaction
        from mscbank.followup import expedited
        from mscbank.permissions import SYSTEM

        with transaction():
            told = [f"{event.recipient.number}: {event.title}"
                    for event in expedited.remind(by=SYSTEM, at=clock.now())]
        for line in told:
            click.echo(line)
        click.echo(f"{len(told)} overdue reports were alerted to.")
