"""From the tables of a sheet to a specification or a protocol."""
from collections.abc import Callable
from dataclasses import fields
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

from specs.criterion import Basis, Criterion, Limit, Per, Specification, Stage, Unsound
from specs.protocol import (
    BedsideRules,
    Cohort,
    CultureRules,
    Discrepancy,
    DonorRules,
    DoseRules,
    EligibilityLimits,
    Endpoint,
    InfusionRules,
    Measure,
    Protocol,
    Reference,
    SafetyReporting,
    StoppingRule,
    TemperatureRange,
    Transport,
    Visit,
)
from specs.sheet import Table

SECTIONS = {"dose": DoseRules, "eligibility": EligibilityLimits, "donor": DonorRules,
            "culture": CultureRules, "bedside": BedsideRules, "infusion": InfusionRules,
            "endpoint": Endpoint, "stopping": StoppingRule, "safety": SafetyReporting,
            "transport": Transport}
READ: dict[Any, Callable[..., Any]] = {
    int: Table.whole, Decimal: Table.quantity, bool: Table.yes_no, str: Table.text,
    tuple[str, ...]: Table.texts, tuple[int, ...]: Table.wholes}
MAY_BE_ZERO = ("age_min", "mrss_min", "tolerance_percent")
Word = TypeVar("Word", bound=StrEnum)
Made = TypeVar("Made")


def read_specification(sheet: Table, digest: str) -> Specification:
    """The release specification on the sheet. Raises ShelfError with file, line and reason."""
    criteria = tuple(_criterion(table) for table in sheet.tables("criterion"))
    return _sound(sheet, Specification, **_heading(sheet), criteria=criteria, digest=digest)


def read_protocol(sheet: Table, digest: str) -> Protocol:
    """The protocol on the sheet. Raises ShelfError with file, line and reason."""
    basis: dict[str, Basis] = {}
    parts = {name: _section(sheet.table(name), kind, name, basis)
             for name, kind in SECTIONS.items()}
    return _sound(
        sheet, Protocol,
        registry_id=sheet.text("registry_id"),
        release_specification=sheet.text("release_specification"),
        references=tuple(_plain(table, Reference, note=table.text("note", ""))
                         for table in sheet.tables("reference")),
        discrepancies=tuple(_plain(table, Discrepancy)
                            for table in sheet.tables("discrepancy", ())),
        cohorts=tuple(_cohort(table, basis) for table in sheet.tables("cohort")),
        temperatures=tuple(_temperature(table, basis) for table in sheet.tables("temperature")),
        visits=tuple(_visit(table, basis) for table in sheet.tables("visit")),
        basis=MappingProxyType(basis), digest=digest, **parts, **_heading(sheet))


def _heading(sheet: Table) -> dict[str, Any]:
    return {"name": sheet.text("name"), "version": sheet.whole("version"),
            "title": sheet.text("title"), "effective": sheet.day("effective")}


def _sound(table: Table, kind: type[Made], **values: Any) -> Made:
    """The thing, once every key has been read and nothing in it contradicts itself."""
    table.close()
    try:
        return kind(**values)
    except Unsound as fault:
        raise table.error(fault.reason, *fault.path) from None


def _word(table: Table, key: str, kind: type[Word]) -> Word:
    return _word_of(table, key, table.text(key), kind)


def _word_of(table: Table, key: str, text: str, kind: type[Word]) -> Word:
    try:
        return kind(text)
    except ValueError:
        raise table.error(f"{key} {text!r} is not one of {', '.join(kind)}", key) from None


def _criterion(table: Table) -> Criterion:
    return _sound(
        table, Criterion,
        key=table.text("key"), title=table.text("title"), stage=_word(table, "stage", Stage),
        limit=_word(table, "limit", Limit), basis=table.basis(),
        low=table.quantity("low", None), high=table.quantity("high", None),
        values=table.texts("values", ()), unit=table.text("unit", ""),
        method=table.text("method", ""), methods=table.texts("methods", ()),
        may_be_pending=table.yes_no("may_be_pending", False),
        informative=table.yes_no("informative", False),
        needs_confirmation=table.yes_no("needs_confirmation", False),
        max_age_days=table.whole("max_age_days", None), retests=table.whole("retests", 0),
        per=_word_of(table, "per", per, Per) if (per := table.text("per", "")) else None,
        infused_over_hours_at_least=table.quantity("infused_over_hours_at_least", None))


def _plain(table: Table, kind: type[Made], **read: Any) -> Made:
    """A thing of texts only."""
    values = {field.name: table.text(field.name) for field in fields(kind)  # type: ignore[arg-type]
              if field.name not in read}
    return _sound(table, kind, **values, **read)


def _section(table: Table, kind: type[Made], name: str, basis: dict[str, Basis]) -> Made:
    hints = get_type_hints(kind)
    values = {field.name: _based(table, field.name, hints[field.name], name, basis)
              for field in fields(kind)}  # type: ignore[arg-type]
    return _sound(table, kind, **values)


def _based(table: Table, key: str, kind: Any, section: str, basis: dict[str, Basis]) -> Any:
    """A value with its basis: `{ is = 2, own_choice = "why" }`."""
    inner = table.table(key)
    value = READ[kind](inner, "is")
    basis[f"{section}.{key}"] = inner.basis()
    inner.close()
    if kind in (int, Decimal) and value <= 0 and (value < 0 or key not in MAY_BE_ZERO):
        raise inner.error(f"{key} must be above zero", "is")
    return value


def _cohort(table: Table, basis: dict[str, Basis]) -> Cohort:
    number = table.whole("number")
    basis[f"cohort.{number}"] = table.basis()
    return _sound(table, Cohort, number=number, size=table.whole("size"),
                  dose_per_kg=table.whole("dose_per_kg"))


def _temperature(table: Table, basis: dict[str, Basis]) -> TemperatureRange:
    name = table.text("name")
    basis[f"temperature.{name}"] = table.basis()
    return _sound(table, TemperatureRange, name=name, low=table.quantity("low"),
                  high=table.quantity("high"))


def _visit(table: Table, basis: dict[str, Basis]) -> Visit:
    name = table.text("name")
    basis[f"visit.{name}"] = table.basis()
    window, measures = table.table("window"), table.table("measures")
    basis[f"visit.{name}.window"] = window.basis()
    basis[f"visit.{name}.measures"] = measures.basis()
    before, after = window.whole("before"), window.whole("after")
    looked_at = tuple(_word_of(measures, "are", text, Measure) for text in measures.texts("are"))
    window.close()
    measures.close()
    return _sound(table, Visit, name=name, day=table.whole("day", None),
                  month=table.whole("month", None), before=before, after=after,
                  measures=looked_at)
