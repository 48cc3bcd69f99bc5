"""The runner of the print queue: takes a copy, sends it, writes down how it ended; one at a time.

Any number of runners may work at once, on any machine that reaches database and printers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from mscbank import clock
from mscbank.database import session, transaction
from mscbank.labelling import queue, wire
from mscbank.labelling.models import PrintState
from mscbank.labelling.queue import Taken

Tell = Callable[[Taken, PrintState, str], None]


def run(tell: Tell = lambda *_: None, *, connect_s: float = 5, ask_s: float = 1,
        send_s: float = 30) -> Counter[PrintState]:
    """Send everything that waits now. Returns how many attempts ended how.

    ``tell`` is given each copy, where it stands now and what went wrong.
    """
    counted: Counter[PrintState] = Counter()
    if queue.are_lost(at=clock.now()):
        with transaction():
            counted[PrintState.UNKNOWN] += queue.give_up_the_lost(at=clock.now())
    while queue.waits(at=clock.now()):
        with transaction():
            taken = queue.take(at=clock.now())
        if taken is None:
            break
        # Outside any transaction: a slow printer keeps nobody else from working.
        session.rollback()
        attempt = wire.send(taken.host, taken.port, taken.data, connect_s=connect_s,
                            ask_s=ask_s, send_s=send_s)
        with transaction():
            state = queue.end(taken, attempt, at=clock.now())
        counted[state] += 1
        tell(taken, state, attempt.trouble)
    return counted
