"""The study's papers: its report in each form, and its data taken along by the coordinator."""

from __future__ import annotations

import json
from pathlib import Path

from mscbank import clock
from mscbank.accounts import service as accounts
from mscbank.database import transaction
from mscbank.errors import NotKnown
from mscbank.exchange.study.service import data_of, export_study
from mscbank.reports.trial.paper import trial_paper
from mscbank.reports.trial.report import as_csv, as_json, report
from mscbank.settings import settings
from specs import shelf


def study_papers(folder: Path) -> None:
    """``trial.json``, ``trial.csv``, ``trial.pdf`` and ``study.zip``."""
    if (julie := accounts.find_account("julie")) is None:
        raise NotKnown("The demo's coordinator is not here.")
    with transaction():
        export = export_study("The study's data manager, after the last visit.",
                              by=accounts.actor(julie, clock.now(), "demo"), at=clock.now())
    (folder / "study.zip").write_bytes(data_of(export))
    protocol = shelf.protocol(settings().protocol)
    made = report(protocol)
    (folder / "trial.json").write_text(json.dumps(as_json(made), indent=2) + "\n")
    (folder / "trial.csv").write_text(as_csv(made), newline="")
    (folder / "trial.pdf").write_bytes(trial_paper(protocol))
