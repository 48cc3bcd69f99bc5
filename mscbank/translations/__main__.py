"""``python -m mscbank.translations``: bring the catalogue up to the source, and compile it."""

from __future__ import annotations

from mscbank.translations.update import PO, missing, update, write

made = update()
write(made)
lacking = missing(made)
print(f"{PO.name}: {len(made)} texts, {len(lacking)} without French.")
for text in lacking:
    print(f"  {text}")
