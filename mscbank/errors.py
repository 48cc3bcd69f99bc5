"""Refusals: one family, each a sentence for a person at a bench, each with its HTTP status."""

from __future__ import annotations


class Refused(Exception):
    """An act that was not done. Says what, why, and what to do next.

    ``field`` names the entry at fault, where one is; ``reasons`` are short words for the trail.
    ``of_signer``: who signs was not proven, which says nothing about what was to be signed.
    """

    status = 409
    of_signer = False
    reason = "refused"
    difference: tuple[str, ...] = ()  # what changed since it was read, where that is known

    def __init__(self, sentence: str, *, field: str | None = None, reasons: tuple[str, ...] = ()):
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.reasons = reasons or (self.reason,)


class WrongMoment(Refused):
    """The thing is not in the state this act leaves."""

    reason = "wrong moment"


class AlreadyDone(Refused):
    """It was done before; once is all there is."""

    reason = "already done"


class Unfit(Refused):
    """A rule of the laboratory or of the protocol says no."""

    reason = "unfit"


class RecordChanged(Refused):
    """What was read is no longer what stands: read again before you sign or change."""

    reason = "record changed"

    def __init__(self, sentence: str, *, difference: tuple[str, ...] = ()):
        super().__init__(sentence)
        self.difference = difference


class NotAllowed(Refused):
    """This person may not do this."""

    status = 403
    reason = "not allowed"


class SamePerson(NotAllowed):
    """Two people are asked for and one came."""

    reason = "same person"


class NotProven(Refused):
    """User name and password do not prove who this is."""

    status = 401
    reason = "not proven"
    of_signer = True


class NotSigned(Refused):
    """The signature is missing, another person's, or says something else."""

    reason = "not signed"
    of_signer = True


class NotKnown(Refused):
    """Nothing of ours answers to this code."""

    status = 404
    reason = "not known"


class Malformed(Refused):
    """A value that cannot be: the field is named."""

    status = 422
    reason = "malformed"
