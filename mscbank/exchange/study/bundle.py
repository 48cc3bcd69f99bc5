"""The file: a table each as CSV, the dictionary, and a page that says what this is."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mscbank.database import plain_decimal
from mscbank.exchange.study.dictionary import DICTIONARY, columns, rows
from mscbank.exchange.study.domains import tables
from mscbank.reports.sheets import safe
from mscbank.reports.trial.facts import study
from specs.protocol import Protocol

# The zip format cannot tell an earlier day; a real one would make other bytes every time.
NO_DAY = (1980, 1, 1, 0, 0, 0)
UNIX = 3
NUMBER = re.compile(r"-?\d+(\.\d+)?")
ABOUT = """Study data of {registry} ({reference})
{title}

One CSV file a table (UTF-8, comma, CRLF), named and laid out after the manner of CDISC SDTM;
dictionary.csv says what each column holds. No conformance with a CDISC standard is claimed.

Pseudonymised: persons are study numbers. Names, birth dates, hospital numbers and house codes are
not in here, nor what somebody wrote freely: narratives, reasons, treatments. The two exceptions are
AETERM where an event is none of the listed terms, and VSWHY, why a value out of the usual is right:
read both before this is passed on.

Corrected visits and vital signs are here as they stand now, withdrawn ones are not; adverse events
as last known. Moments are those of the site's clock with their offset. Related is said twice: AEREL
by the investigator, AERELSP by the sponsor; neither replaces the other.

Rows: {rows}
"""


@dataclass(frozen=True)
class Bundle:
    """The file's bytes, and how many rows each table has."""

    data: bytes
    rows: dict[str, int]


def bundle(protocol: Protocol) -> Bundle:
    """The study's data as one zip. The same record gives the same bytes."""
    made = tables(study(protocol))
    counts = {domain: len(found) for domain, found in made.items()}
    files = {f"{domain.lower()}.csv": _csv(columns(domain), (
        [row.get(name) for name in columns(domain)] for row in made[domain]))
        for domain in DICTIONARY}
    files["dictionary.csv"] = _csv(("domain", "table", "variable", "label", "type", "codes"),
                                   rows())
    files["README.txt"] = ABOUT.format(
        registry=protocol.registry_id, reference=protocol.reference, title=protocol.title,
        rows=", ".join(f"{domain} {count}" for domain, count in counts.items())).encode()
    return Bundle(_zipped(files), counts)


def _csv(head: Sequence[str], found: Iterable[Sequence[Any]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in found)
    return written.getvalue().encode()


def _cell(value: Any) -> str:
    """Numbers as they are; words so that no spreadsheet runs them as a formula."""
    if value is None:
        return ""
    text = plain_decimal(value) if hasattr(value, "quantize") else str(value)
    return text if NUMBER.fullmatch(text) else safe(text)


def _zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, NO_DAY)
            member.create_system, member.external_attr = UNIX, 0o644 << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, files[name])
    return out.getvalue()
