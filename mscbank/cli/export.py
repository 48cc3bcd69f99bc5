"""``mscbank export``: data taken along, by somebody who may."""

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
