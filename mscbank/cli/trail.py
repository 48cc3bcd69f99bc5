"""``mscbank audit``: verify, checkpoint, export."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from mscbank.cli import bank, main


@main.group()
def audit() -> None:
    """The trail."""


@audit.command("verify")
@click.option("--checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A signed note kept outside: finds a trail whose end was cut off.")
@click.option("--json", "as_json", is_flag=True)
def audit_verify(checkpoint: Path | None, as_json: bool) -> None:
    """Check every entry and every row it speaks of; exit 1 and name what is wrong."""
    with bank() as app:
        from mscbank.audit import checkpoints
        from mscbank.audit.verify import verify

        key = checkpoints.public_key(app.extensions["mscbank"].signing_key)
        point = checkpoints.read(checkpoint.read_text(), key) if checkpoint else None
        report = verify(checkpoint=point)
        if as_json:
            click.echo(json.dumps({"sound": report.sound, "entries": report.entries,
                                   "rows": report.rows, "head": report.head,
                                   "problems": report.problems}))
        else:
            for problem in report.problems:
                click.echo(problem)
            click.echo(f"{report.entries} entries and {report.rows} rows looked at: "
                       + ("all sound." if report.sound else "NOT SOUND."))
        sys.exit(0 if report.sound else 1)


@audit.command("checkpoint")
def audit_checkpoint() -> None:
    """Print a signed note of where the trail stands: keep it away from this machine."""
    with bank() as app:
        from mscbank import clock
        from mscbank.audit import checkpoints

        click.echo(checkpoints.note(app.extensions["mscbank"].signing_key, clock.now()), nl=False)


@audit.command("export")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lot", metavar="NUMBER", help="Only what was done to this lot, as L17-003; the "
                                              "entries between stand by their hashes.")
def audit_export(output: Path, lot: str | None) -> None:
    """The trail with a verifier that needs nothing of mscbank, as a zip."""
    with bank() as app:
        from mscbank import clock
        from mscbank.audit import bundle
        from mscbank.release.review import family_codes
        from mscbank.reports import lineage

        config = app.extensions["mscbank"]
        who = bundle.maker(config)
        if lot:
            found = lineage.find(lot, "lots")
            made = bundle.bundle_of_lot(found.number, family_codes(found), config.signing_key,
                                        clock.now(), **who)
        else:
            made = bundle.bundle(config.signing_key, clock.now(), **who)
        output.write_bytes(made)
        click.echo(f"{output} was written. To check it: unpack verify.py from it and read "
                   "README.txt.")
