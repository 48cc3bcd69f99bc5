"""mscbank: from a relative's marrow to the patient's bedside.

``STEPS`` are the packages in the order of the chain; each may import from those before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from mscbank.config import Config

STEPS = ("recipients", "donors", "harvests", "cultures", "bags", "testing", "release",
         "labelling", "custody", "infusions", "followup")
# Above the steps, and yet with acts and tables of its own.
IMPORTS = "exchange.imports"
STUDY = "exchange.study"


def create_app(config: Config | None = None, *, pages: bool = True) -> Flask:
    """The application. Reads the environment unless a configuration is given."""
    from mscbank.config import load
    from mscbank.web import build

    return build(config or load(), pages=pages)


def import_models() -> None:
    """Load every table, so that relations between steps resolve."""
    import importlib

    for package in ("audit", "accounts", "signatures", "identities", *STEPS, "scanning", IMPORTS,
                    STUDY):
        importlib.import_module(f"mscbank.{package}.models")
    importlib.import_module("mscbank.lineage")
    importlib.import_module("mscbank.acts")
