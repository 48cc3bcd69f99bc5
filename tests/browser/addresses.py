"""The address of every page of a bank, by who opens it.

As a rule a page is opened by one person who may, and of the forms each kind of box once. With
``MSCBANK_EVERY_FORM=yes`` it is every list, every page and every form, by everyone who may.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask

from mscbank import acts, things
from mscbank.database import session
from mscbank.permissions import CHART, Permission
from mscbank.reports.listing import PRIVATE
from mscbank.web import forms
from mscbank.web.doors import OPEN
from tests.cast import WHO
from tests.conftest import START

ALL = os.environ.get("MSCBANK_EVERY_FORM") == "yes"
FEW_LISTS = ("bags", "recipients", "results", "alerts", "printers")
NOBODY = "nobody"  # who did not sign in
NO_PAGE = "/no-such-page"
# Quality assurance reads everything: where many may, it is these eyes as a rule.
READERS = ("quentin", *(name for name in WHO.values() if name != "quentin"))
# Pages that need something typed or done before, and are walked by their own tests.
ELSEWHERE = {"accounts.second", "people.give_code", "audit.checkpoint"}


def pages_of(app: Flask) -> dict[str, list[str]]:
    """The addresses of every page that answers a person with HTML, by who opens it."""
    codes = {place: session.scalars(sa.select(model.code).order_by(model.id.desc())).first()
             for place, model in things.SLUGS.items()}
    session.remove()
    found: dict[str, list[str]] = {name: ["/"] for name in WHO.values()}
    found["quentin"].append(NO_PAGE)
    found[NOBODY] = ["/sign-in", "/sign-in?back=/lots/", "/enrol", NO_PAGE]
    for people, path in (*_records(codes), *_plain(app, codes), *_forms(codes)):
        for name in people if ALL else people[:1]:
            found[name].append(path)
    return {who: sorted(set(paths)) for who, paths in found.items()}


def _may(permission: Permission) -> list[str]:
    return [WHO[role] for role in CHART[permission]]


def _records(codes: dict[str, str | None]) -> Iterator[tuple[list[str], str]]:
    """A list and a thing of each kind."""
    readers = [name for name in READERS if name in _may(Permission.READ_RECORDS)]
    for place in things.SLUGS:
        if place not in PRIVATE:
            if ALL or place in FEW_LISTS:
                yield readers, f"/{place}/"
            if codes[place]:
                yield readers, f"/{place}/{codes[place]}"


def _plain(app: Flask, codes: dict[str, str | None]) -> Iterator[tuple[list[str], str]]:
    """Pages of their own; nothing for files, machines, and what the general pages stand for."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in ELSEWHERE or rule.rule.startswith(
                ("/api", "/static")) or "." in rule.rule or rule.endpoint.startswith("web."):
            continue
        door = getattr(app.view_functions[rule.endpoint], "door", None)
        people = _may(door) if isinstance(door, Permission) else list(READERS)
        place = rule.rule.split("/")[1]
        if not rule.arguments and door != OPEN:
            yield people, rule.rule
        elif rule.arguments == {"code"} and codes.get(place):
            yield people, rule.rule.replace("<code:code>", codes[place] or "")
    for name in ("/help", "/help/card"):
        yield list(READERS), name


def _forms(codes: dict[str, str | None]) -> Iterator[tuple[list[str], str]]:
    """The form of each act; as a rule not where the same boxes were looked at in another one."""
    drawn: set[Any] = set()
    for (place, slug), act in acts.catalogue().items():
        if not ALL and _boxes(act) <= drawn:
            continue
        drawn |= _boxes(act)
        if act.on is None:
            yield _may(act.permission), f"/{place}/{slug}"
        elif codes[place]:
            yield _may(act.permission), f"/{place}/{codes[place]}/{slug}"


def _boxes(act: acts.Act) -> set[Any]:
    """What the form of an act is made of: kinds of boxes, and whether it is signed or witnessed."""
    found = forms.boxes(act.schema(), {}, {}, zone=ZoneInfo("Europe/Paris"), at=START)
    return {(box.kind, bool(box.unit), bool(box.limits), bool(box.choices)) for box in found} | {
        (act.meaning is not None, act.witnessed, act.on is None)}

