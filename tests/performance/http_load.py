"""A plain client: one connection, one question, one answer, by a bare socket on loopback.

Cheap on purpose, since it shares the processors with what it measures.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.performance import servers

WORKERS = 2
_forked = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Load:
    """Answers a second, how long each took, and the processor's time each took of the clients and
    the web processes together (seconds)."""

    rate: float
    waits: list[float]
    busy: float


@dataclass(frozen=True)
class Server:
    """A running gunicorn."""

    port: int
    pid: int

    def resident(self) -> list[int]:
        """What each worker holds in memory, in bytes."""
        return [int(Path(f"/proc/{child}/statm").read_text().split()[1])
                * os.sysconf("SC_PAGE_SIZE") for child in self._workers()]

    def busy(self) -> float:
        """The processor's time of the workers so far, in seconds."""
        return sum(busy(child) for child in self._workers())

    def _workers(self) -> list[str]:
        return Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()


def busy(pid: object) -> float:
    """The processor's time of a process so far, in seconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


@contextmanager
def serving(url: str, folder: Path) -> Iterator[Server]:
    """gunicorn as the product is served (``mscbank serve``), with the constant page beside it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MSCBANK_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers",
         str(WORKERS), "--timeout", "60", "--log-level", "warning",
         "tests.performance.served:application"], env=kept | servers.environment(folder, url))
    try:
        _wait_for(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            if ask(port, request("/constant/"))[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def request(path: str, token: str = "") -> bytes:
    """The bytes of a question."""
    proof = f"Authorization: Bearer {token}\r\n" if token else ""
    return (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{proof}Accept: application/json\r\n"
            "Connection: close\r\n\r\n").encode()


def ask(port: int, question: bytes) -> tuple[int, bytes]:
    """The answer's status and body."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(question)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    return int(head[9:12]), body


def load(server: Server, questions: Sequence[bytes], *, connections: int, seconds: float,
         wanted: bytes) -> Load:
    """Ask from so many processes at once, for so long. Every answer must hold ``wanted``."""
    answers, together = _forked.Queue(), _forked.Barrier(connections)
    before = server.busy()
    running = [_forked.Process(target=_ask_on, args=(
        server.port, questions[number::connections], seconds, wanted, together, answers))
        for number in range(connections)]
    for process in running:
        process.start()
    told: list[Any] = [answers.get(timeout=seconds + 60) for _ in running]
    for process in running:
        process.join()
    if wrong := [each for each in told if isinstance(each, str)]:
        raise RuntimeError(wrong[0])
    waits = [wait for waits, _, _ in told for wait in waits]
    worked = server.busy() - before + sum(asking for _, _, asking in told)
    return Load(rate=sum(len(waits) / took for waits, took, _ in told), waits=waits,
                busy=worked / len(waits))


def _ask_on(port: int, questions: Sequence[bytes], seconds: float, wanted: bytes,
            together: Any, answers: Any) -> None:
    together.wait()
    waits: list[float] = []
    began = now = time.perf_counter()
    try:
        while now - began < seconds:
            status, body = ask(port, questions[len(waits) % len(questions)])
            before, now = now, time.perf_counter()
            if status != 200 or wanted not in body:
                raise RuntimeError(f"an answer was wrong: {status} {body[:300]!r}")
            waits.append(now - before)
    except (OSError, RuntimeError) as error:
        answers.put(f"{type(error).__name__}: {error}")
        return
    answers.put((waits, now - began, time.process_time()))
