"""The certificate: what it says, in the same bytes each time, with nothing left out."""

from __future__ import annotations

import re
from decimal import Decimal

import pypdfium2
import pytest

from mscbank import clock
from mscbank.audit.checkpoints import head
from mscbank.database import transaction
from mscbank.identities import service as identities
from mscbank.release import service, stops
from mscbank.release.models import Severity
from mscbank.reports import paper
from mscbank.reports.certificate import certificate
from mscbank.testing.service import specification_of, standing_results
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot


def text_of(pdf: bytes) -> str:
    """The words of all pages, white space as one blank."""
    document = pypdfium2.PdfDocument(pdf)
    return re.sub(r"\s+", " ", " ".join(
        page.get_textpage().get_text_range() for page in document))


def test_a_certificate_names_lot_specification_results_and_signature(bank):
    lot = stages.released_lot(Cast())
    now = head()
    text = text_of(certificate(lot, head=now))
    for expected in (
        lot.number, lot.code, lot.harvest.din, lot.harvest.donor.recipient.number,
        "bm-msc-2", lot.specification_digest, "Lot L26-001: Certified",
        "The signature covers the record as it stands",
        "I certify that this lot meets its specification.", "Quentin Noir", "quality assurance",
        "02 MAR 2026 09:00 CET (08:00 UTC)", "< 0.05 EU/mL", "no growth",
        "P1, from the lot",
        "Endotoxin < 0.05 EU/mL x 1100000 cells/kg x 50 mL / 70000000 cells / 0.25 h = < 0.1572 "
        "EU/kg/h is at most 5 EU/kg/h",
        f"Trail: entry {now.sequence} of 02 MAR 2026 09:00 CET (08:00 UTC), {now.hash}",
        f"Last entry {now.sequence}, 02 MAR 2026 09:00 CET", "Page 1 of 2", "Page 2 of 2",
        *(each.title for each in specification_of(lot).criteria),
        *(each.limit_text for each in specification_of(lot).criteria),
    ):
        assert expected in text, expected
    assert "NO LONGER COVERS" not in text
    assert text.count("meets the limit") == 14


def test_no_name_of_patient_or_donor_is_on_it(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    donor = lot.harvest.donor
    text = text_of(certificate(lot, head=head()))
    with transaction():
        sealed = [identities.open_values(thing.code, by=cast.carole, at=clock.now())
                  for thing in (donor, donor.recipient)]
    for values in sealed:
        assert values["name"]
        for kept in values.values():
            assert kept not in text


def test_the_same_record_gives_the_same_bytes_with_all_fonts_inside(bank):
    lot = stages.exceptional_lot(Cast())
    first = certificate(lot, head=head())
    assert certificate(lot, head=head()) == first
    assert b"/FontFile2" in first
    assert b"/Helvetica" not in first


def test_a_corrected_result_is_shown_struck_and_the_release_as_fallen(bank):
    cast = Cast()
    lot = stages.released_lot(cast)
    before = next(row for row in standing_results(lot) if row.test == "cd90")
    with transaction():
        service.correct_result(before, "Read 98.7 for 96.1 & typed so.", value=Decimal("96.1"),
                               unit="%", by=cast.theo, at=clock.now())
    text = text_of(certificate(lot, head=head()))
    assert "98.7 % corrected" in text
    assert "corrected by theo" in text and "Read 98.7 for 96.1 & typed so." in text
    assert "96.1 %" in text
    assert "the release NO LONGER COVERS" in text
    assert "NO LONGER COVERS: the record was changed after this signature." in text
    stages.certify(cast, lot)
    again = text_of(certificate(lot, head=head()))
    assert "NO LONGER COVERS" not in again
    assert "Followed by a later decision" in again


@pytest.mark.parametrize(("stage", "words"), [
    (filled_lot, ("Not released", "No bag of this lot may be used", "No decision was taken",
                  "no result")),
    (stages.conditional_lot, ("Released conditionally", "awaited")),
    (stages.exceptional_lot, ("Released exceptionally", "Exceptional release requested",
                              "Paula Meyer", "No other lot in time.", "DOES NOT MEET THE LIMIT")),
    (stages.rejected_lot, ("Rejected", "Reason: Contaminated.")),
    (stages.nonconforming_lot, ("Nonconforming: recalled", "Growth on day 12.", "DV26-001",
                                "OPEN", "IN FORCE")),
])
def test_every_standing_is_said_in_words(bank, stage, words):
    text = text_of(certificate(stage(Cast()), head=head()))
    for word in words:
        assert word in text, word


def test_a_held_lot_says_so_first_and_a_closed_deviation_how_it_ended(bank):
    cast = Cast()
    lot = stages.tested_lot(cast)
    with transaction():
        deviation = stops.open_deviation(lot.code, Severity.MINOR, "A late note.", by=cast.tessa,
                                         at=clock.now())
    seal = stages.seal_of(cast.quentin, stops.Meaning.DEVIATION_CLOSED,
                          stops.deviation_record(deviation, "No effect."))
    with transaction():
        stops.close_deviation(deviation, "No effect.", seal=seal, by=cast.quentin, at=clock.now())
    stages.certify(cast, lot)
    with transaction():
        stops.hold_lot(lot, "Freezer alarm.", by=cast.tessa, at=clock.now())
    text = text_of(certificate(lot, head=head()))
    assert "Certified, and HELD" in text and "Freezer alarm." in text
    assert "closed 02 MAR 2026 09:00 CET (08:00 UTC): No effect." in text


@pytest.mark.parametrize(("given", "printed"), [
    ("a < b & c", "a &lt; b &amp; c"), ("Erdős", "Erd[U+0151]s"), ("Hôpital", "Hôpital"),
    ("one\ntwo", "one<br/>two"), (3, "3"), (paper.Marked("<b>x</b>"), "<b>x</b>"),
])
def test_words_are_escaped_and_a_sign_the_font_lacks_is_written_as_its_number(given, printed):
    assert paper.plain(given) == printed
