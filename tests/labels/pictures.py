"""``python -m tests.labels.pictures``: a picture of every kind of label into docs/labels/."""
from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps

from labels import draw, readback, stock
from labels.wording import Caution, Language

from . import examples

WHERE = Path(__file__).parents[2] / "docs" / "labels"
WARNED = dict(cautions=(Caution.BIOHAZARD, Caution.ADVISE_RECIPIENT, Caution.REACTIVE),
              reactive_for=("anti-HBc",))
DPI = 300


def main() -> None:
    """Every kind in English, the bags also in French, in both, and with a donor's warnings."""
    WHERE.mkdir(parents=True, exist_ok=True)
    for name, label in examples.GOOD:
        _save(name, label, Language.EN, "")
    for name in ("bag-100x100", "bag-100x50", "tag-100x80"):
        _save(name, examples.bag(), Language.FR, "-fr")
        _save(name, examples.bag(), Language.BOTH, "-en-fr")
        _save(name, examples.bag(**WARNED), Language.EN, "-warnings")
    _save("tag-100x80", examples.harvest(**WARNED), Language.BOTH, "-en-fr")
    _save("a4-small-3x8", examples.sample(), Language.EN, "-sheet", count=22, used=(1, 2))


def _save(name: str, label, language: Language, suffix: str, count: int = 1, used=()) -> None:
    on = stock.stock(name)
    pdf = draw.draw([label] * count, on, dpi=DPI, language=language, used=used)
    picture = Image.fromarray(next(readback.pictures(pdf, DPI)))
    path = WHERE / f"{draw.layout(label, on).kind.replace(' ', '-')}-{on.shape}{suffix}.png"
    ImageOps.expand(picture, 2, fill=160).quantize(16).save(path, optimize=True)
    print(path.name)


if __name__ == "__main__":
    main()
