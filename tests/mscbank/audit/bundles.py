"""Small bundles without a database, and every way to damage one."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mscbank.audit import chain
from mscbank.audit.bundle import Parts, pack
from mscbank.audit.checkpoints import Checkpoint
from mscbank.audit.verifier import verify as verifier

KEY = bytes(range(32))
Files = dict[str, bytes]


def small_bundle(chance: random.Random) -> bytes:
    """A bundle of a few acts, some of them signed, some with a file attached."""
    entries, signatures, attachments, contents = [], [], [], {}
    previous = chain.BEGINNING
    for sequence in range(1, chance.randint(2, 7)):
        rows = []
        if chance.random() < 0.6:
            signatures.append(_signature(len(signatures) + 1, sequence, chance))
            rows.append(["signature", len(signatures), _digest(signatures[-1])])
        if chance.random() < 0.4:
            data = chance.randbytes(chance.randint(1, 40))
            attachments.append({"id": len(attachments) + 1, "entry": sequence,
                                "sha256": verifier.digest(data), "size": len(data)})
            contents[verifier.digest(data)] = data
            rows.append(["attachment", len(attachments), _digest(attachments[-1])])
        body = chain.canonical({"act": chance.choice(["seed", "feed", "count"]), "rows": rows,
                                "reason": chance.choice([None, "Über 3 °C, “warm”"])})
        hash_ = chain.entry_hash(sequence, previous, body)
        entries.append((sequence, previous, hash_, body))
        previous = hash_
    return pack(Parts("whole trail", entries, note(len(entries), previous), signatures,
                      attachments, contents), KEY, site="A bank", facility="A9999")


def note(sequence: int, hash_: str, key: bytes = KEY) -> str:
    """A signed checkpoint."""
    point = Checkpoint(sequence, hash_, "2026-03-02T08:00:00.000000Z")
    signed = Ed25519PrivateKey.from_private_bytes(key).sign(point.text.encode())
    return f"{point.text}signature: {base64.b64encode(signed).decode()}\n"


def _signature(id_: int, sequence: int, chance: random.Random) -> dict:
    record = chain.canonical({"lot": f"L26-{chance.randint(1, 999):03d}"})
    return {"id": id_, "entry": sequence, "name": "Quentin Noir", "meaning": "certified",
            "record": record, "digest": verifier.digest(record)}


def _digest(row: dict) -> str:
    return verifier.digest(verifier.canonical([row[name] for name in sorted(row)]))


def problems(data: bytes, key: bytes | None = None) -> list[str]:
    """What the verifier says of a zip."""
    try:
        return verifier.check(verifier.files_of_zip(data), key)[0]
    except verifier.Bad as bad:
        return [str(bad)]


def rezipped(change: Callable[[Files, random.Random], None]) -> Callable:
    """Damage the files, and make a faultless zip of them again."""
    def damage(data: bytes, chance: random.Random) -> bytes:
        files = verifier.files_of_zip(data)
        change(files, chance)
        return verifier.zip_of(files)
    damage.__name__ = change.__name__
    return damage


def a_byte_of_the_zip(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]


def the_end_of_the_zip(data: bytes, chance: random.Random) -> bytes:
    return data[:-chance.randint(1, 60)]


def more_after_the_zip(data: bytes, chance: random.Random) -> bytes:
    return data + chance.randbytes(chance.randint(1, 20))


@rezipped
def a_byte_of_a_file(files: Files, chance: random.Random) -> None:
    name = chance.choice([name for name, data in files.items() if data])
    at = chance.randrange(len(files[name]))
    files[name] = (files[name][:at] + bytes([files[name][at] ^ 1 << chance.randrange(8)])
                   + files[name][at + 1:])


@rezipped
def a_file_taken_out(files: Files, chance: random.Random) -> None:
    del files[chance.choice(sorted(files))]


@rezipped
def a_file_put_in(files: Files, chance: random.Random) -> None:
    files[chance.choice(["note.txt", "attachments/" + "0" * 64, "verify.pyc"])] = b"more"


@rezipped
def a_line_taken_out(files: Files, chance: random.Random) -> None:
    lines = files["entries.jsonl"].splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    files["entries.jsonl"] = b"".join(lines)


@rezipped
def a_line_told_twice(files: Files, chance: random.Random) -> None:
    lines = files["entries.jsonl"].splitlines(keepends=True)
    files["entries.jsonl"] = b"".join([*lines, chance.choice(lines)])


@rezipped
def the_order_of_the_lines(files: Files, chance: random.Random) -> None:
    lines = files["entries.jsonl"].splitlines(keepends=True)
    files["entries.jsonl"] = b"".join([lines[-1], *lines[:-1]]) if len(lines) > 1 else b""


@rezipped
def a_text_and_its_hashes(files: Files, chance: random.Random) -> None:
    """The forger computes every hash anew, and the list of the files too."""
    previous, lines = chain.BEGINNING, []
    for number, line in enumerate(files["entries.jsonl"].splitlines(), 1):
        entry = verifier.json.loads(line)
        body = entry["body"].replace('"act":"', '"act":"not ', 1)
        hash_ = chain.entry_hash(number, previous, body)
        lines.append(verifier.canonical({"sequence": number, "previous": previous,
                                         "hash": hash_, "body": body}) + "\n")
        previous = hash_
    files["entries.jsonl"] = "".join(lines).encode()
    _list_anew(files)


@rezipped
def a_list_signed_with_another_key(files: Files, chance: random.Random) -> None:
    _list_anew(files)
    text = files[verifier.MANIFEST].decode().split("signature: ")[0]
    signed = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32)).sign(text.encode())
    files[verifier.MANIFEST] = f"{text}signature: {signed.hex()}\n".encode()


def _list_anew(files: Files) -> None:
    text = files[verifier.MANIFEST].decode()
    for name, data in files.items():
        text = re.sub(rf"[0-9a-f]{{64}}(?=  {re.escape(name)}\n)", verifier.digest(data), text)
    files[verifier.MANIFEST] = text.encode()


DAMAGES = (a_byte_of_the_zip, the_end_of_the_zip, more_after_the_zip, a_byte_of_a_file,
           a_file_taken_out, a_file_put_in, a_line_taken_out, a_line_told_twice,
           the_order_of_the_lines, a_text_and_its_hashes, a_list_signed_with_another_key)
