"""``python -m tests.performance [--quick]``: measure, print the table, write docs/bench.md."""

from __future__ import annotations

import argparse
import multiprocessing
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.performance import bedside, labels, papers, servers, slow_disk, trail, verdicts, writes
from tests.performance.build import build
from tests.performance.goals import Measured, table

WHERE = Path(__file__).parents[2] / "docs" / "bench.md"
COMMAND = Path(sys.executable).parent / "mscbank"
HELP = 0.5  # seconds


def main() -> None:
    """Everything, a part after the other; the table is the answer."""
    parser = argparse.ArgumentParser(prog="python -m tests.performance", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, a few minutes")
    parser.add_argument("--peers", action="store_true",
                        help="labels beside WeasyPrint, blabel and pylabels, installed for it")
    parser.add_argument("--within", type=Path, metavar="FOLDER", default=Path("build"),
                        help="a folder on the disk to be measured, else ./build")
    asked = parser.parse_args()
    quick = asked.quick
    sizes = (10_000, 100_000) if quick else (10_000, 1_000_000)
    seconds = 2.0 if quick else 3.0
    began = time.monotonic()
    _say(f"this takes about {5 if quick else 20} minutes of a quiet machine with two processors")
    found = [_help()]
    with servers.scratch(asked.within) as folder, servers.postgresql(folder) as server:
        _say("an act beside a bare insert")
        found += writes.measure(folder, server, seconds=seconds)
        _say("the same on a slower disk")
        found += slow_disk.measure(folder, seconds=seconds)
        _say("labels")
        found += labels.measure(folder, peers=asked.peers)
        _say("the papers of a lot")
        found += [papers.measure(system, folder, server) for system in servers.SYSTEMS]
        _say("a check by two at the bedside")
        found += [bedside.measure(system, folder, server) for system in servers.SYSTEMS]
        found += [bedside.camera(system, folder, server) for system in servers.SYSTEMS]
        with ExitStack() as stack:
            banks = _banks(stack, folder, server, sizes)
            for system in servers.SYSTEMS:
                _say(f"{system}: verdicts")
                found += verdicts.measure(system, banks[system], folder, seconds=seconds)
                _say(f"{system}: the trail and the family tree")
                found += _trail(system, banks[system], folder, 100_000 if quick else 200_000)
    disk = servers.file_system(asked.within)
    written = table(found, seconds=time.monotonic() - began, quick=quick, disk=disk)
    WHERE.parent.mkdir(exist_ok=True)
    WHERE.write_text(written)
    print(written)


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M} {what}", file=sys.stderr, flush=True)


def _help() -> Measured:
    """The command's own words, with nothing loaded that they do not need."""
    took = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run([COMMAND, "--help"], check=True, capture_output=True)
        took.append(time.perf_counter() - began)
    return Measured(f"`mscbank --help` < {HELP} s", f"{median(took):.2f} s",
                    f"{median(took) / HELP:.2f}", median(took) < HELP)


def _banks(stack: ExitStack, folder: Path, server: str, sizes: tuple[int, ...],
           ) -> dict[str, list[verdicts.Bank]]:
    """Both systems' banks of every size, each system built by a process of its own."""
    wanted = {system: [(bags, stack.enter_context(
        servers.empty_database(system, folder, server))) for bags in sizes]
        for system in servers.SYSTEMS}
    _say("banks of " + " and ".join(f"{bags:,}" for bags in sizes) + " bags")
    with ProcessPoolExecutor(len(wanted), mp_context=multiprocessing.get_context("fork")) as pool:
        built = {system: pool.submit(_build, places, folder) for system, places in wanted.items()}
        return {system: each.result() for system, each in built.items()}


def _build(places: list[tuple[int, str]], folder: Path) -> list[verdicts.Bank]:
    made: list[verdicts.Bank] = []
    for bags, url in places:
        with servers.opened(url, folder):
            made.append((bags, url, build(bags, whole=bags <= 10_000)))
    return made


def _trail(system: str, banks: list[verdicts.Bank], folder: Path, entries: int) -> list[Measured]:
    """Verification on the small bank, whose rows are all spoken of; the tree on the large one."""
    found = []
    with servers.opened(banks[0][1], folder):
        trail.add_weighings(entries)
        found += trail.measure_verification(system)
    with servers.opened(banks[-1][1], folder):
        found.append(trail.measure_tree(system))
    return found


if __name__ == "__main__":
    main()
