"""The English that people read in the source, as templates with named holes.

Rules, findings and labels are written as plain English where they are decided, by code that knows
no reader. Here they are found again in the source, so that each can have its French: whatever is
raised as a refusal, a finding, a label or help of a field, a member of a closed list, the name of
an act, a title, a sentence. ``f"Bag {bag.number} of lot {lot.number}"`` is the template
``Bag {number} of lot {number2}``. Nothing is run: the files are read as syntax trees.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mscbank.translations.wholes import WHOLES

ROOT = Path(__file__).resolve().parents[2]
# What a person meets at a command line or in a log, what is a name, and what is a paper's layout.
UNREAD = ("mscbank/cli", "mscbank/demo", "mscbank/migrations", "mscbank/translations",
          "mscbank/config.py", "mscbank/serving.py", "mscbank/backup.py", "mscbank/settings.py",
          "mscbank/audit/verifier", "mscbank/audit/verify.py", "mscbank/database.py",
          "mscbank/exchange/description.py", "mscbank/exchange/study/measured.py",
          "mscbank/reports/batch", "mscbank/reports/certificate.py",
          "mscbank/reports/safety.py", "mscbank/reports/layout.py", "mscbank/reports/cioms.py",
          "mscbank/reports/charts.py", "mscbank/reports/downtime.py")
# The pure neighbours: only what they say to a person who scans, types or signs.
NEIGHBOURS = ("labels/housecode.py", "labels/signed.py", "labels/keyboards.py", "labels/isbt128",
              "specs/judge.py", "specs/criterion.py", "specs/result.py", "specs/reading.py",
              "specs/endotoxin.py", "specs/conduct.py", "specs/scores.py")
# Whose refusals are for who writes a specification: only its titles and limits are shown.
FOR_AUTHORS = ("specs/criterion.py", "specs/result.py", "labels/isbt128/tables.py")
OUR_FAULTS = {"RuntimeError", "TypeError", "KeyError", "AssertionError", "ConfigError",
              "AttributeError", "SystemExit", "StopIteration"}
# Calls whose words are shown, beside every exception that is raised.
TELLING = {"Finding", "Item", "Section", "_item", "_Wrong", "Refused", "Stop", "Way",
           "Group", "Step", "Command", "Drawn", "_point"}
# How a value is written in a sentence.
WRITTEN = {"count_told", "day_told", "moment_told"}
# Codes, kinds of files, column checks: nothing of a language.
NO_WORDS = re.compile(r"^[A-Z]{2}$|^[\w-]+/[\w.]+$|^utf-|^cp\d|CAST\(|json_extract|#follow-up$|^/|"
                      r"^[a-z0-9]+(_[a-z0-9]+)+$|^JAN |^#")
TOLD = {"label", "help", "unit", "error", "reasons"}
# Tables at the top of a module whose words are shown.
TABLES = {"LISTS", "OUTCOMES", "NAMED", "IN_WORDS", "SHORT_FORMS", "MARKS", "ROLES", "PLAINER",
          "FROM_TRAIL", "SKIN_SITES", "SIGNS", "EXCLUSIONS", "ACTS_OF", "ACTS",
          "STANDING_TONE", "MEASURES", "KEPT", "TELL", "EMPTY", "KEYS", "FAMILIES", "RULES",
          "ENTERS", "DICTIONARY", "reason"}
# Rooms that speak in phrases rather than sentences: what has two words in a row is shown.
TALKATIVE = re.compile(r"mscbank/(reports/.*|\w+/(schemas|acts|eligibility|reading|copies)|"
                       r"donors/\w+|infusions/(rules|explained|thawed)|labelling/rules|"
                       r"web/(forms|refusals))\.py$")
DATA_KEYS = {"title", "question", "says", "about", "values", "method", "methods", "registry", "paper"}
# Of a protocol also where each number comes from, and what a version changes.
PROTOCOL_KEYS = DATA_KEYS | {"changes", "why", "own_choice", "published", "kinships"}


@dataclass(frozen=True)
class Words:
    """A template and where it stands."""

    text: str
    file: str
    line: int


def everything(root: Path = ROOT) -> list[Words]:
    """Every template of the source and of the published data, each once, in order of place."""
    found: dict[str, Words] = {}
    for path in _files(root):
        name = str(path.relative_to(root))
        for text, line in of_source(path.read_text(), name):
            found.setdefault(text, Words(text, name, line))
    for path in (*sorted((root / "specs").rglob("*.toml")), *sorted((root / "mscbank").rglob("*.toml"))):
        for text in _of_sheet(path):
            found.setdefault(text, Words(text, str(path.relative_to(root)), 1))
    for text in WHOLES:
        found.setdefault(text, Words(text, "mscbank/translations/wholes.py", 1))
    return list(found.values())


def _files(root: Path) -> Iterator[Path]:
    for path in sorted((root / "mscbank").rglob("*.py")):
        if not str(path.relative_to(root)).startswith(UNREAD):
            yield path
    for name in NEIGHBOURS:
        at = root / name
        yield from sorted(at.rglob("*.py")) if at.is_dir() else [at]


def keys_of_sheets(root: Path = ROOT) -> set[str]:
    """The keys of criteria and of their options: in lists and records they stand for the title."""
    found: set[str] = set()
    for path in sorted((root / "specs").glob("*/*.toml")):
        for criterion in tomllib.loads(path.read_text()).get("criterion", ()):
            found |= {criterion["key"], *criterion.get("options", ())}
    return found


def _of_sheet(path: Path) -> Iterator[str]:
    """What a published sheet says to people: a list of terms is words from end to end."""
    sheet = tomllib.loads(path.read_text())
    if path.parent.name == "terms":
        for group, names in sheet["terms"].items():
            yield from (group, *names)
        yield from sheet["added"]
    else:
        keys = PROTOCOL_KEYS if path.parent.name == "protocols" else DATA_KEYS
        yield from (text for text in _told_by_data(sheet, keys) if not NO_WORDS.search(text))


def _told_by_data(value: object, keys: set[str], key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            # Options are named by their keys; a number of the protocol stands under "is".
            yield from _told_by_data(inner, keys, "title" if key == "options" else
                                     key if name in ("is", "are") else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _told_by_data(inner, keys, key)
    elif isinstance(value, str) and key in keys:
        yield value


def of_source(text: str, name: str = "") -> list[tuple[str, int]]:
    """The templates of one file with their lines."""
    tree = ast.parse(text)
    found: list[tuple[str, int]] = []
    quiet = _docstrings(tree) | _inside_fstrings(tree)
    for node in ast.walk(tree):
        for part in _shown(node, name):
            found += [(told, part.lineno) for told in _templates(part)]
        if id(node) not in quiet and isinstance(node, (ast.Constant, ast.JoinedStr, ast.BinOp)):
            if (told := template(node)) and (reads_as_sentence(told) or (
                    TALKATIVE.search(name) and is_phrase(told))):
                found.append((told, node.lineno))
    return [(told, line) for told, line in found if re.search(r"[A-Za-z]{2}", bare(told))
            and not NO_WORDS.search(told)]


def of_script(text: str) -> list[str]:
    """The first argument of every ``tell("...")`` of a script."""
    return [found.replace('\\"', '"')
            for found in re.findall(r'\btell\("((?:[^"\\]|\\.)*)"', text)]


def bare(text: str) -> str:
    """A template without its holes."""
    return re.sub(r"\{\w+\}", "", text)


def reads_as_sentence(text: str) -> bool:
    """Begins like a sentence, ends like one, and has words in between."""
    return bool(re.match(r"[A-Z{“]", text) and re.search(r"[.:?!]$", text)
                and len(re.findall(r"[A-Za-z]{2,} ", text)) >= 2 and "\n" not in text
                and not re.match(r"(SELECT|CREATE|INSERT|UPDATE|GRANT|DELETE)\b", text))


def _docstrings(tree: ast.Module) -> set[int]:
    return {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body
            and isinstance(node.body[0], ast.Expr)}


def _inside_fstrings(tree: ast.Module) -> set[int]:
    """The pieces of f-strings and of sums: the whole is what is read."""
    return {id(piece) for node in ast.walk(tree) if isinstance(node, (ast.JoinedStr, ast.BinOp))
            and template(node) for piece in ast.walk(node) if piece is not node
            and not isinstance(piece, ast.FormattedValue)}


def _shown(node: ast.AST, name: str) -> Iterator[ast.expr]:
    """The expressions under a node whose words are shown, whatever they look like."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        if _called(node.exc) not in OUR_FAULTS and node.exc.args and name not in FOR_AUTHORS:
            yield from node.exc.args
    elif isinstance(node, ast.Call):
        if _called(node) == "count_told":
            yield from _one_and_many(node)
        if _called(node) in ("Act", "_decision") and node.args:
            yield node.args[0]
        elif _called(node) in TELLING:
            yield from node.args
        yield from (word.value for word in node.keywords if word.arg in TOLD)
    elif isinstance(node, ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True)
                    if isinstance(key, ast.Constant) and key.value in TOLD)
    elif isinstance(node, ast.ClassDef) and any(
            ast.unparse(base).endswith("StrEnum") for base in node.bases):
        yield from (line.value for line in node.body if isinstance(line, ast.Assign))
    elif isinstance(node, ast.Return) and node.value is not None:
        yield from (part for part in _branches(node.value)
                    if (told := template(part)) and is_phrase(told))
    elif isinstance(node, ast.IfExp):
        yield from (part for part in (node.body, node.orelse)
                    if (told := template(part)) and re.match(r"[ ,;(]+\w", told))
    elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(each, ast.Name) and each.id in TABLES for each in targets):
            yield from (node.value.values if isinstance(node.value, ast.Dict) else (node.value,))


def _one_and_many(call: ast.Call) -> Iterator[ast.expr]:
    """``count_told(days, "day")`` says ``{n} day`` and ``{n} days``."""
    one, *many = (ast.literal_eval(name) for name in call.args[1:])
    for name in (one, *(many or [f"{one}s"])):
        yield ast.copy_location(ast.Constant(f"{{n}} {name}"), call)


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rsplit(".", 1)[-1]


def _branches(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from _branches(node.body)
        yield from _branches(node.orelse)
    else:
        yield node


def is_phrase(text: str) -> bool:
    """Two words in a row, and nothing of a program in it."""
    return bool(re.search(r"[A-Za-z]{2}.* |\} .*[A-Za-z]{2}", text)
                and not re.search(r"[<>\n|=]|^/|SELECT |%Y", text))


def _templates(node: ast.expr) -> Iterator[str]:
    """Every template in an expression: itself, or those of its branches and parts."""
    if (told := template(node)) is not None:
        if told:
            yield told
        for hole in ast.walk(node):
            if isinstance(hole, ast.IfExp):
                for part in (hole.body, hole.orelse):
                    if inner := template(part):
                        yield inner
        return
    if isinstance(node, ast.Dict):
        parts: Iterable[ast.expr] = [each for each in (*node.keys, *node.values) if each]
    elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        parts = node.elts
    elif isinstance(node, ast.IfExp):
        parts = (node.body, node.orelse)
    elif isinstance(node, ast.Starred):
        parts = (node.value,)
    else:
        return
    for part in parts:
        yield from _templates(part)


def template(node: ast.expr) -> str | None:
    """``f"{kg} kg"`` -> ``{kg} kg``. None for what is no text."""
    names: dict[str, int] = {}
    pieces = _pieces(node, names)
    return None if pieces is None else "".join(pieces)


def _pieces(node: ast.expr, names: dict[str, int]) -> list[str] | None:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return [piece for part in node.values for piece in (
            _hole(part.value, names) if isinstance(part, ast.FormattedValue)
            else _pieces(part, names) or [])]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _pieces(node.left, names), _pieces(node.right, names)
        if left is None and right is None:
            return None
        return [*(left if left is not None else _hole(node.left, names)),
                *(right if right is not None else _hole(node.right, names))]
    return None


def _hole(value: ast.expr, names: dict[str, int]) -> list[str]:
    if isinstance(value, ast.Call) and _called(value) in WRITTEN:
        value = value.args[0]  # named by what is told
    words = [word for word in re.findall(r"[A-Za-z_]\w*", ast.unparse(value))
             if word not in ("join", "in", "for", "if", "else", "is", "not", "None", "str", "len",
                             "self", "plain_decimal", "sorted", "lower", "upper", "isoformat")]
    name = words[-1] if isinstance(value, (ast.Attribute, ast.Name)) and words else (
        words[0] if words else "value")
    name = name.strip("_").lower() or "value"
    names[name] = names.get(name, 0) + 1
    return [f"{{{name}{names[name] if names[name] > 1 else ''}}}"]
