"""Any kind of thing as a list, and any thing as facts: read only, drawn from the tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from mscbank import things
from mscbank.accounts.models import Account
from mscbank.audit.service import columns_of as all_columns
from mscbank.database import session
from mscbank.errors import NotKnown
from mscbank.labelling.models import LabelCopy
from mscbank.signatures.models import Signature
from mscbank.things import Thing
from mscbank.usual import bounds_of

# Accounts have pages of their own: their rows hold what nobody reads.
PRIVATE = frozenset({"people"})
UNSAID = frozenset({"id", "entry", "code", "specification_digest", "token_digest", "pdf_digest",
                    "tag_digest"})
# Columns that hold the house code of a thing of any kind.
POINTERS = frozenset({"about", "taken_from", "used_in"})
LONG = 200
MOST_ATTACHED = 100
ON_LABELS = ("printed_at", "applied_at", "applied_by_id", "voided_at")


def model_of(place: str) -> type[Thing]:
    """The kind of thing an address names. Refuses what has no list."""
    model = things.SLUGS.get(place)
    if model is None or place in PRIVATE:
        raise NotKnown(f"There is no page {place} here: scan the code, or begin at the worklist.")
    return model


def page(model: type[Any], before: str | None, size: int) -> tuple[list[Any], str | None]:
    """``size`` things, latest first, that were made before the thing with the code ``before``;
    and the code to ask the next page with. The cost does not grow with the table."""
    statement = sa.select(model).order_by(model.id.desc()).limit(size + 1)
    if before:
        statement = statement.where(model.id < things.get(model, before, field="before").id)
    found = list(session.scalars(statement))
    return found[:size], found[size - 1].code if len(found) > size else None


def columns_of(model: type[Any], most: int = 6) -> list[str]:
    """The columns that tell things of a kind apart, in the table's own order."""
    short = [column.key for column in sa.inspect(model).column_attrs
             if column.key not in UNSAID | {"recorded_by_id"}
             and (getattr(column.columns[0].type, "length", 0) or 0) < LONG
             and not isinstance(column.columns[0].type, sa.JSON)
             and (not column.key.endswith("_id") or target_of(model, column.key))]
    return short[:most]


def facts(row: Any) -> list[tuple[str, Any]]:
    """Every column as (name, value), references followed to what they name."""
    model = type(row)
    return [(column.key, followed(row, column.key)) for column in sa.inspect(model).column_attrs
            if column.key not in UNSAID
            and (not column.key.endswith("_id") or target_of(model, column.key))]


def followed(row: Any, name: str) -> Any:
    """A column's value; where it points at a thing, a person or a signature: that."""
    value = getattr(row, name)
    if value and name in POINTERS:
        return things.by_code(value)
    if value and name == "usual":
        return bounds_of(value)
    if value is None or (target := target_of(type(row), name)) is None:
        return value
    found = session.get(target, value)
    if isinstance(found, Account):
        return found.name
    if isinstance(found, Signature):
        return f"{found.meaning}, signed by {found.name} ({found.role})"
    return found


def target_of(model: type[Any], name: str) -> type[Any] | None:
    """What a reference points at, where that is something a reader can be shown."""
    column = sa.inspect(model).column_attrs[name].columns[0]
    for key in column.foreign_keys:
        table = key.column.table.name
        if table == "account":
            return Account
        if table == "signature":
            return Signature
        return next((kind for kind in things.KINDS.values()
                     if getattr(kind, "__tablename__", None) == table), None)
    return None


def attached(thing: Thing) -> list[tuple[str, list[str], list[Any]]]:
    """What hangs on a thing: (name, columns, rows) of each of its collections that is not empty;
    where it tells which of them stand, those."""
    found = []
    for relation in sa.inspect(type(thing)).relationships:
        if not relation.uselist:
            continue
        rows = list(getattr(thing, relation.info.get(things.STANDING, relation.key)))[-MOST_ATTACHED:]
        if rows:
            own = {pair[1].key for pair in relation.local_remote_pairs or ()}
            found.append((relation.key, [name for name in _row_columns(type(rows[0]))
                                         if name not in own], rows))
    if labels := _labels(thing):
        found.append(("labels", list(ON_LABELS), labels))
    return found


def _labels(thing: Thing) -> list[LabelCopy]:
    """The copies of its label; those of a bag hang on it by themselves."""
    return list(session.scalars(sa.select(LabelCopy).where(
        LabelCopy.about == thing.code, LabelCopy.bag_id.is_(None))
        .order_by(LabelCopy.number).limit(MOST_ATTACHED)))


def _row_columns(model: type[Any]) -> list[str]:
    known = all_columns(model)
    return [column.key for column in sa.inspect(model).column_attrs
            if column.key in known and column.key not in UNSAID
            and (not column.key.endswith("_id") or target_of(model, column.key))][:8]
