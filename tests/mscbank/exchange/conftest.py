"""Machines and browsers, as the web's own tests have them."""

from tests.mscbank.web.conftest import browse, cast, machine

__all__ = ["browse", "cast", "machine"]
