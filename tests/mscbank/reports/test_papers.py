"""The papers of a lot, by command and by page."""

from __future__ import annotations

import pypdfium2
import pytest
from click.testing import CliRunner

from mscbank import clock
from mscbank.accounts.models import Binding
from mscbank.audit.checkpoints import head
from mscbank.bags.models import Lot
from mscbank.database import db, session
from mscbank.reports import paper
from mscbank.reports.batch.record import batch_record
from mscbank.reports.binding import document
from mscbank.reports.certificate import certificate
from mscbank.signatures.meanings import Meaning
from mscbank.signatures.models import Signature
from tests.cast import Cast
from tests.stages import release as stages
from tests.stages.bags import filled_lot
from tests.stages.papers import text_of
from tests.story.conftest import command


@pytest.fixture
def run(bank, monkeypatch):
    """``mscbank`` in this process, over this bank."""
    from mscbank.cli import main

    monkeypatch.setattr("mscbank.create_app", lambda **_: bank)
    return lambda *words: CliRunner().invoke(main, ["report", *words])


@pytest.mark.parametrize(("paper", "begins"), [
    ("batch", "Batch record"), ("certificate", "Certificate of analysis and release")])
def test_the_command_writes_the_paper_of_a_lot_by_number_or_code(run, tmp_path, paper, begins):
    lot = stages.released_lot(Cast())
    for name in (lot.number, lot.code):
        file = tmp_path / f"{name}.pdf"
        done = run(paper, name, "-o", str(file))
        assert (done.exit_code, done.output) == (0, f"{file} was written.\n")
        assert begins in text_of(file.read_bytes())


@pytest.mark.parametrize("paper", ["batch", "certificate"])
@pytest.mark.parametrize(("name", "sentence"), [
    ("L26-404", "L26-404 stands nowhere here"), ("nonsense", "nonsense is no house code"),
    ("R-001", "where one of lots is needed"),
])
def test_an_unknown_lot_is_refused_with_a_sentence(run, tmp_path, paper, name, sentence):
    filled_lot(Cast())
    file = tmp_path / "paper.pdf"
    done = run(paper, name, "-o", str(file))
    assert done.exit_code == 1 and sentence in done.output and not file.exists()


@pytest.mark.parametrize("words", [("batch",), ("batch", "L26-001"), ("certificate", "L26-001")])
def test_a_command_without_lot_or_file_is_wrong_use(run, words):
    assert run(*words).exit_code == 2


def test_two_processes_make_the_same_bytes_of_the_same_record(bank, database_url, tmp_path):
    lot = stages.released_lot(Cast())
    number, here = lot.number, batch_record(lot)
    assert batch_record(lot) == here
    session.remove()
    db.engine.dispose()
    elsewhere = command(tmp_path, database_url)
    for name in ("one.pdf", "two.pdf"):
        done = elsewhere("report", "batch", number, "-o", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
        assert (tmp_path / name).read_bytes() == here


def test_the_page_of_a_lot_leads_to_its_papers(browse, cast):
    lot = filled_lot(cast)
    code, number = lot.code, lot.number
    session.remove()
    quentin = browse("quentin")
    page = quentin.get(f"/lots/{code}").text
    for name, begins in (("certificate", "Certificate of analysis and release"),
                          ("batch-record", "Batch record")):
        assert f'href="/lots/{code}/{name}.pdf"' in page
        answer = quentin.get(f"/lots/{code}/{name}.pdf")
        assert answer.status_code == 200 and answer.mimetype == "application/pdf"
        assert f'filename="{name}-{number}.pdf"' in answer.headers["Content-Disposition"]
        assert begins in text_of(answer.data)


@pytest.mark.parametrize(("stage", "mark"), [
    (filled_lot, "NOT RELEASED"), (stages.rejected_lot, "NOT RELEASED"),
    (stages.nonconforming_lot, "NOT RELEASED"), (stages.released_lot, None),
    (stages.conditional_lot, None),
])
def test_a_lot_that_is_not_released_says_so_behind_every_page(bank, stage, mark):
    lot: Lot = stage(Cast())
    for page in pypdfium2.PdfDocument(certificate(lot, head=head())):
        text = page.get_textpage().get_text_range()
        assert ("NOT RELEASED" in text) is (mark is not None)


@pytest.mark.parametrize(("binding", "said"), [
    (Binding.PASSWORD, "09:00 CET (08:00 UTC) over the record"),
    (Binding.PASSKEY, "09:00 CET (08:00 UTC), with passkey over the record")])
def test_a_signature_says_who_as_what_when_and_how_it_was_bound(bank, binding, said):
    given = Signature(
        username="quentin", name="Quentin Noir", role="quality assurance", binding=binding,
        meaning=Meaning.CERTIFIED, digest="ab" * 32, record="{}", at=clock.now())
    block = paper.signature(given, paper.Cover.FALLEN, changes=["viability was 82, now 78"])
    text = text_of(document("A paper", "of one signature", [block], head=head()))
    for words in ("Quentin Noir (quentin), quality assurance, on 02 MAR 2026", said, "ab" * 32,
                  "I certify that this lot meets its specification.", "NO LONGER COVERS",
                  "changed: viability was 82, now 78"):
        assert words in text, words
