"""What is remembered of orders, checks and infusions. What was seen beside a bag has a file of its
own, read here too."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mscbank.bags.models import Bag
from mscbank.database import Audited, Model, closed
from mscbank.infusions.seen_models import Observation, Reaction, standing
from mscbank.recipients.models import Recipient, Wristband
from mscbank.release.models import Deviation
from mscbank.things import STANDING, Recorded, Thing

__all__ = ["Check", "Ending", "HalfCheck", "Infusion", "Observation", "Order", "OrderedBag",
           "PaperStart", "Reaction"]


class Order(Recorded, Thing):
    """A physician's signed order: cells from dose per kg and that day's weight, in named bags.

    ``given_cells`` were given under earlier orders and are part of the dose.
    """

    __tablename__ = "infusion_order"
    KIND, SLUG = "VX", "orders"
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    dose_per_kg: Mapped[int]
    weight_id: Mapped[int] = mapped_column(sa.ForeignKey("weight.id"))
    weight_kg: Mapped[Decimal]
    target_cells: Mapped[int]
    given_cells: Mapped[int]
    tolerance_percent: Mapped[Decimal]
    dmso_ml: Mapped[Decimal]
    ml_per_minute_max: Mapped[Decimal | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_why: Mapped[str | None] = mapped_column(sa.String(500))
    signature_id: Mapped[int] = mapped_column(sa.ForeignKey("signature.id"), unique=True)
    recipient: Mapped[Recipient] = relationship(backref="orders")
    parts: Mapped[list[OrderedBag]] = relationship(
        order_by="OrderedBag.id", back_populates="order")
    __table_args__ = (
        sa.CheckConstraint("dose_per_kg > 0 AND target_cells > 0 AND given_cells >= 0",
                           name="positive"),
        sa.CheckConstraint("(cancelled_at IS NULL) = (cancelled_why IS NULL)", name="cancelled_why"),
    )

    @property
    def title(self) -> str:
        return f"Order for {self.recipient.number}"


class OrderedBag(Audited, Model):
    """One bag of an order and how much of it is given: mL (the whole bag or a part) and viable
    cells after thawing. ``recovery_percent``: of the cells filled, those counted on;
    ``minutes_at_least``: over how long it runs in, where specification or protocol ask for that.
    """

    __tablename__ = "ordered_bag"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("infusion_order.id"), index=True)
    bag_id: Mapped[int] = mapped_column(sa.ForeignKey("bag.id"), index=True)
    cells: Mapped[int]
    volume_ml: Mapped[Decimal]
    minutes_at_least: Mapped[int | None]
    recovery_percent: Mapped[Decimal]
    order: Mapped[Order] = relationship(back_populates="parts")
    bag: Mapped[Bag] = relationship()
    __table_args__ = (
        sa.UniqueConstraint("order_id", "bag_id"),
        sa.CheckConstraint("cells > 0 AND CAST(volume_ml AS NUMERIC) > 0", name="positive"),
        sa.CheckConstraint("minutes_at_least IS NULL OR minutes_at_least > 0", name="takes_time"),
    )


class HalfCheck(Recorded, Audited, Model):
    """One person's half of a check: the band and the bag as this person scanned them, on their
    own credentials. Good until ``until_at``; two halves that agree make one check, once. A
    check that says stop because they differ keeps both."""

    __tablename__ = "half_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    bag_id: Mapped[int] = mapped_column(sa.ForeignKey("bag.id"), index=True)
    wristband_id: Mapped[int] = mapped_column(sa.ForeignKey("wristband.id"), index=True)
    copy: Mapped[int | None]
    at: Mapped[datetime]
    until_at: Mapped[datetime]
    bag: Mapped[Bag] = relationship()
    wristband: Mapped[Wristband] = relationship()
    __table_args__ = (sa.CheckConstraint("until_at > at", name="ends"),)


class Check(Recorded, Thing):
    """A bedside check: band and bag scanned by the nurse, and by a second person blind.

    A go rests on the halves of both, and carries the digest of a token that starts this bag once,
    within sixty seconds. A check whose band could not be read or is not ours is kept too, without
    a wristband. ``told`` are the sentences the people read.
    """

    __tablename__ = "bedside_check"
    KIND, SLUG = "BC", "checks"
    bag_id: Mapped[int] = mapped_column(sa.ForeignKey("bag.id"), index=True)
    wristband_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wristband.id"), index=True)
    second_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime]
    verdict: Mapped[str] = mapped_column(sa.String(20))
    reasons: Mapped[list[str]] = mapped_column(sa.JSON)
    told: Mapped[list[str]] = mapped_column(sa.JSON)
    first_half_id: Mapped[int | None] = mapped_column(sa.ForeignKey("half_check.id"), unique=True)
    second_half_id: Mapped[int | None] = mapped_column(sa.ForeignKey("half_check.id"), unique=True)
    token_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    token_until: Mapped[datetime | None]
    token_used_at: Mapped[datetime | None]
    bag: Mapped[Bag] = relationship(lazy="joined", innerjoin=True)  # its title names the bag
    wristband: Mapped[Wristband | None] = relationship()
    __table_args__ = (
        sa.CheckConstraint("verdict IN ('go', 'stop', 'cannot tell', 'already done')",
                           name="verdict"),
        sa.CheckConstraint("(verdict = 'go') = (token_digest IS NOT NULL)", name="go_has_token"),
        sa.CheckConstraint("second_id IS NULL OR second_id <> recorded_by_id", name="two_people"),
        sa.CheckConstraint(
            "verdict <> 'go' OR (second_id IS NOT NULL AND wristband_id IS NOT NULL AND "
            "first_half_id IS NOT NULL AND second_half_id IS NOT NULL)", name="go_by_two"),
        sa.CheckConstraint("(token_digest IS NULL) = (token_until IS NULL)", name="token_ends"),
    )

    @property
    def title(self) -> str:
        return f"Bedside check: {self.bag.title}"


class PaperStart(Recorded, Audited, Model):
    """What the signed sheet says of a bag that was started while the bank could not be reached.

    ``first`` and ``second`` checked and signed on paper; who entered it and ``witness`` compared
    sheet, label and band afterwards. ``reasons`` and ``told`` are all that stood against it, on
    the record as it stood when it was entered, at the moment it began. Always a deviation.
    """

    __tablename__ = "paper_start"
    id: Mapped[int] = mapped_column(primary_key=True)
    bag_id: Mapped[int] = mapped_column(sa.ForeignKey("bag.id"), unique=True)
    wristband_id: Mapped[int] = mapped_column(sa.ForeignKey("wristband.id"))
    began_at: Mapped[datetime]
    first_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    second_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    witness_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    why: Mapped[str] = mapped_column(sa.String(500))
    reasons: Mapped[list[str]] = mapped_column(sa.JSON)
    told: Mapped[list[str]] = mapped_column(sa.JSON)
    deviation_id: Mapped[int] = mapped_column(sa.ForeignKey("deviation.id"), unique=True)
    deviation: Mapped[Deviation] = relationship()
    __table_args__ = (
        sa.CheckConstraint("first_id <> second_id", name="checked_by_two"),
        sa.CheckConstraint("witness_id <> recorded_by_id", name="entered_by_two"),
        sa.CheckConstraint("began_at <= recorded_at", name="has_happened"),
    )


class Ending(StrEnum):
    FINISHED = "finished"
    STOPPED = "stopped"


class Infusion(Recorded, Thing):
    """One bag into one person. ``bag_id`` is unique: a bag starts once, whatever happens.

    It rests on the go of a check, or on the sheet of one begun on paper: on exactly one of them.
    ``not_before``: the earliest moment at which it may have run in; ``too_quick``: why it did
    before that, told in a deviation too. What was seen beside it is read as it stands;
    ``observations`` and ``reactions`` hold the rows that were corrected or withdrawn too.
    """

    __tablename__ = "infusion"
    KIND, SLUG = "KX", "infusions"
    bag_id: Mapped[int] = mapped_column(sa.ForeignKey("bag.id"), unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey("infusion_order.id"), index=True)
    recipient_id: Mapped[int] = mapped_column(sa.ForeignKey("recipient.id"), index=True)
    check_id: Mapped[int | None] = mapped_column(sa.ForeignKey("bedside_check.id"), unique=True)
    paper_id: Mapped[int | None] = mapped_column(sa.ForeignKey("paper_start.id"), unique=True)
    started_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = mapped_column(closed(Ending))
    volume_given_ml: Mapped[Decimal | None]
    stop_reason: Mapped[str | None] = mapped_column(sa.String(500))
    too_quick: Mapped[str | None] = mapped_column(sa.String(500))
    bag: Mapped[Bag] = relationship(backref=sa.orm.backref("infusion", uselist=False))
    order: Mapped[Order] = relationship(backref="infusions")
    recipient: Mapped[Recipient] = relationship(backref="infusions")
    paper: Mapped[PaperStart | None] = relationship()
    observations: Mapped[list[Observation]] = relationship(
        order_by="Observation.at", back_populates="infusion",
        info={STANDING: "standing_observations"})
    reactions: Mapped[list[Reaction]] = relationship(
        order_by="Reaction.at", back_populates="infusion", info={STANDING: "standing_reactions"})
    __table_args__ = (
        sa.CheckConstraint("(check_id IS NULL) <> (paper_id IS NULL)", name="checked_or_on_paper"),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ended_as"),
        sa.CheckConstraint("(ended_at IS NULL) = (volume_given_ml IS NULL)", name="volume_given"),
        sa.CheckConstraint("ending IS NULL OR ending <> 'stopped' OR stop_reason IS NOT NULL",
                           name="stopped_why"),
        sa.CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="ends_after_start"),
        sa.CheckConstraint("not_before IS NULL OR not_before > started_at", name="takes_time"),
        sa.CheckConstraint("ending IS NULL OR ending <> 'finished' OR not_before IS NULL OR "
                           "ended_at >= not_before OR too_quick IS NOT NULL", name="in_its_time"),
        sa.CheckConstraint("too_quick IS NULL OR (not_before IS NOT NULL AND ended_at IS NOT NULL "
                           "AND ended_at < not_before)", name="quick_only"),
    )

    @property
    def title(self) -> str:
        return f"Infusion of bag {self.bag.number} of lot {self.bag.lot.number}"

    @property
    def standing_observations(self) -> list[Observation]:
        """Vital signs that nobody corrected or withdrew, in the order of their hours."""
        return standing(self.observations)

    @property
    def standing_reactions(self) -> list[Reaction]:
        """Reactions that nobody corrected or withdrew, in the order of their hours."""
        return standing(self.reactions)
