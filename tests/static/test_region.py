"""Marked regions in a real browser: by mouse and by keyboard alone, with zoom, drafts and undo."""

import io

import pytest

from annotate.models import Annotation, Draft
from tests.axe import faults
from tests.static.marking import becomes_true, faults_at_any_size, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SETTINGS = {
    "categories": [{"name": "artefact", "title": "Artefact"}, {"name": "missing", "title": "Missing"}],
    "source": True,
}


def picture(colour):
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (400, 200), colour).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def region_settings():
    return SETTINGS


@pytest.fixture
def project(transactional_db, settings, tmp_path, region_settings):
    from annotate import services
    from annotate.access.models import Organisation
    from annotate.media.services import store

    settings.MEDIA_ROOT = tmp_path / "media"
    organisation = Organisation.objects.create(name="Lab", slug="lab")
    question = {"name": "where", "kind": "region", "title": "Mark what is wrong", "settings": region_settings}
    project = services.create_project(organisation=organisation, name="Edits", questions=[question], overlap=1)
    refs = [store(organisation=organisation, content=picture(c)).ref for c in ("#468", "#486", "#864")]
    item = services.NewItem(
        external_id="i1",
        prompt=[{"role": "user", "content": "Make it green."}],
        responses=tuple(services.NewResponse(text="", media=(ref,)) for ref in refs[1:]),
        media=(refs[0],),
    )
    services.add_items(project=project, items=[item])
    return project


@pytest.fixture
def page(open_workbench):
    page = open_workbench()
    page.wait_for_selector(".fb-overlay")
    becomes_true(page, "[...document.querySelectorAll('.viewport img')].every(i => i.complete && i.style.transform)")
    page.keys = [row["key"] for row in page.evaluate(PAYLOAD)["responses"]]
    return page


PAYLOAD = "JSON.parse(document.querySelector('[data-task] > script').textContent)"
MARKS = "JSON.parse(document.querySelector('input[name=answers]').value).where"


def drag(page, pane, start, *others, steps=4):
    """Press at one place of an image, go over others, let go; places are fractions."""
    box = page.locator(f"{pane} img").first.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, *others)]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=steps)
    page.mouse.up()


def of(page, key):
    return f'[data-response="{key}"]'


def near(points, wanted):
    assert points == pytest.approx(wanted, abs=0.012)


def submitted(page):
    page.keyboard.press("Enter")
    wait_until(page, lambda: Annotation.objects.filter(status="counted").exists(), "the answer")
    return Annotation.objects.get().answers["where"]


def test_by_mouse(page):
    one, two = page.keys
    drag(page, of(page, one), (0.2, 0.3), (0.6, 0.8))
    page.keyboard.press("2")
    page.keyboard.press("y")
    for corner in ((0.1, 0.1), (0.5, 0.1), (0.3, 0.6)):
        drag(page, of(page, two), corner)
    page.keyboard.press("Enter")  # the keyboard's cross stands at the last corner: once more closes
    page.click("[data-pop] [data-value=artefact]")
    page.keyboard.press("r")
    drag(page, of(page, two), (0.6, 0.6), (0.9, 0.6))
    page.keyboard.press("1")
    drag(page, of(page, two), (0.6, 0.8), (0.9, 0.8))  # painting goes on in the same category
    page.locator('[data-marks="source"] [data-nothing]').check()
    page.locator(".material").focus()
    answer = submitted(page)
    (box,) = answer[one]
    assert (box["shape"], box["category"], box["image"], box["thickness"]) == ("box", "missing", 0, 0)
    near(box["points"], [0.2, 0.3, 0.6, 0.8])
    polygon, *strokes = answer[two]
    assert (polygon["shape"], polygon["category"]) == ("polygon", "artefact")
    near(polygon["points"], [0.1, 0.1, 0.5, 0.1, 0.3, 0.6])
    assert [(stroke["shape"], stroke["category"], stroke["thickness"]) for stroke in strokes] == [
        ("brush", "artefact", 0.05)
    ] * 2
    near(strokes[0]["points"][:2], [0.6, 0.6])
    near(strokes[0]["points"][-2:], [0.9, 0.6])
    assert answer["source"] == []


def test_by_keyboard_alone(page):
    """One box in the first image, a polygon and a stroke in the second; nothing in the source."""
    one, two = page.keys
    page.keyboard.press("n")
    move = {"Left": -1, "Right": 1, "Up": -1, "Down": 1}

    def arrows(**times):
        for way, count in times.items():
            assert way in move
            for _ in range(count):
                page.keyboard.press(f"Shift+Arrow{way}")

    status = page.locator(".fb-region [data-status]")
    arrows(Left=4, Up=2)
    assert status.inner_text() == "30 % across, 40 % down"
    page.keyboard.press("Enter")
    arrows(Right=2, Down=4)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    assert "Artefact" in status.inner_text()
    page.keyboard.press("2")  # the new mark becomes something else
    page.keyboard.press("n")
    page.keyboard.press("y")
    page.keyboard.press("Enter")
    arrows(Right=4)
    page.keyboard.press("Enter")
    arrows(Down=4)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    page.keyboard.press("1")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    arrows(Left=3)
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    page.locator(".fb-region [data-tool=box]").focus()
    page.keyboard.press("3")  # nothing to mark in the source
    page.locator(".material").focus()
    answer = submitted(page)
    assert [(m["shape"], m["category"]) for m in answer[one]] == [("box", "missing")]
    near(answer[one][0]["points"], [0.3, 0.4, 0.405, 0.6])
    assert [(m["shape"], m["category"]) for m in answer[two]] == [("polygon", "artefact"), ("brush", "missing")]
    near(answer[two][0]["points"], [0.5, 0.5, 0.7, 0.5, 0.7, 0.7])
    assert answer["source"] == []


def test_the_list_by_keyboard_and_undo(page):
    one, _ = page.keys
    for top in (0.1, 0.5):
        drag(page, of(page, one), (0.2, top), (0.6, top + 0.3))
        page.keyboard.press("1")
    rows = page.locator(f'[data-marks="{one}"] [data-row]')
    assert rows.count() == 2
    rows.first.locator("[data-open]").focus()
    assert page.locator(f"{of(page, one)} [data-chosen]").count() == 1
    page.keyboard.press("Enter")
    page.keyboard.press("2")
    assert "Missing" in rows.first.inner_text()
    rows.first.locator("[data-open]").focus()
    page.keyboard.press("Delete")
    assert rows.count() == 1
    assert page.evaluate("document.activeElement.matches('[data-open]')"), "the focus stays in the list"
    page.keyboard.press("t")
    assert rows.count() == 2
    for _ in range(3):
        page.keyboard.press("t")
    assert rows.count() == 0
    assert not page.evaluate("document.querySelector('[data-answered]')")


def test_marks_follow_zoom_and_pan(page):
    one, two = page.keys
    drag(page, of(page, one), (0.25, 0.25), (0.75, 0.75))
    page.keyboard.press("1")
    both = """(pane) => [...document.querySelectorAll(`${pane} [data-shape=box] > :last-child, ${pane} img`)]
        .map((one) => one.getBoundingClientRect().toJSON())"""

    def fits():
        image, drawn = page.evaluate(both, of(page, one))
        assert drawn["x"] == pytest.approx(image["x"] + image["width"] / 4, abs=3)
        assert drawn["width"] == pytest.approx(image["width"] / 2, abs=4)
        return image["width"]

    before = fits()
    page.keyboard.press("+")
    becomes_true(page, f"document.querySelector('.viewport img').getBoundingClientRect().width > {before}")
    assert fits() > before
    page.keyboard.press("g")
    drag(page, of(page, one), (0.5, 0.5), (0.45, 0.45))
    fits()
    page.keyboard.press("x")
    # In the zoomed image a place is still a place of the image.
    drag(page, of(page, two), (0.4, 0.4), (0.5, 0.6))
    page.keyboard.press("1")
    page.locator('[data-marks="source"] [data-nothing]').check()
    near(page.evaluate(MARKS)[two][0]["points"], [0.4, 0.4, 0.5, 0.6])


def test_a_corner_of_the_chosen_mark_can_be_dragged(page):
    one, two = page.keys
    drag(page, of(page, one), (0.2, 0.2), (0.6, 0.6))
    page.keyboard.press("1")
    drag(page, of(page, one), (0.6, 0.2), (0.8, 0.1))
    for key in (two, "source"):
        page.locator(f'[data-marks="{key}"] [data-nothing]').check()
    (mark,) = page.evaluate(MARKS)[one]
    near(mark["points"], [0.2, 0.1, 0.8, 0.6])
    for _ in range(3):
        page.keyboard.press("t")
    assert page.locator("[data-row]").inner_text().startswith("Box · 40 % across, 40 % down")


def test_a_click_opens_a_mark_and_marks_nothing(page):
    one, two = page.keys
    drag(page, of(page, one), (0.2, 0.2), (0.6, 0.6))
    page.keyboard.press("1")
    drag(page, of(page, one), (0.4, 0.4))
    assert page.locator("[data-pop]").is_visible()
    page.keyboard.press("2")
    for key in (two, "source"):
        page.locator(f'[data-marks="{key}"] [data-nothing]').check()
    assert [m["category"] for m in page.evaluate(MARKS)[one]] == ["missing"]


def test_what_has_no_category_is_dropped_and_no_answer(page):
    one, _ = page.keys
    drag(page, of(page, one), (0.2, 0.2), (0.6, 0.6))
    page.keyboard.press("Escape")
    assert page.locator("[data-row]").count() == 0
    assert page.locator("[data-shape]").count() == 0
    page.locator(".material").focus()
    page.keyboard.press("Enter")
    assert page.locator(".problem:visible").inner_text() == "This needs an answer."


def test_a_draft_survives_a_reload(page):
    one, _ = page.keys
    drag(page, of(page, one), (0.2, 0.2), (0.6, 0.6))
    page.keyboard.press("1")
    wait_until(page, lambda: "where" in getattr(Draft.objects.first(), "answers", {}), "a draft on the server")
    page.reload()
    page.wait_for_selector(f"{of(page, one)} [data-shape=box]")
    assert page.locator("[data-row]").count() == 1


@pytest.mark.parametrize("region_settings", [{**SETTINGS, "explanation": True, "severities": [{"name": "minor"}]}])
def test_severity_and_explanation(page, region_settings):
    one, _ = page.keys
    drag(page, of(page, one), (0.2, 0.2), (0.6, 0.6))
    page.keyboard.press("1")
    page.keyboard.press("1")
    page.keyboard.type("Six 6 fingers")
    page.keyboard.press("Escape")
    page.locator(".fb-region [data-tool=box]").focus()
    page.keyboard.press("2")
    page.keyboard.press("3")
    page.locator(".material").focus()
    (mark,) = submitted(page)[one]
    assert (mark["category"], mark["severity"], mark["explanation"]) == ("artefact", "minor", "Six 6 fingers")


def test_no_fault_that_axe_finds(page):
    drag(page, of(page, page.keys[0]), (0.2, 0.2), (0.6, 0.6))
    assert faults(page) == []
    page.keyboard.press("1")
    assert faults_at_any_size(page) == []


def test_touch_draws_and_a_second_finger_gives_up(page):
    one, _ = page.keys
    touch = """([key, type, id, x, y]) => {
        const svg = document.querySelector(`[data-response="${key}"] .fb-overlay`);
        svg.setPointerCapture = () => {};
        const box = svg.getBoundingClientRect();
        const place = {clientX: box.left + x * box.width, clientY: box.top + y * box.height};
        const finger = {pointerId: id, pointerType: 'touch', bubbles: true, cancelable: true};
        svg.dispatchEvent(new PointerEvent(type, {...finger, ...place}));
    }"""
    for step in (["pointerdown", 5, 0.3, 0.4], ["pointermove", 5, 0.6, 0.6], ["pointerdown", 6, 0.5, 0.5]):
        page.evaluate(touch, [one, *step])
    page.evaluate(touch, [one, "pointerup", 5, 0.6, 0.6])
    assert page.locator("[data-pop]").is_hidden()
    for step in (["pointerdown", 7, 0.3, 0.4], ["pointermove", 7, 0.6, 0.6], ["pointerup", 7, 0.6, 0.6]):
        page.evaluate(touch, [one, *step])
    page.locator("[data-pop] [data-value=artefact]").click()
    assert page.locator("[data-row]").count() == 1


def test_a_finger_scrolls_until_a_shape_is_chosen_and_then_draws(chromium, live_server, project, annotator, client):
    client.force_login(annotator)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    phone = chromium.new_context(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844})
    phone.add_cookies([cookie])
    page = phone.new_page()
    page.goto(f"{live_server.url}/projects/{project.pk}/annotate/")
    page.wait_for_selector(".question[data-active]")
    page.keyboard.press("h")  # the guidelines, open for whoever is new
    first = page.locator("[data-response] .viewport").first
    assert first.locator(".fb-overlay").get_attribute("data-tool") == "move"
    page.locator("[data-tool=polygon]").tap()
    first.scroll_into_view_if_needed()
    box = first.bounding_box()
    for x, y in ((0.3, 0.3), (0.7, 0.3), (0.5, 0.7), (0.3, 0.3)):
        page.touchscreen.tap(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.locator("[data-pop] [data-value=artefact]").tap()
    assert page.locator("[data-row]").count() == 1
    becomes_true(page, "document.querySelector('[data-saved]').textContent.includes('saved')")
    phone.close()
