"""Shelves of our own for the tests: sheets in a folder, sealed as they are."""
import hashlib

from specs.shelf import Shelf

RELEASE = """\
name = "bm-msc"
version = 1
title = "Marrow MSC"
effective = 2026-01-01

[[criterion]]
key = "viability"
title = "Viability"
stage = "drug product"
limit = "at_least"
low = 70
unit = "%"
own_choice = "for the test"

[[criterion]]
key = "endotoxin"
title = "Endotoxin"
stage = "drug product"
limit = "at_most"
high = "0.5"
unit = "EU/mL"
published = "somewhere"
"""


def put(root, folder, reference, text, *, seal=True):
    """A sheet on the shelf, and its line in DIGESTS."""
    content = text if isinstance(text, bytes) else text.encode()
    (root / folder).mkdir(exist_ok=True)
    (root / folder / f"{reference}.toml").write_bytes(content)
    if seal:
        name, _, version = reference.rpartition("-")
        with (root / "DIGESTS").open("a") as page:
            page.write(f"{name} {version} {hashlib.sha256(content).hexdigest()}\n")
    return Shelf(root)


def version_of(text, version, effective):
    """The same sheet as another version, in force from another day."""
    return (text.replace("version = 1", f"version = {version}")
            .replace("effective = 2026-01-01", f"effective = {effective}"))
