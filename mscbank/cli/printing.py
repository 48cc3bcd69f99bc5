"""What runs beside the pages: ``mscbank print-queue`` sends labels to their printers, ``mscbank
watch`` calls for bags that were given out and are checked at no bedside."""

from __future__ import annotations

import json
import sys
import time

import click

from mscbank.cli import bank, main


@main.command("print-queue")
@click.option("--once", is_flag=True, help="Send what waits now, and stop.")
@click.option("--every", default=2.0, show_default=True, type=click.FloatRange(0.1, 600),
              help="Seconds between two looks at an empty queue.")
@click.option("--connect-timeout", default=5.0, show_default=True,
              type=click.FloatRange(0.1, 60), help="Seconds until a printer must answer.")
@click.option("--send-timeout", default=30.0, show_default=True,
              type=click.FloatRange(0.1, 120), help="Seconds until a printer must have all.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each copy.")
def print_queue(once: bool, every: float, connect_timeout: float, send_timeout: float,
                as_json: bool) -> None:
    """Send the labels that wait to their printers; several may run at once.

    With --once the exit status is 1 when a copy was not printed for certain.
    """
    with bank():
        from mscbank.labelling import runner
        from mscbank.labelling.models import PrintState

        def tell(taken: runner.Taken, state: PrintState, trouble: str) -> None:
            if as_json:
                click.echo(json.dumps({"copy": taken.copy, "piece": taken.piece,
                                       "printer": taken.printer, "state": state,
                                       "trouble": trouble}))
            else:
                click.echo(f"{taken.title}, {taken.piece} to {taken.printer}: {state}"
                           + (f" ({trouble})" if trouble else ""))

        while True:
            ended = runner.run(tell, connect_s=connect_timeout, send_s=send_timeout)
            if once:
                sys.exit(0 if set(ended) <= {PrintState.SENT} else 1)
            time.sleep(every)


@main.command()
@click.option("--once", is_flag=True, help="Look once, and stop.")
@click.option("--every", default=60.0, show_default=True, type=click.FloatRange(1, 3600),
              help="Seconds between two looks.")
def watch(once: bool, every: float) -> None:
    """Alert both sides when a bag was given out and is not checked at a bedside in time; and, once
    in thirty days, quality assurance when codes are typed or scanned past the check."""
    with bank():
        from mscbank import clock
        from mscbank.database import session, transaction
        from mscbank.infusions import nudges
        from mscbank.scanning.going import service as going

        while True:
            if nudges.late_journeys(clock.now()):
                with transaction():
                    for journey in nudges.nudge(at=clock.now()):
                        click.echo(f"{journey.bag.title}: given out and not checked; both sides "
                                   "were told.")
            if going.due(clock.now()):
                with transaction():
                    count = going.tell(at=clock.now())
                click.echo(f"{count} figures of how codes are scanned passed the limits; quality "
                           "assurance was told.")
            session.remove()
            if once:
                return
            time.sleep(every)
