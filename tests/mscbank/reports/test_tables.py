"""How tables and pictures stand on paper: nothing cut, nothing alone, nothing hidden."""

from __future__ import annotations

import pypdfium2
import pytest
from reportlab.platypus import Spacer

from mscbank.audit.checkpoints import Checkpoint
from mscbank.reports import drawing, paper
from mscbank.reports.binding import chapter, document, section
from mscbank.reports.layout import Edge, Grid, Stop, Tone, draw
from mscbank.reports.tables import LONG, roomy, together
from tests.stages.papers import text_of

HEAD = Checkpoint(7, "0" * 64, "2026-03-02T08:00:00.000000Z")


def printed(*content) -> str:
    return text_of(document("A paper", "of a test", content, head=HEAD))


@pytest.mark.parametrize(("least", "widths", "given"), [
    ([10, 10], [20, 20], [20, 20]), ([30, 10], [20, 20], [30, 10]), ([25, 10], [20, 20], [25, 15]),
    ([25, 10, 10], [20, 20, 30], [25, pytest.approx(18.333, abs=.01), pytest.approx(26.667, abs=.01)]),
    ([20, 20], [20, 20], [20, 20]), ([30, 30], [20, 20], [20, 20]), ([], [], [])])
def test_a_column_gets_the_room_it_needs_from_those_that_have_it(least, widths, given) -> None:
    """As before where nobody lacks it, and where there is not enough for all."""
    made = roomy(least, widths)
    assert made == given and sum(made) == pytest.approx(sum(widths))


def test_the_words_of_a_head_are_not_cut(bank) -> None:
    heads = ("Investigator", "p (Wilcoxon)", "Median (quartiles)", *"abcdef")
    told = printed(paper.grid(heads, [["x"] * 9], [1] * 9))
    assert all(word in told for word in ("Investigator", "(Wilcoxon)", "(quartiles)"))


@pytest.mark.parametrize(("rows", "kept"), [
    ([], []), (["head", "one"], []), (["head", "one", "two"], [(0, 2), (1, 2)]),
    (["head", *"abcdef"], [(0, 2), (5, 6)]), (["head", "a", "b" * LONG, "c", "d"], [(3, 4)]),
    (["h", "a", "b" * (LONG - 2), "c", "d"], [(3, 4)]),
    (["h", "a", "b" * (LONG - 3), "c", "d"], [(0, 2), (3, 4)]),
    (["h", "a", "b", "c", "d" * (LONG - 1)], [(0, 2)]),
    (["h", "a", "b", "c", "d" * (LONG - 2)], [(0, 2), (3, 4)])])
def test_no_row_stands_alone_and_long_ones_are_left_to_be_parted(rows, kept) -> None:
    assert [(first[1], last[1]) for name, first, last in together([(row,) for row in rows])
            if name == "NOSPLIT"] == kept


@pytest.mark.parametrize("rows", [2, 3, 4, 7])
@pytest.mark.parametrize("before", range(0, 47, 2))
def test_wherever_a_table_comes_to_stand_no_row_and_no_heading_is_alone(bank, before, rows) -> None:
    told = [(f"row {number}\nof all\nlines",) for number in range(rows)]
    for heading in (chapter, section):
        pages = pages_of(document("A paper", "of a test", [
            Spacer(1, (400 + before * 6)), *heading("The heading", paper.grid(("Row",), told, (1,)))],
            head=HEAD))
        assert all(page.count("of all") != 1 for page in pages), pages
        assert sum(page.count("of all") for page in pages) == rows
        assert all("of all" in page for page in pages if "The heading" in page)


def pages_of(made: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made)]


def test_rows_too_long_to_stand_together_are_printed_all_the_same(bank) -> None:
    long = "word " * 300
    told = printed(paper.grid(("A", "B"), [("first", long), ("second", long), ("third", long)], (1, 1)))
    assert told.count("word") == 900


def test_powers_of_ten_are_raised_and_stay_on_their_line(bank) -> None:
    assert paper.plain("3 x 10^6 cells/kg") == "3\u00a0×\u00a010<super>6</super> cells/kg"
    assert paper.plain("Viable cells, 10^6 per kg") == "Viable cells, 10<super>6</super> per kg"
    assert paper.typed("3 x 10^6, typed by somebody") == "3 x 10^6, typed by somebody"  # the control


class Recorder:
    """A canvas that remembers where words were drawn, six points a letter at size five."""

    def __init__(self) -> None:
        self.size, self.words = 0.0, []

    def stringWidth(self, text: str, _font: str, size: float) -> float:  # noqa: N802
        return len(text) * size * 1.2

    def setFont(self, _font: str, size: float) -> None:  # noqa: N802
        self.size = size

    def drawCentredString(self, x: float, _y: float, text: str) -> None:  # noqa: N802
        half = self.stringWidth(text, "", self.size) / 2
        self.words.append((x - half, x + half, text))

    def __getattr__(self, _name: str):
        return lambda *_: None


@pytest.mark.parametrize("between", [30, 45, 60, 75, 90, 200])
def test_a_number_between_two_boxes_is_whole_or_not_there(bank, between) -> None:
    stops = [Stop(code, "culture", code, (), "", Tone.GOOD, "", column)
             for column, code in enumerate(("a", "b"))]
    picture = draw(stops, [Edge("a", "b", 25_400_000)], Grid(90, 70, 90 + between, 80), "")
    canvas = Recorder()
    drawing._line(canvas, picture.lines[0])
    left, right = picture.boxes[0].x + 90, picture.boxes[1].x
    assert len(canvas.words) == (between >= 60)
    assert all(left < begins and ends < right and text == "25.4 million"
               for begins, ends, text in canvas.words)


def test_a_sentence_under_a_table_does_not_touch_it() -> None:
    table, sentence = paper.grid(("A",), [["x"]], (1,)), paper.words("About it.", paper.SMALL)
    assert max(table.getSpaceAfter(), sentence.getSpaceBefore()) >= paper.mm
