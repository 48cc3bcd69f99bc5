"""Files: their bytes, kept once, and what they are attached to."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from mscbank.database import Audited, Model, closed
from mscbank.things import Recorded, Thing


class Content(Audited, Model):
    """The bytes of a file, kept once however often it is attached. The trail keeps ``sha256``;
    verification holds the bytes against it."""

    __tablename__ = "content"
    DIGESTED_AS: ClassVar[dict[str, str]] = {"data": "sha256"}
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(deferred=True)
    __table_args__ = (
        sa.CheckConstraint("length(sha256) = 64", name="digest"),
        sa.CheckConstraint("size > 0 AND size = length(data)", name="size"),
    )


class MediaType(StrEnum):
    """What a file is, found in its bytes."""

    PDF = "application/pdf"
    FCS = "application/vnd.isac.fcs"
    CSV = "text/csv"

    @property
    def ending(self) -> str:
        """How the name of such a file ends."""
        return {MediaType.PDF: "pdf", MediaType.FCS: "fcs", MediaType.CSV: "csv"}[self]


class Attachment(Recorded, Thing):
    """A file on any thing (``about``: its code). ``sha256`` names the content."""

    __tablename__ = "attachment"
    KIND, SLUG = "TF", "attachments"
    about: Mapped[str] = mapped_column(sa.String(20), index=True)
    file_name: Mapped[str] = mapped_column(sa.String(120))
    media_type: Mapped[MediaType] = mapped_column(closed(MediaType))
    sha256: Mapped[str] = mapped_column(sa.String(64), sa.ForeignKey("content.sha256"))
    size: Mapped[int]
    __table_args__ = (sa.UniqueConstraint("about", "sha256"),)

    @property
    def title(self) -> str:
        return self.file_name
