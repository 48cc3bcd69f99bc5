"""A camera's picture -> the texts on it. The picture is read and forgotten; none is ever kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from labels import readback
from mscbank.errors import Malformed, Refused

LARGEST = 1_500_000  # bytes of one picture
WIDEST = 4_000_000  # pixels
MOST = 12  # pictures a second of one person, in each worker of the server
_SECOND = timedelta(seconds=1)
_taken: dict[int, list[datetime]] = {}


class TooMany(Refused):
    """More pictures than a hand can hold labels."""

    status = 429
    reason = "too many pictures"


def in_turn(person: int, at: datetime) -> None:
    """Refuse who sends more pictures than a camera has reason to. Counted per worker: a guard of
    this machine's time, no rule of the record."""
    times = [one for one in _taken.get(person, ()) if at - one < _SECOND]
    if len(times) >= MOST:
        raise TooMany("More pictures came than can be read. Hold the label still for a moment.")
    if len(_taken) > 1000:
        forget()
    _taken[person] = [*times, at]


def forget() -> None:
    """Count anew."""
    _taken.clear()


def texts(picture: bytes) -> list[str]:
    """What the symbols on the picture say, each once."""
    if not picture or len(picture) > LARGEST:
        raise Malformed("One picture is at most 1.5 MB.", field="picture")
    try:
        return sorted(readback.texts(picture, largest=WIDEST, second_look=False))
    except readback.UnreadablePicture as error:
        raise Malformed(f"{str(error).capitalize()}.", field="picture") from error
