"""The family tree: harvests, cultures, lots and bags are nodes, derivations are edges.

An edge says how many cells went from one to the other, so splits and pools are what they were.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import Audited, Model, session


class Derivation(Audited, Model):
    """``child`` was made from ``parent`` (house codes), with so many cells where counted."""

    __tablename__ = "derivation"
    id: Mapped[int] = mapped_column(primary_key=True)
    parent: Mapped[str] = mapped_column(sa.String(20), index=True)
    child: Mapped[str] = mapped_column(sa.String(20), index=True)
    cells: Mapped[int | None]
    __table_args__ = (
        sa.UniqueConstraint("parent", "child"),
        sa.CheckConstraint("cells IS NULL OR cells > 0", name="cells_positive"),
        sa.CheckConstraint("parent <> child", name="no_self"),
    )


def _walk(near: str, far: str) -> sa.Select[tuple[str]]:
    edge = Derivation.__table__
    found = (
        sa.select(edge.c[far].label("code")).where(edge.c[near] == sa.bindparam("start"))
        .cte("found", recursive=True)
    )
    found = found.union(sa.select(edge.c[far]).join(found, edge.c[near] == found.c.code))
    return sa.select(found.c.code)


UP = _walk("child", "parent")
DOWN = _walk("parent", "child")


def derive(child: str, parents: Iterable[tuple[str, int | None]]) -> None:
    """Write that ``child`` came from each (parent code, cells)."""
    for parent, cells in parents:
        session.add(Derivation(parent=parent, child=child, cells=cells))


def ancestors(code: str) -> list[str]:
    """Codes of everything this was made from, nearest first where the tree is a line."""
    return list(session.scalars(UP, {"start": code}))


def descendants(code: str) -> list[str]:
    """Codes of everything made from this."""
    return list(session.scalars(DOWN, {"start": code}))


class Link(NamedTuple):
    """An edge of a picture: so many cells went from one to the other, frozen between or not."""

    parent: str
    child: str
    cells: int | None


def stepping_over(edges: Iterable[Derivation], kept: Iterable[str]) -> list[Link]:
    """The edges among ``kept``; what stands between two of them, as frozen cells do, is left out."""
    kept, into = set(kept), list(edges)
    above: dict[str, list[str]] = {}
    for edge in into:
        above.setdefault(edge.child, []).append(edge.parent)
    return [Link(parent, edge.child, edge.cells) for edge in into if edge.child in kept
            for parent in ([edge.parent] if edge.parent in kept else above.get(edge.parent, ()))
            if parent in kept]


def links_among(codes: Iterable[str]) -> list[Link]:
    """How these came from one another, over what was frozen between them."""
    kept = list(codes)
    edges = _into(kept)
    between = {edge.parent for edge in edges} - set(kept)
    return stepping_over([*edges, *_into(between)] if between else edges, kept)


def _into(codes: Iterable[str]) -> list[Derivation]:
    return list(session.scalars(sa.select(Derivation).where(Derivation.child.in_(list(codes)))
                                .order_by(Derivation.id)))


def edges_among(codes: Iterable[str]) -> list[Derivation]:
    """The derivations whose both ends are among these codes."""
    wanted = list(codes)
    return list(session.scalars(
        sa.select(Derivation).where(Derivation.parent.in_(wanted), Derivation.child.in_(wanted))
        .order_by(Derivation.id)))
