"""A sample's own label: drawn, read back and compared before it goes out."""

from __future__ import annotations

from labels import draw, housecode, ink, readback
from labels import stock as stocks
from labels.content import ContentError, SampleLabel
from labels.wording import Language
from mscbank import things
from mscbank.bags.models import Bag
from mscbank.errors import Malformed, Unfit
from mscbank.settings import settings
from mscbank.testing.models import Sample

STOCK = "small-50x25"
STOCKS = tuple(name for name, stock in stocks.STOCKS.items()
               if (SampleLabel, stock.shape) in draw.LAYOUTS)


def label_of(sample: Sample) -> SampleLabel:
    """What stands on the tube: its code, what it was taken from, for whom that is made, the
    stage and the moment."""
    source = things.by_code(sample.taken_from)
    made = source.lot if isinstance(source, Bag) else source
    return SampleLabel(
        code=sample.code, number=source.title, test=str(sample.stage),
        source=made.harvest.donor.recipient.number,
        taken_at=sample.taken_at.astimezone(settings().zone))


def pdf_of(sample: Sample, stock: str = STOCK) -> bytes:
    """The label as PDF, whose symbols were read back. Refused where anything else was read."""
    if stock not in STOCKS:
        raise Malformed(f"A sample's label is printed on {', '.join(STOCKS)}.", field="stock")
    try:
        labels, material = [label_of(sample)], stocks.stock(stock)
        pdf = draw.draw(labels, material, language=Language(settings().language))
        readback.check_pages(pdf, draw.expected_pages(labels, material))
    except (ink.LabelOverflow, ink.Unprintable, draw.NoLayout, readback.PageMismatch,
            ContentError, housecode.CodeError) as error:
        raise Unfit(f"The label cannot be printed as it must be ({error}): write the code on the "
                    "tube by hand, and tell quality assurance.") from error
    return pdf
