"""What is remembered of exports."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.rules import day_told
from mscbank.settings import local
from mscbank.testing.files import Content  # noqa: F401 - the bytes stand there
from mscbank.things import Recorded, Thing


class StudyExport(Recorded, Thing):
    """The study's data as somebody took them along: of which protocol, what for, the digest of the
    file and how many rows of each table."""

    __tablename__ = "study_export"
    KIND, SLUG = "FV", "study-exports"
    protocol: Mapped[str] = mapped_column(sa.String(60))
    purpose: Mapped[str] = mapped_column(sa.String(200))
    sha256: Mapped[str] = mapped_column(sa.String(64), sa.ForeignKey("content.sha256"))
    size: Mapped[int]
    rows: Mapped[dict[str, int]] = mapped_column(sa.JSON)
    __table_args__ = (sa.CheckConstraint("length(sha256) = 64", name="digest"),)

    @property
    def title(self) -> str:
        return f"Export of {self.protocol}, {day_told(local(self.recorded_at))}"
