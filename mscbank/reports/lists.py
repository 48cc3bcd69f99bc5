"""A list as people ask for it: searched, narrowed, sorted, a page of it. The address holds it all.

Cells are made here, all references of a page looked up together: the number of statements does not
grow with the number of rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from mscbank import things
from mscbank.accounts.models import Account
from mscbank.database import Quantity, session
from mscbank.errors import Malformed
from mscbank.labelling.models import LabelCopy, LabelJob
from mscbank.reports.listing import POINTERS, columns_of, target_of
from mscbank.reports.told import Told, arranged, shown_of, told_of
from mscbank.signatures.models import Signature

SIZES = (25, 100)
MOST_COUNTED = 10_000  # a table of a million is not counted to the end for the foot of a page
MOST_EXPORTED = 10_000
LONGEST_TEXT = 80
# Text columns whose numbers are read as numbers: position 2 stands before position 10.
NATURAL = frozenset({"number", "din", "tank", "rack", "box", "position", "lot_number", "version"})
# What a thing is called by, as the columns that order it so.
CALLED = (("tank", "rack", "box", "position"), ("lot_id", "number"), ("deviation_id", "number"),
          ("number",), ("din",), ("name",), ("username",), ("file_name",))
TITLE = "title"


@dataclass(frozen=True)
class Asked:
    """What of a list is asked for. ``only`` narrows a closed-list column to one word; ``sort`` is
    a column, with a minus before it for the greatest first."""

    text: str = ""
    only: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = SIZES[0]

    def words(self) -> dict[str, str]:
        """As it stands in the address; what is as usual is left out."""
        said = {"q": self.text, "sort": self.sort, **self.only}
        if self.page > 1:
            said["page"] = str(self.page)
        if self.size != SIZES[0]:
            said["rows"] = str(self.size)
        return {name: text for name, text in said.items() if text}

    def but(self, **changed: Any) -> dict[str, str]:
        """The same list changed a little, from its first page unless a page is named."""
        return replace(self, **{"page": 1} | changed).words()

    def sorted_by(self, name: str) -> dict[str, str]:
        """The list by this column; by the other end of it when it is sorted so already."""
        return self.but(sort=f"-{name}" if self.sort == name else name)


@dataclass(frozen=True)
class Column:
    """A column of a list: ``choices`` where its words are a closed list."""

    name: str
    number: bool
    choices: tuple[str, ...] = ()
    told: Told | None = None


@dataclass(frozen=True)
class Shown:
    """A page of a list: rows of (thing, its cells), how many there are in all (at most counted
    to MOST_COUNTED), and the columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, tuple[Any, ...]], ...]
    total: int
    asked: Asked

    @property
    def more(self) -> bool:
        return self.asked.page * self.asked.size < self.total

    @property
    def first(self) -> int:
        return (self.asked.page - 1) * self.asked.size + 1


def columns(model: type[Any]) -> tuple[Column, ...]:
    """What the list shows beside the title, which says number and name already."""
    return tuple(
        Column(name, False, told.words, told) if (told := told_of(model, name))
        else Column(name, _is_number(model, name), _choices(model, name))
        for name in shown_of(model))


def read(model: type[Any], words: Mapping[str, str]) -> Asked:
    """What an address asks for. Refuses what no list of this kind can answer."""
    known = {column.name: column for column in columns(model)}
    only = {name: words[name] for name, column in known.items()
            if column.choices and words.get(name)}
    for name, word in only.items():
        if word not in known[name].choices:
            raise Malformed(f"“{word[:40]}” is none of: {', '.join(known[name].choices)}.",
                            field=name)
    sort = words.get("sort", "")
    if sort.removeprefix("-") not in {"", TITLE, *known}:
        raise Malformed("This list has no such column to sort by.", field="sort")
    size, page = words.get("rows", str(SIZES[0])), words.get("page", "1")
    if size not in map(str, SIZES):
        raise Malformed("A page has 25 or 100 rows.", field="rows")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page[:7]) <= 400_000:
        raise Malformed("There is no such page of this list.", field="page")
    return Asked(words.get("q", "").strip()[:LONGEST_TEXT], only, sort, int(page[:7]), int(size))


def show(model: type[Any], asked: Asked) -> Shown:
    """The page that is asked for."""
    shown, start = columns(model), (asked.page - 1) * asked.size
    late = {column.name: column.told for column in shown if column.told and not column.told.state
            and (column.name in asked.only or column.name == asked.sort.removeprefix("-"))}
    sort = "" if asked.sort.removeprefix("-") in late else asked.sort
    wanted = _wanted(model, asked).order_by(*_order(model, sort)).options(*_eager(model))
    if late:
        rows = _told_first(wanted, asked, late)
        found, total = rows[start:start + asked.size], len(rows)
    else:
        found = list(session.scalars(wanted.offset(start).limit(asked.size)))
        total = session.scalar(sa.select(sa.func.count()).select_from(wanted.with_only_columns(
            model.id).order_by(None).limit(MOST_COUNTED).subquery())) or 0
    cells = _cells(model, found, shown)
    return Shown(shown, tuple(zip(found, cells, strict=True)), total, asked)


def _told_first(wanted: sa.Select[Any], asked: Asked, late: Mapping[str, Told]) -> list[Any]:
    """All rows, narrowed and sorted by what only the rows themselves can tell. Refuses more than
    can be read while somebody waits."""
    rows = list(session.scalars(wanted.limit(MOST_COUNTED)))
    if len(rows) == MOST_COUNTED:
        raise Malformed(f"This list has {MOST_COUNTED} rows or more: narrow it first.")
    return arranged(rows, late, asked.only, asked.sort)


def every(model: type[Any], asked: Asked) -> Shown:
    """All rows of the list as it is searched, narrowed and sorted, for a file. Refuses a list that
    is too long for one."""
    if show(model, replace(asked, page=1)).total >= MOST_EXPORTED:
        raise Malformed(f"This list has {MOST_EXPORTED} rows or more: narrow it first.")
    return show(model, replace(asked, page=1, size=MOST_EXPORTED))


def _wanted(model: type[Any], asked: Asked) -> sa.Select[Any]:
    statement = sa.select(model)
    for name, word in asked.only.items():
        if (told := told_of(model, name)) is None:
            statement = statement.where(getattr(model, name) == word)
        elif told.state:
            statement = statement.where(told.word == word)
    if asked.text:
        statement = statement.where(sa.or_(*_matches(model, asked.text)))
    return statement


def _matches(model: type[Any], text: str) -> list[Any]:
    """Any text of the row, its code from the beginning, and the number or name of what it is of."""
    found = [_texts(model, text)]
    for name in columns_of(model):
        target = target_of(model, name)
        if target and target not in (Account, Signature) and any(
                hasattr(target, each) for each in ("number", "din", "name")):
            found.append(getattr(model, name).in_(sa.select(target.id).where(
                _texts(target, text, ("number", "din", "name")))))
    return found


def _texts(model: type[Any], text: str, names: tuple[str, ...] = ()) -> Any:
    columns = [column for column in sa.inspect(model).column_attrs
               if type(column.columns[0].type) is sa.String and not column.columns[0].foreign_keys
               and (not names or column.key in names) and "digest" not in column.key]
    like = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    plain = [getattr(model, column.key).ilike(like, escape="\\") for column in columns
             if column.key != "code"]
    if not names and text.isalpha():
        plain.append(model.code.like(text.upper() + "%"))
    whole = [getattr(model, column.key) == int(text) for column in sa.inspect(model).column_attrs
             if column.key == "number" and isinstance(column.columns[0].type, sa.Integer)
             and text.isascii() and text.isdigit() and len(text) < 9]
    return sa.or_(sa.false(), *plain, *whole)


def _order(model: type[Any], sort: str) -> list[Any]:
    """Empty cells last, whichever end comes first; what is alike in the order it was made."""
    if not sort:
        return [model.id.desc()]
    name, down = sort.removeprefix("-"), sort.startswith("-")
    keys = [key for each in _named(model, name) for key in _keys(model, each)]
    return [part for key in keys for part in (key.is_(None), key.desc() if down else key.asc())] + [
        model.id.desc() if down else model.id.asc()]


def _named(model: type[Any], name: str) -> tuple[str, ...]:
    if name != TITLE:
        return (name,)
    return next((names for names in CALLED if all(hasattr(model, each) for each in names)), ("id",))


def _keys(model: type[Any], name: str) -> list[Any]:
    if told := told_of(model, name):
        return [told.rank]
    column = getattr(model, name)
    if target_of(model, name) is Account:
        return [sa.select(Account.username).where(Account.id == column).scalar_subquery()]
    if isinstance(column.type, Quantity):
        return [sa.cast(column, sa.Numeric)]  # SQLite keeps exact decimals as text
    if not isinstance(column.type, sa.String) or isinstance(column.type, sa.Enum):
        return [column]
    return [sa.func.length(column), column] if name in NATURAL else [sa.func.lower(column)]


def _eager(model: type[Any]) -> list[Any]:
    """What titles are made of: what a row belongs to, and what that belongs to; a label job's
    copies, which it counts."""
    found = [selectinload(getattr(model, one.key)).options(
        *(selectinload(getattr(one.mapper.class_, inner.key)) for inner in _parents(one.mapper)))
            for one in _parents(sa.inspect(model))]
    return found + [selectinload(LabelJob.copies)] if model is LabelJob else found


def _parents(mapper: Any) -> list[Any]:
    return [one for one in mapper.relationships if not one.uselist]


def _cells(model: type[Any], found: Any, shown: Sequence[Column]) -> list[tuple[Any, ...]]:
    """The cells of each row; what a reference names stands in its place."""
    made = []
    for column in shown:
        if column.told:
            made.append(column.told.tell(found))
            continue
        values = [getattr(row, column.name) for row in found]
        known = _looked_up(model, column.name, {value for value in values if value is not None})
        if column.name == "about" and model is LabelCopy:
            for row in found:
                row.looked_up = known.get(row.about)
        made.append([known.get(value, value) for value in values])
    return list(zip(*made, strict=True)) if made else [() for _ in found]


def _looked_up(model: type[Any], name: str, values: set[Any]) -> dict[Any, Any]:
    if not values:
        return {}
    if name in POINTERS:
        return by_codes(values)
    if (target := target_of(model, name)) is None:
        return {}
    rows = session.scalars(sa.select(target).where(target.id.in_(values)).options(
        *([] if target in (Account, Signature) else _eager(target))))
    return {row.id: _called(row) for row in rows}


def by_codes(codes: set[str]) -> dict[str, Any]:
    """Things of any kind by their codes: one question for each kind."""
    found: dict[str, Any] = {}
    for letters in {code[:2] for code in codes}:
        if (model := things.KINDS.get(letters)) is not None:
            found |= {row.code: row for row in session.scalars(
                sa.select(model).where(model.code.in_(codes)).options(*_eager(model)))}
    return found


def _called(row: Any) -> Any:
    if isinstance(row, Account):
        return row.username
    if isinstance(row, Signature):
        return f"{row.meaning}, signed by {row.name} ({row.role})"
    return row


def _is_number(model: type[Any], name: str) -> bool:
    column = sa.inspect(model).column_attrs[name].columns[0]
    return not column.foreign_keys and isinstance(column.type, (sa.Integer, sa.Numeric, Quantity))


def _choices(model: type[Any], name: str) -> tuple[str, ...]:
    type_ = sa.inspect(model).column_attrs[name].columns[0].type
    if isinstance(type_, sa.Enum) and type_.enum_class and issubclass(type_.enum_class, StrEnum):
        return tuple(str(member.value) for member in type_.enum_class)
    return ()
