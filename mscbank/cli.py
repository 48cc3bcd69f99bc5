"""The ``mscbank`` command. Exit status: 0 done, 1 refused or something found, 2 usage.

Only click is imported here; each command loads what it needs, so that ``--help`` is quick.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mscbank")
def main() -> None:
    """A bank of mesenchymal stromal cells from family donors: from the marrow to the bedside."""


def fail(sentence: str) -> NoReturn:
    """Say why not, and leave with status 1."""
    click.echo(sentence, err=True)
    sys.exit(1)


@contextmanager
def bank(*, ready: bool = True) -> Iterator[Any]:
    """The application of this environment; with ``ready`` its database must be up to date."""
    from mscbank import create_app, migrations
    from mscbank.config import ConfigError
    from mscbank.database import db
    from mscbank.errors import Refused

    try:
        app = create_app()
        with app.app_context():
            if ready:
                with db.engine.connect() as connection:
                    revision = migrations.revision_of(connection)
                if revision is None:
                    fail("There is no bank here yet: run “mscbank init”, or “mscbank demo”.")
                if revision != migrations.newest():
                    fail("The database is of another version: back it up, then run “mscbank init”.")
            yield app
    except ConfigError as error:
        fail(str(error))
    except Refused as refusal:
        fail(refusal.sentence)


@main.command()
@click.option("--app-role", metavar="NAME", help="PostgreSQL: the role the application runs as.")
def init(app_role: str | None) -> None:
    """Make the database, or bring it to this version's schema."""
    with bank(ready=False):
        from mscbank import migrations
        from mscbank.database import db

        migrations.upgrade(db.engine)
        if app_role:
            with db.engine.begin() as connection:
                migrations.grant(connection, app_role)
        click.echo(f"The database is at revision {migrations.newest()}. "
                   "Next: “mscbank user add”.")


@main.group()
def user() -> None:
    """Accounts of people."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="As printed beside signatures.")
@click.option("--role", "roles", multiple=True, required=True, help="Again for a second role.")
@click.option("--identity-checked-by", help="Who saw this person's identity document.")
@click.password_option(help="Asked for when not given; to be changed at the first sign-in.")
def user_add(username: str, name: str, roles: tuple[str, ...], identity_checked_by: str | None,
             password: str) -> None:
    """Add an account."""
    with bank():
        from mscbank import clock
        from mscbank.accounts import service
        from mscbank.database import transaction
        from mscbank.permissions import SYSTEM, Role

        try:
            held = [Role(role) for role in roles]
        except ValueError:
            raise click.UsageError(f"Roles: {', '.join(Role)}.") from None
        hashed = service.hash_password(password)
        with transaction():
            account = service.add_account(
                username, name, password, held, by=SYSTEM, at=clock.now(),
                identity_checked_by=identity_checked_by, hashed=hashed)
            code = account.code
        click.echo(f"{username} ({code}) was added.")


@main.group()
def token() -> None:
    """Keys for machines."""


@token.command("create")
@click.argument("username")
@click.option("--label", default="command line", show_default=True)
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366))
def token_create(username: str, label: str, days: int) -> None:
    """A bearer token acting as USERNAME; printed once."""
    with bank():
        from mscbank import clock
        from mscbank.accounts import service, sessions
        from mscbank.database import transaction
        from mscbank.permissions import SYSTEM

        with transaction():
            if (account := service.find_account(username)) is None:
                fail(f"There is no account {username}.")
            made = sessions.create_token(account, label, days, by=SYSTEM, at=clock.now())
        click.echo(made)


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
def audit_export(output: Path) -> None:
    """The trail with a verifier that needs nothing of mscbank, as a zip."""
    with bank() as app:
        from mscbank import clock
        from mscbank.audit.bundle import bundle

        output.write_bytes(bundle(app.extensions["mscbank"].signing_key, clock.now()))
        click.echo(f"{output} was written.")


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
    """The current label of a bag as PDF: the same bytes as were printed."""
    with bank():
        from mscbank.labelling import service

        output.write_bytes(service.pdf_of_bag(id_))
        click.echo(f"{output} was written.")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """A whole copy of the database in FILE, while people work."""
    with bank():
        from mscbank.backup import backup as make
        from mscbank.database import db

        make(db.engine, file)
        click.echo(f"{file} was written. The keys are not in it.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup into an empty database, and verify it."""
    with bank(ready=False):
        from mscbank.audit.verify import verify
        from mscbank.backup import restore as put
        from mscbank.database import db

        put(db.engine, file)
        report = verify()
        for problem in report.problems:
            click.echo(problem)
        if not report.sound:
            fail("The backup was restored, but its trail is NOT SOUND: do not work with it.")
        click.echo(f"Restored: {report.entries} entries and {report.rows} rows, all sound.")


@main.group()
def report() -> None:
    """Reports: safety, batch, custody."""


@report.command("safety")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def report_safety(output: Path | None, as_json: bool) -> None:
    """The trial's table, computed from the records."""
    with bank():
        from mscbank.reports import safety

        table = safety.safety_table()
        _give(json.dumps(table) if as_json else safety.as_text(table), output)


@report.command("batch")
@click.argument("lot")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path))
def report_batch(lot: str, output: Path) -> None:
    """The certificate of analysis and release of a lot, as PDF."""
    with bank():
        from mscbank.reports import certificate, lineage

        output.write_bytes(certificate.certificate(lineage.find(lot, "lots")))
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


@main.group()
def specs() -> None:
    """Release specifications and protocols."""


@specs.command("check")
def specs_check() -> None:
    """Compare every specification and protocol with the seal; exit 1 when one differs."""
    from specs import shelf

    problems = shelf.check()
    for problem in problems:
        click.echo(problem)
    if problems:
        sys.exit(1)
    click.echo("Every specification and protocol is as it was sealed.")


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
def serve(port: int, host: str, workers: int) -> None:
    """Serve the pages with gunicorn."""
    with bank():
        pass
    from mscbank.serving import run

    run(host, port, workers)


@main.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path),
              help="Write labels, certificates and reports here.")
@click.option("--no-serve", is_flag=True, help="Tell the story and stop.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def demo(out: Path | None, no_serve: bool, port: int) -> None:
    """The reference trial told through the acts, in an empty database; then serve it."""
    with bank(ready=False) as app:
        from mscbank.demo.tell import tell

        tell(app, out)
    if not no_serve:
        from mscbank.serving import run

        run("127.0.0.1", port, 2, https=False)
