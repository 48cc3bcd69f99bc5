"""Verification: the trail's own chain, every row it speaks of, the guards, and an outside note."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from mscbank.audit import chain
from mscbank.audit.checkpoints import Checkpoint
from mscbank.audit.rows import rows_of, stream
from mscbank.database import Audited, Base, one_picture, session
from mscbank.signatures.models import Signature
from mscbank.signatures.service import verify_binding

_rows_of = json.JSONDecoder().raw_decode
MOST_NAMED = 50


@dataclass
class Report:
    """What was looked at and what is wrong. ``sound`` when nothing is."""

    entries: int = 0
    rows: int = 0
    head: str = chain.BEGINNING
    problems: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        return not self.problems

    def wrong(self, sentence: str) -> None:
        """Keep a problem; past fifty only their number matters."""
        if len(self.problems) < MOST_NAMED:
            self.problems.append(sentence)
        elif len(self.problems) == MOST_NAMED:
            self.problems.append("and more of the same")


Latest = dict[str, dict[int, tuple[int, str]]]


def verify(
    *, checkpoint: Checkpoint | None = None, rows: bool = True,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Walk the whole trail and, unless told otherwise, every row it speaks of.

    Finds an entry that was changed, left out, put in, reordered or cut, and a row that was
    changed, put in or taken out behind the trail's back; names each by its entry.
    """
    one_picture()
    report = Report()
    latest: Latest = {}
    _walk(report, latest if rows else None, checkpoint, progress)
    if rows:
        for model in audited_models():
            _compare(model, latest.pop(model.__tablename__, {}), report)
            _check_bytes(model, report)
        _unknown_tables(latest, report)
        _check_signatures(report)
    _check_guards(report)
    session.rollback()
    return report


def audited_models() -> list[type[Any]]:
    """Every table whose rows carry the number of an entry."""
    return sorted((mapper.class_ for mapper in Base.registry.mappers
                   if issubclass(mapper.class_, Audited)), key=lambda m: m.__tablename__)


def entries() -> Iterator[tuple[int, str, str, str]]:
    """(sequence, previous, hash, body) of every entry in order, a few thousand at a time."""
    return stream("SELECT sequence, previous, hash, body FROM audit_entry ORDER BY sequence")


def _walk(report: Report, latest: Latest | None, checkpoint: Checkpoint | None,
          progress: Callable[[int], None]) -> None:
    expected, previous = 1, chain.BEGINNING
    for sequence, before, hash_, body in entries():
        if sequence != expected:
            report.wrong(f"entry {expected}: missing; the next one found is {sequence}")
        elif before != previous:
            report.wrong(f"entry {sequence}: does not follow entry {sequence - 1}")
        if chain.entry_hash(sequence, before, body) != hash_:
            report.wrong(f"entry {sequence}: its text is not what was hashed")
        if checkpoint and sequence == checkpoint.sequence and hash_ != checkpoint.hash:
            report.wrong(f"entry {sequence}: is not the one the checkpoint was signed over")
        if latest is not None:
            _note_rows(sequence, body, latest, report)
        expected, previous = sequence + 1, hash_
        report.entries += 1
        if report.entries % 5000 == 0:
            progress(report.entries)
    report.head = previous
    head = session.execute(sa.text("SELECT sequence, hash FROM audit_head")).one()
    if (head.sequence, head.hash) != (expected - 1, previous):
        report.wrong(f"entry {head.sequence}: the head names it, but the trail ends at "
                     f"entry {expected - 1}")
    if checkpoint and checkpoint.sequence >= expected:
        report.wrong(f"entry {expected}: cut off; the checkpoint was signed at entry "
                     f"{checkpoint.sequence}, and the trail ends at entry {expected - 1}")


def _note_rows(sequence: int, body: str, latest: Latest, report: Report) -> None:
    # Keys are sorted and quotes inside strings escaped: the last "rows":[ is the entry's own.
    start = body.rfind('"rows":[')
    try:
        for row in _rows_of(body, start + 7)[0] if start >= 0 else ():
            table, id_, digest = row
            if (type(row), type(table), type(id_), type(digest)) != (list, str, int, str):
                raise ValueError(row)
            latest.setdefault(table, {})[id_] = (sequence, digest)
    except (TypeError, ValueError, RecursionError):  # no JSON, or no rows of three plain values
        report.wrong(f"entry {sequence}: its text cannot be read")


def _unknown_tables(latest: Latest, report: Report) -> None:
    """Entries that speak of rows of a table there is none of."""
    for table, rows in sorted(latest.items()):
        for sequence in sorted({sequence for sequence, _ in rows.values()}):
            report.wrong(f"entry {sequence}: speaks of {table}, which is no table of the record")


def _compare(model: type[Any], known: dict[int, tuple[int, str]], report: Report) -> None:
    table = model.__tablename__
    try:
        for id_, entry, digest in rows_of(model):
            report.rows += 1
            sequence, noted = known.pop(id_, (0, ""))
            if sequence == 0:
                report.wrong(f"entry {entry}: does not speak of {table} {id_}, "
                             "which was put in behind its back")
            elif digest != noted or entry != sequence:
                report.wrong(f"entry {sequence}: {table} {id_} is no longer as it says")
    except (ValueError, LookupError, ArithmeticError) as error:
        report.wrong(f"{table}: a row cannot be read ({type(error).__name__}): it was written "
                     "behind the trail's back")
        return
    for id_, (sequence, _) in sorted(known.items()):
        report.wrong(f"entry {sequence}: {table} {id_} was taken out behind its back")


def _check_bytes(model: type[Any], report: Report) -> None:
    """Files, one at a time: the bytes are those whose digest the trail keeps."""
    for bytes_, digest in getattr(model, "DIGESTED_AS", {}).items():
        held = sa.select(model.id, model.entry, getattr(model, digest), getattr(model, bytes_))
        for id_, entry, known, data in session.connection().execute(
                held.order_by(model.id).execution_options(yield_per=1)):
            if hashlib.sha256(data).hexdigest() != known:
                report.wrong(f"entry {entry}: the bytes of {model.__tablename__} {id_} are no "
                             "longer those it says")


def _check_signatures(report: Report) -> None:
    """Each signature by itself: its record, and what bound it to its signer."""
    for signature in session.scalars(sa.select(Signature).order_by(Signature.id)
                                     .execution_options(yield_per=500)):
        for wrong in verify_binding(signature):
            report.wrong(f"entry {signature.entry}: signature {signature.id}: {wrong}")


def _check_guards(report: Report) -> None:
    dialect = session.connection().dialect.name
    found = set(session.scalars(sa.text(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'" if dialect == "sqlite" else
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'")))
    wanted = {f"guard_audit_entry_entry_{word}" for word in ("end", "update", "delete")}
    wanted |= {"head_follows", "guard_audit_head_head_update"}
    wanted |= {f"guard_{model.__tablename__}_row_{word}" for model in audited_models()
               for word in ("insert", "update", "delete")}
    if missing := sorted(wanted - found):
        report.wrong(f"{len(missing)} guards of the database were taken away: "
                     + ", ".join(missing[:5]) + (" ..." if len(missing) > 5 else ""))
