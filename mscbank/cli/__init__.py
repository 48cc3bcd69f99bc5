"""The ``mscbank`` command. Exit status: 0 done, 1 refused or something found, 2 usage.

Only click is imported here; each command loads what it needs, so that ``--help`` is quick.
"""

from __future__ import annotations

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
        app = create_app(pages=False)
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
def specs() -> None:
    """Release specifications and protocols."""


@specs.command("check")
def specs_check() -> None:
    """Compare every specification and protocol with the seal; exit 1 when one differs."""
    from mscbank.config import ConfigError, own_sheets
    from specs import shelf

    try:
        if (folder := own_sheets()) is not None:
            shelf.add(folder)
    except ConfigError as error:
        fail(str(error))
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


# Each adds its commands to main.
from mscbank.cli import papers, people, printing, study, trail  # noqa: E402, F401
