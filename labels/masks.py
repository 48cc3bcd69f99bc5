"""The modules of a symbol, as arrays. `labels.qr` says what each is for, and asks here.

The QR is, module for module, the one the `qrcode` package makes, best mask included (a test holds
the two together). `qrcode` draws and scores eight masks in loops; here everything that does not
depend on the text is built once per version and the eight masks are scored together, as arrays.
"""
from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from itertools import zip_longest

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from qrcode import QRCode, base, exceptions, util

from .qr import Level, SymbolTooLong

Matrix = NDArray[np.bool_]


def matrix(text: str, level: Level) -> Matrix:
    """The QR of `text`: a square array, True is dark, no quiet zone. Raises SymbolTooLong."""
    segments = list(util.optimal_data_chunks(text, minimum=20))
    try:
        version = _smallest_version(segments, level)
    except exceptions.DataOverflowError as error:
        raise SymbolTooLong(f"{len(text)} characters fit no QR of level {level.name}: "
                            "shorten the text") from error
    side = version * 4 + 17
    data = np.unpackbits(np.array(_codewords(segments, version, level), np.uint8))
    flat = np.zeros(side * side, np.bool_)
    flat[_places(version)[:len(data)]] = data
    drawn = flat.reshape(side, side)
    best = int(np.argmin(_penalties(drawn, version, level)))
    symbol = drawn ^ _frames(version, level)[1][best]
    symbol.flags.writeable = False
    return symbol


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
        pairs, last = _pairs(), len(data) // 2 * 2
        bits = "".join([pairs[data[i:i + 2]] for i in range(0, last, 2)])
        return bits + (f"{util.ALPHA_NUM.index(data[last:]):06b}" if data[last:] else "")
    return "".join(f"{c:08b}" for c in data)


@lru_cache(maxsize=None)
def _pairs() -> dict[bytes, str]:
    """The eleven bits of any two characters of the 45."""
    signs = [bytes([sign]) for sign in util.ALPHA_NUM]
    return {a + b: f"{i * 45 + j:011b}"
            for i, a in enumerate(signs) for j, b in enumerate(signs)}


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
    return [word for column in zip_longest(*blocks) for word in column if word is not None]


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
    """What stands on the symbol before any data, for each of the eight masks: the fixed patterns
    and the mask over the data modules, (8, side, side). Once with empty format information, on
    which masks are judged, and once finished."""
    maker = QRCode(version=version, error_correction=level)
    maker.data_cache = []
    side, places = version * 4 + 17, _places(version)
    rows, columns = np.divmod(places, side)

    def frame(test: bool, mask: int) -> Matrix:
        maker.makeImpl(test, mask)
        drawn = np.array(maker.modules, np.bool_).ravel()
        turned = util.mask_func(mask)
        drawn[places] = [turned(int(r), int(c)) for r, c in zip(rows, columns)]
        return drawn.reshape(side, side)
    return tuple(np.stack([frame(test, mask) for mask in range(8)])  # type: ignore[return-value]
                 for test in (True, False))


@lru_cache(maxsize=None)
def _places(version: int) -> NDArray[np.intp]:
    """Where the data modules lie (row * side + column), in the order they are filled: upwards and
    downwards through columns two wide, from the right, past the timing column."""
    maker = QRCode(version=version)
    maker.data_cache = []
    maker.map_data = lambda data, mask: None     # leave the data modules empty: None
    maker.makeImpl(True, 0)
    side = version * 4 + 17
    order, upwards = [], True
    for right in range(side - 1, 0, -2):
        right -= right <= 6
        rows = range(side - 1, -1, -1) if upwards else range(side)
        order += [r * side + c for r in rows for c in (right, right - 1)
                  if maker.modules[r][c] is None]
        upwards = not upwards
    return np.array(order)


# --- scoring ------------------------------------------------------------------------------------
# All eight masked symbols are one integer, line after line, each symbol filled up to whole bytes:
# a shift and an AND then look at every module of every symbol at once. Bits that would reach over
# the end of a line, or into the filling, are taken out by `_inside`.

# What one found place costs: a window of five alike, the beginning of a run, either finder-like
# pattern, in rows and in columns; a square of two by two.
_COSTS = np.array([1, 2, 40, 40] * 2 + [3])


def _penalties(drawn: Matrix, version: int, level: Level) -> list[int]:
    """The penalty of the data under each of the eight masks, as ISO/IEC 18004 counts."""
    side = len(drawn)
    eight_rows, eight_columns = _frames_as_integers(version, level)
    by_row = eight_rows ^ _eight_times(drawn)
    by_column = eight_columns ^ _eight_times(drawn.T)
    found = [*_in_lines(by_row, side), *_in_lines(by_column, side), _blocks(by_row, side), by_row]
    size = _bytes_of(side)
    counts = np.bitwise_count(np.frombuffer(
        b"".join(one.to_bytes(8 * size, "big") for one in found), np.uint8)
        .reshape(len(found), 8, size)).sum(axis=2, dtype=np.int64)
    points = _COSTS @ counts[:-1]
    # The same floating steps as `qrcode`, so that a tie at a limit falls the same way.
    return [int(lines) + int(abs(float(dark) / (side ** 2) * 100 - 50) / 5) * 10
            for lines, dark in zip(points, counts[-1])]


def _bytes_of(side: int) -> int:
    return -(-side * side // 8)


def _eight_times(symbol: Matrix) -> int:
    return int.from_bytes(np.packbits(symbol).tobytes() * 8, "big")


@lru_cache(maxsize=None)
def _frames_as_integers(version: int, level: Level) -> tuple[int, int]:
    """The eight frames of judging, by rows and by columns."""
    frames = _frames(version, level)[0]
    return tuple(int.from_bytes(  # type: ignore[return-value]
        np.packbits(each.reshape(8, -1), axis=1).tobytes(), "big")
        for each in (frames, frames.transpose(0, 2, 1)))


@lru_cache(maxsize=None)
def _inside(side: int, reach: int, lines: int = 0) -> int:
    """Ones where `reach` more modules follow in the line, and `lines` more lines."""
    line = (1 << (side - reach)) - 1
    symbol = sum(line << (side * i) for i in range(side - lines))
    size = 8 * _bytes_of(side)
    return sum(symbol << (size * i + size - side * side) for i in range(8))


def _in_lines(symbols: int, side: int) -> tuple[int, int, int, int]:
    """Ones at windows of five alike, at beginnings of runs, at each finder-like pattern. A run of
    n >= 5 holds n - 4 windows and one beginning; it costs n - 2."""
    same = ~(symbols ^ (symbols >> 1)) & _inside(side, 1)
    pairs = same & (same >> 1)
    runs = pairs & (pairs >> 2)
    # The middle of a finder, 1011101, with four light modules after or before it.
    light = symbols ^ _all(side)
    middle = (symbols & (light >> 1) & (symbols >> 2) & (symbols >> 3) & (symbols >> 4)
              & (light >> 5) & (symbols >> 6))
    two = light & (light >> 1)
    four = two & (two >> 2)
    within = _inside(side, 10)
    return (runs, runs & ~(runs << 1), middle & (four >> 7) & within,
            four & (middle >> 4) & within)


@lru_cache(maxsize=None)
def _all(side: int) -> int:
    """Ones everywhere."""
    return (1 << 64 * _bytes_of(side)) - 1


def _blocks(symbols: int, side: int) -> int:
    """Ones at squares of two by two of one colour."""
    same = ~(symbols ^ (symbols >> 1)) & _inside(side, 1)
    down = ~(symbols ^ (symbols >> side)) & _inside(side, 0, 1)
    return same & (same >> side) & down
