"""The same measurement on a disk that takes its time.

Many machines of a bench keep a flush in a controller's or a host's memory and answer in a fraction
of a millisecond; a disk on which a commit survives a power cut by itself takes 5 to 10 ms. Here
each ``fsync`` and ``fdatasync`` of SQLite and of the PostgreSQL server takes that much longer: a
few lines of C, loaded before the C library, wait and then ask the real one. Nothing else differs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.performance import servers
from tests.performance.goals import Measured

WAIT_MS = 5
SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
static const struct timespec longer = {0, %d * 1000000L};
static int slowly(const char *name, int file) {
    int (*real)(int) = (int (*)(int)) dlsym(RTLD_NEXT, name);
    nanosleep(&longer, 0);
    return real(file);
}
int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
"""


def measure(folder: Path, *, seconds: float) -> list[Measured]:
    """One writer on both systems, in a process that is started with the slow disk."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        return [Measured("an act beside a bare insert on a slower disk",
                         "not measured: no C compiler here", "-", None)]
    source, library = folder / "slow_disk.c", folder / "slow_disk.so"
    source.write_text(SHIM % WAIT_MS)
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"],
                   check=True)
    kept = {name: value for name, value in os.environ.items()
            if name != "MSCBANK_TEST_POSTGRESQL"}  # a server of its own, which is slowed too
    told = subprocess.run(
        [sys.executable, "-m", "tests.performance.slow_disk", str(folder), str(seconds)],
        env=kept | {"LD_PRELOAD": str(library)}, check=True, stdout=subprocess.PIPE)
    return [Measured(**each) for each in json.loads(told.stdout)]


def main() -> None:
    """Measure here and now, told as JSON: run by ``measure``."""
    from tests.performance import writes

    seconds = float(sys.argv[2])
    disk = f"each flush {WAIT_MS} ms longer"
    with servers.scratch(Path(sys.argv[1])) as folder, servers.postgresql(folder) as server:
        found = [writes.one_writer(system, folder, server, seconds, disk)
                 for system in servers.SYSTEMS]
    print(json.dumps([asdict(each) for each in found]))


if __name__ == "__main__":
    main()
