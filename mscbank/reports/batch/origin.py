"""Where the cells came from: the recipient, the donor and the harvest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reportlab.platypus import Flowable

from mscbank.donors.eligibility import decision_covers
from mscbank.donors.models import Donor, DonorConsent, Marker
from mscbank.recipients.models import RecipientConsent
from mscbank.reports import paper
from mscbank.reports.batch.family import Family
from mscbank.reports.binding import section
from mscbank.rules import day_told


def recipient(family: Family) -> list[Flowable]:
    """Reference, consent, eligibility and place in the trial. No name stands here."""
    who = family.recipient
    place = who.allocation
    return [
        paper.facts([
            ("Recipient", f"{who.number}  ({who.code})"), ("Sex", who.sex),
            ("Protocol", who.protocol),
            ("Place in the trial", f"{place.number}, cohort {place.cohort}: "
             f"{paper.number(place.dose_per_kg)} cells per kg; given "
             f"{paper.when(place.recorded_at)} by {family.person(place.recorded_by_id)}"
             if place else "none was given"),
        ]),
        *section("The recipient's consent", _consents(family, who.consents)),
        *section("The recipient's eligibility", *_assessments(family)),
    ]


def _consents(family: Family, consents: Iterable[RecipientConsent | DonorConsent]) -> Flowable:
    return paper.grid_or(
        "No consent was recorded.", ("Document", "Given on", "Recorded", "State"), [
            (each.document, each.given_on,
             f"{family.person(each.recorded_by_id)}, {paper.moment_here(each.recorded_at)}",
             "in force" if each.withdrawn_at is None else paper.marked(
                 "<b>WITHDRAWN</b> {}: {}", paper.moment_here(each.withdrawn_at),
                 each.withdrawal_reason))
            for each in consents], (34, 18, 34, 42))


def _assessments(family: Family) -> Sequence[Flowable]:
    assessments = family.recipient.assessments
    if not assessments:
        return [paper.words("The recipient was not assessed.")]
    blocks: list[Flowable] = []
    for each in assessments:
        given = family.signatures[each.signature_id]
        unmet = ", ".join(each.failing).replace("_", " ")
        state = (paper.Cover.FOLLOWED if each is not assessments[-1]
                 else paper.cover(paper.unaltered(given, each)))
        blocks.append(paper.signature(
            given, state, act=f"Assessed on {day_told(each.assessed_on)}: "
            + (f"NOT MET: {unmet}" if unmet else "every criterion of the protocol met")))
    return blocks


def donor(family: Family) -> list[Flowable]:
    """Kinship, consent, every marker with its corrections, and each signed decision."""
    who = family.donor
    return [
        paper.facts([("Donor", f"{who.number}  ({who.code})"),
                     ("Kinship", f"{who.kinship} of {family.recipient.number}"),
                     ("Sex", who.sex)]),
        *section("The donor's consent", _consents(family, who.consents)),
        *section("Infectious markers", _markers(family, who)),
        *section("HLA", paper.grid_or(
            "No HLA typing was recorded.", ("Locus", "First", "Second", "Recorded"),
            [(each.locus, each.first, each.second,
              f"{family.person(each.recorded_by_id)}, {paper.moment_here(each.recorded_at)}")
             for each in who.hla], (20, 28, 28, 44))),
        *section("Decisions on the donor", *_donor_decisions(family, who)),
    ]


def _markers(family: Family, who: Donor) -> Flowable:
    corrections = {each.corrects_id: each for each in who.markers}
    # An entry names the reason of a correction; the row does not.
    reasons = [body["reason"] for body in family.bodies if body["act"] == "correct marker"]
    why = dict(zip((each.id for each in who.markers if each.corrects_id), reasons, strict=False))

    def reaction(marker: Marker) -> paper.Marked:
        if correction := corrections.get(marker.id):
            return paper.struck(marker.reaction, family.person(correction.recorded_by_id),
                                correction.recorded_at, why.get(correction.id))
        return paper.marked("<b>{}</b>" if marker.reaction != "non-reactive" else "{}",
                            marker.reaction)

    return paper.grid_or(
        "No marker was recorded.", ("Agent", "Reaction", "Sample taken", "Laboratory", "Recorded"),
        [(marker.agent, reaction(marker), paper.moment_here(marker.sampled_at), marker.laboratory,
          f"{family.person(marker.recorded_by_id)}, {paper.moment_here(marker.recorded_at)}")
         for marker in who.markers], (24, 32, 26, 26, 34))


def _donor_decisions(family: Family, who: Donor) -> list[Flowable]:
    if not who.decisions:
        return [paper.words("No decision was taken on the donor.")]
    return [paper.signature(
        family.signatures[each.signature_id],
        paper.Cover.FOLLOWED if each is not who.decision else paper.cover(decision_covers(who)),
        act="; ".join([f"Donor {each.outcome}", *each.warnings]), reason=each.justification)
        for each in who.decisions]


def harvest(family: Family) -> list[Flowable]:
    """Collection, transport and receipt of the marrow."""
    marrow = family.harvest
    there = marrow.received_at is not None
    return [paper.facts([
        ("Donation (DIN)", f"{marrow.din}  ({marrow.code})"),
        ("Collected", (f"{paper.when(marrow.collected_at)}, recorded by "
                      f"{family.person(marrow.recorded_by_id)}")),
        ("From", paper.marked("{}; {}, {}{}", marrow.site, paper.number(marrow.volume_ml, "mL"),
                              marrow.anticoagulant, paper.unusual(marrow.why_unusual))),
        ("Sent", paper.when(marrow.dispatched_at) if marrow.dispatched_at else "not recorded"),
        ("On the way", f"{paper.number(marrow.transport_min_c)} to "
                       f"{paper.number(marrow.transport_max_c, '°C')}" if there else "—"),
        ("Received", f"{paper.when(marrow.received_at)} by {family.person(marrow.received_by_id)}: "
                     f"{marrow.condition}" if there else "not yet"),
        ("Nucleated cells", paper.marked(
            "{}; viability {}{}", paper.number(marrow.nucleated_cells),
            paper.number(marrow.viability, "%"), paper.unusual(marrow.why_received_unusual))
            if there else "—"),
    ])]
