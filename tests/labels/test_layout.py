import tomllib

import pytest

from labels import draw, layout_file, stock
from labels.content import SampleLabel
from labels.layout_file import LayoutError

from . import examples

GOOD = """
name = "mine"
kind = "sample"
shape = "small"
size = [50, 25]
symbol = [{ fact = "code", form = "qr", modules = 29, module = 0.375, at = [0.4, 1.6] }]
caption = [{ text = "{w.lot}", at = [30, 5], until = 45 }]
row = [{ y = 23.5, left = 2, right = 49, start = [{ text = "{code_groups}", sizes = [8, 7] }] }]
[[flow]]
regions = [[17, 6, 49.2, 21.2]]
paragraphs = [{ text = "{number} {test}", sizes = [9, 8] }]
"""


def written(folder, text):
    path = folder / "mine.toml"
    path.write_text(text)
    return path


def test_a_laboratory_s_own_layout_is_drawn(tmp_path):
    mine = layout_file.load(written(tmp_path, GOOD))
    on, layouts = stock.stock("small-50x25"), {(SampleLabel, "small"): mine}
    ours = draw.draw([examples.sample()], on)
    assert draw.draw([examples.sample()], on, layouts=layouts) != ours
    assert draw.symbols(examples.sample(), on, layouts) == {examples.sample().code}


@pytest.mark.parametrize("before, after, what", [
    ('kind = "sample"', 'kind = "sample', "no TOML"),
    ('kind = "sample"', 'kind = "sampel"', "no kind of label"),
    ('shape = "small"', "", "'shape' is missing"),
    ("size = [50, 25]", "size = [50]", "2 numbers are asked"),
    ("size = [50, 25]", 'size = "small"', "is no list"),
    ("y = 23.5", 'y = "low"', "cannot stand here"),
    ("y = 23.5", "y = true", "cannot stand here"),
    ("until = 45", "until = 45, colour = 1", "'colour' is no setting"),
    ("{number} {test}", "{number} {tset}", "'tset' is no fact"),
    ("{number} {test}", "{number} {expiry}", "'expiry' is no fact"),
    ("{number} {test}", "{number} {", "'{number} {'"),
    ("{w.lot}", "{w.loot}", "'loot' is no word"),
    ("{w.lot}", "{number}", "'number' is no fact"),
    ("{w.lot}", "\N{CJK UNIFIED IDEOGRAPH-4E00}", "font does not have"),
    ("sizes = [9, 8]", "sizes = [9, 6.5]", "under 7"),
    ("sizes = [9, 8]", "sizes = []", "under 7"),
    ("sizes = [9, 8]", "sizes = [9, 8], apart = true", "one fact alone"),
    ('fact = "code"', 'fact = "signed"', "no text of a symbol"),
    ('form = "qr"', 'form = "code 39"', "no form of a symbol"),
    ('form = "qr"', 'form = "qr", level = "X"', "no level"),
    ('form = "qr"', 'form = "qr", corner = "middle"', "no corner"),
    ("module = 0.375", "module = 0.2", "cannot be read with certainty"),
    ("at = [0.4, 1.6]", "at = [0.4, 12]", "does not lie on the label"),
    ("right = 49,", "right = 50,", "does not lie on the label"),
    ("y = 23.5", "y = 20", "stands over"),
    ("[[17, 6, 49.2, 21.2]]", "[[12, 6, 49.2, 21.2]]", "stands over symbol code"),
    ("until = 45", "until = 31", "is wider than"),
    ("until = 45", "until = 29", "does not lie on the label")])
def test_a_layout_in_doubt_is_refused_with_its_place(tmp_path, before, after, what):
    assert before in GOOD
    with pytest.raises(LayoutError, match="layout mine") as refused:
        layout_file.load(written(tmp_path, GOOD.replace(before, after)))
    assert what in str(refused.value) and refused.value.where


def test_two_layouts_of_one_label_on_one_shape_are_refused(tmp_path):
    written(tmp_path, GOOD)
    (tmp_path / "other.toml").write_text(GOOD)
    with pytest.raises(LayoutError, match="keep one of them"):
        layout_file.shelf(tmp_path)


def test_a_table_is_for_a_packing_list_and_its_lines_do_not_meet(tmp_path):
    text = (layout_file.FOLDER / "packing-list.toml").read_text()
    for before, after, what in (
            ('rows = "bags"', 'rows = "boxes"', "no list"),
            ("height = 17.4", "height = 12.0", "does not lie on the label"),
            ("{product}", "{sender}", "'sender' is no fact"),
            ("until = 128", "until = 140", "stands over")):
        assert before in text
        with pytest.raises(LayoutError) as refused:
            layout_file.load(written(tmp_path, text.replace(before, after)))
        assert what in str(refused.value)


@pytest.mark.parametrize("path", sorted(layout_file.FOLDER.glob("*.toml")), ids=lambda p: p.stem)
def test_the_house_s_layouts_are_files_of_their_own(path):
    found = layout_file.load(path)
    assert tomllib.loads(path.read_text())["name"] == found.name
    assert any(on.shape == found.shape for on in stock.STOCKS.values())


@pytest.mark.parametrize("shape", ["large", "wide"])
def test_a_bag_s_house_code_stands_in_opposite_corners_at_level_h(shape):
    found = [layout for (kind, where), layout in draw.LAYOUTS.items()
             if where == shape and layout.kind == "bag"]
    corners = [(each.corner, each.level) for each in found[0].symbol if each.fact == "code"]
    assert sorted(corners) == [("bottom right", "H"), ("top left", "H")]
