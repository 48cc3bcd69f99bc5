"""Bytes to a printer over TCP, and how sure one can be of what became of them.

Before a label goes out the printer is asked how it stands (``~HS``, host status): one that says it
has no labels left is sent nothing. Not every printer answers, and of what it was sent a raw port
tells nothing; so what is known is: nothing went out (it may be tried again), everything was taken
and the printer closed its side (sent), or the line broke in between (in doubt: it may be on paper).
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic

CHUNK = 16384
ASK = b"~HS"
_STRING = re.compile(rb"\x02([^\x03]*)\x03")


class Ending(StrEnum):
    """How an attempt ended."""

    SENT = "sent"
    NOTHING_OUT = "nothing out"
    IN_DOUBT = "in doubt"


class Hindrance(StrEnum):
    """What a printer says keeps it from printing."""

    NO_LABELS = "no labels left"
    NO_RIBBON = "no ribbon left"
    OPEN = "its head is open"
    PAUSED = "it is paused"


# Which value of which of the three strings is 1 then (ZPL II Programming Guide, ~HS).
_FLAGS = {Hindrance.NO_LABELS: (0, 1), Hindrance.NO_RIBBON: (1, 3), Hindrance.OPEN: (1, 2),
          Hindrance.PAUSED: (0, 2)}
_VALUES = [12, 11]


@dataclass(frozen=True)
class Attempt:
    """How it ended, how many bytes the network took, and what went wrong."""

    ending: Ending
    bytes_out: int
    trouble: str = ""


def send(host: str, port: int, data: bytes, *, connect_s: float = 5, ask_s: float = 1,
         send_s: float = 30) -> Attempt:
    """Send all of it on a connection of its own. Never raises for what a network can do.

    ``connect_s`` limits the connection, ``ask_s`` the printer's answer, ``send_s`` all that comes
    after it.
    """
    try:
        connection = socket.create_connection((host, port), timeout=connect_s)
    except OSError as error:
        return Attempt(Ending.NOTHING_OUT, 0, f"no connection: {_said(error)}")
    out = 0
    with connection:
        try:
            if found := hindrance(_answer(connection, monotonic() + ask_s)):
                return Attempt(Ending.NOTHING_OUT, 0, found)
            until = monotonic() + send_s
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


def hindrance(answer: bytes) -> Hindrance | None:
    """What keeps the printer from printing; None where nothing does, or it did not say."""
    strings = [string.split(b",") for string in _STRING.findall(answer)]
    if [len(string) for string in strings[:2]] != _VALUES:
        return None
    return next((found for found, (string, value) in _FLAGS.items()
                 if strings[string][value].strip() == b"1"), None)


def _answer(connection: socket.socket, until: float) -> bytes:
    """What the printer says of itself; empty where it keeps silent."""
    said = b""
    try:
        _limit(connection, until)
        connection.sendall(ASK)
        while said.count(b"\x03") < 3:
            _limit(connection, until)
            if not (part := connection.recv(CHUNK)):
                raise ConnectionResetError
            said += part
    except TimeoutError:
        pass
    return said


def _limit(connection: socket.socket, until: float) -> None:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)


def _said(error: OSError) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else (
        error.strerror or str(error) or "the line broke")
