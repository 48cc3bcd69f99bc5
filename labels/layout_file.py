"""Reading layout files, and all that is checked before a label is drawn by one.

Keys, facts, words, sizes; fixed texts fit in every language; every place lies on the label and
meets no other.
"""
from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, get_args, get_origin, get_type_hints

from . import facts, papers
from .ink import SMALLEST, Unprintable, require_glyphs, width_mm
from .layout import KINDS, Caption, Layout, Place, SymbolPlace
from .qr import Level
from .stock import RESOLUTIONS, module_dots
from .wording import WORDS, Language

FOLDER = Path(__file__).parent / "layouts"
SMALLEST_MODULE = 0.33
_WORD = re.compile(r"\{w\.(\w+)\}")


class LayoutError(ValueError):
    """A layout file cannot be used. `where` says which part of it."""

    def __init__(self, name: str, where: str, sentence: str):
        super().__init__(f"layout {name}, {where}: {sentence}")
        self.where = where


def load(path: Path) -> Layout:
    """The layout of a file, checked. Raises LayoutError."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LayoutError(path.name, "the file", f"is no TOML that can be read: {error}") from error
    return check(_read(Layout, found, path.name, "the file"))


def _read(kind: Any, found: Any, name: str, where: str) -> Any:
    """A dataclass of a table, a tuple of a list, a number, a text; what is odd is refused."""
    if get_origin(kind) is tuple:
        return _read_list(kind, found, name, where)
    if kind is float and isinstance(found, (int, float)) and not isinstance(found, bool):
        return float(found)
    if kind in (str, bool, int) and type(found) is kind:
        return found
    if not hasattr(kind, "__dataclass_fields__") or not isinstance(found, dict):
        raise LayoutError(name, where, f"{found!r} cannot stand here")
    hints = get_type_hints(kind)
    known = {each.name: each for each in fields(kind)}
    for key in found.keys() - known.keys():
        raise LayoutError(name, where, f"{key!r} is no setting here: {', '.join(known)} are")
    for key, each in known.items():
        if key not in found and each.default is MISSING:
            raise LayoutError(name, where, f"{key!r} is missing")
    return kind(**{key: _read(hints[key], value, name, f"{where}, {key}")
                   for key, value in found.items()})


def _read_list(kind: Any, found: Any, name: str, where: str) -> tuple[Any, ...]:
    if not isinstance(found, list):
        raise LayoutError(name, where, f"{found!r} is no list")
    inner = get_args(kind)
    if inner[-1] is Ellipsis:
        inner = (inner[0],) * len(found)
    if len(inner) != len(found):
        raise LayoutError(name, where, f"{len(inner)} numbers are asked, there are {len(found)}")
    return tuple(_read(each, one, name, f"{where} {number}")
                 for number, (each, one) in enumerate(zip(inner, found), 1))


def shelf(folder: Path = FOLDER) -> dict[tuple[type, str], Layout]:
    """All layouts of a folder, by kind of label and shape of stock. Raises LayoutError."""
    found: dict[tuple[type, str], Layout] = {}
    for path in sorted(folder.glob("*.toml")):
        layout = load(path)
        key = (layout.label, layout.shape)
        if key in found:
            raise LayoutError(path.name, "the file", f"{found[key].name} already lays out a "
                              f"{layout.kind} on the shape {layout.shape}: keep one of them")
        found[key] = layout
    return found


# --- words --------------------------------------------------------------------------------------

@lru_cache(maxsize=None)
def in_language(layout: Layout, language: Language) -> Layout:
    """The layout with its fixed words put in."""
    return _worded(layout, WORDS[language])


def _worded(part: Any, words: dict[str, str]) -> Any:
    if isinstance(part, str):
        return _WORD.sub(lambda found: words[found[1]], part)
    if isinstance(part, tuple):
        return tuple(_worded(one, words) for one in part)
    if is_dataclass(part):
        return replace(part, **{each.name: _worded(getattr(part, each.name), words)  # type: ignore
                                for each in fields(part)})
    return part


@lru_cache(maxsize=None)
def facts_in(text: str) -> tuple[str, ...]:
    """The facts a template names, in its order."""
    return tuple(name for _, name, _, _ in Formatter().parse(text) if name)


# --- checking -----------------------------------------------------------------------------------

def check(layout: Layout) -> Layout:
    """The layout, if it can be drawn. Raises LayoutError."""
    if layout.kind not in KINDS:
        raise LayoutError(layout.name, "kind", f"{layout.kind!r} is no kind of label: "
                          f"{', '.join(KINDS)} are")
    _check_templates(layout, layout, facts.names(layout.label), "the file")
    for symbol in layout.symbol:
        _check_symbol(layout, symbol, layout.label)
    for table in layout.table:
        if table.rows != "bags" or layout.label is not papers.PackingList:
            raise LayoutError(layout.name, "table", f"{table.rows!r} is no list of this label")
        _check_symbol(layout, table.symbol, papers.PackedBag)
        _check_places(layout, table.places_in_a_line(), table.left, table.right, table.height)
    for sign in layout.sign:
        _require(layout, "sign", sign.when, facts.names(layout.label), "fact")
    _check_places(layout, layout.places, 0.0, *layout.size)
    for language in Language:
        for caption in in_language(layout, language).caption:
            _check_caption(layout, caption)
    return layout


def _require(layout: Layout, where: str, name: str, known: frozenset[str] | set[str],
             what: str) -> None:
    if name not in known:
        raise LayoutError(layout.name, where, f"{name!r} is no {what} here: "
                          f"{', '.join(sorted(known))} are")


def _check_templates(layout: Layout, part: Any, known: frozenset[str], where: str) -> None:
    """Words, facts and sizes of every part that writes text."""
    if is_dataclass(part):
        if part.__class__.__name__ == "Table":
            known = facts.names(papers.PackedBag)
        for each in fields(part):
            _check_templates(layout, getattr(part, each.name), known, each.name)
        if hasattr(part, "text"):
            _check_text(layout, part.text, frozenset() if isinstance(part, Caption) else known)
        if hasattr(part, "sizes") and (not part.sizes or min(part.sizes) < SMALLEST):
            raise LayoutError(layout.name, where, f"letters of {part.sizes} points: nothing is "
                              f"printed under {SMALLEST:g}")
        if getattr(part, "apart", False) and len(facts_in(_WORD.sub("", part.text))) != 1:
            raise LayoutError(layout.name, where, "sentences stand apart only as one fact alone")
    elif isinstance(part, tuple):
        for one in part:
            _check_templates(layout, one, known, where)


def _check_text(layout: Layout, text: str, known: frozenset[str]) -> None:
    words = WORDS[Language.EN]
    for word in _WORD.findall(text):
        _require(layout, repr(text), word, set(words), "word")
    try:
        named = facts_in(_WORD.sub("", text))
        require_glyphs("text", text)
    except (ValueError, Unprintable) as error:
        raise LayoutError(layout.name, repr(text), str(error)) from error
    for name in named:
        _require(layout, repr(text), name, known, "fact")


def _check_symbol(layout: Layout, symbol: SymbolPlace, kind: type) -> None:
    where = f"symbol {symbol.fact}"
    _require(layout, where, symbol.fact, facts.symbol_names(kind), "text of a symbol")
    _require(layout, where, symbol.form, {"qr", "data matrix"}, "form of a symbol")
    _require(layout, where, symbol.level, set(Level.__members__), "level")
    _require(layout, where, symbol.corner,
             {f"{y} {x}" for y in ("top", "bottom") for x in ("left", "right")}, "corner")
    for dpi in RESOLUTIONS:
        side = module_dots(symbol.module, dpi) * 25.4 / dpi
        if side < SMALLEST_MODULE or dpi == 300 and side * dpi / 25.4 < 3.99:
            raise LayoutError(layout.name, where, f"a module of {side:.2f} mm at {dpi} dots an "
                              f"inch cannot be read with certainty: {SMALLEST_MODULE} at least")


def _check_places(layout: Layout, places: list[Place], least: float, most: float,
                  height: float) -> None:
    for number, place in enumerate(places):
        # A quiet zone is white anyway: it may reach the edge, all else keeps a little away.
        edge = 0.0 if place.what.startswith("symbol") else 0.4
        if (place.left < least + edge or place.top < edge or place.right > most - edge
                or place.bottom > height - edge or place.left >= place.right
                or place.top >= place.bottom):
            raise LayoutError(layout.name, place.what, f"does not lie on the label: {place}")
        for other in places[:number]:
            if place.meets(other) and not place.what == other.what == "bar":
                raise LayoutError(layout.name, place.what, f"stands over {other.what}: {place}, "
                                  f"{other}")


def _check_caption(layout: Layout, caption: Caption) -> None:
    require_glyphs(caption.text, caption.text)
    widest = caption.until - caption.at[0]
    if width_mm(caption.text, min(caption.sizes), caption.bold) > widest:
        raise LayoutError(layout.name, repr(caption.text), f"is wider than its {widest:g} mm")
