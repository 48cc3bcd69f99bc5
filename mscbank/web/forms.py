"""Forms drawn from an act's schema, and typed words turned into what the schema reads.

A field's ``metadata`` says how it looks: ``label``, ``unit``, ``help``, ``prefill`` ("now" for a
moment), ``scan`` where a scanner writes into it. Times are typed on the site's clock; the hour that
a change of clocks skips is refused, and the one it repeats is asked for again with its offset.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, fields, validate
from werkzeug.datastructures import MultiDict

from mscbank.schemas import FileField
from mscbank.web.amounts import quantity, whole

EMPTY_ROWS, MOST_ROWS = 3, 60
PLAINER = {
    "Missing data for required field.": "This is needed.",
    "Field may not be null.": "This is needed.",
    "Shorter than minimum length 1.": "This is needed.",
    "Not a valid integer.": "Give a whole number, such as 84000000 or 84e6.",
    "Not a valid number.": "Give a number, such as 8.2 or 8,2.",
    "Special numeric values (nan or infinity) are not permitted.": "Give a number, such as 8.2 or 8,2.",
    "Not a valid boolean.": "Choose yes or no.",
    "Not a valid date.": "Give a date, such as 2026-11-22.",
    "Not a valid string.": "Give words.",
    "Unknown field.": "This is not a field of this act.",
}
# What a limit says when it is passed, and how a person says it.
LIMITS = tuple((re.compile(said.replace("{}", r"(\S+)").replace(".", r"\.")), told) for said, told in (
    ("Must be greater than or equal to {} and less than or equal to {}.", "Give {low} to {high}."),
    ("Must be greater than {} and less than or equal to {}.", "Give more than {low}, at most {high}."),
    ("Must be greater than or equal to {}.", "Give {low} or more."),
    ("Must be greater than {}.", "Give more than {low}."),
    ("Must be less than or equal to {}.", "Give at most {low}."),
    ("Length must be between {} and {}.", "Give {low} to {high} of them."),
    ("Longer than maximum length {}.", "This has more than {low} characters: shorten it.")))


@dataclass
class Box:
    """One box of a form: what it asks, how, what was typed, what is wrong with it."""

    name: str
    kind: str
    label: str
    unit: str = ""
    help: str = ""
    required: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)
    limits: dict[str, Any] = field(default_factory=dict)
    value: str = ""
    error: str | None = None
    rows: list[list[Box]] = field(default_factory=list)
    groups: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    last: Any = None

    @property
    def anchor(self) -> str:
        """The box's id in the page."""
        return f"box-{self.name}"


def boxes(schema: Schema, typed: Mapping[str, str], wrong: Mapping[str, str], *, zone: ZoneInfo,
          at: datetime, prefix: str = "", fresh: bool = True) -> list[Box]:
    """The boxes of a form. ``fresh``: nothing was sent yet, so defaults stand in them."""
    drawn = []
    for name, asked in schema.load_fields.items():
        box = _box(prefix + name, name, asked)
        box.value = typed.get(box.name, _default(asked, at, zone) if fresh else "")
        if box.kind == "checks" and isinstance(typed, MultiDict):
            box.value = "\n".join(typed.getlist(box.name))
        box.error = wrong.get(box.name)
        if box.kind == "moment" and box.value and not re.fullmatch(r"[0-9T:.-]{10,23}", box.value):
            box.kind = "moment with offset"
        if box.kind == "sites":
            box.rows = [_sites(asked.metadata, box, typed)]
        if isinstance(asked, fields.List) and isinstance(asked.inner, fields.Nested):
            box.kind = "rows"
            box.rows = [boxes(asked.inner.schema, typed, wrong, zone=zone, at=at,
                              prefix=f"{box.name}-{row}-", fresh=False)
                        for row in range(_rows_typed(typed, box.name) + EMPTY_ROWS)]
        drawn.append(box)
    return drawn


def _box(form_name: str, name: str, asked: fields.Field) -> Box:
    meta = asked.metadata
    label = meta.get("label") or name.replace("_", " ").capitalize()
    box = Box(form_name, _kind(asked, meta), label, meta.get("unit", ""), meta.get("help", ""),
              asked.required, list(meta.get("choices") or _choices(asked)), _limits(asked))
    if group_of := meta.get("group_of"):
        box.groups = [(group, [(one, one) for one, _ in box.choices if group_of(one) == group])
                      for group in sorted({group_of(one) for one, _ in box.choices})]
    if meta.get("choices"):
        box.limits = {}  # they stand there
    return box


def _sites(meta: Mapping[str, Any], box: Box, typed: Mapping[str, str]) -> list[Box]:
    """A box for each site of a score, filled from its own word or from all of them in a row."""
    row = (typed.get(box.name) or "").split()
    given = dict(zip(meta["sites"], row, strict=True)) if len(row) == len(meta["sites"]) else {}
    return [Box(f"{box.name}-{site}", "radio", label, choices=[(one, one) for one in meta["scores"]],
                value=typed.get(f"{box.name}-{site}", given.get(site, "")))
            for site, label in meta["sites"].items()]


def _kind(asked: fields.Field, meta: Mapping[str, Any]) -> str:
    if meta.get("kind"):
        return str(meta["kind"])
    if meta.get("scan") and not isinstance(asked, fields.List):
        return "code"
    if isinstance(asked, fields.Enum) or _one_of(asked):
        return "radio" if len(_choices(asked)) <= 4 else "select"
    if isinstance(asked, fields.List) and isinstance(asked.inner, fields.Enum):
        return "checks"
    kinds = ((fields.Boolean, "yes or no"), (fields.DateTime, "moment"), (fields.Date, "date"),
             (fields.Integer, "whole"), (fields.Decimal, "decimal"), (fields.List, "lines"))
    for type_, kind in kinds:
        if isinstance(asked, type_):
            return kind
    return "long" if (_limits(asked).get("maxlength") or 0) > 200 else "text"


def _one_of(asked: fields.Field) -> list[Any]:
    return next((list(rule.choices) for rule in asked.validators
                 if isinstance(rule, validate.OneOf)), [])


def _choices(asked: fields.Field) -> list[tuple[str, str]]:
    asked = asked.inner if isinstance(asked, fields.List) else asked
    if isinstance(asked, fields.Enum):
        return [(str(member.value), str(member.value)) for member in asked.enum]
    return [(str(choice), str(choice)) for choice in _one_of(asked)]


def _limits(asked: fields.Field) -> dict[str, Any]:
    """What the validators say, for the page to say before anything is sent."""
    found: dict[str, Any] = {}
    for rule in asked.validators:
        if isinstance(rule, validate.Range):
            found |= {"min": rule.min, "max": rule.max}
        if isinstance(rule, validate.Length) and not isinstance(asked, fields.List):
            found |= {"maxlength": rule.max or rule.equal}
    return {name: value for name, value in found.items() if value is not None}


def _default(asked: fields.Field, at: datetime, zone: ZoneInfo) -> str:
    if asked.metadata.get("prefill") == "now":
        return at.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    if asked.metadata.get("prefill") == "today":
        return at.astimezone(zone).date().isoformat()
    value = asked.load_default
    if value is None or callable(value) or isinstance(value, (list, tuple)) or (
            value.__class__.__module__.startswith("marshmallow")):
        return ""
    return {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else str(
        getattr(value, "value", value))


def _rows_typed(typed: Mapping[str, str], name: str) -> int:
    numbers = [int(found[1]) for key, value in typed.items()
               if value and (found := re.fullmatch(rf"{re.escape(name)}-(\d{{1,3}})-\w+", key))]
    return min(max(numbers, default=-1) + 1, MOST_ROWS)


def read(schema: Schema, typed: MultiDict[str, str], zone: ZoneInfo, prefix: str = "", *,
         files: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed, in the schema's own form, and what could not be read, by box. ``files``
    are those that the form brought, by box."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, asked in schema.load_fields.items():
        box = prefix + name
        if isinstance(asked, FileField):
            if files and (sent := files.get(box)) and sent.filename:
                values[name] = {"name": sent.filename,
                                "base64": base64.b64encode(sent.read()).decode()}
            continue
        if isinstance(asked, fields.List) and isinstance(asked.inner, fields.Nested):
            values[name] = _read_rows(asked.inner.schema, typed, zone, box, wrong)
            continue
        if sites := asked.metadata.get("sites"):
            if any(told := [typed.get(f"{box}-{site}", "").strip() for site in sites]):
                values[name] = told
                continue
        if isinstance(asked, fields.List):
            values[name] = [line.strip() for text in typed.getlist(box)
                            for line in text.splitlines() if line.strip()]
            continue
        if not (text := typed.get(box, "").strip()):
            continue
        try:
            values[name] = _read_one(asked, text, zone)
        except ValueError as error:
            wrong[box] = str(error)
    return values, wrong


def _read_rows(schema: Schema, typed: MultiDict[str, str], zone: ZoneInfo, name: str,
               wrong: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for row in range(_rows_typed(typed, name)):
        values, bad = read(schema, typed, zone, f"{name}-{row}-")
        wrong |= bad
        if values:
            rows.append(values)
    return rows


def _read_one(asked: fields.Field, text: str, zone: ZoneInfo) -> Any:
    if isinstance(asked, fields.Boolean):
        return {"yes": True, "no": False}.get(text, text)
    if isinstance(asked, fields.DateTime):
        return _moment(text, zone)
    if isinstance(asked, fields.Integer):
        return whole(text)
    return quantity(text, asked) if isinstance(asked, fields.Decimal) else text


def _moment(text: str, zone: ZoneInfo) -> str:
    """A time of the site's clock with its offset. Refuses the hour that was skipped or doubled."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("Give date and time, such as 2026-11-22 16:05.") from None
    if given.tzinfo is not None:
        return text
    first, second = given.replace(tzinfo=zone, fold=0), given.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != given:
            raise ValueError("The clocks went forward: there was no such time that night.")
        raise ValueError("The clocks went back and this hour came twice. Write "
                         f"{first.isoformat()} for the first or {second.isoformat()} "
                         "for the second.")
    return first.isoformat()


def sentences(errors: Any, prefix: str = "", dot: str = "-") -> dict[str, str]:
    """marshmallow's nested messages as one plain sentence per box."""
    if isinstance(errors, dict):
        found: dict[str, str] = {}
        for key, value in errors.items():
            found |= sentences(value, f"{prefix}{dot}{key}" if prefix else str(key), dot)
        return found
    return {prefix: " ".join(_plainer(str(line)) for line in errors)}


def _plainer(line: str) -> str:
    for said, told in LIMITS:
        if found := said.fullmatch(line):
            return told.format(**dict(zip(("low", "high"), found.groups(), strict=False)))
    return PLAINER.get(line, line)
