"""What is allowed of a correction of what was seen beside a bag. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from mscbank.errors import AlreadyDone, Malformed


def stands(corrected: bool) -> None:
    """Only the row that stands is corrected or withdrawn: nothing goes two ways."""
    if corrected:
        raise AlreadyDone("This was corrected before: it is the correction that you correct.")


def not_withdrawn(withdrawn: bool) -> None:
    """Once is enough."""
    if withdrawn:
        raise AlreadyDone("This was withdrawn before.")


def something_else(becomes: Mapping[str, object], was: Mapping[str, object], *, withdrawn: bool,
                   ) -> None:
    """A correction changes something, if only that it was withdrawn."""
    if becomes == was and not withdrawn:
        raise Malformed("This is what is recorded: a correction changes something.")


def is_worse(grade: int, before: int, least: int) -> bool:
    """Whether a reaction is severe as it now stands and was milder as it stood: what a new severe
    one starts is started. 0 is a reaction that does not stand, ``least`` the mildest severe one."""
    return grade >= least and grade > before


def is_milder(grade: int, before: int, least: int, *, renamed: bool) -> bool:
    """Whether a severe reaction that was alerted of is told now as a milder or another one: the
    alert stays, and another says what became of it."""
    return before >= least and (grade < before or (grade == before and renamed))
