"""The scan log: a plain table of its own, outside the trail."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import Model


class Scan(Model):
    """Something was scanned. ``text`` is cut at 400 characters: a scan may be anything."""

    __tablename__ = "scan"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(sa.String(400))
    answer: Mapped[str] = mapped_column(sa.String(40))
