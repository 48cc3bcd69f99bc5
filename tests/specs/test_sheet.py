"""Every mistake in a sheet is named with its file, its line and the reason."""
from importlib.resources import files

import pytest

from specs.shelf import ShelfError
from tests.specs.shelves import RELEASE, put

PROTOCOL = (files("specs") / "protocols/nct02213705-1.toml").read_text(encoding="utf-8")
LIMITED = """\
effective = 2026-01-01
[cryo_unit]
storage_days_max = 730
own_choice = "for the test"
"""


def line_of(text, part):
    """The line on which `part` stands; it must stand there once."""
    assert text.count(part) == 1, f"{part!r} stands {text.count(part)} times"
    return text[:text.index(part)].count("\n") + 1


@pytest.mark.parametrize("was, now, line, reason", [
    ('unit = "EU/mL"', 'units = "EU/mL"', 21, "unknown key 'units'"),
    ('title = "Marrow MSC"', 'title = "Marrow MSC"\nsubtitle = "x"', 4, "unknown key 'subtitle'"),
    ("low = 70\n", "", 6, "the limit at_least needs low, which is missing"),
    ('high = "0.5"\n', "", 15, "the limit at_most needs high, which is missing"),
    ('high = "0.5"', 'high = "0.5"\nlow = 1', 21, "the limit at_most may not have low"),
    ("low = 70", "low = 70\nhigh = 90", 12, "the limit at_least may not have high"),
    ('limit = "at_least"\nlow = 70', 'limit = "between"\nlow = 70\nhigh = 60', 11,
     "low 70 is above high 60"),
    ("low = 70", "low = 170", 11, "low is 170 %, and nothing is more than 100 %"),
    ('high = "0.5"', "high = 0.5", 20, 'high is a bare fraction; write it quoted: "0.5"'),
    ('high = "0.5"', 'high = "half"', 20, "high must be a whole number or a quoted decimal"),
    ('high = "0.5"', 'high = "1e3"', 20, "high must be a whole number or a quoted decimal"),
    ('high = "0.5"', "high = true", 20, "high must be a whole number or a quoted decimal"),
    ('high = "0.5"', 'high = "-1"', 20, "high must be a number of zero or more"),
    ('limit = "at_most"', 'limit = "less"', 19, "limit 'less' is not one of at_least, at_most"),
    ('stage = "drug product"\nlimit = "at_most"', 'stage = "end"\nlimit = "at_most"', 18,
     "stage 'end' is not one of in process"),
    ('key = "endotoxin"', 'key = "viability"', 16, "viability at drug product is written twice"),
    ('key = "endotoxin"', 'key = "Endo toxin"', 16, "small letters"),
    ('title = "Endotoxin"', 'title = ""', 17, "title is empty"),
    ('title = "Endotoxin"', "title = 5", 17, "title must be a quoted text"),
    ('title = "Endotoxin"\n', "", 15, "title is missing"),
    ('published = "somewhere"', "", 15, "say where this comes from"),
    ('published = "somewhere"', 'published = "a"\nown_choice = "b"', 15, "one of the two"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\ninformative = "yes"', 22, "informative must be true or"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nmax_age_days = true', 22, "max_age_days must be a whole"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nmax_age_days = 0', 22, "max_age_days must be at least 1"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nretests = "1"', 22, "retests must be a whole number"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nretests = -1', 22, "retests must be zero or more"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nmethods = "LAL"', 22, "methods must be a list of quoted"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nmethods = ["LAL", "lal"]', 22, "the same words twice"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nmethods = ["LAL"]\nmethod = "x"', 23, "which bind"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nper = "kg"', 22, "per 'kg' is not one of kg and hour"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nper = "kg and hour"', 21, "a unit that ends in /kg/h"),
    ('unit = "EU/mL"', 'unit = "EU/kg/h"\nper = "kg and hour"', 15,
     "per kg and hour needs infused_over_hours_at_least"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\ninfused_over_hours_at_least = 0.5', 22, "a bare fraction"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nvalues = "x"', 22, "values must be a list of quoted texts"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nvalues = []', 22, "values must be a list of quoted texts"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nvalues = [\n  "a",\n  1,\n]', 22, "values must be a list"),
    ('high = "0.5"', 'high = "0.5"\nhigh = "0.6"', 21, "written twice"),
    ('unit = "EU/mL"', 'unit = "EU/mL"\nunit = """\nEU\n"""', 22, "written twice"),
    ('high = "0.5"', "high =", 20, "this is not TOML"),
    ('published = "somewhere"', 'values = [\n  "a",', 22, "this is not TOML"),
    ("version = 1", 'version = "1"', 2, "version must be a whole number"),
    ("effective = 2026-01-01", 'effective = "2026"', 4, "effective must be a day"),
    ("effective = 2026-01-01", "effective = 2026-01-01T00:00:00Z", 4, "effective must be a day"),
    ("effective = 2026-01-01", "", 1, "effective is missing"),
    ("effective = 2026-01-01", LIMITED.replace("own_choice", "because"), 5, "say where this comes"),
    ("effective = 2026-01-01", LIMITED.replace("= 730", "= 0"), 6, "between 1 and 36525"),
    ("effective = 2026-01-01", LIMITED.replace("= 730", "= 36526"), 6, "between 1 and 36525"),
    ("effective = 2026-01-01", LIMITED.replace("= 730", '= "730"'), 6, "must be a whole number"),
    ("effective = 2026-01-01", LIMITED.replace("days_max", "years"), 5, "days_max is missing"),
    ("effective = 2026-01-01", LIMITED + "kept = 1", 8, "unknown key 'kept'"),
    (RELEASE[RELEASE.index("[[criterion]]"):], "", 1, "criterion is missing"),
    (RELEASE[RELEASE.index("[[criterion]]"):], "criterion = 5", 6, "criterion must be a list"),
])
def test_a_mistake_in_a_release_specification(tmp_path, was, now, line, reason):
    assert RELEASE.count(was) == 1
    ours = put(tmp_path, "release", "bm-msc-1", RELEASE.replace(was, now))
    with pytest.raises(ShelfError) as refused:
        ours.release("bm-msc-1")
    fault = refused.value
    assert (fault.file, fault.line) == ("release/bm-msc-1.toml", line), str(fault)
    assert reason in fault.reason
    assert str(fault) == f"{fault.file}, line {fault.line}: {fault.reason}"


def test_a_text_that_is_not_utf8_is_named_with_its_line(tmp_path):
    content = RELEASE.replace("Endotoxin", "Endotoxin\udcff").encode(errors="surrogateescape")
    ours = put(tmp_path, "release", "bm-msc-1", content)
    with pytest.raises(ShelfError, match="line 17: the text is not UTF-8"):
        ours.release("bm-msc-1")


@pytest.mark.parametrize("days", [1, 730, 36525])
def test_a_sheet_may_say_how_long_cryo_units_are_kept(tmp_path, days):
    text = RELEASE.replace("effective = 2026-01-01", LIMITED.replace("730", str(days)))
    limit = put(tmp_path, "release", "bm-msc-1", text).release("bm-msc-1").cryo_unit
    assert (limit.storage_days_max, str(limit.basis)) == (days, "bank's own choice: for the test")


@pytest.mark.parametrize("text", [RELEASE, RELEASE.replace("\n", "\r\n")])
def test_the_sheet_of_these_tests_is_sound_with_either_line_ending(tmp_path, text):
    sheet = put(tmp_path, "release", "bm-msc-1", text).release("bm-msc-1")
    assert [each.key for each in sheet.criteria] == ["viability", "endotoxin"]


@pytest.mark.parametrize("was, now, at, reason", [
    ("dose_per_kg = 3000000", "dose_per_kg = 500000", "dose_per_kg = 500000",
     "the dose 500000 must be above 1000000: the dose rises from cohort to cohort"),
    ("dose_per_kg = 3000000", 'dose_per_kg = "3e6"', 'dose_per_kg = "3e6"', "a whole number"),
    ("dose_per_kg = 1000000", "dose_per_kg = 0", "dose_per_kg = 0", "must be above 0"),
    ("number = 2", "number = 3", "number = 3", "cohort 3 stands where cohort 2 belongs"),
    ("size = 10\ndose_per_kg = 3000000", "size = 0\ndose_per_kg = 3000000", "size = 0",
     "at least one place"),
    ("age_min = { is = 18", "age_min = { is = 71", "age_min = ", "low 71 is above high 70"),
    ("mrss_max = { is = 51", "mrss_max = { is = 52", "mrss_min = ", "mrss runs from 0 to 51"),
    ("acr_eular_min = { is = 9", "acr_eular_min = { is = 0", "acr_eular_min = ", "above zero"),
    ("age_max = { is = 70", "age_max = { is = -70", "age_max = ", "age_max must be above zero"),
    ("tolerance_percent = { is = 10", "tolerance_percent = { is = 0.1", "tolerance_percent = ",
     "bare fraction"),
    ("tolerance_percent = { is = 10", 'tolerance_percent = { is = "-1"', "tolerance_percent = ",
     "above zero"),
    ("[donor]", "[giver]", None, "donor is missing"),
    ("[donor]", "[donor]\nage = 3", "age = 3", "unknown key 'age'"),
    ("[donor]", "[donor]\n[donor]", None, "written twice"),
    ("passage_limit = { is = 2", "passage_limit = { was = 2", "passage_limit = ", "is is missing"),
    ("passage_limit = { is = 2", "passage_limit = { is = 2, or = 3", "passage_limit = ",
     "unknown key 'or'"),
    ("[0, 15, 30, 45, 60, 120, 180, 240]", "[0, 30, 15]", "observation_minutes", "must rise"),
    ("[0, 15, 30, 45, 60, 120, 180, 240]", "[-5, 30]", "observation_minutes", "must rise"),
    ("[0, 15, 30, 45, 60, 120, 180, 240]", '[0, "15"]', "observation_minutes", "whole numbers"),
    ("[endpoint]\ndays = { is = 10", "[endpoint]\ndays = { is = 0", "\ndays = ", "above zero"),
    ("grade_min = { is = 3, published", "grade_min = { is = 6, published", "is = 6,",
     "6 is no grade; grades are 1 to 5"),
    ('low = -196\nhigh = -135', "low = -135\nhigh = -196", "low = -135", "is above high -196"),
    ('name = "thawed_bag"', 'name = "marrow"', None, "marrow is written twice"),
    ('name = "M18"', 'name = "M12"', None, "M12 is written twice"),
    ("\nmonth = 18", "\nmonth = 18\nday = 540", None, "a day or a month, one of the two"),
    ("\nmonth = 18", "", None, "a day or a month, one of the two"),
    ("\nday = 7", "\nday = 4", None, "the window of D7 opens before"),
    ("\nday = 7", "\nday = -7", None, "a number below zero"),
    ('about = "Start"', 'when = "Start"', None, "about is missing"),
    ('registry_id = "NCT02213705"', "registry_id = 2213705", "registry_id", "a quoted text"),
])
def test_a_mistake_in_a_protocol(tmp_path, was, now, at, reason):
    assert PROTOCOL.count(was) == 1
    text = PROTOCOL.replace(was, now)
    ours = put(tmp_path, "protocols", "nct02213705-1", text)
    with pytest.raises(ShelfError) as refused:
        ours.protocol("nct02213705-1")
    fault = refused.value
    assert reason in fault.reason, str(fault)
    if at:
        assert fault.line == line_of(text, at) + at.startswith("\n"), str(fault)


@pytest.mark.parametrize("visit, key, was, now, reason", [
    ("M12", "window", "before = 30", "before = 99", "the window of M12 opens before"),
    ("M18", "measures", '"mrss"', '"skin"', "are 'skin' is not one of vital_signs"),
    ("D2", "window", "after = 0", "after = true", "after must be a whole number"),
    ("D3", "name", 'name = "D3"', 'name = ""', "name is empty"),
    ("M24", "measures", "own_choice", "because", "unknown key"),
])
def test_a_mistake_in_one_of_many_visits_is_found_on_its_own_line(
        tmp_path, visit, key, was, now, reason):
    lines = PROTOCOL.split("\n")
    start = lines.index(f'name = "{visit}"')
    place = next(number for number in range(start, len(lines)) if lines[number].startswith(key))
    lines[place] = lines[place].replace(was, now)
    ours = put(tmp_path, "protocols", "nct02213705-1", "\n".join(lines))
    with pytest.raises(ShelfError) as refused:
        ours.protocol("nct02213705-1")
    # a missing basis is found before a key that nobody reads: both are on that line
    assert refused.value.line == place + 1
    assert reason in refused.value.reason or "say where" in refused.value.reason


def test_dotted_keys_nested_tables_and_inline_tables_have_lines_too():
    from specs.sheet import open_sheet

    table = open_sheet("x.toml", b"""\
a.b = 1
c = { d = 2 }
[[e]]
f = 3
[[e.g]]
h = 4
[e.i]
j = 5
[[e]]
[[e.g]]
h = 6
[[e.g]]
"k l" = 7
[m.n]
o = 8
""")
    lines = {("a", "b"): 1, ("c", "d"): 2, ("e",): 3, ("e", 0): 3, ("e", 0, "f"): 4,
             ("e", 0, "g", 0): 5, ("e", 0, "g", 0, "h"): 6, ("e", 0, "i", "j"): 8, ("e", 1): 9,
             ("e", 1, "g", 0, "h"): 11, ("e", 1, "g", 1): 12, ("e", 1, "g", 1, "k l"): 13,
             ("m", "n"): 14, ("m", "n", "o"): 15, ("m", "n", "p"): 14, ("q",): 1}
    assert {path: table.error("x", *path).line for path in lines} == lines
