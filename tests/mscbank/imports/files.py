"""Files as instruments would write them, and shapes to read them by."""

from __future__ import annotations

from collections.abc import Mapping

from mscbank.exchange.imports.shape import Shape, read_shape
from mscbank.schemas import Upload
from mscbank.things import Thing

SHEET: dict[str, str] = {
    "name": '"our-counter"', "version": "1", "title": '"Our counter"', "encoding": '"utf-8-sig"',
    "delimiter": '"comma"', "decimal": '"point"', "header_row": "1", "code": '"Sample"',
    "time": '["When"]', "time_format": '"%d.%m.%Y %H:%M"', "zone": '"Europe/Paris"',
    "empty": '["n/a"]', "skip": '["Mean"]',
}
VIABILITY: dict[str, str] = {"name": '"Viability"', "test": '"viability"', "unit": '"%"',
                             "method": '"Dye exclusion"'}
CODE = "TXBBBBBBBBBBBBBBBBKB"


def sheet(*columns: Mapping[str, str], **different: str | None) -> str:
    """A shape's sheet: the usual one but for what is named. None leaves a key out."""
    top = {**SHEET, **different}
    lines = [f"{key} = {value}" for key, value in top.items() if value is not None]
    for column in columns or (VIABILITY,):
        lines += ["", "[[column]]", *(f"{key} = {value}" for key, value in column.items())]
    return "\n".join(lines) + "\n"


def shape(*columns: Mapping[str, str], **different: str | None) -> Shape:
    """The shape of ``sheet``."""
    return read_shape("test", sheet(*columns, **different).encode())


def written(*rows: str, encoding: str = "utf-8", newline: str = "\r\n") -> bytes:
    """A file of these lines."""
    return "".join(f"{row}{newline}" for row in rows).encode(encoding)


COUNTER = ("Sample ID,Analysis date/time,Total (x10^6) cells/mL,Viable (x10^6) cells/mL,"
           "Viability (%),Tag")
FLOW_TESTS = ("CD73", "CD90", "CD105", "CD45", "CD34", "HLA-DR")
FLOW = ",$DATE,$BTIM," + ",".join(
    f"Cells/Single Cells/Live/{test}+ | Freq. of Parent (%)" for test in FLOW_TESTS)
HALF_PAST_NINE = "03/02/2026 09:30:00"


def counter(*rows: tuple[str, ...], name: str = "counter.csv") -> Upload:
    """A file of the cell counter. A row: code, total, viable, viability, volume[, time]."""
    lines = [",".join((code, *(time or (HALF_PAST_NINE,)), total, viable, viability, volume))
             for code, total, viable, viability, volume, *time in rows]
    return Upload(name=name, data=written(COUNTER, *lines))


def viability(sample: Thing, percent: str = "96.5", *time: str) -> tuple[str, ...]:
    """A sample's row of the counter: 1.3 and 1.25 million per mL, and the viability."""
    return (sample.code, "1.30", "1.25", percent, "", *time)


def flow(*rows: str) -> Upload:
    """A table of the cytometer."""
    return Upload(name="panel.csv", data=written(FLOW, *rows))


def panel(sample: Thing, *percents: str) -> str:
    """A sample's row of the cytometer, named as its tube was; passing unless told otherwise."""
    shown = percents or ("99.1234", "98.7", "97.25", "0.4", "0.2", "3.1")
    return f"Specimen_001_{sample.code}.fcs,02-MAR-2026,09:30:00,{','.join(shown)}"
