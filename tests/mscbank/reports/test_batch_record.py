"""The batch record: every fact of a lot's life, changed data marked, nothing of it cut."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from decimal import Decimal

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp

from mscbank import clock
from mscbank.audit import checkpoints
from mscbank.bags.models import Lot
from mscbank.cultures.models import Culture
from mscbank.database import db, session, transaction
from mscbank.errors import Refused
from mscbank.identities import service as identities
from mscbank.infusions import service
from mscbank.reports.batch import record
from mscbank.reports.batch.record import CHAPTERS, LAST, batch_record
from mscbank.settings import settings
from mscbank.testing.results import correct_result
from mscbank.testing.service import standing_results
from tests.cast import Cast
from tests.stages import infusions, testing
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.cultures import count, passaged_culture, seeded_culture
from tests.stages.deviations import open_deviation
from tests.stages.harvests import dispatched_harvest, receive
from tests.stages.papers import CSV, correct_marker, eventful_lot, text_of
from tests.stages.recipients import weigh

TITLES = [*(title for title, _ in CHAPTERS), LAST]
TOLD = {
    "the verdict": ("Lot L26-001: Certified", "The signature covers the record as it stands"),
    "the recipient": ("R-001", "Information for patients", "every criterion of the protocol met",
                      "cohort 1: 1 000 000 cells per kg"),
    "the donor": ("D-001", "brother of R-001", "anti-HIV-1/2", "non-reactive", "Donor eligible",
                  "I find this donor eligible.", "Virology, Saint-Louis"),
    "the harvest": ("A999926000001", "both posterior iliac crests", "18.5 to 21.5 °C",
                    "Bag intact, no clots", "840 000 000"),
    "the cultures": ("culture 1 (P0)", "culture 2 (P1)", "Spindle-shaped, adherent.", "80 %",
                     "62 000 000 cells, 60 000 000 viable", "63 000 000 cells, 61 000 000 viable",
                     "corrected by tessa, 02 MAR 2026 09:00 CET: Wrong square of the grid.",
                     "limit 25", "P0 13.3 doublings"),
    "the reagents": ("Alpha-MEM (medium)", "Macopharma", "released by quentin"),
    "the bags": ("50 mL", "70 000 000 cells", "stored in TANK 1", "4 % human albumin, 10 % DMSO"),
    "the samples": ("Quality control", "lot L26-001, drug product"),
    "the results": ("98.7 %", "Read 98.7 for 96.1 & typed so.", "96.1 %", "in place of the one",
                    "Hôpital Saint-Louis, cell therapy", "confirmed by tessa"),
    "the investigation": ("OOS26-001", "91 %", "set aside", "laboratory error proven", "retest",
                          "NOT IN ORDER: Gated on the debris.",
                          "I conclude this investigation of a result out of specification."),
    "the file": ("cd90.csv", "text/csv", hashlib.sha256(CSV).hexdigest()[:16]),
    "the deviation": ("DV26-001", "The box was warm.", "Add wiping to the list.", "preventive",
                      "The list asks for it since today.", "works, quentin", "No effect."),
    "the hold": ("The freezer's alarm rang.", "The door stood open; −150 °C was kept."),
    "the decision": ("I certify that this lot meets its specification.", "Quentin Noir"),
    "the review": ("I have read these entries of the trail", "Quynh Petit"),
    "the labels": ("The corner is torn.", "applied, in use 2",
                   "VOIDED, ITS PAPER NOT DESTROYED 1", "issued in all 3",
                   "3 printed = 2 applied + 0 destroyed + 1 loose. Labels not reconciled: 1 copy"),
    "the custody": ("Bag 1 to Ward 3, room 12", "Intact, label readable", "box BOX-7",
                    "Excursion: -80 °C", "Two minutes at the opening of the lid."),
    "the infusion": ("70 000 000 cells at 70 kg", "nadia, noel", "GO", "finished, 50 mL given"),
    "what was seen": ("Observations 1 time", "pulse 109, 124/78 mmHg, 98 % corrected by nadia",
                      "Read from the other line of the monitor.", "pulse 91, 124/78 mmHg",
                      "pulse 77, 124/78 mmHg, 98 % withdrawn by nadia", "The neighbour's monitor.",
                      "Slowed for ten minutes. corrected by nadia", "grade 2: fever",
                      "withdrawn by nadia, 02 MAR 2026 09:15 CET: The neighbour felt sick."),
    "the trail": ("CHANGED correct count", "CHANGED correct result", "6 changed data",
                  "CHANGED correct vital signs", "CHANGED withdraw reaction",
                  "expires on: 31 JAN 2027",
                  "was: 62 000 000, 60 000 000"),
    "the people": ("Tessa Roux", "technician", "Nadia Simon"),
}


@pytest.fixture
def cast(bank) -> Cast:
    return Cast()


def test_everything_that_happened_to_a_lot_stands_in_its_record(cast):
    lot = eventful_lot(cast)
    text = text_of(batch_record(lot))
    missing = [(what, words) for what, each in TOLD.items() for words in each if words not in text]
    assert missing == []
    for title in TITLES:
        assert " ".join(title.split()) in text
    for thing in (lot, lot.harvest, *lot.bags, *lot.harvest.cultures):
        assert thing.code in text
    donor = lot.harvest.donor
    with transaction():
        sealed = [value for thing in (donor, donor.recipient) for value in identities.open_values(
            thing.code, by=cast.carole, at=clock.now()).values()]
    assert len(sealed) >= 4 and not [value for value in sealed if value in text]


def test_a_lot_with_nothing_yet_has_a_paper_that_says_so_chapter_by_chapter(cast):
    text = text_of(batch_record(filled_lot(cast)))
    for sentence in (
        "Not released: no decision was taken", "NOT RELEASED", "No HLA typing was recorded.",
        "Neither fed nor observed.", "No bag was stored yet.", "No sample was taken.",
        "No result was recorded.", "No file was attached.", "No result was investigated.",
        "No deviation was opened.", "Neither the lot nor a bag was held.",
        "Nobody had to be alerted.", "No decision was taken on this lot.",
        "There was no second signed decision.", "No review of this lot's entries alone was signed.",
        "No label was issued.", "issued in all 0", "No bag was given out.",
        "No bag of this lot was ordered.", "No bag was checked at the bedside.",
        "No bag was given.",
    ):
        assert sentence in text, sentence


def test_every_value_out_of_the_usual_stands_with_its_reason_beside_it(cast):
    harvest = receive(cast, dispatched_harvest(cast, volume_ml=Decimal(300),
                                               why_unusual="Two punctures."),
                      viability=Decimal(60), why_unusual="Six hours on the road.")
    first = count(cast, seeded_culture(cast, harvest), 90_000_000, 60_000_000)
    lot = filled_lot(cast, count(cast, passaged_culture(cast, first), 260_000_000, 250_000_000),
                     volume_ml=Decimal(250), why_unusual="The large bags.")
    person = infusions.recipient_of(stages.released_lot(cast, lot))
    with clock.pinned(clock.now() - timedelta(hours=1)):
        weigh(cast, person, Decimal(90))
    running = infusions.started(cast, infusions.bedside(cast, lot))
    with transaction():
        service.observe(running, **infusions.CALM | {"saturation": 84, "pulse": 135},
                        why_unusual="Coughing, the probe slipped.", by=cast.nadia, at=clock.now())
    text = text_of(batch_record(lot))
    for beside in (
        "300 mL, heparin Out of the usual: Two punctures.",
        "viability 60 % Out of the usual: Six hours on the road.",
        "90 000 000 cells, 60 000 000 viable Out of the usual: Counted twice.",
        "250 mL 70 000 000 cells Out of the usual: The large bags.",
        "cells at 70 kg; bag 1 of lot L26-001: 250 mL, 70 000 000 cells. Out of the usual: Weighed",
        "Pulse 135 per minute; Oxygen saturation 84 % Out of the usual: Coughing, the probe slipped.",
    ):
        assert beside in text, beside


def test_what_is_usual_has_no_reason_beside_it(cast):
    """The control: the same paper of a lot on which nothing had to be asked."""
    assert "Out of the usual" not in text_of(batch_record(eventful_lot(cast)))


@pytest.mark.parametrize(("stage", "words"), [
    (stages.conditional_lot, (("CONDITIONAL: not every result is in. Outstanding: Sterility, "
                              "Mycoplasma, Karyotype."),)),
    (stages.exceptional_lot, ("Exceptional release requested", "No other lot in time.",
                              "CD105 positive (DOES NOT MEET THE LIMIT)")),
    (stages.nonconforming_lot, ("Declared nonconforming", "IN FORCE", "DV26-001 is OPEN",
                                "NOT ACKNOWLEDGED")),
])
def test_every_standing_is_said_in_words(cast, stage, words):
    text = text_of(batch_record(stage(cast)))
    for each in words:
        assert each in text, each


def test_what_came_between_two_decisions_is_said(cast):
    lot = stages.conditional_lot(cast)
    for result in [row for row in standing_results(lot) if row.pending]:
        with transaction():
            arrived = correct_result(
                result, "It came in.", **testing.PASSING[result.test], by=cast.theo,
                at=clock.now())
        testing.confirm(cast, arrived)
    stages.certify(cast, lot)
    text = text_of(batch_record(lot))
    assert "From “released conditionally” to “certified”" in text
    assert "Followed by a later decision" in text and "It came in." in text


def test_a_signature_that_no_longer_covers_names_what_changed(cast):
    lot = stages.released_lot(cast)
    correct_marker(cast, lot)
    text = text_of(batch_record(lot))
    assert "the release NO LONGER COVERS" in text and "RELEASE NOT COVERED" in text
    assert text.count("NO LONGER COVERS: the record was changed after this signature.") == 2
    assert "changed: donor, markers" in text
    assert "corrected by carole, 02 MAR 2026 09:00 CET: The tube was drawn an hour earlier." in text
    assert "CHANGED correct marker" in text


def test_long_words_and_accents_are_printed_whole(cast):
    lot = filled_lot(cast)
    word = "x" * 180
    told = f"Début à 37 °C, cœur d’échantillon: {word} " + "then a long way round. " * 30
    open_deviation(cast, lot.code, what=told.strip())
    text = text_of(batch_record(lot))
    assert "Début à 37 °C, cœur d’échantillon" in text
    assert text.count("then a long way round.") == 30
    assert text.replace(" ", "").count(word) == 1


def test_the_note_at_the_end_is_read_from_its_picture_and_holds(cast):
    pdf = batch_record(filled_lot(cast))
    document = pypdfium2.PdfDocument(pdf)
    picture = document[len(document) - 1].render(scale=300 / 72).to_pil()
    note = zxingcpp.read_barcode(picture).text
    key = checkpoints.public_key(settings().signing_key)
    assert checkpoints.read(note, key) == checkpoints.head()
    assert " ".join(note.split()) in text_of(pdf)


def test_chapters_are_bookmarked_and_the_contents_name_their_pages(cast):
    pdf = batch_record(filled_lot(cast))
    document = pypdfium2.PdfDocument(pdf)
    marks = [(mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()
             if mark.level == 0]
    assert [title for title, _ in marks] == TITLES
    contents = document[0].get_textpage().get_text_range()
    for title, page in marks:
        assert f"{title.split('  ')[0]}" in contents
        assert " ".join(title.split()) in " ".join(
            document[page].get_textpage().get_text_range().split())
        line = next(line for line in contents.splitlines() if line.endswith(title.split("  ")[1]))
        assert line
    numbers = [line.strip() for line in contents.splitlines() if line.strip().isdigit()]
    assert numbers[-len(marks):] == [str(page + 1) for _, page in marks]


def test_the_file_has_every_font_inside_and_the_date_of_the_last_entry(cast):
    lot = filled_lot(cast)
    pdf = batch_record(lot)
    assert b"/FontFile2" in pdf and b"/Helvetica" not in pdf
    facts = pypdfium2.PdfDocument(pdf).get_metadata_dict()
    assert facts["Title"] == f"Batch record: lot {lot.number}"
    assert facts["CreationDate"] == "D:20260302080000Z"
    assert checkpoints.head().hash in facts["Subject"]


def test_the_questions_to_the_database_do_not_grow_with_the_lot(cast):
    small = stages.released_lot(cast)
    culture = small.harvest.cultures[-1].id
    asked_small = _questions(small)
    large = filled_lot(cast, session.get_one(Culture, culture), cells_per_bag=15_000_000, bags=6)
    for _ in range(4):
        testing.sample_of(cast, large)
    stages.released_lot(cast, large)
    assert _questions(large) <= asked_small + 2
    assert asked_small < 300


def _questions(lot: Lot) -> int:
    number = lot.number
    session.remove()
    asked: list[str] = []

    def ask(*words: object) -> None:
        asked.append(str(words[2]))

    sa.event.listen(db.engine, "before_cursor_execute", ask)
    batch_record(session.scalars(sa.select(Lot).where(Lot.number == number)).one())
    sa.event.remove(db.engine, "before_cursor_execute", ask)
    return len(asked)


def test_what_is_written_while_the_record_is_read_is_in_all_of_it(cast, monkeypatch):
    lot = filled_lot(cast)
    read, written = record.Family, []

    def read_slowly(lot_):
        family = read(lot_)
        if not written:
            written.append(open_deviation(cast, lot.code, what="Seen meanwhile."))
        return family

    monkeypatch.setattr(record, "Family", read_slowly)
    text = text_of(batch_record(lot))
    assert "Seen meanwhile." in text
    assert f"entry {checkpoints.head().sequence} of" in text


def test_a_bank_that_never_rests_is_refused_with_a_sentence(cast, monkeypatch):
    lot = filled_lot(cast)
    numbers = iter(range(1, 100))
    monkeypatch.setattr(record.checkpoints, "head", lambda: checkpoints.Checkpoint(
        next(numbers), "0" * 64, "2026-03-02T08:00:00.000000Z"))
    with pytest.raises(Refused, match="must be of one moment: try again in a minute"):
        batch_record(lot)
