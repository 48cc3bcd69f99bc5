"""The four verdicts, measured from screenshots: contrast, and how far apart they are for every eye.

Colour-blind sight is simulated with the matrices of Machado, Oliveira and Fernandes (A
physiologically-based model for simulation of color vision deficiency, IEEE TVCG 2009), severity 1,
on linear light. Difference: CIEDE2000 (Sharma, Wu and Dalal, Color Res. Appl. 2005).
"""

from __future__ import annotations

import io
import itertools
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.bedside_ward import phone, place, says, scan, scan_both

__all__ = ["phone", "place"]  # fixtures
SIGHTS = {
    "normal": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                        [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                        [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                        [0.004733, 0.691367, 0.303900]]),
}
Colour = tuple[int, int, int]


def linear(colour: Colour) -> np.ndarray:
    part = np.array(colour) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2: from 1 to 21."""
    light, dark = sorted((float(np.dot([0.2126, 0.7152, 0.0722], linear(each)))
                          for each in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(colour: Colour, sight: str) -> tuple[float, float, float]:
    seen = np.clip(SIGHTS[sight] @ linear(colour), 0, 1)
    xyz = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
                    [0.0193339, 0.1191920, 0.9503041]]) @ seen / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def de2000(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (hypot(a1, b1) + hypot(a2, b2)) / 2
    grow = 1 + 0.5 * (1 - sqrt(mean**7 / (mean**7 + 25**7)))
    c1, c2 = hypot(a1 * grow, b1), hypot(a2 * grow, b2)
    h1, h2 = (degrees(atan2(b, a * grow)) % 360 if (a or b) else 0.0
              for a, b in ((a1, b1), (a2, b2)))
    turn = h2 - h1
    turn += 360 if turn < -180 else -360 if turn > 180 else 0
    dl, dc = l2 - l1, c2 - c1
    dh = 2 * sqrt(c1 * c2) * sin(radians(turn / 2 if c1 * c2 else 0))
    lm, cm = (l1 + l2) / 2, (c1 + c2) / 2
    hm = (h1 + h2) / 2 if c1 * c2 and abs(h1 - h2) <= 180 else (
        (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2 if c1 * c2 else h1 + h2)
    t = (1 - 0.17 * cos(radians(hm - 30)) + 0.24 * cos(radians(2 * hm))
         + 0.32 * cos(radians(3 * hm + 6)) - 0.20 * cos(radians(4 * hm - 63)))
    sl = 1 + 0.015 * (lm - 50) ** 2 / sqrt(20 + (lm - 50) ** 2)
    sc, sh = 1 + 0.045 * cm, 1 + 0.015 * cm * t
    rt = -2 * sqrt(cm**7 / (cm**7 + 25**7)) * sin(radians(60 * exp(-(((hm - 275) / 25) ** 2))))
    return sqrt((dl / sl) ** 2 + (dc / sc) ** 2 + (dh / sh) ** 2 + rt * (dc / sc) * (dh / sh))


def apart(colours: dict[str, Colour], sight: str) -> dict[tuple[str, str], float]:
    return {(one, other): de2000(lab(colours[one], sight), lab(colours[other], sight))
            for one, other in itertools.combinations(sorted(colours), 2)}


@pytest.mark.parametrize("one, other, expected", [  # from the authors' own table of test pairs
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082)])
def test_the_measure_is_the_published_one(one, other, expected) -> None:
    assert de2000(one, other) == pytest.approx(expected, abs=1e-4)


def test_a_usual_green_and_red_fail_so_the_measure_can() -> None:
    usual = {"go": (0x2E, 0x7D, 0x32), "stop": (0xC6, 0x28, 0x28)}
    assert min(apart(usual, "deutan").values()) < 15 < min(apart(usual, "normal").values())


def ground_and_ink(page: Page) -> tuple[Colour, Colour]:
    """The two commonest colours of a verdict's word, from its picture."""
    picture = Image.open(io.BytesIO(page.locator(".full .word:visible").screenshot())).convert("RGB")
    counted = sorted(picture.getcolors(1 << 24), reverse=True)
    (_, ground), (_, ink) = counted[0], counted[1]
    return ground, ink  # type: ignore[return-value]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_four_verdicts_are_apart_for_every_eye(scheme: str, place: Any, phone: Any) -> None:
    told, wrong = place.family(), place.family()
    nadia, noel = (phone(name, color_scheme=scheme) for name in ("nadia", "noel"))
    seen: dict[str, tuple[Colour, Colour]] = {}
    scan_both(nadia, told)
    scan_both(noel, told)
    says(noel, "May be infused")
    says(nadia, "May be infused")
    seen["go"] = ground_and_ink(noel)
    noel.locator(".start").click()
    noel.wait_for_url("**/infusions/**")
    says(nadia, "Already done")  # her page hears of it by itself
    seen["done"] = ground_and_ink(nadia)
    nadia.goto("/bedside")
    scan_both(nadia, wrong | {"band": place.other_band})
    says(nadia, "Stop")
    seen["stop"] = ground_and_ink(nadia)
    nadia.goto("/bedside")
    scan(nadia, wrong["band"])
    nadia.wait_for_selector(".slots .have")
    nadia.context.set_offline(True)
    nadia.wait_for_selector("body.offline")
    scan(nadia, wrong["label"])
    says(nadia, "Cannot tell")
    seen["wait"] = ground_and_ink(nadia)
    contrasts = {word: round(contrast(*pair), 1) for word, pair in seen.items()}
    assert min(contrasts.values()) >= 7, contrasts
    grounds = {word: pair[0] for word, pair in seen.items()}
    for sight in SIGHTS:
        assert min(apart(grounds, sight).values()) >= 15, (sight, apart(grounds, sight))
    print({sight: round(min(apart(grounds, sight).values()), 1) for sight in SIGHTS}, contrasts)
