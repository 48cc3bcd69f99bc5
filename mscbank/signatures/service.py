"""Signing, and asking whether a signature still covers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from mscbank.audit import chain
from mscbank.audit.service import columns_of
from mscbank.database import Base, session
from mscbank.errors import RecordChanged, Refused
from mscbank.permissions import Actor, Permission
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature


@dataclass(frozen=True)
class Seal:
    """A person's proven will to sign: who, what it means, and the digest of what was seen.

    Made only after user name and password were proven (``accounts.service.prove``).
    """

    user_id: int
    meaning: Meaning
    digest: str


def snapshot(row: Any) -> dict[str, Any]:
    """Every column of a row but its key, its entry and what the model names as ``UNSIGNED``
    (what signing itself changes): so a new column is covered without anyone remembering it.

    A reference is told as the user name or house code it leads to, which a signer can read and
    which no change of numbers behind it can turn into another's.
    """
    left_out = {"id", "entry", *getattr(row, "UNSIGNED", ())}
    told = {name: getattr(row, name) for name in columns_of(type(row)) if name not in left_out}
    for name, model in references_of(type(row)).items():
        if told.get(name) is not None and (known := _named(model, told[name])) is not None:
            told[name.removesuffix("_id")] = known
            del told[name]
    return told


def _named(model: Any, id_: int) -> str | None:
    """The user name or house code of a row, asked once in a transaction."""
    names = session.info.setdefault("names", {})
    if (model, id_) not in names:
        column = getattr(model, "username", model.code)
        names[model, id_] = session.scalar(sa.select(column).where(model.id == id_))
    return names[model, id_]


@cache
def references_of(model: type) -> dict[str, type]:
    """The columns of a model that lead to a thing with a house code, and that thing's model."""
    coded = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers
             if hasattr(mapper.class_, "code")}
    return {attribute.key: coded[key.column.table.name]
            for attribute in sa.inspect(model).column_attrs
            for key in attribute.columns[0].foreign_keys if key.column.table.name in coded}


def sign(
    seal: Seal | None, subject: Any, *, meaning: Meaning, over: dict[str, Any],
    permission: Permission, by: Actor, at: datetime,
) -> Signature:
    """Add the signature of ``by`` over the record ``over``.

    Refused when there is no seal, when it means something else, when another person gave it, and
    when the record is no longer the one that was seen.
    """
    if seal is None:
        raise Refused("This must be signed: give your user name and password.",
                      field="signature", reasons=("not signed",))
    if seal.user_id != by.id:
        raise Refused("The signature is another person's: sign with your own user name.",
                      field="signature", reasons=("another signer",))
    if seal.meaning != meaning:
        raise Refused(f"The signature says “{seal.meaning}”; this act needs “{meaning}”.",
                      field="signature", reasons=("another meaning",))
    text = chain.canonical(over)
    if chain.digest(over) != seal.digest:
        raise RecordChanged("The record changed after you read it: read it again, then sign.")
    signature = Signature(
        user_id=by.id, username=by.username, name=by.name, role=str(by.role_for(permission)),
        meaning=meaning, subject=subject.code, digest=seal.digest, record=text, at=at,
    )
    session.add(signature)
    session.flush()
    return signature


def covers(signature: Signature, record_now: dict[str, Any]) -> bool:
    """Whether what was signed is what stands now."""
    return signature.digest == chain.digest(record_now)


def difference(signature: Signature, record_now: dict[str, Any]) -> tuple[str, ...]:
    """What changed since the signature, as lines ``path: was -> is``."""
    return tuple(_differences("", json.loads(signature.record), chain.plain(record_now)))


def _differences(path: str, was: Any, is_: Any) -> list[str]:
    if isinstance(was, dict) and isinstance(is_, dict):
        return [line for key in sorted({*was, *is_})
                for line in _differences(f"{path}.{key}".lstrip("."), was.get(key), is_.get(key))]
    if isinstance(was, list) and isinstance(is_, list):
        longest = max(len(was), len(is_))
        pairs = zip(was + [None] * (longest - len(was)), is_ + [None] * (longest - len(is_)))
        return [line for number, (a, b) in enumerate(pairs, 1)
                for line in _differences(f"{path} {number}", a, b)]
    return [] if was == is_ else [f"{path}: {was} -> {is_}"]
