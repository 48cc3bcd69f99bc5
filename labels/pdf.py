"""A small PDF writer for labels: pages of operators, two embedded fonts, parts called by name.

Only what a label needs, because a label is printed by the thousand: no drawing state is kept, a
page is its finished operators, and the same operators give the same bytes. Coordinates are points
from the page's lower left corner. The fonts are embedded whole, so a page looks the same anywhere.
"""
from __future__ import annotations

import zlib
from functools import lru_cache

from .ink import BOLD, REGULAR, Face

_FONTS = {"R": REGULAR, "B": BOLD}
_CATALOG, _PAGES, _INFO, _RESOURCES = 1, 2, 3, 4


class Document:
    """Pages of one size. `part` names operators that many pages call; `page` adds a page."""

    def __init__(self, width: float, height: float):
        self._size = f"0 0 {width:.4f} {height:.4f}"
        self._objects: list[bytes] = [b""] * _RESOURCES
        self._pages: list[int] = []
        self._parts: dict[str, int] = {}

    def part(self, name: str, operators: str) -> None:
        """Operators to be called by `/name Do` on every page. A name is used once."""
        self._parts[name] = self._stream(
            operators, f"/Type /XObject /Subtype /Form /BBox [{self._size}] "
                       f"/Resources {_RESOURCES} 0 R ")

    def has_part(self, name: str) -> bool:
        """Was this part given already?"""
        return name in self._parts

    def page(self, operators: str) -> None:
        """One more page."""
        stream = self._stream(operators)
        self._pages.append(self._object(
            f"<< /Type /Page /Parent {_PAGES} 0 R /Contents {stream} 0 R >>".encode()))

    def finished(self) -> bytes:
        """The whole file."""
        fonts = " ".join(f"/{name} {self._font(face)} 0 R" for name, face in _FONTS.items())
        parts = " ".join(f"/{name} {number} 0 R" for name, number in self._parts.items())
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._objects[_CATALOG - 1] = f"<< /Type /Catalog /Pages {_PAGES} 0 R >>".encode()
        self._objects[_PAGES - 1] = (
            f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] /MediaBox [{self._size}] "
            f"/Resources {_RESOURCES} 0 R >>").encode()
        self._objects[_INFO - 1] = b"<< /Title (Labels) /Producer (mscbank) >>"
        self._objects[_RESOURCES - 1] = (
            f"<< /Font << {fonts} >> /XObject << {parts} >> >>").encode()
        return self._assembled()

    def _assembled(self) -> bytes:
        out, places = [b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"], []
        at = len(out[0])
        for number, body in enumerate(self._objects, 1):
            places.append(at)
            piece = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            out.append(piece)
            at += len(piece)
        table = "".join(f"{place:010d} 00000 n \n" for place in places)
        out.append((f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{table}"
                    f"trailer\n<< /Size {len(places) + 1} /Root {_CATALOG} 0 R "
                    f"/Info {_INFO} 0 R >>\nstartxref\n{at}\n%%EOF\n").encode())
        return b"".join(out)

    def _object(self, body: bytes) -> int:
        self._objects.append(body)
        return len(self._objects)

    def _stream(self, operators: str, entries: str = "") -> int:
        data = zlib.compress(operators.encode("ascii"), 4)
        return self._object(_with_length(entries + "/Filter /FlateDecode ", data))

    def _font(self, face: Face) -> int:
        file, descriptor, widths, to_unicode = _embedded(face)
        file_number = self._object(file)
        described = self._object(descriptor.replace(b"FILE", b"%d 0 R" % file_number))
        name = face.file.name.decode()
        descendant = self._object((
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/FontDescriptor {described} 0 R /W [{widths}] >>").encode())
        unicode_number = self._object(to_unicode)
        return self._object((
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {unicode_number} 0 R >>").encode())


def _with_length(entries: str, data: bytes) -> bytes:
    return b"<< %b/Length %d >>\nstream\n%b\nendstream" % (entries.encode(), len(data), data)


@lru_cache(maxsize=None)
def _embedded(face: Face) -> tuple[bytes, bytes, str, bytes]:
    """A font's file, descriptor, widths and way back to the signs: the same in every document."""
    known = face.file
    file = _with_length(f"/Length1 {len(face.data)} /Filter /FlateDecode ",
                        zlib.compress(face.data, 9))
    box = " ".join(str(round(number)) for number in known.bbox)
    descriptor = (
        f"<< /Type /FontDescriptor /FontName /{known.name.decode()} /Flags {known.flags} "
        f"/FontBBox [{box}] /ItalicAngle 0 /Ascent {round(known.ascent)} "
        f"/Descent {round(known.descent)} /CapHeight {round(known.capHeight)} "
        f"/StemV {known.stemV} /FontFile2 FILE >>").encode()
    points = {int(glyph, 16): point for point, glyph in reversed(face.glyphs.items())}
    widths = " ".join(f"{glyph} [{face.widths[chr(point)]:.2f}]"
                      for glyph, point in sorted(points.items()))
    lines = [f"<{glyph:04x}> <{point:04x}>" for glyph, point in sorted(points.items())]
    blocks = "".join(f"{len(lines[i:i + 100])} beginbfchar\n" + "\n".join(lines[i:i + 100])
                     + "\nendbfchar\n" for i in range(0, len(lines), 100))
    cmap = ("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CMapName /Signs def /CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n"
            f"{blocks}endcmap end end\n")
    return file, descriptor, widths, _with_length("/Filter /FlateDecode ",
                                                  zlib.compress(cmap.encode(), 9))
