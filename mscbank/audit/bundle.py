"""The trail as a bundle an auditor verifies without mscbank: entries, checkpoint, verifier."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mscbank.audit import checkpoints
from mscbank.audit.verify import entries

VERIFIER = '''"""Checks this bundle. Needs Python 3 and the package cryptography; nothing of mscbank.

    python verify.py PUBLIC-KEY-IN-HEX

Take the public key from a place the bundle's maker does not control.
"""
import base64, hashlib, json, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

note = open("checkpoint.txt", encoding="utf-8").read()
text, _, signature = note.partition("signature: ")
key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(sys.argv[1]))
try:
    key.verify(base64.b64decode(signature), text.encode())
except InvalidSignature:
    sys.exit("the checkpoint was not signed by this key")
fields = dict(line.split(": ", 1) for line in text.splitlines()[1:])
previous, number = "0" * 64, 0
for line in open("entries.jsonl", encoding="utf-8"):
    entry = json.loads(line)
    number += 1
    form = f"mscbank entry 1\\n{entry['sequence']}\\n{entry['previous']}\\n{entry['body']}"
    if (entry["sequence"], entry["previous"]) != (number, previous) or (
            hashlib.sha256(form.encode()).hexdigest() != entry["hash"]):
        sys.exit(f"entry {entry['sequence']}: changed, missing or out of order")
    previous = entry["hash"]
if (str(number), previous) != (fields["sequence"], fields["hash"]):
    sys.exit(f"entry {number + 1}: the bundle does not end where the checkpoint says")
print(f"{number} entries, unchanged and whole up to the checkpoint of {fields['time']}")
'''


def bundle(signing_key: bytes, at: datetime) -> bytes:
    """A zip: entries.jsonl (the hashed texts themselves), checkpoint.txt, public-key.txt,
    verify.py."""
    note = checkpoints.note(signing_key, at)
    key = checkpoints.public_key(signing_key).public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    lines = "".join(
        json.dumps({"sequence": sequence, "previous": previous, "hash": hash_, "body": body},
                   ensure_ascii=False) + "\n"
        for sequence, previous, hash_, body in entries())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zip_:
        zip_.writestr("entries.jsonl", lines)
        zip_.writestr("checkpoint.txt", note)
        zip_.writestr("public-key.txt", key + "\n")
        zip_.writestr("verify.py", VERIFIER)
    return out.getvalue()
