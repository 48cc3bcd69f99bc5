"""A family tree on paper: columns are given, rows follow from what was made of what."""

from __future__ import annotations

import pytest

from mscbank.reports.layout import MARGIN, Edge, Grid, Stop, Tone, cells_in_words, draw

GRID = Grid(width=100, height=50, column=150, row=60)


def stop(code: str, column: int) -> Stop:
    return Stop(code, "thing", code, (), "there", Tone.OPEN, f"/things/{code}", column)


def tops(stops: list[Stop], edges: list[Edge]) -> dict[str, int]:
    return {box.stop.code: box.y for box in draw(stops, edges, GRID, "told").boxes}


def test_a_line_of_descent_is_one_row() -> None:
    found = tops([stop("a", 0), stop("b", 1), stop("c", 2)], [Edge("a", "b"), Edge("b", "c")])
    assert set(found.values()) == {MARGIN}


def test_what_was_split_stands_between_its_parts() -> None:
    found = tops([stop("a", 0), stop("b", 1), stop("c", 1), stop("d", 1)],
                 [Edge("a", "b"), Edge("a", "c"), Edge("a", "d")])
    assert found["b"] < found["c"] < found["d"]
    assert found["a"] == found["c"]


def test_a_pool_has_a_line_from_each_of_its_parents() -> None:
    picture = draw([stop("a", 0), stop("b", 0), stop("p", 1)],
                   [Edge("a", "p", 2_000_000), Edge("b", "p", 3_000_000)], GRID, "told")
    assert [line.label for line in picture.lines] == ["2×10⁶", "3×10⁶"]
    assert len({line.path for line in picture.lines}) == 2


def test_no_two_boxes_touch() -> None:
    stops = [stop("root", 0), *(stop(f"p{n}", 1) for n in range(4)),
             *(stop(f"q{n}", 2) for n in range(9))]
    edges = [*(Edge("root", f"p{n}") for n in range(4)),
             *(Edge(f"p{n % 4}", f"q{n}") for n in range(9))]
    boxes = draw(stops, edges, GRID, "told").boxes
    for one in boxes:
        for other in boxes:
            if one is not other and one.x == other.x:
                assert abs(one.y - other.y) >= GRID.height, (one, other)


def test_the_paper_holds_every_box() -> None:
    picture = draw([stop("a", 0), stop("b", 3)], [Edge("a", "b")], GRID, "told")
    assert all(box.x + GRID.width <= picture.width and box.y + GRID.height <= picture.height
               for box in picture.boxes)


def test_a_line_to_what_is_not_in_the_picture_is_left_out() -> None:
    assert draw([stop("a", 0)], [Edge("a", "gone")], GRID, "told").lines == ()


@pytest.mark.parametrize(("cells", "said"), [
    (9_999, "9999"), (10_000, "10×10³"), (84_000_000, "84×10⁶"), (1_250_000, "1.2×10⁶"),
    (250_000_000, "250×10⁶"), (999_999, "999×10³")])
def test_cells_are_written_as_people_write_them(cells: int, said: str) -> None:
    assert cells_in_words(cells) == said
