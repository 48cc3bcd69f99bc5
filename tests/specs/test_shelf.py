"""The shelf: finding a sheet, and the seal that holds what was published."""
import subprocess
import sys
import zipfile
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest

from specs import shelf
from specs.criterion import BasisKind
from specs.shelf import Shelf, ShelfError
from tests.specs.shelves import RELEASE, put, version_of


def test_the_published_sheets_are_as_they_were_sealed():
    assert shelf.check() == []


@pytest.mark.parametrize("reference, digest", [
    ("bm-msc 1", "edee0bf8ef201abba8230aaec4f2c699a5682c8a80a8392a396a0ce64297b974"),
    ("bm-msc 2", "db22fb7b8da0ebf489c82dcff8f3fc1656d812ed9bf2a0e877091b6660d04fff"),
    ("nct02213705 1", "a4d9931bc95477deaab89946fd5878d614ed7095044714b6233155599d673d3f"),
])
def test_the_seals_themselves_never_change(reference, digest):
    seals = (files("specs") / "DIGESTS").read_text().splitlines()
    assert f"{reference} {digest}" in seals


@pytest.fixture
def three_versions(tmp_path):
    put(tmp_path, "release", "bm-msc-1", RELEASE)
    put(tmp_path, "release", "bm-msc-2", version_of(RELEASE, 2, "2026-06-01"))
    return put(tmp_path, "release", "bm-msc-10", version_of(RELEASE, 10, "2027-01-01"))


@pytest.mark.parametrize("on, version", [
    (date(2026, 1, 1), 1), (date(2026, 5, 31), 1), (date(2026, 6, 1), 2),
    (date(2026, 12, 31), 2), (date(2027, 1, 1), 10), (date(2099, 1, 1), 10)])
def test_the_version_in_force_on_a_day_is_found(three_versions, on, version):
    assert three_versions.release("bm-msc", on=on).version == version


def test_a_sheet_is_found_by_name_and_version_and_read_once(three_versions):
    sheet = three_versions.release("bm-msc-2")
    assert sheet.reference == "bm-msc-2"
    assert sheet is three_versions.release("bm-msc", on=date(2026, 7, 1))
    assert three_versions.releases.references() == ["bm-msc-1", "bm-msc-2", "bm-msc-10"]


@pytest.mark.parametrize("name, on, reason", [
    ("bm-msc", date(2025, 12, 31), "no version was in force on 2025-12-31; the first begins on"
     " 2026-01-01"),
    ("cord-msc", date(2026, 6, 1), "no sheet of this name"),
    ("bm-msc-1", date(2026, 6, 1), "no sheet of this name"),
    ("bm-msc-3", None, "no such sheet; it has bm-msc-1, bm-msc-2, bm-msc-10"),
    ("bm-msc", None, "no such sheet"),
    ("../DIGESTS", None, "no such sheet"),
])
def test_what_is_not_on_the_shelf_is_named(three_versions, name, on, reason):
    with pytest.raises(ShelfError) as refused:
        three_versions.release(name, on=on)
    assert reason in refused.value.reason
    assert refused.value.file == f"release/{name}.toml"


def test_an_empty_shelf_has_nothing_wrong_and_nothing_to_give(tmp_path):
    empty = Shelf(tmp_path)
    assert empty.check() == []
    with pytest.raises(ShelfError, match="it has none"):
        empty.protocol("nct02213705-1")


@pytest.mark.parametrize("was, now", [("low = 70", "low = 60"), ("somewhere", "Somewhere"),
                                      ("\n\n", "\n"), ('"%"', '"%" ')])
def test_an_edited_sheet_is_found_and_not_used(tmp_path, was, now):
    ours = put(tmp_path, "release", "bm-msc-1", RELEASE)
    assert ours.release("bm-msc-1").criteria[0].low == 70
    put(tmp_path, "release", "bm-msc-1", RELEASE.replace(was, now, 1), seal=False)
    assert ours.check()[0] == (
        "release/bm-msc-1.toml: changed since it was sealed; put the published text back, and"
        " publish the change as bm-msc-2")
    with pytest.raises(ShelfError, match="changed since it was sealed"):
        Shelf(tmp_path).release("bm-msc-1")


def test_a_sheet_that_was_never_sealed_is_not_used_and_its_line_is_offered(tmp_path):
    ours = put(tmp_path, "release", "bm-msc-1", RELEASE, seal=False)
    with pytest.raises(ShelfError, match="not sealed"):
        ours.release("bm-msc", on=date(2026, 2, 1))
    (problem,) = ours.check()
    line = problem.split("`")[1]
    (tmp_path / "DIGESTS").write_text(line + "\n")
    assert ours.check() == []
    assert ours.release("bm-msc-1").digest == line.split()[2]


@pytest.mark.parametrize("line, problem", [
    ("nonsense\n", "DIGESTS, line 2: not `name version sha256`"),
    ("\n", "DIGESTS, line 2: not `name version sha256`"),
    ("bm-msc 7 " + "a" * 64 + "\n", "DIGESTS: bm-msc-7 is sealed, but its sheet is gone"),
    ("bm-msc 1 " + "a" * 64 + "\n", "DIGESTS, line 2: bm-msc-1 is sealed twice"),
])
def test_a_wrong_line_in_the_seal_is_found(tmp_path, line, problem):
    ours = put(tmp_path, "release", "bm-msc-1", RELEASE)
    with (tmp_path / "DIGESTS").open("a") as page:
        page.write(line)
    assert ours.check() == [problem]


def test_a_sheet_that_cannot_be_read_is_a_problem_of_the_shelf(tmp_path):
    ours = put(tmp_path, "release", "bm-msc-1", RELEASE.replace("low = 70", "low = 70.5"))
    assert ours.check() == [
        'release/bm-msc-1.toml, line 11: low is a bare fraction; write it quoted: "70.5"']


def test_versions_that_do_not_follow_each_other_in_time_are_a_problem(tmp_path):
    put(tmp_path, "release", "bm-msc-1", RELEASE)
    put(tmp_path, "release", "cord-1", RELEASE.replace("bm-msc", "cord"))
    ours = put(tmp_path, "release", "bm-msc-2", version_of(RELEASE, 2, "2026-01-01"))
    assert ours.check() == ["bm-msc-2 begins on 2026-01-01, not after bm-msc-1 (2026-01-01)"]


@pytest.mark.parametrize("reference, problem", [
    ("bm-msc-0", "release/bm-msc-0.toml: a sheet's file is called name-version.toml"),
    ("bm-msc", "release/bm-msc.toml: a sheet's file is called name-version.toml"),
    ("BM-1", "release/BM-1.toml: a sheet's file is called name-version.toml"),
])
def test_a_file_with_another_kind_of_name_is_a_problem(tmp_path, reference, problem):
    assert problem in put(tmp_path, "release", reference, RELEASE, seal=False).check()


def test_a_sheet_in_the_wrong_file_is_refused(tmp_path):
    ours = put(tmp_path, "release", "cord-1", RELEASE)
    with pytest.raises(ShelfError) as refused:
        ours.release("cord-1")
    assert str(refused.value) == ("release/cord-1.toml, line 1: the sheet says bm-msc-1, its file"
                                  " cord-1")


def test_a_protocol_whose_release_specification_is_not_there_is_a_problem(tmp_path):
    text = (files("specs") / "protocols/nct02213705-1.toml").read_bytes()
    assert put(tmp_path, "protocols", "nct02213705-1", text).check() == [
        "protocols/nct02213705-1.toml: there is no release specification bm-msc"]


def test_the_shelf_is_found_inside_an_archive_too(tmp_path):
    """As an installed package is: by its own resources, not by a path in a checkout."""
    archive, package = tmp_path / "specs.zip", files("specs")
    with zipfile.ZipFile(archive, "w") as packed:
        for folder in ("", "release", "protocols", "usual"):
            for entry in (package / folder).iterdir():
                if entry.is_file():
                    name = "/".join(filter(None, ("specs", folder, entry.name)))
                    packed.writestr(name, entry.read_bytes())
    asked = ("import sys; sys.path.insert(0, sys.argv[1]); from specs import shelf;"
             "print(shelf.__file__, shelf.check(), shelf.release('bm-msc-1').reference,"
             " shelf.protocol('nct02213705-1').reference)")
    said = subprocess.run([sys.executable, "-I", "-c", asked, str(archive)], check=True,
                          capture_output=True, text=True).stdout
    assert said.startswith(str(archive))
    assert said.endswith("[] bm-msc-1 nct02213705-1\n")


LIMITS = {
    ("passage", "drug substance"): "at most 2",
    ("viability", "drug product"): "at least 70 %",
    ("viability", "post-thaw"): "at least 70 %",
    ("cd73", "drug product"): "at least 95 %",
    ("cd90", "drug product"): "at least 95 %",
    ("cd105", "drug product"): "at least 95 %",
    ("cd45", "drug product"): "at most 2 %",
    ("cd34", "drug product"): "at most 2 %",
    ("hla_dr", "drug product"): "at most 20 %",
    ("gram_stain", "drug product"): "absent (negative or no organisms seen)",
    ("sterility", "drug product"): "absent (no growth or negative)",
    ("mycoplasma", "drug product"): "absent (not detected or negative)",
    ("endotoxin", "drug product"): "at most 5 EU/kg/h",
    ("karyotype", "drug product"): "46,XX or 46,XY",
}


def test_the_first_release_specification_says_what_was_published():
    sheet = shelf.release("bm-msc-1")
    assert {(each.key, each.stage): each.limit_text for each in sheet.criteria} == LIMITS

    def those(question):
        return [each.key for each in sheet.criteria if getattr(each, question)]

    assert those("may_be_pending") == ["sterility", "mycoplasma", "karyotype"]
    assert [(each.key, each.stage) for each in sheet.criteria if each.informative] == [
        ("viability", "post-thaw"), ("hla_dr", "drug product")]
    assert those("needs_confirmation") == ["viability", "gram_stain", "sterility", "karyotype"]
    own = {each.key for each in sheet.criteria if each.basis.kind is BasisKind.OWN_CHOICE}
    assert own == {"passage", "viability", "endotoxin", "karyotype"}


SECOND = LIMITS | {
    ("sterility", "in process"): "absent (no growth or negative)",
    ("morphology", "in process"): "adherent, spindle-shaped or adherent, fibroblast-like",
    ("confluence", "in process"): "at most 90 %",
}
METHODS = {
    ("sterility", "in process"): ("Automated culture, 7 days", "Automated culture, 14 days"),
    ("morphology", "in process"): ("Phase-contrast microscopy",),
    ("viability", "drug product"): ("Dye exclusion",),
    ("viability", "post-thaw"): ("Dye exclusion",),
    ("gram_stain", "drug product"): ("Microscopy",),
    ("sterility", "drug product"): ("Automated culture, 14 days",),
    ("mycoplasma", "drug product"): ("Nucleic acid amplification", "Culture, 28 days"),
    ("endotoxin", "drug product"): ("LAL",),
    ("karyotype", "drug product"): ("G banding",),
} | {(marker, "drug product"): ("Flow cytometry",)
     for marker in ("cd73", "cd90", "cd105", "cd45", "cd34", "hla_dr")}


def test_the_second_release_specification_tests_on_the_way_and_binds_methods():
    sheet = shelf.release("bm-msc-2")
    of = {(each.key, each.stage): each for each in sheet.criteria}
    assert {place: each.limit_text for place, each in of.items()} == SECOND
    assert {place: each.methods for place, each in of.items() if each.methods} == METHODS
    assert {each.key for each in of.values() if each.retests == 1} == {
        "viability", "cd73", "cd90", "cd105", "cd45", "cd34", "hla_dr", "mycoplasma", "endotoxin",
        "karyotype"}
    assert all(each.retests in (0, 1) for each in of.values())
    assert [place for place, each in of.items() if each.may_be_pending] == [
        (key, "drug product") for key in ("sterility", "mycoplasma", "karyotype")]
    assert [place for place, each in of.items() if each.informative] == [
        ("confluence", "in process"), ("viability", "post-thaw"), ("hla_dr", "drug product")]


def test_the_second_release_specification_has_endotoxin_reported_per_ml():
    endotoxin = next(each for each in shelf.release("bm-msc-2").criteria
                     if each.key == "endotoxin")
    assert (endotoxin.reported_unit, endotoxin.unit) == ("EU/mL", "EU/kg/h")
    assert endotoxin.infused_over_hours_at_least == Decimal("0.25")


@pytest.mark.parametrize("on, reference", [
    (date(2014, 1, 1), "bm-msc-1"), (date(2025, 12, 31), "bm-msc-1"),
    (date(2026, 1, 1), "bm-msc-2"), (date(2026, 5, 31), "bm-msc-2"),
    (date(2026, 6, 1), "bm-msc-3")])
def test_the_release_specification_changes_with_the_year_2026(on, reference):
    assert shelf.release("bm-msc", on=on).reference == reference


def test_before_its_first_day_there_is_no_release_specification():
    with pytest.raises(ShelfError, match="no version was in force on 2013-12-31; the first begins"
                       " on 2014-01-01"):
        shelf.release("bm-msc", on=date(2013, 12, 31))


def test_the_third_release_specification_limits_how_long_cryo_units_are_kept_and_no_more():
    second, third = shelf.release("bm-msc-2"), shelf.release("bm-msc-3")
    assert third.criteria == second.criteria
    assert second.cryo_unit is None and shelf.release("bm-msc-1").cryo_unit is None
    assert third.cryo_unit.storage_days_max == 730
    assert third.cryo_unit.basis.kind is BasisKind.OWN_CHOICE
    assert third.cryo_unit.basis.note.startswith("UNCONFIRMED")


@pytest.mark.parametrize("reference", ["bm-msc-1", "bm-msc-2", "bm-msc-3"])
def test_numbers_are_read_as_decimals(reference):
    for criterion in shelf.release(reference).criteria:
        for number in (criterion.low, criterion.high):
            assert number is None or type(number) is Decimal
