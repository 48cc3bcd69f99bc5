"""Bag labels by the thousand, beside the makers of labels that others use."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import qrcode
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from labels import compose, draw, housecode, readback, signed, stock
from labels.wording import Language
from tests.labels import examples
from tests.performance.goals import Measured

STOCK = stock.stock("bag-100x100")
LABELS, BESIDE, PAGES, MANY = 1_000, 100, 100, 10_000
PEERS = {"WeasyPrint": ("weasyprint", 40), "blabel": ("blabel", 25), "pylabels": ("pylabels", 25)}
RECTANGLES, WITHOUT, MEMORY, READ = 12, 3, 200, 20
PEER = Path(__file__).with_name("label_peers.py")
RESIDENT = """
import resource
from labels import draw
from tests.performance import labels
draw.draw(labels.bags({count}), labels.STOCK)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
"""


def bags(count: int) -> Iterator[Any]:
    """Full labels, no two with a symbol in common."""
    for number in range(count):
        whole = examples.bag(number % 500 + 1)
        body = "".join(housecode.ALPHABET[(number >> 4 * (i % 4)) + i * 7 & 15] for i in range(16))
        code = housecode.with_check(housecode.Kind.BAG, body)
        number_of_donation = f"A999926{number:06d}"
        facts = examples.facts(bag=code, din=number_of_donation)
        yield replace(whole, code=housecode.copy_text(code, 1), din=number_of_donation,
                      signed=signed.issue(facts, examples.SECRET.sign))


def measure(folder: Path, *, peers: bool) -> list[Measured]:
    """Ratios in one run. Peers are measured on request, in an environment of their own."""
    labels = list(bags(LABELS))
    bare = {key: replace(each, symbol=()) for key, each in draw.LAYOUTS.items()}
    draw.draw(labels[:5], STOCK)
    ours = min(_seconds(draw.draw, labels, STOCK) for _ in range(3)) / LABELS
    plain = min(_seconds(draw.draw, labels, STOCK, layouts=bare) for _ in range(3)) / LABELS
    beside = [drawn_facts(label) for label in labels[:BESIDE]]
    rectangles = _seconds(one_rectangle_a_module, beside) / BESIDE
    found = [
        _times("plain reportlab, a rectangle a module", rectangles, ours, RECTANGLES),
        Measured(f"a label <= {WITHOUT} times the same without its four symbols",
                 f"{ours * 1e3:.2f} ms beside {plain * 1e3:.2f} ms", f"{ours / plain:.2f}",
                 ours / plain <= WITHOUT)]
    took = _peers(folder, beside) if peers else {}
    found += [_times(name, took.get(name), ours, wanted) for name, (_, wanted) in PEERS.items()]
    return [*found, _memory(), _reading(labels[:PAGES])]


def _seconds(do: Callable[..., object], *facts: Any, **how: Any) -> float:
    """Of one processor: other programs on the machine do not count."""
    began = time.process_time()
    do(*facts, **how)
    return time.process_time() - began


def _times(name: str, theirs: float | None, ours: float, wanted: int) -> Measured:
    goal = f"full bag labels >= {wanted} times as fast as {name}"
    if theirs is None:
        return Measured(goal, "not measured", "-", None)
    return Measured(goal, f"{ours * 1e3:.2f} ms a label beside {theirs * 1e3:.0f} ms",
                    f"{theirs / ours:.0f}", theirs / ours >= wanted)


def drawn_facts(label: Any) -> dict[str, Any]:
    """What stands where on one label, as plain values for the others to draw: millimetres."""
    layout = draw.layout(label, STOCK)
    scenes = (compose.fixed(layout, Language.EN), compose.compose(layout, label, Language.EN, 300))
    return {
        "texts": [[each.x, each.y, each.text.replace("^", ""), each.size]
                  for scene in scenes for each in scene.texts],
        "symbols": [{
            "at": each.box[:2], "side": each.box[2] - each.box[0], "text": each.text,
            # What is no QR is given to the others ready made.
            "modules": None if each.field != "compound" else [
                "".join("01"[dark] for dark in line) for line in each.matrix.tolist()]}
            for each in scenes[1].symbols]}


def one_rectangle_a_module(labels: list[dict[str, Any]]) -> bytes:
    """The same labels as most programs draw them: `qrcode`, and reportlab's own rectangles."""
    target = BytesIO()
    canvas = Canvas(target, pagesize=(100 * mm, 100 * mm))
    for label in labels:
        for x, y, text, size in label["texts"]:
            canvas.setFont("Helvetica", size)
            canvas.drawString(x * mm, (100 - y) * mm, text)
        for symbol in label["symbols"]:
            modules = symbol["modules"] or _by_the_package(symbol["text"])
            (left, top), side = symbol["at"], symbol["side"] / len(modules)
            for row, line in enumerate(modules):
                for column, dark in enumerate(line):
                    if dark not in ("0", False):
                        canvas.rect((left + column * side) * mm, (100 - top - row * side) * mm,
                                    side * mm, side * mm, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return target.getvalue()


def _by_the_package(text: str) -> list[list[bool]]:
    maker = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q)
    maker.add_data(text)
    maker.make()
    return maker.modules


def _peers(folder: Path, labels: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds a label by each peer; one that cannot be installed or run is left out."""
    place = folder / "label-peers"
    python = place / "bin" / "python"
    venv.create(place, with_pip=True)
    facts = json.dumps(labels)
    took = {}
    for name, (module, _) in PEERS.items():
        try:
            subprocess.run([python, "-m", "pip", "install", "--quiet",
                            "--disable-pip-version-check", "reportlab", "qrcode", module],
                           check=True, capture_output=True, timeout=600)
            said = subprocess.run([python, "-I", PEER, module], input=facts, text=True, check=True,
                                  capture_output=True, timeout=900)
            took[name] = float(said.stdout) / len(labels)
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            print(f"... {name} was not measured: {error}", file=sys.stderr)
    return took


def _memory() -> Measured:
    said = subprocess.run([sys.executable, "-c", RESIDENT.format(count=MANY)], check=True,
                          capture_output=True, text=True)
    resident = float(said.stdout)
    return Measured(f"{MANY:,} labels in one document <= {MEMORY} MB resident",
                    f"{resident:.0f} MB", f"{resident / MEMORY:.2f}", resident <= MEMORY)


def _reading(labels: list[Any]) -> Measured:
    """Read-back of finished pages at 300 dpi, every symbol compared."""
    pdf, expected = draw.draw(labels, STOCK), draw.expected_pages(labels, STOCK)
    readback.check_pages(draw.draw(labels[:2], STOCK), expected[:2])
    rate = len(labels) / _seconds(readback.check_pages, pdf, expected)
    return Measured(f"read-back >= {READ} pages/s", f"{rate:.0f} pages/s", f"{rate / READ:.2f}",
                    rate >= READ)
