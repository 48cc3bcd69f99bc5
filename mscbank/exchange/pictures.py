"""Things as JSON: their columns, references as codes, the acts possible now."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for

from mscbank import acts as all_acts
from mscbank.accounts.models import Account
from mscbank.audit import chain
from mscbank.database import session
from mscbank.permissions import Actor
from mscbank.reports import listing
from mscbank.scanning.service import Scanned
from mscbank.signatures.models import Signature
from mscbank.things import Thing


def thing(one: Thing) -> dict[str, Any]:
    """What is recorded of a thing. Quantities are strings, moments UTC."""
    return {"code": one.code, "place": one.SLUG, "title": one.title, "facts": facts(one)}


def facts(row: Any) -> dict[str, Any]:
    """The columns of a row; a reference is the code of what it names, a signature its words."""
    model, found = type(row), {}
    for column in sa.inspect(model).column_attrs:
        if column.key in listing.UNSAID:
            continue
        target, value = listing.target_of(model, column.key), getattr(row, column.key)
        if column.columns[0].foreign_keys:
            if target is not None:
                found[column.key.removesuffix("_id")] = _named(target, value)
            if target is not None or column.key.endswith("_id"):
                continue
        found[column.key] = chain.plain(value)
    return found


def _named(target: type[Any], key: int | None) -> Any:
    found = None if key is None else session.get(target, key)
    if isinstance(found, Signature):
        return chain.plain({"name": found.name, "role": found.role, "meaning": found.meaning,
                            "at": found.at, "digest": found.digest})
    return found.username if isinstance(found, Account) else getattr(found, "code", None)


def parts(one: Thing) -> dict[str, Any]:
    """What hangs on a thing: codes where the parts are things, else their facts."""
    return {name: [row.code if isinstance(row, Thing) else facts(row) for row in rows]
            for name, _, rows in listing.attached(one)}


def acts(one: Thing, by: Actor) -> list[dict[str, Any]]:
    """Every act on this kind of thing, and why not now or not by this caller."""
    return [{"act": act.name, "address": url_for("api.do", place=act.place, code=one.code,
                                                 slug=act.slug),
             "signed": act.meaning, "witnessed": act.witnessed,
             "why_not": all_acts.why_not(act, one, by)} for act in all_acts.acts_on(one)]


def scanned(found: Scanned, stops: tuple[str, ...], by: Actor) -> dict[str, Any]:
    """The answer to a scan."""
    one = found.thing
    told: dict[str, Any] = {
        "text": found.text, "kind": found.kind or None, "state": found.state or None,
        "where": found.where or None, "copy": found.copy, "copy_state": found.copy_state,
        "problem": found.problem, "sentence": found.sentence or None, "proposal": found.proposal,
        "code": one.code if one else None, "title": one.title if one else None,
        "stops": list(stops),
        "address": url_for("api.thing", place=one.SLUG, code=one.code) if one else None}
    return chain.plain(told) | {"acts": acts(one, by) if one else []}
