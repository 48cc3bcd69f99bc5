"""The trail as a bundle that an auditor verifies without mscbank, years from now.

A zip of plain files: every entry's text as it was hashed, the signatures with the records they
were given over, the attached files, a signed checkpoint, a signed list of all of it, the verifier,
and a README. ``verifier/verify.py`` says what is checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mscbank.audit import chain, checkpoints, verify
from mscbank.audit.models import Entry
from mscbank.audit.service import columns_of, record
from mscbank.audit.verifier import verify as verifier
from mscbank.config import Config
from mscbank.database import one_picture, session, transaction
from mscbank.errors import Refused
from mscbank.permissions import Actor

LARGEST = 2**32 - 2**20  # what a zip without extensions holds
WHOLE = "whole trail"
README = """A bundle of the trail of {site} (facility {facility})

What it holds: {what}, as it stood at the checkpoint of {time}.

  entries.jsonl      one act a line: its number, the hash of the line before, its own hash, and
                     its text (body) as it was hashed. {closed}
  signatures.jsonl   one signature a line, with the record the signer saw and its sha256
  attachments.jsonl  one attached file a line: what it is attached to, its name, its sha256
  attachments/       those files, each named by its sha256
  checkpoint.txt     where the trail stood, signed by the bank
  manifest.txt       every file of this bundle with its sha256, signed by the bank
  public-key.txt     the bank's public key
  verify.py          the verifier: one file, to be read before it is run

How to check it: install Python 3 and its package cryptography, then

  python verify.py THIS-ZIP-OR-FOLDER --key {key}

Take the key from a place the maker of this bundle does not control: a paper certificate, the
bank's published key, or another copy. The answer is one line and the exit status 0 or 1; what is
wrong is named by the number of its first bad entry.

How the hashes are made: sha256 over the text "mscbank entry 1", the number, the hash before and the
body, each on a line of its own. A body lists under "rows" the sha256 of every row of the database
that the act wrote: the values of its columns, in alphabetical order of their names, as one JSON
list without spaces. Quantities are texts, moments are UTC, and nothing is a floating number.
"""
CLOSED = """Entries about other lots stand here by
                     their hashes only: the bank vouches for these by its signature, and a
                     bundle of the whole trail proves them."""


@dataclass(frozen=True)
class Parts:
    """What goes into a bundle. ``entries``: (sequence, previous, hash, body or None);
    ``signatures``, ``attachments``: rows as plain values; ``files``: content by sha256."""

    kind: str
    entries: list[tuple[int, str, str, str | None]]
    checkpoint: str
    signatures: list[dict[str, Any]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


def bundle(signing_key: bytes, at: datetime, *, site: str = "mscbank", facility: str = "") -> bytes:
    """The whole trail, as it stands at one moment while others write."""
    one_picture()
    return pack(Parts(
        WHOLE, list(verify.entries()), checkpoints.note(signing_key, at),
        signatures=_rows("signature"), attachments=_rows("attachment"),
        files=_contents()), signing_key, site=site, facility=facility)


def bundle_of_lot(number: str, codes: frozenset[str], signing_key: bytes, at: datetime, *,
                  site: str = "mscbank", facility: str = "") -> bytes:
    """The entries about these house codes in full, all others since the first by their hashes;
    of one moment."""
    one_picture()
    opened = set(session.scalars(sa.select(Entry.sequence).where(Entry.subject.in_(sorted(codes)))))
    if not opened:
        raise Refused(f"The trail has no entry about lot {number}.")
    entries = [(sequence, previous, hash_, body if sequence in opened else None)
               for sequence, previous, hash_, body in verify.entries() if sequence >= min(opened)]
    attachments = [row for row in _rows("attachment") if row["entry"] in opened]
    return pack(Parts(
        f"lot {number}", entries, checkpoints.note(signing_key, at),
        signatures=[row for row in _rows("signature") if row["entry"] in opened],
        attachments=attachments, files=_contents({row["sha256"] for row in attachments})),
        signing_key, site=site, facility=facility)


def maker(config: Config) -> dict[str, str]:
    """Whose trail it is, in the words of the README."""
    return {"site": config.site_name, "facility": config.facility}


def taken(made: bytes, about: Any, *, by: Actor, at: datetime) -> int:
    """Enter that a bundle about a thing (None: the whole trail) left the bank, with its digest;
    the number of that entry."""
    with transaction():
        return record("export trail", about, by=by, at=at, sha256=verifier.digest(made),
                      size=len(made))


def pack(parts: Parts, signing_key: bytes, *, site: str = "mscbank", facility: str = "") -> bytes:
    """The zip. The same parts make the same bytes."""
    key = checkpoints.public_key(signing_key).public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    time = parts.checkpoint.split("time: ")[1].split("\n")[0]
    files = {
        "README.txt": README.format(
            site=site, facility=facility, key=key, time=time, what=f"the {parts.kind}",
            closed="" if parts.kind == WHOLE else CLOSED).encode(),
        "attachments.jsonl": _lines(parts.attachments),
        **{f"attachments/{sha256}": data for sha256, data in sorted(parts.files.items())},
        "checkpoint.txt": parts.checkpoint.encode(),
        "entries.jsonl": _lines(
            {"sequence": sequence, "previous": previous, "hash": hash_}
            | ({} if body is None else {"body": body})
            for sequence, previous, hash_, body in parts.entries),
        "public-key.txt": f"{key}\n".encode(),
        "signatures.jsonl": _lines(parts.signatures),
        "verify.py": Path(verifier.__file__).read_bytes(),
    }
    if sum(map(len, files.values())) > LARGEST:
        raise Refused("The bundle would be larger than a zip can be: export it lot by lot.")
    return verifier.zip_of({verifier.MANIFEST: _manifest(parts, files, signing_key), **files})


def _manifest(parts: Parts, files: Mapping[str, bytes], signing_key: bytes) -> bytes:
    first = parts.entries[0] if parts.entries else (1, chain.BEGINNING)
    last = parts.entries[-1][0] if parts.entries else 0
    listed = "".join(f"{verifier.digest(data)}  {name}\n" for name, data in sorted(files.items()))
    text = (f"{verifier.FORM}\nkind: {parts.kind}\nentries: {first[0]} to {last}\n"
            f"follows: {first[1]}\n{listed}")
    signature = Ed25519PrivateKey.from_private_bytes(signing_key).sign(text.encode())
    return f"{text}signature: {signature.hex()}\n".encode()


def _lines(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(chain.canonical(row) + "\n" for row in rows).encode()


def _rows(table: str) -> list[dict[str, Any]]:
    """Every row of an audited table as the plain values its digest was made of."""
    model = next(model for model in verify.audited_models() if model.__tablename__ == table)
    return [{name: chain.plain(getattr(row, name)) for name in columns_of(model)}
            for row in session.scalars(sa.select(model).order_by(model.id))]


def _contents(wanted: set[str] | None = None) -> dict[str, bytes]:
    """Attached files by their sha256; all, or those wanted."""
    return {sha256: bytes(data) for sha256, data in _stored(wanted)}


def _stored(wanted: set[str] | None) -> Iterator[Any]:
    table = sa.table("content", sa.column("sha256"), sa.column("data", sa.LargeBinary))
    statement = sa.select(table.c.sha256, table.c.data)
    if wanted is not None:
        statement = statement.where(table.c.sha256.in_(sorted(wanted)))
    yield from session.connection().execute(statement)
