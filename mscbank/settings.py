"""The bank's own settings where no web request is near: facility, protocol, specification, keys."""

from __future__ import annotations

from datetime import datetime

from mscbank.config import Config

_held: Config | None = None


def set_settings(config: Config) -> None:
    """Hold the configuration of this process. Called once, where the application is built."""
    global _held
    _held = config


def settings() -> Config:
    """The configuration of this process. Raises RuntimeError before one was set."""
    if _held is None:
        raise RuntimeError("the application has not been built: there are no settings yet")
    return _held


def local(at: datetime) -> datetime:
    """The moment on the site's clock, so that ``.date()`` is the day people write down."""
    return at.astimezone(settings().zone)


def on_the_clock(at: datetime) -> str:
    """The moment on the site's clock to the millisecond, as the script of a page reads it."""
    return local(at).isoformat(timespec="milliseconds")
