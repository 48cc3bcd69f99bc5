"""Signing, and asking whether a signature still covers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from mscbank.accounts import factors, webauthn
from mscbank.accounts.factors import BY_PASSWORD, Proof
from mscbank.accounts.models import Account, Binding, Passkey
from mscbank.accounts.statement import challenge
from mscbank.accounts.webauthn import Answer, Site
from mscbank.audit import chain
from mscbank.audit.service import columns_of
from mscbank.database import Base, session
from mscbank.errors import NotSigned, RecordChanged, Refused
from mscbank.permissions import Actor, Permission
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from mscbank.signatures.shown import changed_since, differences


@dataclass(frozen=True)
class Seal:
    """A person's proven will to sign: who, what it means, and the digest of what was seen.

    Made only after user name, password and second factor were proven (``accounts.factors.prove``);
    ``proof`` says how.
    """

    user_id: int
    meaning: Meaning
    digest: str
    proof: Proof = BY_PASSWORD


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


def remember(rows: Iterable[Any]) -> None:
    """Spare ``snapshot`` the question for the names of rows that were read already."""
    names = session.info.setdefault("names", {})
    for row in rows:
        names[type(row), row.id] = getattr(row, "username", None) or row.code


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
        raise NotSigned("This must be signed: give your user name and password.",
                        field="signature")
    if seal.user_id != by.id:
        raise NotSigned("The signature is another person's: sign with your own user name.",
                        field="signature", reasons=("another signer",))
    if seal.meaning != meaning:
        raise NotSigned(f"The signature says “{seal.meaning}”; this act needs “{meaning}”.",
                        field="signature", reasons=("another meaning",))
    text = chain.canonical(over)
    if chain.digest(over) != seal.digest:
        raise RecordChanged("The record changed after you read it: read it again, then sign.",
                            difference=changed_since(seal.digest, over))
    signature = Signature(
        user_id=by.id, username=by.username, name=by.name, role=str(by.role_for(permission)),
        meaning=meaning, subject=subject.code, digest=seal.digest, record=text, at=at,
        **_bound(seal.proof),
    )
    session.add(signature)
    session.flush()
    return signature


def _bound(proof: Proof) -> dict[str, Any]:
    """How the signature is bound, as kept. A passkey's answer is kept whole: manifest, both data
    that were signed, the signature and the key, so that anyone can verify it anywhere."""
    if proof.binding is not Binding.PASSKEY or proof.answer is None:
        return {"binding": proof.binding}
    answer, site = proof.answer, factors.site()
    kept = {"manifest": proof.manifest, "origin": site.origin, "rp_id": site.rp_id,
            "credential_id": answer.credential_id, "public_key": proof.public_key,
            "authenticator_data": answer.authenticator_data, "client_data": answer.client_data,
            "signature": answer.signature}
    return {"binding": proof.binding, "proof": chain.canonical(kept), "nonce": proof.nonce,
            "assertion": hashlib.sha256(answer.signature.encode()).hexdigest()}


def verify_binding(signature: Signature) -> tuple[str, ...]:
    """What is wrong with how a signature is bound to its record and signer; nothing when sound.

    Computed from what was kept, with cryptography alone; then that the key was its signer's then.
    """
    wrong = []
    if hashlib.sha256(signature.record.encode()).hexdigest() != signature.digest:
        wrong.append("the record kept is not the one that was signed")
    if signature.binding is not Binding.PASSKEY:
        return (*wrong, *(["it keeps a passkey's answer it does not name"]
                          if signature.proof is not None else []))
    try:
        kept = json.loads(signature.proof or "")
        manifest = json.loads(kept["manifest"])
        answer = Answer(*(kept[name] for name in ("credential_id", "authenticator_data",
                                                  "client_data", "signature")))
        webauthn.check(answer, kept["public_key"], challenge(kept["manifest"]),
                       Site(kept["origin"], kept["rp_id"]))
    except (Refused, ValueError, LookupError, TypeError):
        return (*wrong, "the passkey's answer does not verify")
    told = {"subject": signature.subject, "meaning": signature.meaning,
            "statement": signature.meaning.sentence, "digest": signature.digest,
            "signer": signature.username, "nonce": signature.nonce}
    wrong += [f"the passkey confirmed another {name}" for name, value in told.items()
              if manifest.get(name) != value]
    if signature.assertion != hashlib.sha256(answer.signature.encode()).hexdigest():
        wrong.append("the answer kept is not the one that was counted")
    return (*wrong, *_whose(signature, kept))


def _whose(signature: Signature, kept: dict[str, Any]) -> list[str]:
    """Whether the key was the signer's when they signed."""
    key = session.scalar(sa.select(Passkey).where(Passkey.credential_id == kept["credential_id"]))
    if key is None or key.public_key != kept["public_key"]:
        return ["the passkey was never registered here"]
    signer = session.get(Account, signature.user_id)
    if key.account_id != signature.user_id or not signer or signer.username != signature.username:
        return ["the passkey is another person's"]
    if key.registered_at > signature.at or (key.ended_at and key.ended_at < signature.at):
        return ["the passkey did not count at that moment"]
    return []


def covers(signature: Signature, record_now: dict[str, Any]) -> bool:
    """Whether what was signed is what stands now."""
    return signature.digest == chain.digest(record_now)


def difference(signature: Signature, record_now: dict[str, Any]) -> tuple[str, ...]:
    """What changed since the signature, as lines ``path: was -> is``."""
    return tuple(differences(json.loads(signature.record), chain.plain(record_now)))
