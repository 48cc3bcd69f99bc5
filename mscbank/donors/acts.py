"""The acts of this step."""

from __future__ import annotations

from mscbank.acts import Act

ACTS: tuple[Act, ...] = ()
