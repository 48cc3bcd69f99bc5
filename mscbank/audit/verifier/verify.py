"""Checks a bundle of mscbank's trail. Needs Python 3.8 and the package cryptography, no mscbank.

    python verify.py [BUNDLE] [--key HEX]

BUNDLE is the zip or the folder it was unpacked into; without it, the folder this file lies in.
HEX is the bank's public key, taken from a place the maker of the bundle does not control. Exit
status: 0 whole and unchanged, 1 not (the first bad entry is named), 2 wrong use.

What is checked: every file against the signed list, and none besides; the checkpoint's signature;
every entry's hash and its link to the one before, up to the checkpoint; every signature's record
against the digest that was signed, and its row against the entry that wrote it; every attachment
against its sha256.
"""

import argparse
import hashlib
import io
import json
import pathlib
import re
import struct
import sys
import zipfile
import zlib

FORM = "mscbank bundle 1"
BEGINNING = "0" * 64
MANIFEST = "manifest.txt"
_MANIFEST = re.compile(
    r"mscbank bundle 1\nkind: (whole trail|lot L[0-9]{2}-[0-9]+)\n"
    r"entries: (\d{1,18}) to (\d{1,18})\nfollows: ([0-9a-f]{64})\n"
    r"((?:[0-9a-f]{64}  [A-Za-z0-9./-]+\n)+)signature: ([0-9a-f]{128})\n")
_CHECKPOINT = re.compile(
    r"mscbank checkpoint 1\nsequence: (\d{1,18})\nhash: ([0-9a-f]{64})\ntime: (\S{27})\n"
    r"signature: ([A-Za-z0-9+/=]{88})\n")


class Bad(Exception):
    """Something that is not as it should be: the sentence names it."""


def digest(data):
    """sha256 of bytes or of a text, as 64 hexadecimal digits."""
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def canonical(value):
    """The one text of a value, as mscbank writes it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False,
                      allow_nan=False)


def zip_of(files):
    """The zip of these files (name -> bytes): stored, without dates, so it can be only this one."""
    body, directory, offset = [], [], 0
    for name, data in files.items():
        raw = name.encode("ascii")
        fixed = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data),
                            len(data), len(raw), 0)
        body.append(b"PK\3\4" + fixed + raw + data)
        directory.append(b"PK\1\2" + struct.pack("<H", 20) + fixed
                         + struct.pack("<HHHII", 0, 0, 0, 0, offset) + raw)
        offset += len(body[-1])
    listed = b"".join(directory)
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(listed), offset, 0)
    return b"".join(body) + listed + b"PK\5\6" + end


def files_of(path):
    """The files of a bundle by name. Raises Bad for a zip that is not exactly as it was made."""
    path = pathlib.Path(path)
    if path.is_dir():
        return {each.relative_to(path).as_posix(): each.read_bytes()
                for each in sorted(path.rglob("*")) if each.is_file()}
    if not path.is_file():
        raise Bad(f"{path}: there is no such file or folder")
    return files_of_zip(path.read_bytes())


def files_of_zip(data):
    """The files of a zip. Raises Bad for one that is not exactly as it was made."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as zip_:
            files = {info.filename: zip_.read(info) for info in zip_.infolist()}
        same = zip_of(files) == data
    except Exception as error:  # noqa: BLE001 - whatever a damaged zip makes its reader say
        raise Bad(f"the zip cannot be read ({type(error).__name__}): it was damaged") from None
    if not same:
        raise Bad("the zip is not as it was made: something was added to it or changed in it")
    return files


def check(files, key=None):
    """Every problem of a bundle, the first bad entry first; and one line that sums it up.

    ``files``: name -> bytes. ``key``: 32 bytes; without it the bundle's own, which proves only
    that nothing was changed by one who does not hold the bank's key.
    """
    found = []
    manifest = _tried(found, lambda: _manifest(files, key, found)) or {}
    checkpoint = _tried(found, lambda: _checkpoint(files, manifest.get("key")))
    entries = _tried(found, lambda: _entries(files, manifest, checkpoint, found)) or []
    walked = len(entries) == manifest.get("last", -1) - manifest.get("first", 1) + 1
    _tried(found, lambda: _signatures(files, entries, walked, found))
    _tried(found, lambda: _attachments(files, entries, walked, found))
    found.sort(key=_entry_named)
    opened = sum("body" in entry for entry in entries)
    closed = len(entries) - opened
    summary = (f"{manifest.get('kind', 'bundle')}: {opened} entries read"
               + (f", {closed} others by their hash only" if closed else "")
               + (f", up to the checkpoint of {checkpoint['time']}" if checkpoint else ""))
    return found, summary


def _tried(found, do):
    try:
        return do()
    except Bad as bad:
        found.append(str(bad))
    except Exception as error:  # noqa: BLE001 - a damaged file may fail anywhere: not whole
        found.append(f"a file cannot be read ({type(error).__name__}: {error})")
    return None


def _entry_named(problem):
    number = re.match(r"entry (\d+)", problem)
    return (0, int(number[1])) if number else (1, 0)


def _text(files, name):
    if name not in files:
        raise Bad(f"{name} is missing")
    return files[name].decode("utf-8")


def _proven(key, signature, text, what):
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        raise Bad(f"{what} was not signed with this key: it was changed, or another bank "
                  "made it") from None


def _manifest(files, key, found):
    """What the signed list says; what of it does not hold goes into ``found``."""
    text = _text(files, MANIFEST)
    read = _MANIFEST.fullmatch(text)
    if not read:
        raise Bad(f"{MANIFEST} is not as mscbank writes it")
    own = _text(files, "public-key.txt")
    if not re.fullmatch(r"[0-9a-f]{64}\n", own):
        raise Bad("public-key.txt is not a key")
    if key is not None and own.strip() != key.hex():
        raise Bad("public-key.txt is not the key that was given")
    key = bytes.fromhex(own.strip())
    _proven(key, bytes.fromhex(read[6]), text[:text.index("signature: ")], MANIFEST)
    listed = dict(reversed(line.split("  ", 1)) for line in read[5].splitlines())
    problems = [f"{name} is missing" for name in sorted(listed.keys() - files.keys())]
    problems += [f"{name} does not belong to this bundle"
                 for name in sorted(files.keys() - listed.keys() - {MANIFEST})]
    problems += [f"{name} was changed" for name in sorted(listed.keys() & files.keys())
                 if digest(files[name]) != listed[name]]
    found.extend(problems)
    return {"kind": read[1], "first": int(read[2]), "last": int(read[3]), "follows": read[4],
            "key": key}


def _checkpoint(files, key):
    import base64

    text = _text(files, "checkpoint.txt")
    read = _CHECKPOINT.fullmatch(text)
    if not read:
        raise Bad("checkpoint.txt is not a checkpoint")
    if key:
        _proven(key, base64.b64decode(read[4]), text[:text.index("signature: ")],
                "checkpoint.txt")
    return {"sequence": int(read[1]), "hash": read[2], "time": read[3]}


def _entries(files, manifest, checkpoint, found):
    """Walk the entries; the first that is wrong ends the walk."""
    entries = []
    expected, previous = manifest.get("first", 1), manifest.get("follows", BEGINNING)
    for number, line in enumerate(_text(files, "entries.jsonl").split("\n")[:-1]):
        here = expected + number
        try:
            entry = json.loads(line)
            problem = _wrong(entry, here, previous, manifest.get("kind") == "whole trail")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            problem = "cannot be read"
        if problem:
            found.append(f"entry {here}: {problem}")
            return entries
        entries.append(entry)
        previous = entry["hash"]
    end = expected + len(entries) - 1
    if checkpoint and (end, previous) != (checkpoint["sequence"], checkpoint["hash"]):
        found.append(f"entry {end + 1 if end < checkpoint['sequence'] else end}: the trail does "
                     "not end where the checkpoint says: it was cut, lengthened or rewritten")
    if manifest and end != manifest["last"]:
        found.append(f"entry {end + 1}: the bundle was made up to entry {manifest['last']}")
    return entries


def _wrong(entry, expected, previous, whole):
    if entry["sequence"] != expected:
        return "changed, missing or out of order"
    if entry["previous"] != previous:
        return f"does not follow entry {expected - 1}"
    if "body" not in entry:
        return "its text is missing" if whole else ""
    form = f"mscbank entry 1\n{expected}\n{previous}\n{entry['body']}"
    if digest(form) != entry["hash"]:
        return "its text is not what was hashed"
    kinds = [[type(part) for part in row] for row in json.loads(entry["body"])["rows"]]
    return "" if all(each == [str, int, str] for each in kinds) else "cannot be read"


def _told_rows(entries, table):
    """{(row): (entry, digest)} of the rows of a table that the entries speak of, the latest."""
    told = {}
    for entry in entries:
        if "body" in entry:
            for name, row, sealed in json.loads(entry["body"])["rows"]:
                if name == table:
                    told[row] = (entry["sequence"], sealed)
    return told


def _rows(files, what, entries, walked, found):
    """The rows of a file, each compared with the digest that its entry keeps. Where the walk
    ended early, those of entries that were not reached are left: the first bad one is named."""
    rows, known = [], _told_rows(entries, what)
    reached = entries[-1]["sequence"] if entries else 0
    for line in _text(files, f"{what}s.jsonl").split("\n")[:-1]:
        row = json.loads(line)
        if not walked and row["entry"] > reached:
            continue
        sequence, sealed = known.pop(row["id"], (row["entry"], None))
        if digest(canonical([row[column] for column in sorted(row)])) != sealed:
            found.append(f"entry {sequence}: {what} {row['id']} is not as this entry wrote it")
        rows.append(row)
    for row, (sequence, _) in sorted(known.items()):
        found.append(f"entry {sequence}: {what} {row}, which it wrote, is missing")
    return rows


def _signatures(files, entries, walked, found):
    for row in _rows(files, "signature", entries, walked, found):
        if digest(row["record"]) != row["digest"]:
            found.append(f"entry {row['entry']}: signature {row['id']} does not cover the record "
                         "it stands under")


def _attachments(files, entries, walked, found):
    """Each attached file by its content; and none that nothing speaks of."""
    rows = _rows(files, "attachment", entries, walked, found)
    wanted = {row["sha256"]: row for row in rows}
    for sha256, row in wanted.items():
        data = files.get(f"attachments/{sha256}")
        if data is None or digest(data) != sha256:
            found.append(f"entry {row['entry']}: attachment {row['id']} is "
                         + ("missing" if data is None else "not the file that was attached"))
    for name in files:
        if walked and name.startswith("attachments/") and name[12:] not in wanted:
            found.append(f"{name}: no entry speaks of this file")


def main(words=None):
    """Check the bundle named; print the verdict; return the exit status."""
    parser = argparse.ArgumentParser(description="Check a bundle of mscbank's trail.")
    parser.add_argument("bundle", nargs="?", default=str(pathlib.Path(__file__).parent),
                        help="the zip, or the folder it was unpacked into")
    parser.add_argument("--key", metavar="HEX", help="the bank's public key, from elsewhere")
    asked = parser.parse_args(words)
    if asked.key is not None and not re.fullmatch(r"[0-9a-f]{64}", asked.key):
        parser.error("a key is 64 hexadecimal digits")
    try:
        found, summary = check(files_of(asked.bundle),
                               bytes.fromhex(asked.key) if asked.key else None)
    except Bad as bad:
        found, summary = [str(bad)], ""
    for problem in found:
        print(problem)
    if found:
        print("NOT WHOLE: do not rely on this bundle.")
        return 1
    print(f"WHOLE AND UNCHANGED. {summary}.")
    if asked.key is None:
        print("The key was the bundle's own: compare public-key.txt with the key the bank "
              "published, or give it with --key.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
