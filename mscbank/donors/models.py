"""What is remembered of a donor."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.database import Audited, Model, closed
from mscbank.recipients.models import Recipient, Sex
from mscbank.things import Recorded, Thing


class Kinship(StrEnum):
    """What the donor is to the recipient."""

    MOTHER = "mother"
    FATHER = "father"
    SISTER = "sister"
    BROTHER = "brother"
    DAUGHTER = "daughter"
    SON = "son"
    HALF_SIBLING = "half-sibling"
    GRANDPARENT = "grandparent"
    AUNT_OR_UNCLE = "aunt or uncle"
    NIECE_OR_NEPHEW = "niece or nephew"
    COUSIN = "cousin"
    SELF = "self"  # the recipient's own marrow


class Agent(StrEnum):
    """Infectious markers a donor is tested for."""

    HIV = "anti-HIV-1/2"
    HBSAG = "HBsAg"
    ANTI_HBC = "anti-HBc"
    HCV = "anti-HCV"
    SYPHILIS = "syphilis"
    HTLV = "anti-HTLV-I/II"
    CMV = "anti-CMV"
    EBV = "anti-EBV"
    TOXOPLASMA = "anti-Toxoplasma"


class Reaction(StrEnum):
    NON_REACTIVE = "non-reactive"
    REACTIVE = "reactive"
    INDETERMINATE = "indeterminate"


class Eligibility(StrEnum):
    ELIGIBLE = "eligible"
    EXCEPTION = "accepted by exception"
    INELIGIBLE = "not eligible"


class DonorConsent(Recorded, Audited, Model):
    """The donor's consent to give marrow; withdrawn at most once."""

    __tablename__ = "donor_consent"
    id: Mapped[int] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    document: Mapped[str] = mapped_column(sa.String(80))
    given_on: Mapped[date]
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(sa.String(500))
    __table_args__ = (
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
                           name="withdrawn_with_reason"),
    )


class Marker(Recorded, Audited, Model):
    """One infectious marker of one blood sample."""

    __tablename__ = "marker"
    id: Mapped[int] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    agent: Mapped[Agent] = mapped_column(closed(Agent))
    reaction: Mapped[Reaction] = mapped_column(closed(Reaction))
    sampled_at: Mapped[datetime]
    laboratory: Mapped[str] = mapped_column(sa.String(120))
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("marker.id"), unique=True)


class HlaTyping(Recorded, Audited, Model):
    """HLA of donor or recipient at one locus, two alleles as the laboratory wrote them."""

    __tablename__ = "hla_typing"
    id: Mapped[int] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    locus: Mapped[str] = mapped_column(sa.String(10))
    first: Mapped[str] = mapped_column(sa.String(20))
    second: Mapped[str] = mapped_column(sa.String(20))


class DonorDecision(Recorded, Audited, Model):
    """The physician's signed decision on a donor, and the warnings it puts on labels.

    The latest decision stands.
    """

    __tablename__ = "donor_decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    donor_id: Mapped[int] = mapped_column(sa.ForeignKey("donor.id"), index=True)
    outcome: Mapped[Eligibility] = mapped_column(closed(Eligibility))
    justification: Mapped[str | None] = mapped_column(sa.String(500))
    warnings: Mapped[list[str]] = mapped_column(sa.JSON)
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"))
    __table_args__ = (
        sa.CheckConstraint("outcome <> 'accepted by exception' OR justification IS NOT NULL",
                           name="exception_justified"),
    )


class Donor(Recorded, Thing):
    """A relative of one recipient, or the recipient where the protocol allows it."""

    __tablename__ = "donor"
    KIND, SLUG = "DX", "donors"
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    kinship: Mapped[Kinship] = mapped_column(closed(Kinship))
    sex: Mapped[Sex] = mapped_column(closed(Sex))
    recipient: Mapped[Recipient] = relationship(backref="donors")
    consents: Mapped[list[DonorConsent]] = relationship(order_by="DonorConsent.id")
    markers: Mapped[list[Marker]] = relationship(order_by="Marker.id")
    hla: Mapped[list[HlaTyping]] = relationship(order_by="HlaTyping.id")
    decisions: Mapped[list[DonorDecision]] = relationship(order_by="DonorDecision.id")

    @property
    def title(self) -> str:
        if self.kinship is Kinship.SELF:
            return f"Donor {self.number} ({self.recipient.number} themselves)"
        return f"Donor {self.number} ({self.kinship} of {self.recipient.number})"

    @property
    def consents_now(self) -> bool:
        """Whether there is a consent that was not withdrawn."""
        return any(consent.withdrawn_at is None for consent in self.consents)

    @property
    def standing_markers(self) -> list[Marker]:
        """Markers that no later one corrects."""
        corrected = {marker.corrects_id for marker in self.markers}
        return [marker for marker in self.markers if marker.id not in corrected]

    @property
    def decision(self) -> DonorDecision | None:
        """The decision that stands."""
        return self.decisions[-1] if self.decisions else None
