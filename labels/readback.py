"""Reading what was printed: pictures and PDF pages to the texts of their symbols.

The readers themselves are loaded by whoever first looks at a picture.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from .stock import resolution

if TYPE_CHECKING:
    import numpy as np

LARGEST_PICTURE = 40_000_000


class UnreadablePicture(ValueError):
    """The bytes are no picture, or one too large to look at."""


class PageMismatch(ValueError):
    """A printed page does not show the symbols it must. `page` counts from 1."""

    def __init__(self, page: int, missing: set[str], strange: set[str]):
        parts = [f"{what} {', '.join(sorted(texts))}" for what, texts in
                 (("lacks", missing), ("shows", strange)) if texts]
        super().__init__(f"page {page} {' and '.join(parts)}: do not use these labels, print "
                         "them again")
        self.page, self.missing, self.strange = page, missing, strange


def texts(picture: bytes, *, largest: int = LARGEST_PICTURE, second_look: bool = True,
          ) -> set[str]:
    """The texts of all QR and Data Matrix symbols on a photograph or scan (PNG, JPEG, ...).

    Where none is seen at first, a QR whose corner is covered is looked for. A printed page gets
    no such second look: it must be whole; nor do the many pictures of a camera that is held still.
    """
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(picture)) as image:
            if image.width * image.height > largest:
                raise UnreadablePicture("the picture is too large: take it with fewer pixels")
            grey = np.asarray(image.convert("L"))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise UnreadablePicture("this is no picture that can be read: take it again") from error
    return _read(grey) or (_read_covered(grey) if second_look else set())


def pages(pdf: bytes, dpi: int = 300) -> Iterator[set[str]]:
    """The texts on each page of a PDF, as a printer of that resolution would show it."""
    for grey in pictures(pdf, dpi):
        yield _read(grey)


def pictures(pdf: bytes, dpi: int = 300) -> Iterator[np.ndarray]:
    """Each page as an array of grey values (rows, columns), one pixel a printer dot."""
    import pypdfium2  # 7 MB to hold, for those who check a print

    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise UnreadablePicture("this is no PDF that can be read") from error
    try:
        for page in document:
            yield page.render(scale=resolution(dpi) / 72, grayscale=True).to_numpy().squeeze()
            page.close()
    finally:
        document.close()


def check_pages(pdf: bytes, expected: list[set[str]], dpi: int = 300) -> None:
    """Raise PageMismatch at the first page whose symbols are not exactly the expected ones."""
    check_pictures(pictures(pdf, dpi), expected)


def check_pictures(shown: Iterable[np.ndarray], expected: list[set[str]]) -> None:
    """The same for pictures of pages, grey values (rows, columns)."""
    count = 0
    for count, found in enumerate(map(_read, shown), 1):
        wanted = expected[count - 1] if count <= len(expected) else set()
        if count > len(expected) or found != wanted:
            raise PageMismatch(count, wanted - found, found - wanted)
    if count < len(expected):
        raise PageMismatch(count + 1, expected[count], set())


def _read_covered(grey: np.ndarray) -> set[str]:
    from . import covered

    return next(filter(None, map(_read, covered.completed(grey))), set())


def _read(grey: np.ndarray) -> set[str]:
    import zxingcpp

    return {found.text for found in zxingcpp.read_barcodes(
        grey, formats=(zxingcpp.QRCode, zxingcpp.DataMatrix))}
