"""Marked time ranges in a real browser: by mouse and by keyboard alone, with media that come late, drafts and undo."""

import base64
import io
import math
import struct
import wave

import pytest

from annotate.models import Annotation, Draft
from tests.axe import faults
from tests.static.marking import becomes_true, faults_at_any_size, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECONDS = 10
SETTINGS = {"categories": [{"name": "wrong", "title": "Wrong note"}, {"name": "noise", "title": "Noise"}]}
PAYLOAD = "JSON.parse(document.querySelector('[data-task] > script').textContent)"
# As a player's page has it: one medium in each response, put there by hand while there are no players.
PUT = """async ([key, bytes]) => {
    const home = document.querySelector(`[data-response="${key}"]`);
    const audio = document.createElement('audio');
    const raw = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
    audio.src = URL.createObjectURL(new Blob([raw], {type: 'audio/wav'}));
    audio.muted = true;
    home.append(audio);
    await new Promise((done) => audio.addEventListener('loadedmetadata', done, {once: true}));
}"""


def sound():
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (round(9000 * math.sin(n / 6)) for n in range(8000 * SECONDS))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture
def range_settings():
    return SETTINGS


@pytest.fixture
def project(transactional_db, range_settings):
    from annotate import services
    from annotate.access.models import Organisation

    organisation = Organisation.objects.create(name="Lab", slug="lab")
    question = {"name": "when", "kind": "time_range", "title": "Mark what is wrong", "settings": range_settings}
    project = services.create_project(organisation=organisation, name="Melodies", questions=[question], overlap=1)
    item = services.NewItem(
        external_id="i1",
        prompt=[{"role": "user", "content": "Play the scale."}],
        # Each has one medium; the page gets it from `put`.
        responses=tuple(services.NewResponse(text=text, media=(f"sha256:{text}",)) for text in ("One", "Two")),
    )
    services.add_items(project=project, items=[item])
    return project


@pytest.fixture
def page(open_workbench):
    page = open_workbench()
    page.keys = [row["key"] for row in page.evaluate(PAYLOAD)["responses"]]
    put(page)
    return page


def put(page):
    raw = sound()
    for row in page.evaluate(PAYLOAD)["responses"]:
        page.evaluate(PUT, [row["key"], raw])
    becomes_true(page, "document.querySelectorAll('.fb-strip').length === 2")


def of(page, key):
    return f'[data-response="{key}"]'


def drag(page, key, start, end):
    """Drag on the strip from one second to another."""
    track = page.locator(f"{of(page, key)} [data-track]")
    track.scroll_into_view_if_needed()
    box = track.bounding_box()
    x = [box["x"] + second / SECONDS * box["width"] for second in (start, end)]
    y = box["y"] + box["height"] / 2
    page.mouse.move(x[0], y)
    page.mouse.down()
    page.mouse.move(x[1], y, steps=4)
    page.mouse.up()


def submitted(page):
    page.locator(".material").focus()
    page.keyboard.press("Enter")
    wait_until(page, lambda: Annotation.objects.filter(status="counted").exists(), "the answer")
    return Annotation.objects.get().answers["when"]


def times(marks):
    return [(pytest.approx(m["begin"], abs=0.06), pytest.approx(m["finish"], abs=0.06), m["category"]) for m in marks]


def test_by_mouse(page):
    one, two = page.keys
    drag(page, one, 2, 5)
    page.keyboard.press("2")
    drag(page, one, 7, 6)  # from right to left is a range as well
    page.click("[data-pop] [data-value=wrong]")
    drag(page, one, 5, 5.5)  # the border of the first
    page.locator(f'[data-marks="{two}"] [data-nothing]').check()
    answer = submitted(page)
    assert times(answer[one]) == [(2, 5.5, "noise"), (6, 7, "wrong")]
    assert answer[one][0]["medium"] == 0
    assert answer[two] == []


def test_by_keyboard_alone(page):
    one, two = page.keys
    status = page.locator(".fb-time-range [data-status]")
    while not page.evaluate(f"document.activeElement.closest('{of(page, one)} [data-track]')"):
        page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("ArrowRight")
    assert status.inner_text() == "0:03.1"
    page.keyboard.press("i")
    assert "0:03.1" in status.inner_text()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("o")
    page.keyboard.press("1")
    assert "Wrong note" in status.inner_text()
    row = page.locator(f'[data-marks="{one}"] [data-row] [data-open]')
    while not page.evaluate("document.activeElement.matches('[data-open]')"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    assert "0:03.0 – 0:04.3" in row.inner_text()
    page.keyboard.press("2")  # nothing to mark in the second
    answer = submitted(page)
    assert times(answer[one]) == [(3.0, 4.3, "wrong")]
    assert answer[two] == []


def test_out_without_in_says_so_and_a_click_moves_the_playhead(page):
    one, _ = page.keys
    page.keyboard.press("o")
    assert "begins first" in page.locator(".fb-time-range [data-status]").inner_text()
    drag(page, one, 4, 4)
    assert page.evaluate(f"document.querySelector('{of(page, one)} audio').currentTime") == pytest.approx(4, abs=0.1)
    assert page.locator("[data-row]").count() == 0
    assert page.locator("[data-pop]").is_hidden()


def test_delete_and_undo(page):
    one, _ = page.keys
    drag(page, one, 2, 5)
    page.keyboard.press("1")
    page.locator("[data-row] [data-open]").focus()
    page.keyboard.press("Delete")
    assert page.locator("[data-row]").count() == 0
    assert page.locator(".fb-range").count() == 0
    page.keyboard.press("t")
    assert page.locator(".fb-range").count() == 1


def test_a_draft_survives_a_reload_and_waits_for_its_media(page):
    one, _ = page.keys
    drag(page, one, 2, 5)
    page.keyboard.press("1")
    wait_until(page, lambda: "when" in getattr(Draft.objects.first(), "answers", {}), "a draft on the server")
    page.reload()
    page.wait_for_selector("[data-row]")
    assert page.locator(".fb-range").count() == 0, "no medium yet"
    put(page)
    page.wait_for_selector(".fb-range[data-colour]")
    begins = page.evaluate("parseFloat(document.querySelector('.fb-range').style.insetInlineStart)")
    assert begins == pytest.approx(20, abs=1), "in per cent of the time"


@pytest.mark.parametrize("range_settings", [{**SETTINGS, "explanation": True}])
def test_explanation(page, range_settings):
    one, _ = page.keys
    drag(page, one, 2, 5)
    page.keyboard.press("1")
    page.keyboard.type("Too low, 2 steps")
    page.keyboard.press("Escape")
    page.locator(".fb-time-range [data-undo]").focus()
    page.keyboard.press("2")
    (mark,) = submitted(page)[one]
    assert mark["explanation"] == "Too low, 2 steps"


def test_no_fault_that_axe_finds(page):
    drag(page, page.keys[0], 2, 5)
    assert faults(page) == []
    page.keyboard.press("1")
    assert faults_at_any_size(page) == []
