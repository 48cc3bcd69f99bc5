"""What the laboratory tests while the cells grow, where the specification asks for it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from mscbank.bags.service import specification_in_force
from mscbank.cultures.models import Culture
from mscbank.demo.bench import at
from mscbank.release import late
from mscbank.testing import results, samples
from mscbank.testing.models import Sample, Stage

if TYPE_CHECKING:
    from mscbank.demo.story import Thread

MICROBIOLOGY, QUALITY_CONTROL = "Microbiology", "Quality control laboratory"


def sampled(t: Thread, culture: Culture, day: date) -> Sample | None:
    """Supernatant and a picture of the culture before it is passaged; the look is recorded."""
    moment = at(day, "09:00")
    if not any(each.stage == Stage.IN_PROCESS and each.key == "morphology"
               for each in specification_in_force(t.harvest, moment).criteria):
        return None
    sample = samples.take_sample(culture.code, Stage.IN_PROCESS, moment, MICROBIOLOGY,
                                 **t.by("lea"))
    seen = late.record_result(
        sample, test="morphology", method="Phase-contrast microscopy",
        laboratory=QUALITY_CONTROL, performed_at=moment, word="adherent, spindle-shaped",
        **t.by("lea"))
    results.confirm_result(seen, **t.by("hugo"))
    return sample


def sterile(t: Thread, sample: Sample | None, day: date) -> None:
    """The automated culture of a week has not grown."""
    if sample is None:
        return
    result = late.record_result(
        sample, test="sterility", method="Automated culture, 7 days", laboratory=MICROBIOLOGY,
        performed_at=at(day, "08:30"), word="no growth", **t.by("lea"))
    results.confirm_result(result, **t.by("hugo"))
