"""The catalogue: what the source says now, with the French it has; written and compiled.

Three places speak: templates (``_("...")``), the Python source and published data (english.py),
and the names of columns and facts, which become labels.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, extract, mofile, pofile

from mscbank.translations import english
from mscbank.translations.glossary import table

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "fr" / "LC_MESSAGES"
PO, MO = FOLDER / "messages.po", FOLDER / "messages.mo"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Facts that are never shown as a label: settings, names of keys, of databases, of standards.
UNSEEN = ("web", "cli", "demo", "migrations", "translations", "exchange/api.py",
          "exchange/description.py", "audit/verifier", "audit/verify.py", "database.py")
NO_LABEL = re.compile(r"base64|csrf|zpl|pk|fk|ck|ix|uq|rp|rp_id|sqlite|postgresql|nonce|sha256|secret|"
                      r"token_digest|wrapped|id|public_key|authenticator_data|client_data|"
                      r"database_url|mscbank_writes|invalid\w*|properties|prefill|group_of|choices|"
                      r"sites|scores")
Message = str | tuple[str, str]


def messages() -> dict[Message, str]:
    """Every English text, and the first place where it stands."""
    found: dict[Message, str] = {}
    for text, place in (*_of_templates(), *_of_scripts(), *_of_source(), *_of_labels()):
        found.setdefault(text, place)
    plurals = {text[0] for text in found if isinstance(text, tuple)}
    return {text: place for text, place in found.items() if text not in plurals}


def _of_templates() -> Iterator[tuple[Message, str]]:
    folder = ROOT / "mscbank" / "templates"
    for path in sorted(folder.rglob("*.html")):
        with path.open("rb") as file:
            for _, text, _, _ in extract.extract("jinja2.ext:babel_extract", file, KEYWORDS,
                                                 options={"trimmed": "true"}):
                yield text, str(path.relative_to(ROOT))


def _of_scripts() -> Iterator[tuple[Message, str]]:
    for path in sorted((ROOT / "mscbank" / "static").glob("*.js")):
        for text in english.of_script(path.read_text()):
            yield text, str(path.relative_to(ROOT))


def _of_source() -> Iterator[tuple[Message, str]]:
    for words in english.everything():
        yield words.text, words.file


def _of_labels() -> Iterator[tuple[Message, str]]:
    import mscbank
    from mscbank.database import Base
    from mscbank.things import SLUGS
    from mscbank.web.look import label_of
    from specs.scores import EXCLUSIONS, SIGNS, SKIN_SITES
    from specs.terms import ADDED

    mscbank.import_models()
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__name__):
        names = [column.key for column in mapper.column_attrs]
        names += [relation.key for relation in mapper.relationships if relation.uselist]
        for name in names:
            if not NO_LABEL.fullmatch(name):
                yield label_of(name)[0], f"{mapper.class_.__module__.replace('.', '/')}.py"
    for key in (*SKIN_SITES, *SIGNS, *EXCLUSIONS, *sorted(english.keys_of_sheets())):
        yield label_of(key)[0], "specs"
    yield ADDED, "specs/terms.py"
    for slug in SLUGS:
        yield label_of(slug)[0], "mscbank/things.py"
    for path in sorted((ROOT / "mscbank").rglob("*.py")):
        inside = str(path.relative_to(ROOT / "mscbank"))
        if not inside.startswith(UNSEEN):
            for name in facts_named(path.read_text()):
                if not NO_LABEL.fullmatch(name):
                    yield label_of(name)[0], f"mscbank/{inside}"


def facts_named(source: str) -> list[str]:
    """The names of facts in a file: keys of records, and what is told to the trail."""
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Dict):
            names += [key.value for key in node.keys if isinstance(key, ast.Constant)
                      and isinstance(key.value, str)
                      and re.fullmatch(r"[a-z][a-z0-9_ ]+", key.value)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("record"):
            names += [word.arg for word in node.keywords if word.arg]
    return names


def catalogue(path: Path = PO) -> Catalog:
    """The catalogue as it stands in the file."""
    with path.open("rb") as file:
        return pofile.read_po(file, locale="fr")


def update() -> Catalog:
    """The catalogue brought to what the source says: French kept, new texts empty, old ones out."""
    before = catalogue() if PO.exists() else Catalog(locale="fr")
    after = Catalog(locale="fr", project="mscbank", version="0.1.0", charset="utf-8",
                    fuzzy=False, header_comment="# French of mscbank. The English stands in the "
                    "source: make translations brings this file up to it.\n#\n" + table())
    after.creation_date = after.revision_date = before.creation_date
    for text, place in messages().items():
        known = before.get(text[0] if isinstance(text, tuple) else text)
        told = known.string if known else ""
        if isinstance(text, tuple):  # French tells one from many; millions are as many
            told = ((*told[:2], "", "")[:2] if told else ("", ""))
            told = (*told, *[told[1]] * (after.num_plurals - 2))
        after.add(text, told, locations=[(place, 0)])
    return after


def write(made: Catalog) -> None:
    """Both files: the one people edit, and the one the program reads."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        pofile.write_po(file, made, width=98, include_lineno=False, sort_output=False)
    with MO.open("wb") as file:
        mofile.write_mo(file, made)


def missing(made: Catalog) -> list[Message]:
    """The texts that have no French yet."""
    return [message.id for message in made if message.id and not all(
        message.string if isinstance(message.string, (tuple, list)) else [message.string])]
