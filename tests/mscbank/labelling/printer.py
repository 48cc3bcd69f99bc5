"""A label printer for tests: it listens, says how it stands, reads ZPL, and can break the line at a
planted moment."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import zxingcpp

from mscbank.labelling import wire

WHOLE = -1  # read everything, then close as a printer does
MUTE = -2  # read nothing and never close
READY = (b"\x02030,0,0,0799,000,0,0,0,000,0,0,0\x03\r\n"
         b"\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n")
_FIELD = re.compile(r"\^FO(\d+),(\d+)\^GFA,\d+,(\d+),(\d+),([^^]*)\^FS")
_TIMES = {chr(ord("G") + n): n + 1 for n in range(19)} | {
    chr(ord("g") + n): 20 * (n + 1) for n in range(20)}
_taken: list[socket.socket] = []


class FakePrinter:
    """Each connection follows ``plan``: how many bytes of a label it reads before it breaks the
    line. Asked how it stands, it says ``stands``; where that is empty it keeps silent, where it is
    None it closes the line."""

    stands: bytes | None = READY

    def __init__(self, plan: Sequence[int] = ()) -> None:
        self.plan, self.received = list(plan), []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            limit = self.plan.pop(0) if self.plan else WHOLE
        if limit == MUTE:
            return
        asked = connection.recv(len(wire.ASK), socket.MSG_WAITALL)
        assert asked == wire.ASK
        if self.stands is None:
            connection.close()
            return
        connection.sendall(self.stands)
        data = b""
        while limit == WHOLE or len(data) < limit:
            part = connection.recv(65536 if limit == WHOLE else limit - len(data))
            if not part:
                break
            data += part
        with self._lock:
            if data:
                self.received.append(data)
        if limit != WHOLE:  # a broken line, not an orderly end
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def close(self) -> None:
        self._socket.close()
        for connection in self._open:
            connection.close()

    @property
    def labels(self) -> list[set[str]]:
        """What a scanner reads on each whole label that came out."""
        return [read(label) for data in self.received for label in whole_labels(data.decode())]


@contextmanager
def listening(*plan: int) -> Iterator[FakePrinter]:
    """A printer with this plan."""
    printer = FakePrinter(plan)
    try:
        yield printer
    finally:
        printer.close()


def closed_port() -> int:
    """A port on which nobody listens, nor will: it stays taken."""
    _taken.append(socket.socket())
    _taken[-1].bind(("127.0.0.1", 0))
    return _taken[-1].getsockname()[1]


def whole_labels(zpl: str) -> list[str]:
    """What a printer prints of this: each format from ^XA to ^XZ; a broken one prints nothing."""
    return re.findall(r"\^XA(.*?)\^XZ", zpl, re.DOTALL)


def read(label: str) -> set[str]:
    """The texts of the symbols on a label's bitmap."""
    return {found.text for found in zxingcpp.read_barcodes(bitmap(label))}


def bitmap(label: str) -> np.ndarray:
    """The dots a printer burns: every graphic field, unpacked by the language's own rules."""
    width = int(re.search(r"\^PW(\d+)", label)[1])
    height = int(re.search(r"\^LL(\d+)", label)[1])
    dots = np.full((height, width), 255, np.uint8)
    for left, top, total, across, text in _FIELD.findall(label):
        rows = _rows(text, 2 * int(across))
        assert len(rows) * int(across) == int(total)
        for number, row in enumerate(rows):
            bits = np.unpackbits(np.frombuffer(bytes.fromhex(row), np.uint8))
            part = dots[int(top) + number, int(left):int(left) + len(bits)]
            part[bits[:len(part)] == 1] = 0
    return dots


def _rows(text: str, wide: int) -> list[str]:
    rows: list[str] = []
    line, times = "", 0
    for sign in text:
        if sign in _TIMES:
            times += _TIMES[sign]
        elif sign == ":":
            rows.append(rows[-1])
        elif sign in ",!":
            rows.append(line.ljust(wide, "0" if sign == "," else "F"))
            line = ""
        else:
            line, times = line + sign * (times or 1), 0
            if len(line) == wide:
                rows.append(line)
                line = ""
    return rows
