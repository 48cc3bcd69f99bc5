"""``mscbank trace``, ``label`` and ``report``: papers and pictures in words."""

from __future__ import annotations

import json
from pathlib import Path

import click

from mscbank.cli import bank, fail, main


@main.command()
@click.argument("id_")
@click.option("--json", "as_json", is_flag=True)
def trace(id_: str, as_json: bool) -> None:
    """The whole family tree of a harvest, culture, lot, bag, donor or recipient, both ways."""
    with bank():
        from mscbank.reports import lineage

        tree = lineage.family_tree(id_)
        click.echo(json.dumps(lineage.as_json(tree)) if as_json else lineage.as_text(tree))


@main.command()
@click.argument("id_")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def label(id_: str, output: Path) -> None:
    """The label that stands of a bag or any thing, or one copy by its text, as PDF."""
    with bank():
        from labels import housecode
        from mscbank.labelling import service
        from mscbank.scanning.service import look_up

        found = look_up(id_)
        if found.thing is None:
            fail(found.sentence)
        standing = [copy for copy in service.copies_of(found.thing.code) if copy.voided_at is None]
        asked = housecode.parse(id_).copy if housecode.is_valid(id_) else None
        copy = next((each for each in standing if asked in (None, each.number)), None)
        if copy is None:
            fail("There is no such label that stands: issue or reprint it first.")
        output.write_bytes(service.pdf_of_copy(copy))
        click.echo(f"{output} was written.")


@main.group()
def report() -> None:
    """Reports: safety, trial, batch, certificate, custody."""


@report.command("safety")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def report_safety(output: Path | None, as_json: bool) -> None:
    """The trial's table, computed from the records."""
    with bank():
        from mscbank.reports import safety

        table = safety.safety_table()
        _give(json.dumps(table) if as_json else safety.as_text(table), output)


@report.command("trial")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path),
              help="By its ending: .pdf, .csv or .json.")
@click.option("--protocol", help="Name and version; the bank's own when not said.")
@click.option("--json", "as_json", is_flag=True)
def report_trial(output: Path | None, protocol: str | None, as_json: bool) -> None:
    """The study's report: every figure computed from the records."""
    with bank():
        from mscbank.reports.trial import report as study
        from mscbank.settings import settings
        from specs import shelf
        from specs.sheet import ShelfError

        try:
            held = shelf.protocol(protocol or settings().protocol)
        except ShelfError as error:
            fail(str(error))
        if output and output.suffix == ".pdf":
            from mscbank.reports.trial.paper import trial_paper

            output.write_bytes(trial_paper(held))
            click.echo(f"{output} was written.")
            return
        made = study.report(held)
        wants_json = as_json or (output is not None and output.suffix == ".json")
        _give(json.dumps(study.as_json(made), indent=2) if wants_json else study.as_csv(made),
              output)


@report.command("batch")
@click.argument("lot")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def report_batch(lot: str, output: Path) -> None:
    """The whole batch record of a lot, as PDF."""
    with bank():
        from mscbank.reports import lineage
        from mscbank.reports.batch.record import batch_record

        output.write_bytes(batch_record(lineage.find(lot, "lots")))
        click.echo(f"{output} was written.")


@report.command("certificate")
@click.argument("lot")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def report_certificate(lot: str, output: Path) -> None:
    """The certificate of analysis and release of a lot, as PDF."""
    with bank():
        from mscbank.audit.checkpoints import head
        from mscbank.reports import certificate, lineage

        output.write_bytes(certificate.certificate(lineage.find(lot, "lots"), head=head()))
        click.echo(f"{output} was written.")


@report.command("custody")
@click.argument("bag")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def report_custody(bag: str, output: Path | None, as_json: bool) -> None:
    """A bag's chain of custody: where it was, when, in whose hands."""
    with bank():
        from mscbank.reports import custody, lineage

        record = custody.custody_record(lineage.find(bag, "bags"))
        _give(json.dumps(record) if as_json else custody.as_text(record), output)


def _give(text: str, output: Path | None) -> None:
    if output:
        output.write_text(text + "\n")
        click.echo(f"{output} was written.")
    else:
        click.echo(text)
