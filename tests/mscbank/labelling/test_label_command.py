"""``mscbank label``: the label that stands of anything, or one copy of it, as a page."""

from __future__ import annotations

from pathlib import Path

from labels import readback
from mscbank import clock
from mscbank.database import session, transaction
from mscbank.labelling import copies, jobs
from mscbank.labelling.models import LabelKind
from tests.cast import Cast
from tests.stages.labelling import labelled_lot
from tests.stages.testing import sample_of
from tests.story.conftest import commanded


def test_the_label_of_a_tube_and_of_a_bag_and_of_neither(bank, database_url, tmp_path: Path):
    cast = Cast()
    lot = labelled_lot(cast)
    bag = lot.bags[0]
    sample, bare = sample_of(cast, lot), sample_of(cast, lot)
    paper = jobs.paper_of(LabelKind.SAMPLE)
    with transaction():
        job = copies.issue_label(paper, "issue label", sample, jobs.On(paper.stock), {},
                                 by=cast.tessa, at=clock.now())
    tube = job.copies[0].content["code"]
    texts = {sample.code: tube, tube: tube, bag.code: bag.labels[0].content["code"]}
    nothing = (bare.code, "R-999")
    session.remove()
    run, file = commanded(tmp_path, database_url), tmp_path / "label.pdf"
    for asked, text in texts.items():
        done = run("label", asked, "-o", str(file))
        assert done.returncode == 0, done.stderr
        assert text in next(iter(readback.pages(file.read_bytes())))
    file.unlink()
    for asked in nothing:
        done = run("label", asked, "-o", str(file))
        assert done.returncode == 1 and done.stderr.strip().endswith(".")
        assert not file.exists()
