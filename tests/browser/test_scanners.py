"""Scanners of every kind: slow ones, garbled ones, a tablet that is busy; and the camera."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Page, expect

from labels import housecode, readback
from labels.keyboards import KEYBOARDS
from mscbank.bags.models import Bag
from mscbank.database import session
from mscbank.labelling import jobs
from mscbank.labelling.service import current_copy
from mscbank.scanning.models import Scan
from mscbank.scanning.scanners.service import TEST
from tests.browser.bedside_ward import phone, place, scan
from tests.browser.conftest import ARGUMENTS, CHROMIUM, PATIENCE
from tests.browser.test_pages import looks_right
from tests.cast import PASSWORD

__all__ = ["phone", "place"]  # fixtures
# What a scanner set to a US keyboard types on a French one: the repair's own table, turned round.
AZERTY = {ord(meant) if isinstance(meant, str) else meant: chr(typed)
          for typed, meant in KEYBOARDS["a French keyboard (AZERTY)"].items()}


def struck(page: Page, text: str, gap: float, *, pause: float = 0.0, ending: str = "Enter") -> None:
    """Keys struck so many ms apart, by their own clock; a pause before the last."""
    page.evaluate("""async ([text, gap, pause, ending]) => {
        const strike = (key, at) => {
            const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
            Object.defineProperty(event, "timeStamp", {value: at});
            (document.activeElement || document.body).dispatchEvent(event);
        };
        const began = performance.now();
        [...text].forEach((key, number) => strike(key, began + number * gap));
        strike(ending, began + text.length * gap + pause);
    }""", [text, gap, pause, ending])


def label_of(place: Any, code: str) -> bytes:
    """The page that was printed for a bag."""
    with place.app.app_context():
        bag = session.scalar(sa.select(Bag).where(Bag.code == code))
        page = jobs.pdf_of_copy(current_copy(bag))
        session.remove()
    return page


def how(place: Any, code: str) -> list[str]:
    """How this code came in, scan after scan."""
    with place.app.app_context():
        rows = session.execute(sa.select(Scan.text, Scan.how).order_by(Scan.id)).all()
    return [row.how for row in rows if housecode.compact(row.text) == code]


@pytest.mark.parametrize("gap, pause, ending", [
    (2, 0, "Enter"), (140, 0, "Enter"), (400, 0, "Tab"), (5, 8000, "Enter")],
    ids=["quick", "slow radio", "very slow, ended by Tab", "a busy tablet before its Enter"])
def test_a_scanner_of_any_speed_is_understood(gap, pause, ending, place, phone) -> None:
    page, told = phone("nadia", "/"), place.beds[0]
    struck(page, told["label"].lower(), gap, pause=pause, ending=ending)
    expect(page.locator("h1")).to_have_text(told["title"])
    assert how(place, told["label"])[-1] == "scanner"


def test_half_a_code_is_nothing_until_it_ends(place, phone) -> None:
    page, told = phone("nadia"), place.beds[0]
    page.keyboard.type(told["label"][:20], delay=1)  # the bag's own code, were it to end here
    assert page.locator(".slots .have").count() == 0
    page.keyboard.type(told["label"][20:], delay=1)
    page.keyboard.press("Enter")
    expect(page.locator(".slots .have")).to_have_count(1)
    assert page.input_value("#bedside [name=bag]") == told["label"]


def test_a_signed_code_typed_for_another_keyboard_is_repaired_and_said(place, phone) -> None:
    page, told = phone("nadia", "/"), place.beds[0]
    printed = next(readback.pages(label_of(place, told["bag"])))
    text = next(one for one in printed if one.startswith("MB1:"))
    garbled = text.translate(AZERTY)
    assert garbled[:3] == "?B&"
    struck(page, garbled, 3)
    expect(page.locator(".verdict .word")).to_have_text("Wrong keyboard")
    expect(page.locator(".verdict")).to_contain_text("AZERTY")
    page.click("text=Yes, this is what the label says")
    expect(page.locator("h1")).to_have_text(told["title"])


def test_a_damaged_code_says_so_and_what_a_form_held_comes_back(place, phone) -> None:
    page, told = phone("nadia"), place.beds[0]
    wrong = told["band"][:-1] + ("B" if told["band"][-1] != "B" else "C")
    scan(page, wrong)
    expect(page.locator("#alarm")).to_contain_text("check letters do not fit")
    page.click("text=The code cannot be scanned")
    page.locator("#text").press_sequentially(told["band"].lower())
    assert page.input_value("#text") == housecode.format(told["band"])
    expect(page.locator("#whole")).to_have_text("The letters hold together.")
    page.click("text=Take these letters")
    expect(page.locator(".slots .have")).to_have_count(1)
    assert how(place, told["band"])[-1] == "keyed"


def test_a_scanner_is_tried_on_its_device_before_a_patient_needs_it(place, phone) -> None:
    page = phone("nadia", "/")
    expect(page.locator("main")).to_contain_text("was not tried today")
    page.goto("/scanner")
    looks_right(page)
    struck(page, TEST.translate(AZERTY), 3)
    expect(page.locator(".verdict")).to_contain_text("AZERTY")
    looks_right(page)
    struck(page, TEST, 3, ending="Tab")
    expect(page.locator(".verdict .word")).to_have_text("The scanner is right")
    page.goto("/")
    assert "was not tried today" not in page.content()
    assert page.goto("/scans").status == 403  # for who reads the trail
    quality = phone("quentin", "/scans")
    expect(quality.locator("h1")).to_have_text("Scan log")
    looks_right(quality)
    quality.click("main >> text=How scanning goes")
    expect(quality.locator("h1")).to_have_text("How scanning goes")
    looks_right(quality)


# --- the camera -----------------------------------------------------------------------------------

def film(picture: bytes, file: Path) -> None:
    """A printed label held before a camera: one second of it, as a browser's fake camera takes it."""
    page = pypdfium2.PdfDocument(io.BytesIO(picture))[0]
    label = page.render(scale=170 / 72).to_pil().convert("L")
    label.thumbnail((900, 620))
    frame = Image.new("L", (1280, 720), 150)
    frame.paste(label, ((1280 - label.width) // 2, (720 - label.height) // 2))
    plain = bytes([128]) * (640 * 360)
    with file.open("wb") as out:
        out.write(b"YUV4MPEG2 W1280 H720 F15:1 Ip A1:1 C420jpeg\n")
        for _ in range(15):
            out.write(b"FRAME\n" + frame.tobytes() + plain + plain)


@pytest.fixture
def camera(chromium: Any, place: Any, tmp_path: Path) -> Iterator[Page]:
    """Nadia's phone with a printed label of a bag before its camera."""
    film(label_of(place, place.beds[0]["bag"]), tmp_path / "label.y4m")
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, timeout=PATIENCE, args=[
        *ARGUMENTS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={tmp_path / 'label.y4m'}"])
    context = browser.new_context(base_url=place.address, viewport={"width": 360, "height": 740},
                                  permissions=["camera"])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/sign-in?back=/bedside")
    page.fill("[name=username]", "nadia")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/bedside")
    yield page
    browser.close()


def test_a_camera_reads_a_printed_label_of_a_bag(camera: Page, place: Any) -> None:
    told = place.beds[0]
    assert camera.evaluate("'BarcodeDetector' in window") is False  # so the bank reads the pictures
    pictures: list[float] = []
    camera.on("request", lambda asked: pictures.append(time.monotonic())
              if asked.url.endswith("/scan/frame") else None)
    camera.click("text=Scan with the camera")
    expect(camera.locator(".slots .have")).to_have_count(1)
    assert camera.input_value("#bedside [name=bag]") == told["label"]
    assert len(pictures) >= 2  # read twice alike before it counts
    assert how(place, told["label"])[-1] == "camera"
    assert camera.locator("dialog").count() == 0


FAKE = """const canvas = document.createElement("canvas");
const ground = canvas.getContext("2d");
setInterval(() => ground.fillRect(0, 0, 9, 9), 100);
const stream = canvas.captureStream();
const [track] = stream.getVideoTracks();
track.getCapabilities = () => (CAN);
window.asked = [];
track.applyConstraints = async (wish) => { window.asked.push(wish); };
navigator.mediaDevices.enumerateDevices = async () => [{ kind: "videoinput" }];
navigator.mediaDevices.getUserMedia = async () => stream;"""


@pytest.mark.parametrize(("can", "lights"), [("{ torch: true }", True), ("{}", False)])
def test_a_light_is_offered_only_by_a_camera_that_has_one(place, phone, can, lights) -> None:
    page = phone("nadia")
    page.add_init_script(f"(() => {{ {FAKE.replace('CAN', can)} }})()")
    page.route("**/scan/frame", lambda route: route.fulfill(json={"texts": []}))
    page.goto("/bedside")
    page.click("text=Scan with the camera")
    page.wait_for_function("document.querySelector('dialog video').currentTime > 0")
    light = page.locator("dialog [data-light]")
    if not lights:
        with page.expect_request("**/scan/frame"):  # it looks, so it has decided about the light
            pass
        expect(light).to_be_hidden()
        assert page.evaluate("window.asked") == []
        return
    light.click()
    light.click()
    assert page.evaluate("window.asked") == [
        {"advanced": [{"torch": True}]}, {"advanced": [{"torch": False}]}]


def test_no_picture_is_kept_and_large_or_many_are_refused(place, phone) -> None:
    page = phone("nadia")
    csrf = page.input_value("#scan [name=csrf]")
    before = sorted(file.name for file in Path(place.app.instance_path).rglob("*"))

    def send(body: bytes) -> int:
        return page.request.post("/scan/frame", data=body, headers={
            "X-CSRF": csrf, "Content-Type": "image/jpeg", "Origin": place.address}).status

    assert send(b"no picture") == 422 and send(b"x" * 1_500_001) == 422
    blank = io.BytesIO()
    Image.new("L", (64, 64), 255).save(blank, "JPEG")
    answers = [send(blank.getvalue()) for _ in range(40)]
    assert 200 in answers
    assert sorted(file.name for file in Path(place.app.instance_path).rglob("*")) == before
    assert page.request.post("/scan/frame", data=blank.getvalue()).status == 403  # not our page
