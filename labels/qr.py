"""Symbols as matrices of modules: QR for the house's texts, Data Matrix for ISBT 128.

The QR is, module for module, the one the `qrcode` package makes, best mask included (a test holds
the two together). `qrcode` draws and scores eight masks in loops; here everything that does not
depend on the text is built once per version and the eight masks are scored together, as arrays.
"""
from __future__ import annotations

from bisect import bisect_left
from enum import IntEnum
from functools import lru_cache

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from qrcode import QRCode, base, constants, exceptions, util

Matrix = NDArray[np.bool_]
QUIET_ZONE = 4
DATA_MATRIX_QUIET_ZONE = 1


class Level(IntEnum):
    """How much of the symbol may be lost: L 7 %, M 15 %, Q 25 %, H 30 % of its codewords."""

    L = constants.ERROR_CORRECT_L
    M = constants.ERROR_CORRECT_M
    Q = constants.ERROR_CORRECT_Q
    H = constants.ERROR_CORRECT_H


class SymbolTooLong(ValueError):
    """The text does not fit any symbol of the wanted level."""


@lru_cache(maxsize=256)
def matrix(text: str, level: Level = Level.H) -> Matrix:
    """The QR of `text`: a square array, True is dark, no quiet zone. Raises SymbolTooLong.

    Letters from 0-9 A-Z $%*+-./: and space make the smallest symbols.
    """
    if not text:
        raise ValueError("an empty text has no symbol")
    segments = list(util.optimal_data_chunks(text, minimum=20))
    try:
        version = _smallest_version(segments, level)
    except exceptions.DataOverflowError as error:
        raise SymbolTooLong(f"{len(text)} characters fit no QR of level {level.name}: "
                            "shorten the text") from error
    rows, columns = _places(version)
    bits = np.zeros(len(rows), np.bool_)
    data = np.unpackbits(np.array(_codewords(segments, version, level), np.uint8))
    bits[:len(data)] = data
    masked = bits ^ _masks(version)
    blank, finished = _frames(version, level)
    drawn = np.broadcast_to(blank, (8, *blank.shape)).copy()
    drawn[:, rows, columns] = masked
    best = int(np.argmin(_penalties(drawn)))
    symbol = finished[best].copy()
    symbol[rows, columns] = masked[best]
    symbol.flags.writeable = False
    return symbol


@lru_cache(maxsize=256)
def data_matrix(text: str) -> Matrix:
    """The square Data Matrix (ECC 200) of `text`: True is dark, no quiet zone."""
    try:
        barcode = zxingcpp.create_barcode(text, zxingcpp.DataMatrix, force_square=True)
    except (ValueError, RuntimeError) as error:
        raise SymbolTooLong(f"{len(text)} characters fit no Data Matrix") from error
    picture = zxingcpp.write_barcode_to_image(barcode, scale=1, add_quiet_zones=False)
    symbol = np.array(picture) == 0
    symbol.flags.writeable = False
    return symbol


# --- data ---------------------------------------------------------------------------------------

def _bits_of(segment: util.QRData) -> int:
    """How many bits the segment's characters take."""
    count = len(segment)
    if segment.mode == util.MODE_NUMBER:
        return count // 3 * 10 + (0, 4, 7)[count % 3]
    if segment.mode == util.MODE_ALPHA_NUM:
        return count // 2 * 11 + count % 2 * 6
    return count * 8


def _smallest_version(segments: list[util.QRData], level: Level) -> int:
    """The version `qrcode` takes: the width of a count depends on the version, so look again
    when the first answer lies in a range with wider counts."""
    version = 1
    while True:
        widths = util.mode_sizes_for_version(version)
        needed = sum(4 + widths[s.mode] + _bits_of(s) for s in segments)
        version = bisect_left(util.BIT_LIMIT_TABLE[level], needed, version)
        if version > 40:
            raise exceptions.DataOverflowError()
        if util.mode_sizes_for_version(version) is widths:
            return version


def _stream(segment: util.QRData) -> str:
    """The segment's characters as bits."""
    data = segment.data
    if segment.mode == util.MODE_NUMBER:
        return "".join(f"{int(data[i:i + 3]):0{(0, 4, 7, 10)[len(data[i:i + 3])]}b}"
                       for i in range(0, len(data), 3))
    if segment.mode == util.MODE_ALPHA_NUM:
        values = [util.ALPHA_NUM.index(c) for c in data]
        pairs = [f"{a * 45 + b:011b}" for a, b in zip(values[::2], values[1::2])]
        return "".join(pairs) + (f"{values[-1]:06b}" if len(values) % 2 else "")
    return "".join(f"{c:08b}" for c in data)


def _codewords(segments: list[util.QRData], version: int, level: Level) -> list[int]:
    """Data and correction codewords, interleaved as they are placed."""
    blocks = base.rs_blocks(version, level)
    room = sum(block.data_count for block in blocks) * 8
    stream = "".join(f"{s.mode:04b}{len(s):0{util.length_in_bits(s.mode, version)}b}{_stream(s)}"
                     for s in segments)
    stream += "0" * min(4, room - len(stream))
    stream += "0" * (-len(stream) % 8)
    stream += ("1110110000010001" * (room // 16 + 1))[:room - len(stream)]
    words = int(stream, 2).to_bytes(room // 8, "big")
    data, correction, at = [], [], 0
    for block in blocks:
        part = words[at:at + block.data_count]
        at += block.data_count
        data.append(part)
        correction.append(_correction(part, block.total_count - block.data_count))
    return _interleaved(data) + _interleaved(correction)


def _interleaved(blocks: list[bytes]) -> list[int]:
    longest = max(map(len, blocks))
    return [block[i] for i in range(longest) for block in blocks if i < len(block)]


def _correction(data: bytes, count: int) -> bytes:
    """The Reed-Solomon remainder, a byte at a time by table, as a CRC is computed."""
    table, top, keep = _remainders(count), 8 * (count - 1), (1 << 8 * (count - 1)) - 1
    remainder = 0
    for byte in data:
        remainder = ((remainder & keep) << 8) ^ table[(remainder >> top) ^ byte]
    return remainder.to_bytes(count, "big")


@lru_cache(maxsize=None)
def _remainders(count: int) -> tuple[int, ...]:
    """For each leading byte, what it adds to the remainder."""
    generator = base.Polynomial([1], 0)
    for i in range(count):
        generator = generator * base.Polynomial([1, base.gexp(i)], 0)
    logs = [base.glog(generator[i]) for i in range(1, count + 1)]
    rows = [bytes(count)]
    for byte in range(1, 256):
        rows.append(bytes(base.gexp(base.glog(byte) + log) for log in logs))
    return tuple(int.from_bytes(row, "big") for row in rows)


# --- what depends on the version only -----------------------------------------------------------

@lru_cache(maxsize=None)
def _frames(version: int, level: Level) -> tuple[Matrix, Matrix]:
    """The fixed patterns: once with empty format information, on which masks are judged (side,
    side), and finished for each mask (8, side, side). Data modules are False."""
    maker = QRCode(version=version, error_correction=level)
    maker.data_cache = []

    def frame(test: bool, mask: int) -> Matrix:
        maker.makeImpl(test, mask)
        drawn = np.array(maker.modules, np.bool_)
        drawn[_places(version)] = False
        return drawn
    return frame(True, 0), np.stack([frame(False, mask) for mask in range(8)])


@lru_cache(maxsize=None)
def _places(version: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the data modules, in the order they are filled: upwards and downwards
    through columns two wide, from the right, past the timing column."""
    maker = QRCode(version=version)
    maker.data_cache = []
    maker.map_data = lambda data, mask: None     # leave the data modules empty: None
    maker.makeImpl(True, 0)
    side = version * 4 + 17
    order, upwards = [], True
    for right in range(side - 1, 0, -2):
        right -= right <= 6
        rows = range(side - 1, -1, -1) if upwards else range(side)
        order += [(r, c) for r in rows for c in (right, right - 1) if maker.modules[r][c] is None]
        upwards = not upwards
    rows, columns = np.array(order).T
    return rows, columns


@lru_cache(maxsize=None)
def _masks(version: int) -> Matrix:
    """Which data modules each of the eight masks turns over: (8, data modules)."""
    rows, columns = _places(version)
    return np.array([[util.mask_func(mask)(int(r), int(c)) for r, c in zip(rows, columns)]
                     for mask in range(8)], np.bool_)


# --- scoring ------------------------------------------------------------------------------------
# A symbol is one integer of side * side bits, line after line: a shift and an AND then look at all
# modules at once. Bits that would reach over the end of a line are taken out by `_inside`.

_FINDER_LIKE = ("10111010000", "00001011101")


def _penalties(drawn: Matrix) -> list[int]:
    """The penalty of each of the drawn symbols (count, side, side), as ISO/IEC 18004 counts."""
    side = drawn.shape[1]
    points = []
    for symbol in drawn:
        by_row, by_column = _as_integer(symbol), _as_integer(symbol.T)
        # The same floating steps as `qrcode`, so that a tie at a limit falls the same way.
        percent = float(by_row.bit_count()) / (side ** 2)
        points.append(_in_lines(by_row, side) + _in_lines(by_column, side)
                      + 3 * _blocks(by_row, side) + int(abs(percent * 100 - 50) / 5) * 10)
    return points


def _as_integer(symbol: Matrix) -> int:
    return int.from_bytes(np.packbits(symbol).tobytes(), "big") >> (-symbol.size % 8)


@lru_cache(maxsize=None)
def _inside(side: int, reach: int) -> int:
    """Ones where `reach` more modules follow in the line."""
    line = (1 << (side - reach)) - 1
    return sum(line << (side * i) for i in range(side))


def _in_lines(symbol: int, side: int) -> int:
    """Points for long runs and for what looks like a finder, in one direction."""
    same = ~(symbol ^ (symbol >> 1)) & _inside(side, 1)
    runs = same & (same >> 1) & (same >> 2) & (same >> 3)
    # A run of n >= 5 holds n - 4 windows of five and one beginning; it costs n - 2.
    points = runs.bit_count() + 2 * (runs & ~(runs << 1)).bit_count()
    dark = [symbol >> i for i in range(11)]
    for pattern in _FINDER_LIKE:
        found = _inside(side, 10)
        for module, here in zip(pattern, dark):
            found &= here if module == "1" else ~here
        points += 40 * found.bit_count()
    return points


def _blocks(symbol: int, side: int) -> int:
    """How many squares of two by two are of one colour."""
    same = ~(symbol ^ (symbol >> 1)) & _inside(side, 1)
    down = ~(symbol ^ (symbol >> side)) & ((1 << side * (side - 1)) - 1)
    return (same & (same >> side) & down).bit_count()
