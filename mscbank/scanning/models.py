"""The scan log: a plain table of its own, outside the trail."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import Model


class Scan(Model):
    """Something was scanned. ``text`` is cut at 400 characters: a scan may be anything. ``how`` is
    scanner, camera or keyed; ``device`` the mark of the browser; ``bedside``: for a check there. ``at``
    is when it was scanned, not when the network let it through."""

    __tablename__ = "scan"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(sa.String(400))
    answer: Mapped[str] = mapped_column(sa.String(40))
    how: Mapped[str] = mapped_column(sa.String(10), default="")
    device: Mapped[str] = mapped_column(sa.String(16), default="")
    bedside: Mapped[bool] = mapped_column(default=False)


class ScannerTrial(Model):
    """A scanner tried on a device with the test code: ``passed`` only when what came is exactly
    what the code holds. A plain log: the scanner is equipment, not part of a bag's record."""

    __tablename__ = "scanner_trial"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    device: Mapped[str] = mapped_column(sa.String(16), index=True)
    scanner: Mapped[str] = mapped_column(sa.String(60))
    place: Mapped[str] = mapped_column(sa.String(60))
    passed: Mapped[bool]
    read: Mapped[str] = mapped_column(sa.String(400))
    fault: Mapped[str] = mapped_column(sa.String(200), default="")
