"""A label as it is kept: plain values, from which the same pages are drawn for ever.

The kept form is all that a job is drawn from, so the same job gives the same bytes, also after the
bank moved house or changed its zone.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

from labels import content, draw, papers
from labels.content import DonorTubeLabel, Label
from labels.housecode import Kind
from labels.papers import BedsideForm
from mscbank.audit import chain


class DonorTube(DonorTubeLabel):
    """A donor's tube carries the donor's code: it becomes no sample of the laboratory here."""

    kind = Kind.DONOR


class OrderForm(BedsideForm):
    """A bedside form carries its order's bare code: it is scanned in no bag's place."""

    kind = Kind.ORDER


LABELS: dict[str, type[Label]] = {made.__name__: made for made in (
    content.BagLabel, content.HarvestLabel, content.CultureLabel, content.SampleLabel, DonorTube,
    content.CryoUnitLabel, content.Wristband, content.StoragePlaceLabel, content.BadgeLabel, papers.BoxLabel,
    papers.PackingList, OrderForm)}
LAYOUTS = draw.LAYOUTS | {
    (own, shape): layout for (kind, shape), layout in draw.LAYOUTS.items()
    for own in (DonorTube, OrderForm) if issubclass(own, kind)}


def stocks_shapes(kind: type[Label]) -> frozenset[str]:
    """The shapes of stock on which a kind of label has a layout."""
    return frozenset(shape for made, shape in LAYOUTS if made is kind)


def keep(label: Label, zone: str) -> dict[str, Any]:
    """The label as plain values, with the zone its times are printed in."""
    return {"label": type(label).__name__, "zone": zone} | _plain(label)


def _plain(row: Any) -> dict[str, Any]:
    return {field.name: _one(getattr(row, field.name)) for field in fields(row)}


def _one(value: Any) -> Any:
    if is_dataclass(value):
        return _plain(value)
    if isinstance(value, tuple):
        return [_one(each) for each in value]
    return chain.plain(value)


def label_of(kept: dict[str, Any]) -> Label:
    """The label that was kept."""
    return _restored(LABELS[kept["label"]], kept, ZoneInfo(kept["zone"]))


@cache
def _hints(made: type) -> dict[str, Any]:
    hints = get_type_hints(made)
    return {field.name: hints[field.name] for field in fields(made)}


def _restored(made: Any, kept: dict[str, Any], zone: ZoneInfo) -> Any:
    return made(**{name: _value(hint, kept[name], zone) for name, hint in _hints(made).items()})


def _value(hint: Any, value: Any, zone: ZoneInfo) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        inner = get_args(hint)[0]
        return tuple(_value(inner, each, zone) for each in value)
    kind = next((each for each in get_args(hint) if each is not type(None)), hint)
    if is_dataclass(kind):
        return _restored(kind, value, zone)
    if kind is datetime:
        return datetime.fromisoformat(value).astimezone(zone)
    if kind is date:
        return date.fromisoformat(value)
    return Decimal(value) if kind is Decimal else kind(value)
