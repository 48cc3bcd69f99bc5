"""``mscbank user`` and ``mscbank token``: accounts and keys for machines."""

from __future__ import annotations

from datetime import datetime

import click

from mscbank.cli import bank, fail, main


@main.group()
def user() -> None:
    """Accounts of people."""


@user.command("add")
@click.argument("username")
@click.option("--name", required=True, help="As printed beside signatures.")
@click.option("--role", "roles", multiple=True, required=True, help="Again for a second role.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]),
              help="The last day on which the roles are held; an auditor's is asked for.")
@click.option("--identity-checked-by", help="Who saw this person's identity document.")
@click.password_option(help="Asked for when not given; to be changed at the first sign-in.")
def user_add(username: str, name: str, roles: tuple[str, ...], until: datetime | None,
             identity_checked_by: str | None, password: str) -> None:
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
                identity_checked_by=identity_checked_by, hashed=hashed,
                until=until.date() if until else None)
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
