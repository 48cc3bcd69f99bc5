"""From the tables of a sheet to a protocol.

A sheet says which form it has: `form = 2`, or nothing for the first. A sheet of form 2 must say
everything; the first form is read as it was published, with the defaults of `specs.protocol`.
"""
from collections.abc import Callable
from dataclasses import MISSING, fields
from decimal import Decimal
from types import MappingProxyType
from typing import Any, get_type_hints

from specs.criterion import Basis, Unsound
from specs.eligibility import NUMBERED, Ask, EntryCriterion
from specs.protocol import (
    Amendment,
    BedsideRules,
    Cohort,
    Counted,
    CultureRules,
    Discrepancy,
    DonorRules,
    DoseRules,
    Endpoint,
    EnrolmentRules,
    InfusionRules,
    LaboratoryTest,
    Measure,
    Protocol,
    Reference,
    SafetyReporting,
    StoppingRule,
    TemperatureRange,
    Transport,
    Visit,
)
from specs.reading import Made, heading, sound, word, word_of
from specs.sheet import Table

FORMS = (1, 2)
SECTIONS = {"dose": DoseRules, "donor": DonorRules, "culture": CultureRules,
            "bedside": BedsideRules, "infusion": InfusionRules, "endpoint": Endpoint,
            "stopping": StoppingRule, "safety": SafetyReporting, "transport": Transport}
READ: dict[Any, Callable[..., Any]] = {
    int: Table.whole, Decimal: Table.quantity, Decimal | None: Table.quantity,
    bool: Table.yes_no, str: Table.text,
    Counted: lambda table, key: word(table, key, Counted),
    tuple[str, ...]: Table.texts, tuple[int, ...]: Table.wholes}
NUMBERS = (int, Decimal, Decimal | None)
MAY_BE_ZERO = ("age_min", "mrss_min", "tolerance_percent", "days_between_cohorts")
ORGANS = {"lung": "lung", "heart": "heart", "kidney": "kidney"}
TREATMENT = {"inadequate_response": "inadequate response to immunosuppression",
             "contraindication": "contraindication to immunosuppression or to stem-cell"
                                 " transplantation"}


def read_protocol(sheet: Table, digest: str) -> Protocol:
    """The protocol on the sheet. Raises ShelfError with file, line and reason."""
    form = sheet.whole("form", 1)
    if form not in FORMS:
        raise sheet.error(f"form {form} is not one of {', '.join(map(str, FORMS))}", "form")
    basis: dict[str, Basis] = {}
    parts = {name: _section(sheet.table(name), kind, name, basis, form)
             for name, kind in SECTIONS.items()}
    parts |= _second_form(sheet, basis) if form > 1 else _first_form(sheet, basis)
    return sound(
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
        basis=MappingProxyType(basis), digest=digest, **parts, **heading(sheet))


def _second_form(sheet: Table, basis: dict[str, Basis]) -> dict[str, Any]:
    return {
        "disease": sheet.text("disease"),
        "enrolment": _section(sheet.table("enrolment"), EnrolmentRules, "enrolment", basis, 2),
        "criteria": tuple(_criterion(table, basis) for table in sheet.tables("criterion")),
        "laboratory": tuple(_laboratory(table, basis)
                            for table in sheet.tables("laboratory", ())),
        "amendment": _amendment(sheet),
    }


def _amendment(sheet: Table) -> Amendment | None:
    """Every version but the first says what it changes."""
    if sheet.whole("version") == 1:
        return None
    table = sheet.table("amendment")
    return sound(table, Amendment, changes=table.texts("changes"), why=table.text("why"))


def _first_form(sheet: Table, basis: dict[str, Basis]) -> dict[str, Any]:
    """The first form named six criteria by their limits alone."""
    table = sheet.table("eligibility")

    def limit(key: str) -> Decimal:
        return _based(table, key, Decimal, "eligibility", basis)

    def wanted(key: str) -> bool:
        return _based(table, key, bool, "eligibility", basis)

    def asks(first: str, *values: Any) -> EntryCriterion:
        try:
            return EntryCriterion(*values)
        except Unsound as fault:
            raise table.error(fault.reason, first) from None

    criteria = [
        asks("age_min", "age", "Age", Ask.AGE, limit("age_min"), limit("age_max"), "years"),
        asks("mrss_min", "mrss", "Modified Rodnan skin score", Ask.SKIN_SCORE, limit("mrss_min"),
             limit("mrss_max")),
        asks("acr_eular_min", "acr_eular_score", "ACR/EULAR 2013 points", Ask.ACR_EULAR,
             limit("acr_eular_min"))]
    if wanted("organ_involvement_required"):
        criteria.append(EntryCriterion("severe_organ_involvement", "Severe organ involvement",
                                       Ask.ANY_OF, options=ORGANS))
    if wanted("inadequate_response_or_contraindication_required"):
        criteria.append(EntryCriterion("inadequate_response_or_contraindication",
                                       "Earlier treatment", Ask.ANY_OF, options=TREATMENT))
    if wanted("severe_comorbidity_excluded"):
        criteria.append(EntryCriterion("severe_comorbidity", "Comorbidity", Ask.NONE_OF,
                                       options={"severe_comorbidity": "severe comorbidity"}))
    table.close()
    return {"criteria": tuple(criteria)}


def _criterion(table: Table, basis: dict[str, Basis]) -> EntryCriterion:
    key, ask = table.text("key"), word(table, "ask", Ask)
    basis[f"criterion.{key}"] = table.basis()
    options = None
    if ask not in NUMBERED:
        named = table.table("options")
        options = MappingProxyType({option: named.text(option) for option in named.keys()})
        named.close()
    return sound(table, EntryCriterion, key=key, title=table.text("title"), ask=ask,
                 low=table.quantity("low", None), high=table.quantity("high", None),
                 unit=table.text("unit", ""), options=options)


def _laboratory(table: Table, basis: dict[str, Basis]) -> LaboratoryTest:
    key = table.text("key")
    basis[f"laboratory.{key}"] = table.basis()
    return sound(table, LaboratoryTest, key=key, title=table.text("title"),
                 unit=table.text("unit"), low=table.quantity("low"), high=table.quantity("high"))


def _plain(table: Table, kind: type[Made], **read: Any) -> Made:
    """A thing of texts only."""
    values = {field.name: table.text(field.name) for field in fields(kind)  # type: ignore[arg-type]
              if field.name not in read}
    return sound(table, kind, **values, **read)


def _section(table: Table, kind: type[Made], name: str, basis: dict[str, Basis],
             form: int) -> Made:
    hints = get_type_hints(kind)
    values = {field.name: _based(table, field.name, hints[field.name], name, basis)
              for field in fields(kind)  # type: ignore[arg-type]
              if form > 1 or field.default is MISSING}
    return sound(table, kind, **values)


def _based(table: Table, key: str, kind: Any, section: str, basis: dict[str, Basis]) -> Any:
    """A value with its basis: `{ is = 2, own_choice = "why" }`."""
    inner = table.table(key)
    value = READ[kind](inner, "is")
    basis[f"{section}.{key}"] = inner.basis()
    inner.close()
    if kind in NUMBERS and value <= 0 and (value < 0 or key not in MAY_BE_ZERO):
        raise inner.error(f"{key} must be above zero", "is")
    return value


def _cohort(table: Table, basis: dict[str, Basis]) -> Cohort:
    number = table.whole("number")
    basis[f"cohort.{number}"] = table.basis()
    return sound(table, Cohort, number=number, size=table.whole("size"),
                 dose_per_kg=table.whole("dose_per_kg"))


def _temperature(table: Table, basis: dict[str, Basis]) -> TemperatureRange:
    name = table.text("name")
    basis[f"temperature.{name}"] = table.basis()
    return sound(table, TemperatureRange, name=name, low=table.quantity("low"),
                 high=table.quantity("high"))


def _visit(table: Table, basis: dict[str, Basis]) -> Visit:
    name = table.text("name")
    basis[f"visit.{name}"] = table.basis()
    window, measures = table.table("window"), table.table("measures")
    basis[f"visit.{name}.window"] = window.basis()
    basis[f"visit.{name}.measures"] = measures.basis()
    before, after = window.whole("before"), window.whole("after")
    looked_at = tuple(word_of(measures, "are", text, Measure) for text in measures.texts("are"))
    window.close()
    measures.close()
    return sound(table, Visit, name=name, day=table.whole("day", None),
                 month=table.whole("month", None), before=before, after=after,
                 measures=looked_at)
