"""Sealing, reading and destroying identities.

Only reading by a person is an entry of its own ("identity read"); sealing is written down by the
act that calls it. Neither ever writes a value outside the vault.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

import sqlalchemy as sa

from mscbank.audit.service import record
from mscbank.database import read, session
from mscbank.errors import AlreadyDone, NotKnown, Refused, WrongMoment
from mscbank.identities import rules, vault
from mscbank.identities.models import PersonKey, SealedValue
from mscbank.permissions import Actor, Permission
from mscbank.settings import local, settings


def seal_values(subject_code: str, values: dict[str, str], *, by: Actor, at: datetime) -> None:
    """Seal a new person's values ("name", "birth date" as ISO, "hospital number").

    ``at`` and ``by`` are those of the calling act, which writes the entry. Values already
    sealed are not replaced here: that is refused.
    """
    by.must(Permission.ENROL)
    rules.known_fields(values)
    if session.scalar(sa.select(sa.exists().where(SealedValue.subject == subject_code))):
        raise AlreadyDone("The identity of this person is sealed already.")
    key = vault.new_key()
    session.add(PersonKey(subject=subject_code,
                          wrapped=vault.wrap(settings().vault_key, subject_code, key)))
    session.flush()  # the values refer to the key's row
    for field, value in values.items():
        rules.something_written(value, field)
        session.add(SealedValue(subject=subject_code, field=field,
                                sealed=vault.seal(key, subject_code, field, value)))


def open_values(subject_code: str, *, by: Actor, at: datetime) -> dict[str, str]:
    """The person's values by field. Reading is an entry: call it inside a transaction.

    Refused without the right to read identities, and when the key was destroyed.
    """
    by.must(Permission.READ_IDENTITIES)
    values = _open(subject_code)
    record("identity read", subject_code, by=by, at=at, fields=sorted(values))
    return values


def destroy_key(
    subject_code: str, *, by: Actor, at: datetime, reason: str, traceable_until: date | None,
) -> None:
    """Destroy a person's key: the values can never be read again, the trail stays whole.

    ``traceable_until`` is the last day on which this person must be found from a product (30
    years after the product's expiry, Regulation (EC) 1394/2007 Art. 15); None when nothing was
    made from this person's cells nor given to them.
    """
    by.must(Permission.ENROL)
    rules.something_written(reason, "reason")
    rules.no_longer_needed(traceable_until, local(at).date())
    kept = _key_row(subject_code)
    if kept.wrapped is None:
        raise AlreadyDone("The key of this person was destroyed before.")
    kept.wrapped, kept.destroyed_at = None, at
    record("identity destroyed", subject_code, by=by, at=at, reason=reason,
           traceable_until=traceable_until)


def birth_date_of(subject_code: str) -> date:
    """The birth date, for a rule that needs an age. No person reads it, so no entry is written."""
    return date.fromisoformat(_open(subject_code, rules.BIRTH_DATE)[rules.BIRTH_DATE])


def find_subject(values: dict[str, str], among: sa.Select[tuple[str]]) -> str | None:
    """The code of the person of ``among`` (a select of codes) whose values are all these.

    Compared without regard to case and spaces, so that nobody is enrolled twice.
    """
    for code in session.scalars(among):
        try:
            known = _open(code)
        except WrongMoment:  # this person's key was destroyed
            continue
        if all(_same(known.get(field, ""), value) for field, value in values.items()):
            return code
    return None


SHORTEST_FRAGMENT = 2


def find_people(fragment: str, *, by: Actor, at: datetime) -> list[str]:
    """The codes of everybody whose name holds this fragment, or whose hospital number is it.

    The vault has no index that could be read from outside: the values are opened one after the
    other in memory and compared without case, accents and spaces. That a search was made, and whom
    it found, is an entry; what was typed is not, because it is a name. Inside a transaction.
    """
    by.must(Permission.READ_IDENTITIES)
    wanted = _bare(fragment)
    found: list[str] = []
    if len(wanted) >= SHORTEST_FRAGMENT:
        for subject in session.scalars(sa.select(PersonKey.subject).where(
                PersonKey.wrapped.is_not(None)).order_by(PersonKey.id)):
            known = _open(subject, rules.NAME, rules.HOSPITAL_NUMBER)
            if wanted in _bare(known.get(rules.NAME, "")) or wanted == _bare(
                    known.get(rules.HOSPITAL_NUMBER, "")):
                found.append(subject)
    record("identities searched", None, by=by, at=at, found=found)
    return found


def _bare(text: str) -> str:
    """Small letters without accents, marks and spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())


def _same(one: str, other: str) -> bool:
    return "".join(one.split()).casefold() == "".join(other.split()).casefold()


def _key_row(subject_code: str) -> PersonKey:
    row = session.scalar(sa.select(PersonKey).where(PersonKey.subject == subject_code))
    if row is None:
        raise _not_sealed()
    return row


def _not_sealed() -> NotKnown:
    return NotKnown("No identity is sealed under this code: check which person is meant.")


_HELD = (
    sa.select(PersonKey.wrapped, SealedValue.field, SealedValue.sealed)
    .outerjoin(SealedValue, SealedValue.subject == PersonKey.subject)
    .where(PersonKey.subject == sa.bindparam("subject")))


def _open(subject_code: str, *only: str) -> dict[str, str]:
    """The values of a person, or only those of these fields. One statement."""
    session.flush()
    held = read(_HELD, {"subject": subject_code})
    if not held:
        raise _not_sealed()
    if held[0].wrapped is None:
        raise WrongMoment("The key of this person was destroyed: name, birth date and hospital "
                          "number can no longer be read.", reasons=("destroyed",))
    try:
        key = vault.unwrap(settings().vault_key, subject_code, held[0].wrapped)
        return {row.field: vault.unseal(key, subject_code, row.field, row.sealed)
                for row in held if row.field and (not only or row.field in only)}
    except vault.DoesNotOpen as error:
        raise Refused("The identity does not open: the vault's key is another one, or the "
                      "database was changed. Tell the administrator; use no name from memory.",
                      reasons=("vault does not open",)) from error
