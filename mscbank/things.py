"""Things: whatever has a house code and can be scanned, looked up and acted on."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from labels import housecode
from mscbank.database import Audited, Model, session
from mscbank.errors import Malformed, NotKnown, Unfit

KINDS: dict[str, type[Thing]] = {}
SLUGS: dict[str, type[Thing]] = {}
# Of a collection, in its ``info``: the name of the property with those of it that stand.
STANDING = "standing"
_COPY = sa.table("label_copy", sa.column("about"), sa.column("number"), sa.column("voided_at"))


class Thing(Audited, Model):
    """A row with a house code. ``KIND`` is the code's two letters, ``SLUG`` the word in URLs.

    ``title`` is what people call it; ``UNSIGNED`` names columns no signature covers.
    """

    __abstract__ = True
    KIND: ClassVar[str] = ""
    SLUG: ClassVar[str] = ""
    UNSIGNED: ClassVar[tuple[str, ...]] = ()

    id: Mapped[int] = mapped_column(primary_key=True)

    @declared_attr
    def code(cls) -> Mapped[str]:
        return mapped_column(sa.String(20), unique=True, default=lambda: housecode.new(cls.KIND))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.KIND and not cls.__dict__.get("__abstract__"):
            KINDS[cls.KIND] = cls
            SLUGS[cls.SLUG] = cls

    @property
    def title(self) -> str:
        return self.code

    @property
    def state(self) -> dict[str, Any]:
        """How it stands now, in plain values: what no signature on its making covers."""
        return {}


class Recorded:
    """Who wrote a row down, and when."""

    @declared_attr
    def recorded_by_id(cls) -> Mapped[int]:
        return mapped_column(sa.ForeignKey("account.id"))

    @declared_attr
    def recorded_at(cls) -> Mapped[datetime]:
        return mapped_column()


def by_code(text: str) -> Any:
    """The thing a house code or a label's text names. Refuses what fails its check, and a label
    that was voided."""
    try:
        parsed = housecode.parse(text)
    except housecode.CodeError as error:
        raise Malformed(f"This code cannot be read: {error}.", field="code") from error
    model = KINDS.get(parsed.type)
    found = model and session.scalar(with_code(model), {"code": parsed.code})
    if not found:
        raise NotKnown("No such code here: it may be another bank's. Do not use what it is on; "
                       "ask quality assurance.")
    if parsed.copy is not None:
        _stop_at_void_label(parsed.code, parsed.copy)
    return found


@cache
def with_code(model: type[Any]) -> sa.Select[tuple[Any]]:
    """The thing of this kind with the code ``code``; built once."""
    return sa.select(model).where(model.code == sa.bindparam("code"))


def _stop_at_void_label(code: str, number: int) -> None:
    copy = session.execute(sa.select(_COPY.c.voided_at).where(
        _COPY.c.about == code, _COPY.c.number == number)).one_or_none()
    if copy is None:
        raise Unfit(f"Copy {number} of this label was never issued here: do not use it, and tell "
                    "quality assurance.", field="code", reasons=("unknown copy",))
    if copy.voided_at is not None:
        raise Unfit("STOP: this copy of the label was voided: take it off and destroy it. Scan "
                    "the label that replaced it.", field="code", reasons=("voided copy",))


def get(model: type[Any], code: str, *, field: str | None = None) -> Any:
    """The thing of this kind with this house code."""
    found = by_code(code)
    if not isinstance(found, model):
        raise NotKnown(f"This is the code of {found.SLUG}, where one of {model.SLUG} is needed.",
                       field=field)
    return found
