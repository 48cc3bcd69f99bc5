"""A bundle is verified without mscbank: every intact one passes, every damaged one does not."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mscbank import clock
from mscbank.audit import bundle as bundles
from mscbank.audit import chain, checkpoints
from mscbank.audit.service import record
from mscbank.audit.verifier import verify as verifier
from mscbank.database import db, session, transaction
from mscbank.errors import Refused
from mscbank.release import review
from mscbank.testing import attachments
from tests.cast import Cast
from tests.mscbank.audit.bundles import DAMAGES, KEY, note, problems, small_bundle
from tests.stages.recipients import enrolled_recipient
from tests.stages.release import released_lot

PUBLIC = checkpoints.public_key(KEY).public_bytes_raw()
# Runs the verifier as a stranger would: nothing of mscbank can be imported.
ALONE = ("import runpy, sys; sys.modules['mscbank'] = None; sys.argv = sys.argv[1:]; "
         "runpy.run_path(sys.argv[0], run_name='__main__')")
ROUNDS = 1000


def test_a_thousand_intact_bundles_pass_and_a_thousand_damaged_ones_do_not() -> None:
    chance = random.Random(20260302)
    for number in range(ROUNDS):
        data = small_bundle(chance)
        assert problems(data, PUBLIC) == [], number
        damage = DAMAGES[number % len(DAMAGES)]
        damaged = damage(data, chance)
        assert damaged != data, "the control: something was really changed"
        assert problems(damaged, PUBLIC) != [], (number, damage.__name__)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_each_damage_is_found_without_the_key_from_elsewhere_too(damage) -> None:
    chance = random.Random(7)
    for _ in range(20):
        data = small_bundle(chance)
        if (damaged := damage(data, chance)) != data:
            assert problems(damaged) != []


def test_every_single_byte_of_a_bundle_counts() -> None:
    data = small_bundle(random.Random(3))
    places = random.Random(4).sample(range(len(data)), 300)
    missed = [at for at in places
              if not problems(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])]
    assert missed == []


def test_the_first_bad_entry_is_named() -> None:
    parts, hashes = [], [chain.BEGINNING]
    for sequence in range(1, 6):
        body = chain.canonical({"act": "look", "rows": []})
        hashes.append(chain.entry_hash(sequence, hashes[-1], body))
        parts.append((sequence, hashes[-2], hashes[-1], body))
    files = verifier.files_of_zip(bundles.pack(
        bundles.Parts("whole trail", parts, note(5, hashes[-1])), KEY))
    for at, named in ((1, "entry 2:"), (3, "entry 4:")):
        lines = files["entries.jsonl"].splitlines(keepends=True)
        lines[at] = lines[at].replace(b"look", b"lock")
        found, _ = verifier.check(files | {"entries.jsonl": b"".join(lines)})
        assert found[0].startswith(named), found
    cut = b"".join(files["entries.jsonl"].splitlines(keepends=True)[:3])
    assert verifier.check(files | {"entries.jsonl": cut})[0][0].startswith("entry 4:")


def test_another_banks_key_is_not_ours() -> None:
    data = small_bundle(random.Random(1))
    assert problems(data, PUBLIC) == []
    assert "not the key" in problems(data, bytes(32))[0]


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip at all", bytes(22)])
def test_what_is_no_bundle_is_said_to_be_none(data: bytes) -> None:
    assert problems(data) != []


@pytest.fixture
def made(bank) -> Path:
    """The bundle of a bank with a released lot and one without."""
    cast = Cast()
    released_lot(cast)
    released_lot(cast)
    file = Path(bank.instance_path) / "bundle.zip"
    file.write_bytes(bundles.bundle(KEY, clock.now(), site="A bank", facility="A9999"))
    return file


def alone(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-I", "-c", ALONE, *words],
                          capture_output=True, text=True, timeout=120, check=False)


def test_a_stranger_verifies_the_banks_bundle_as_zip_and_unpacked(made: Path) -> None:
    files = verifier.files_of(made)
    folder = made.parent / "unpacked"
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    script = str(folder / "verify.py")
    for words in ((script, str(made), "--key", PUBLIC.hex()), (script,)):
        done = alone(*words)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("WHOLE AND UNCHANGED. whole trail: ")
    (folder / "signatures.jsonl").write_bytes(files["signatures.jsonl"].replace(
        b"Quentin", b"Quintin"))
    done = alone(script)
    assert done.returncode == 1 and done.stdout.startswith("entry ")
    assert "NOT WHOLE" in done.stdout and "signatures.jsonl was changed" in done.stdout
    assert alone(script, "--key", "short").returncode == 2


def test_the_bundle_holds_every_entry_and_every_signature(made: Path) -> None:
    files = verifier.files_of(made)
    assert set(files) == {"manifest.txt", "README.txt", "attachments.jsonl", "checkpoint.txt",
                          "entries.jsonl", "public-key.txt", "signatures.jsonl", "verify.py"}
    found, summary = verifier.check(files, PUBLIC)
    assert found == [] and f"{checkpoints.head().sequence} entries read" in summary
    signed = [verifier.json.loads(line) for line in files["signatures.jsonl"].splitlines()]
    assert {"certified", "trail reviewed", "donor eligible"} <= {row["meaning"] for row in signed}
    assert b"python verify.py" in files["README.txt"]
    assert files["verify.py"] == Path(verifier.__file__).read_bytes()


def test_a_lots_bundle_opens_its_own_entries_and_no_other_lots(bank) -> None:
    cast = Cast()
    lot, other = released_lot(cast), released_lot(cast)
    data = bundles.bundle_of_lot(lot.number, review.family_codes(lot), KEY, clock.now())
    found, summary = verifier.check(files := verifier.files_of_zip(data), PUBLIC)
    assert found == [] and summary.startswith(f"lot {lot.number}: ") and "hash only" in summary
    text = b"".join(files.values())
    assert lot.code.encode() in text and other.code.encode() not in text
    assert b'"certified"' in files["signatures.jsonl"]
    assert b"by\n                     their hashes only" in files["README.txt"]
    lines = files["entries.jsonl"].splitlines(keepends=True)
    closed = next(at for at, line in enumerate(lines) if b'"body"' not in line)
    assert verifier.check(files | {"entries.jsonl": b"".join(
        [*lines[:closed], *lines[closed + 1:]])})[0] != []


def test_attached_files_travel_with_the_trail_and_with_their_lot(bank) -> None:
    cast = Cast()
    lot, other = released_lot(cast), released_lot(cast)
    csv = b"gate;percent\nlive;98.1\n"
    with transaction():
        for about, data in ((lot, csv), (other, csv + b"dead;1.9\n")):
            attachments.attach(about.code, {"name": "gates.csv", "data": data}, by=cast.theo,
                               at=clock.now())
    name = f"attachments/{verifier.digest(csv)}"
    for data, held in ((bundles.bundle(KEY, clock.now()), 2), (bundles.bundle_of_lot(
            lot.number, review.family_codes(lot), KEY, clock.now()), 1)):
        files = verifier.files_of_zip(data)
        assert verifier.check(files, PUBLIC)[0] == [] and files[name] == csv
        assert sum(each.startswith("attachments/") for each in files) == held
        found = verifier.check(files | {name: csv.replace(b"98.1", b"99.1")})[0]
        assert found[0].startswith("entry ") and "not the file that was attached" in found[0]
        assert "is missing" in verifier.check(
            {each: held for each, held in files.items() if each != name})[0][0]


def test_a_lot_of_which_the_trail_says_nothing_has_no_bundle(bank) -> None:
    with pytest.raises(Refused, match="no entry about lot L26-009"):
        bundles.bundle_of_lot("L26-009", frozenset({"LXNOSUCHCODE"}), KEY, clock.now())


def test_the_same_trail_makes_the_same_bundle(bank) -> None:
    cast = Cast()
    with transaction():
        record("looked", None, by=cast.adam, at=clock.now())
    made = {bundles.bundle(KEY, clock.now()) for _ in range(2)}
    assert len(made) == 1
    session.rollback()


def test_an_empty_trail_has_a_bundle_too(bank) -> None:
    assert problems(bundles.bundle(KEY, clock.now()), PUBLIC) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_command_writes_the_whole_trail_or_a_lots(bank, monkeypatch) -> None:
    from mscbank.cli import main

    lot = released_lot(Cast())
    number = lot.number
    session.remove()
    folder = Path(bank.instance_path)
    monkeypatch.setattr("mscbank.create_app", lambda **_: bank)
    for words, kind in (((), "whole trail"), (("--lot", number), f"lot {number}")):
        file = folder / f"{kind}.zip"
        done = CliRunner().invoke(main, ["audit", "export", "-o", str(file), *words])
        assert (done.exit_code, done.exception) == (0, None), done.output
        assert verifier.check(verifier.files_of(file), PUBLIC)[1].startswith(kind)
    done = CliRunner().invoke(main, ["audit", "export", "-o", str(folder / "x"), "--lot", "L99-1"])
    assert done.exit_code == 1 and "L99-1 stands nowhere here" in done.output


def test_the_verifier_speaks_to_who_calls_it(tmp_path: Path, capsys) -> None:
    file, folder = tmp_path / "bundle.zip", tmp_path / "unpacked"
    file.write_bytes(small_bundle(random.Random(3)))
    (folder / "attachments").mkdir(parents=True)
    for name, data in verifier.files_of(file).items():
        (folder / name).write_bytes(data)
    for where, key in ((file, ["--key", PUBLIC.hex()]), (folder, [])):
        assert verifier.main([str(where), *key]) == 0
        said = capsys.readouterr().out
        assert said.startswith("WHOLE AND UNCHANGED.")
        assert ("The key was the bundle's own" in said) == (not key)
    (folder / "README.txt").write_bytes(b"Trust me.")
    assert verifier.main([str(folder)]) == 1
    assert "README.txt was changed\nNOT WHOLE" in capsys.readouterr().out
    assert verifier.main([str(tmp_path / "nothing.zip")]) == 1
    assert "there is no such file or folder" in capsys.readouterr().out
    with pytest.raises(SystemExit) as left:
        verifier.main([str(file), "--key", "short"])
    assert left.value.code == 2 and "64 hexadecimal digits" in capsys.readouterr().err


@pytest.mark.parametrize("rows", [
    "5", "[5]", '["abc"]', '[["signature",1]]', '[["signature","1","x"]]', '[[1,1,"x"]]',
    '[["signature",true,"x"]]', '{"signature":1}', "null", "[" * 40_000 + "]" * 40_000],
                         ids=range(10))
def test_an_entry_whose_rows_are_no_rows_is_named_though_it_was_hashed_so(rows: str) -> None:
    body = f'{{"act":"seed","rows":{rows}}}'
    hash_ = chain.entry_hash(1, chain.BEGINNING, body)
    made = bundles.pack(bundles.Parts("whole trail", [(1, chain.BEGINNING, hash_, body)],
                                      note(1, hash_), [], [], {}), KEY, site="A bank",
                        facility="A9999")
    assert problems(made)[0] == "entry 1: cannot be read"


def test_a_row_that_an_entry_wrote_and_nobody_shows_is_missed() -> None:
    chance = random.Random(5)
    files = next(files for files in (verifier.files_of_zip(small_bundle(chance)) for _ in range(50))
                 if files["signatures.jsonl"])
    found, _ = verifier.check(files | {"signatures.jsonl": b""})
    assert any("signature 1, which it wrote, is missing" in problem for problem in found), found


def test_a_bundle_larger_than_a_zip_is_refused(bank, monkeypatch) -> None:
    monkeypatch.setattr(bundles, "LARGEST", 1000)
    with pytest.raises(Refused, match="lot by lot"):
        bundles.bundle(KEY, clock.now())


def made_while_others_write(bank, monkeypatch) -> bytes:
    """A bundle; somebody else adds an entry once its entries were read."""
    whole = bundles.verify.entries

    def entries():
        yield from whole()
        with bank.app_context(), transaction():
            record("looked at", None, by=cast.theo, at=clock.now())

    cast = Cast()
    enrolled_recipient(cast)
    monkeypatch.setattr(bundles.verify, "entries", entries)
    return bundles.bundle(KEY, clock.now())


def test_a_bundle_is_of_one_moment_while_others_write(bank, monkeypatch) -> None:
    assert problems(made_while_others_write(bank, monkeypatch), PUBLIC) == []


def test_the_control_without_one_picture_the_checkpoint_runs_ahead(bank, monkeypatch) -> None:
    monkeypatch.setattr(bundles, "one_picture", session.rollback)
    found = problems(made_while_others_write(bank, monkeypatch), PUBLIC)
    # readers of SQLite see one picture unasked
    assert (found != []) is (db.engine.dialect.name == "postgresql")
