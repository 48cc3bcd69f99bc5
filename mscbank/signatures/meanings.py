"""The closed list of what a signature may say."""

from __future__ import annotations

from enum import StrEnum


class Meaning(StrEnum):
    """What a signature says. ``sentence`` is what the signer reads before signing."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> Meaning:
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    RECIPIENT_ELIGIBLE = "recipient assessed", (
        "I have assessed this recipient against the protocol's criteria.")
    CRITERION_WAIVED = "criterion waived", (
        "I waive this criterion for this recipient, as the protocol allows.")
    TRIAL_RESUMED = "trial resumed", (
        "The safety board has decided that the trial goes on: this is its decision.")
    DONOR_ELIGIBLE = "donor eligible", "I find this donor eligible."
    DONOR_EXCEPTION = "donor exception", (
        "I accept this donor by exception, with the warnings shown.")
    DONOR_INELIGIBLE = "donor not eligible", "I find this donor not eligible."
    RELEASED_CONDITIONALLY = "released conditionally", (
        "I release this lot conditionally, the results named as pending outstanding.")
    CERTIFIED = "certified", "I certify that this lot meets its specification."
    EXCEPTION_REQUESTED = "exception requested", (
        "I request this lot for my patient although it does not meet every limit.")
    RELEASED_EXCEPTIONALLY = "released exceptionally", (
        "I release this lot exceptionally at the physician's signed request.")
    REJECTED = "rejected", "I reject this lot."
    NONCONFORMING = "nonconforming", "I declare this lot nonconforming."
    REINSTATED = "reinstated", (
        "No result that stands fails any more: this lot waits for a new decision.")
    HOLD_LIFTED = "hold lifted", "I lift this hold."
    DEVIATION_CLOSED = "deviation closed", "I close this deviation."
    TRAIL_REVIEWED = "trail reviewed", (
        "I have read these entries of the trail, refusals and changed data among them.")
    EXCURSION_ACCEPTED = "excursion accepted", (
        "I have judged this temperature excursion: the bag may be used.")
    RETURN_ACCEPTED = "return accepted", "I accept this bag back into stock."
    INFUSION_ORDERED = "infusion ordered", "I order this infusion."
    INVESTIGATION_CONCLUDED = "investigation concluded", (
        "I conclude this investigation of a result out of specification.")
    CAUSE_JUDGED = "cause judged", "This is my opinion on the cause of the event."
    ALERT_ACKNOWLEDGED = "alert acknowledged", "I have read this alert and act on it."
