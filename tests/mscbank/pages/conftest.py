"""The pages are asked by people's browsers, on data made through the acts."""

from tests.mscbank.web.conftest import Browser, browse, cast, entries, hidden, machine

__all__ = ["Browser", "browse", "cast", "entries", "hidden", "machine"]
