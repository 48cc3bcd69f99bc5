"""Bytes to a printer over TCP, and how sure one can be of what became of them.

A printer's raw port answers nothing, so what is known is: nothing went out (it may be tried
again), everything was taken and the printer closed its side (sent), or the line broke in between
(in doubt: it may be on paper).
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

CHUNK = 16384


class Ending(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    NOTHING_OUT = "nothing out"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True)
class Attempt:
    """How it ended, how many bytes the network took, and what went wrong."""

    ending: Ending
    bytes_out: int
    trouble: str = ""


def send(host: str, port: int, data: bytes, *, connect_s: float = 5, send_s: float = 30) -> Attempt:
    """Send all of it on a connection of its own. Never raises for what a network can do.

    ``connect_s`` limits the connection, ``send_s`` all that comes after it.
    """
    try:
        connection = socket.create_connection((host, port), timeout=connect_s)
    except OSError as error:
        return Attempt(Ending.NOTHING_OUT, 0, f"no connection: {_said(error)}")
    out, until = 0, monotonic() + send_s
    with connection:
        try:
            while out < len(data):
                _limit(connection, until)
                out += connection.send(data[out:out + CHUNK])
            connection.shutdown(socket.SHUT_WR)
            while True:
                _limit(connection, until)
                if not connection.recv(CHUNK):
                    return Attempt(Ending.SENT, out)
        except OSError as error:
            ending = Ending.IN_DOUBT if out else Ending.NOTHING_OUT
            return Attempt(ending, out, f"after {out} of {len(data)} bytes: {_said(error)}")


def _limit(connection: socket.socket, until: float) -> None:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)


def _said(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else (
        error.strerror or str(error) or "the line broke")
