"""From the tables of a sheet to a release specification; what every sheet is read with."""
from enum import StrEnum
from typing import Any, TypeVar

from specs.criterion import Criterion, Limit, Per, Specification, Stage, UnitLimit, Unsound
from specs.sheet import Table

Word = TypeVar("Word", bound=StrEnum)
Made = TypeVar("Made")


def read_specification(sheet: Table, digest: str) -> Specification:
    """The release specification on the sheet. Raises ShelfError with file, line and reason."""
    criteria = tuple(_criterion(table) for table in sheet.tables("criterion"))
    return sound(sheet, Specification, **heading(sheet), criteria=criteria, digest=digest,
                 cryo_unit=_unit_limit(sheet) if "cryo_unit" in sheet.keys() else None)


def heading(sheet: Table) -> dict[str, Any]:
    return {"name": sheet.text("name"), "version": sheet.whole("version"),
            "title": sheet.text("title"), "effective": sheet.day("effective")}


def sound(table: Table, kind: type[Made], **values: Any) -> Made:
    """The thing, once every key has been read and nothing in it contradicts itself."""
    table.close()
    try:
        return kind(**values)
    except Unsound as fault:
        raise table.error(fault.reason, *fault.path) from None


def word(table: Table, key: str, kind: type[Word]) -> Word:
    return word_of(table, key, table.text(key), kind)


def word_of(table: Table, key: str, text: str, kind: type[Word]) -> Word:
    try:
        return kind(text)
    except ValueError:
        raise table.error(f"{key} {text!r} is not one of {', '.join(kind)}", key) from None


def _unit_limit(sheet: Table) -> UnitLimit:
    table = sheet.table("cryo_unit")
    return sound(table, UnitLimit, storage_days_max=table.whole("storage_days_max"),
                 basis=table.basis())


def _criterion(table: Table) -> Criterion:
    return sound(
        table, Criterion,
        key=table.text("key"), title=table.text("title"), stage=word(table, "stage", Stage),
        limit=word(table, "limit", Limit), basis=table.basis(),
        low=table.quantity("low", None), high=table.quantity("high", None),
        values=table.texts("values", ()), unit=table.text("unit", ""),
        method=table.text("method", ""), methods=table.texts("methods", ()),
        may_be_pending=table.yes_no("may_be_pending", False),
        informative=table.yes_no("informative", False),
        needs_confirmation=table.yes_no("needs_confirmation", False),
        max_age_days=table.whole("max_age_days", None), retests=table.whole("retests", 0),
        per=word_of(table, "per", per, Per) if (per := table.text("per", "")) else None,
        infused_over_hours_at_least=table.quantity("infused_over_hours_at_least", None))
