"""The batch record put together: the verdict, the contents, then chapter by chapter."""

from __future__ import annotations

from reportlab.platypus import Flowable, PageBreak, Spacer

from mscbank import things
from mscbank.audit import checkpoints
from mscbank.audit.checkpoints import Checkpoint
from mscbank.bags.models import Lot
from mscbank.database import session
from mscbank.errors import Refused
from mscbank.reports import certificate, paper
from mscbank.reports.batch import bags, control, cultures, decisions, origin, trail
from mscbank.reports.batch.family import Family
from mscbank.reports.binding import Contents, chapter, document
from mscbank.settings import settings

CHAPTERS = (
    ("1  The recipient", origin.recipient), ("2  The donor", origin.donor),
    ("3  Harvest and transport", origin.harvest),
    ("4  Family tree and growth", cultures.pictures), ("5  Cultures", cultures.cultures),
    ("6  Reagents", cultures.reagents), ("7  Filling, freezing, storage", bags.product),
    ("8  Samples", control.samples), ("9  Results and investigations", control.results),
    ("10  Deviations and actions", control.deviations),
    ("11  Holds and alerts", decisions.holds),
    ("12  Decisions and signatures", decisions.decisions), ("13  Labels", bags.labels),
    ("14  Custody", bags.custody), ("15  Infusions", bags.infusions),
    ("16  The trail", trail.trail), ("17  People", trail.people),
)
LAST = "18  Checkpoint of the trail"
TRIES = 5


def batch_record(lot: Lot) -> bytes:
    """The whole batch record as PDF, of one moment: what is written meanwhile is in none of it or
    in all of it. The same record at the same end of the trail gives the same bytes.

    Refused where the bank is written to faster than the record can be read.
    """
    code = lot.code
    for _ in range(TRIES):
        head = checkpoints.head()
        content = _content(Family(lot), head)
        if checkpoints.head() == head:
            return document("Batch record", f"lot {lot.number}", content, head=head,
                            watermark=certificate.watermark(lot))
        session.rollback()
        lot = things.get(Lot, code)
    raise Refused("The bank is being written to without a pause, and a batch record must be of one "
                  "moment: try again in a minute.")


def _content(family: Family, head: Checkpoint) -> list[Flowable]:
    note = checkpoints.signed(head, settings().signing_key)
    return [
        certificate.verdict(family.lot, family.findings), Spacer(1, 3 * paper.mm),
        paper.facts(certificate.facts(family.lot)), Spacer(1, 5 * paper.mm),
        paper.words("Contents", paper.CHAPTER),
        Contents([*(title for title, _ in CHAPTERS), LAST]), PageBreak(),
        *(block for title, draw in CHAPTERS for block in chapter(title, *draw(family))),
        *chapter(LAST, *trail.checkpoint(note)),
    ]
