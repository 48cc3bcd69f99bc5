"""The pages of papers are asked by people's browsers."""

from tests.mscbank.web.conftest import browse, cast

__all__ = ["browse", "cast"]
