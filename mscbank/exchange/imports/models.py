"""What is remembered of instruments' files: the shapes the laboratory saved, and what each file
gave."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.cultures.models import CultureCount
from mscbank.database import Audited, Model
from mscbank.testing.models import Result
from mscbank.things import Recorded, Thing


class CsvShape(Recorded, Thing):
    """A shape the laboratory mapped: its sheet, as it was checked. A change is a new version."""

    __tablename__ = "csv_shape"
    KIND, SLUG = "FP", "shapes"
    name: Mapped[str] = mapped_column(sa.String(40))
    version: Mapped[int]
    heading: Mapped[str] = mapped_column(sa.String(120))
    sheet: Mapped[str]
    digest: Mapped[str] = mapped_column(sa.String(64))
    __table_args__ = (
        sa.UniqueConstraint("name", "version"),
        sa.CheckConstraint("version > 0", name="version_counts"),
        sa.CheckConstraint("length(digest) = 64", name="digest"),
    )

    @property
    def title(self) -> str:
        return f"{self.heading} ({self.reference})"

    @property
    def reference(self) -> str:
        """``our-counter-2``: what an import names."""
        return f"{self.name}-{self.version}"


class ImportedRow(Audited, Model):
    """What a line of the file gave: one result, or one count."""

    __tablename__ = "imported_row"
    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("instrument_import.id"), index=True)
    line: Mapped[int]
    result_id: Mapped[int | None] = mapped_column(sa.ForeignKey("result.id"), unique=True)
    count_id: Mapped[int | None] = mapped_column(sa.ForeignKey("culture_count.id"), unique=True)
    result: Mapped[Result | None] = relationship()
    count: Mapped[CultureCount | None] = relationship()
    __table_args__ = (
        sa.CheckConstraint("(result_id IS NULL) <> (count_id IS NULL)", name="one_thing"),
        sa.CheckConstraint("line > 0", name="line_counts"),
    )


class Import(Recorded, Thing):
    """A file of an instrument that was recorded whole, once. Its bytes are kept as they came."""

    __tablename__ = "instrument_import"
    KIND, SLUG = "FN", "imports"
    file_name: Mapped[str] = mapped_column(sa.String(120))
    sha256: Mapped[str] = mapped_column(sa.String(64), sa.ForeignKey("content.sha256"),
                                        unique=True)
    shape: Mapped[str] = mapped_column(sa.String(60))
    shape_digest: Mapped[str] = mapped_column(sa.String(64))
    laboratory: Mapped[str] = mapped_column(sa.String(120))
    rows: Mapped[int]
    made: Mapped[list[ImportedRow]] = relationship(order_by=(ImportedRow.line, ImportedRow.id))
    __table_args__ = (sa.CheckConstraint("rows > 0", name="some_rows"),)

    @property
    def title(self) -> str:
        return self.file_name
