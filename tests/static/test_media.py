"""Every medium in a real browser: it is shown, its keys work, all of a task move as one, and the page's policy holds.

The files come from the test: the server only says which there are (what `annotate.media.selectors` gives of them), and
the browser is given their bytes, whole or in ranges.
"""

import functools
import re
from itertools import product
from pathlib import Path

import pytest
from django.template.loader import render_to_string

from annotate import services, workbench
from annotate.access.models import Organisation
from tests import axe
from tests.static import media_made as made

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).parents[2]
MEDIA = sorted(path.stem for path in (ROOT / "templates/annotate/media").glob("[a-z]*.html"))
QUESTIONS = [{"name": "preference", "kind": "pairwise", "title": "Which is better?"}]

# By reference: what the server says of a file, and the bytes that the browser gets for it.
FILES = {
    "source": ({"type": "image", "width": 160, "height": 120}, lambda: made.picture("source")),
    "first": ({"type": "image", "width": 160, "height": 120}, lambda: made.picture("first", "darkred")),
    "second": ({"type": "image", "width": 320, "height": 240}, lambda: made.picture("2nd", "darkred", (320, 240))),
    "mask": ({"type": "image", "width": 160, "height": 120}, made.mask),
    "film": ({"type": "video", "width": 160, "height": 90, "duration": 2.0}, made.film),
    "short": ({"type": "video", "width": 160, "height": 90, "duration": 1.0}, lambda: made.film(25)),
    "low": ({"type": "audio", "duration": 2.0}, made.tone),
    "high": ({"type": "audio", "duration": 2.0}, lambda: made.tone(pitch=660)),
    "triangle": ({"type": "model", "size": 1234}, made.triangle),
    "pages": ({"type": "document", "pages": 3, "width": 120, "height": 160}, None),
    "leaf": ({"type": "document", "pages": 1, "width": 120, "height": 160}, None),
}
TASKS = {
    "image": {"media": ["source"], "responses": [["first"], ["second"]], "metadata": {"mask": "mask"}},
    "pair": {"responses": [["first"], ["second"]]},
    "video": {"responses": [["film"], ["short"]]},
    "audio": {"responses": [["low"], ["high"]]},
    "model": {"responses": [["triangle"], ["triangle"]]},
    "document": {"responses": [["pages"], ["leaf"]]},
    "interleaved": {
        "media": ["source"],
        "prompt": "Draw ![this](media:0) again.",
        "responses": [["first", "second"], ["second"]],
        "texts": ["Once ![the first](media:0) more", "Twice"],
    },
}


@functools.cache
def content(name):
    return FILES[name][1]()


def said(organisation_id, refs):
    """As the selector of stored media gives it."""
    kept = {"thumbnail": "", "width": None, "height": None, "duration": None, "pages": None, "size": None}
    return {ref: kept | {"ref": ref, "url": f"/media/7/{ref}"} | FILES[ref][0] for ref in refs if ref in FILES}


@pytest.fixture
def project(transactional_db, request, monkeypatch):
    monkeypatch.setattr(workbench, "shown_files", said)
    task = TASKS[request.param]
    organisation = Organisation.objects.create(name="Lab", slug="lab")
    project = services.create_project(organisation=organisation, name="Media", questions=QUESTIONS, overlap=1)
    texts = task.get("texts", ["", ""])
    services.add_items(
        project=project,
        items=[
            services.NewItem(
                external_id="item",
                prompt=[{"role": "user", "content": task.get("prompt", "Make the sky red, and leave all else alone.")}],
                responses=tuple(
                    services.NewResponse(text=text, media=tuple(media))
                    for text, media in zip(texts, task["responses"], strict=True)
                ),
                media=tuple(task.get("media", ())),
                metadata=task.get("metadata", {}),
            )
        ],
    )
    return project


def serve(route):
    """A file as our server gives it: ranges for players, pages of documents, peaks of sounds."""
    name, _, part = route.request.url.partition("/media/7/")[2].partition("/")
    if part.startswith("page/"):
        return route.fulfill(body=made.picture(f"{name} {part}", "gray", (120, 160)), content_type="image/png")
    if part == "peaks":
        return route.fulfill(json=[0.2, 0.9, 0.5, 0.1] * 25)
    body = content(name)
    types = {"image": "image/png", "video": "video/webm", "audio": "audio/wav", "model": "model/gltf-binary"}
    headers = {"Content-Type": types[FILES[name][0]["type"]], "Accept-Ranges": "bytes"}
    asked = re.fullmatch(r"bytes=(\d+)-(\d*)", route.request.headers.get("range", ""))
    if not asked:
        return route.fulfill(body=body, headers=headers)
    start, end = int(asked[1]), min(int(asked[2] or len(body)), len(body) - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{len(body)}"
    return route.fulfill(status=206, body=body[start : end + 1], headers=headers)


@pytest.fixture
def page(open_workbench):
    page = open_workbench(before=lambda page: page.route("**/media/7/**", serve))
    page.set_default_timeout(30_000)  # without a graphics card, models take their time
    if page.locator(".mediabar").count():
        page.wait_for_selector(".mediabar[data-mounted]")
    page.emulate_media(reduced_motion="reduce")
    return page


def until(page, holds, arg=None, seconds=10):
    """Wait until an expression of the page, or a function of `arg`, is true; our policy forbids Playwright's way."""
    for _ in range(seconds * 20):
        if page.evaluate(holds, arg):
            return
        page.wait_for_timeout(50)
    pytest.fail(f"never: {holds}, {arg}")


def shown(*names):
    return pytest.mark.parametrize("project", names, indirect=True)


def transforms(page, selector=".viewport > img"):
    return page.locator(selector).evaluate_all("all => all.map(one => one.style.transform)")


def pressed(page):
    return page.locator('.mediabar [aria-pressed="true"]').evaluate_all("all => all.map(one => one.dataset.act)")


def loaded(page, selector=".viewport > img"):
    until(
        page,
        "selector => [...document.querySelectorAll(selector)].every(one => one.complete && one.naturalWidth)",
        arg=selector,
    )


def pixel(page, selector, x=0.5, y=0.5):
    """The colour of the screen in an element, at fractions of its sides."""
    import io

    from PIL import Image

    shot = Image.open(io.BytesIO(page.locator(selector).first.screenshot())).convert("RGB")
    return shot.getpixel((int(x * (shot.width - 1)), int(y * (shot.height - 1))))


# ---- images ----


@shown("image")
def test_images_zoom_as_one_and_the_source_lies_over_them_while_c_is_held(page):
    loaded(page)
    fitted = transforms(page)
    page.keyboard.press("z")
    assert all(one != other for one, other in zip(fitted, transforms(page), strict=True))
    page.keyboard.press("z")
    assert transforms(page) == fitted
    page.keyboard.down("c")
    assert page.locator(".cover img").evaluate_all("all => all.map(one => one.getAttribute('src'))") == [
        "/media/7/source",
        "/media/7/source",
    ]
    page.keyboard.up("c")
    assert page.locator(".cover").count() == 0


@shown("image")
def test_a_mask_is_laid_over_all_images_where_it_is_white(page):
    loaded(page)
    before = pixel(page, ".viewport", 0.3), pixel(page, ".viewport", 0.7)
    page.keyboard.press("m")
    page.wait_for_selector(".mask")
    assert page.locator(".mask").count() == 3
    assert transforms(page, ".mask") == transforms(page)
    page.wait_for_timeout(200)
    after = pixel(page, ".viewport", 0.3), pixel(page, ".viewport", 0.7)
    assert after[0][0] > before[0][0] + 60, "left, where it is white, it has a colour"
    assert after[1] == before[1]
    page.keyboard.press("m")
    assert page.locator(".mask").count() == 0


@shown("pair")
def test_a_divider_moves_by_arrows_and_by_hand(page):
    loaded(page)
    page.keyboard.press("v")
    divider = page.locator(".divider")
    assert divider.count() == 1, "the first is what the second is compared with"
    assert divider.get_attribute("aria-valuenow") == "50"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert divider.get_attribute("aria-valuenow") == "54"
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    box = divider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] + 20)
    page.mouse.up()
    assert int(divider.get_attribute("aria-valuenow")) < 45
    page.keyboard.press("v")
    assert page.locator(".cover").count() == 0


@shown("pair")
def test_blinking_alternates_and_ends_with_the_task(page):
    loaded(page)
    page.keyboard.press("b")
    names = {page.locator(".cover-name").inner_text()}
    until(page, "name => document.querySelector('.cover-name').textContent !== name", next(iter(names)))
    names.add(page.locator(".cover-name").inner_text())
    assert names == {"A", "B"}
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".desk-note")
    page.keyboard.press("Backspace")
    page.wait_for_selector("[data-revision]")
    assert page.locator(".cover").count() == 0
    assert "side" in pressed(page)


@shown("pair")
def test_what_differs_is_bright_and_the_same_is_black(page):
    loaded(page)
    page.keyboard.press("i")
    until(
        page,
        """() => { const one = document.querySelector(".cover canvas");
             const data = one?.getContext("2d").getImageData(0, 0, one.width, one.height).data;
             return data && data.some((value, at) => at % 4 < 3 && value > 100); }""",
    )
    corner = page.evaluate(
        "[...document.querySelector('.cover canvas').getContext('2d').getImageData(1, 1, 1, 1).data]"
    )
    assert corner == [0, 0, 0, 255]
    page.click('[data-act="gain"][data-value="16"]')
    assert page.locator(".cover canvas").count() == 1


@shown("image")
def test_the_instruction_stays_in_sight(page):
    page.set_viewport_size({"width": 900, "height": 500})
    until(page, "(one => one.scrollHeight > one.clientHeight + 100)(document.querySelector('.material'))")
    assert not page.locator(".instruction > span").is_visible()
    page.locator(".material").evaluate("one => one.scrollTo(0, one.scrollHeight)")
    page.wait_for_selector(".instruction[data-shown] > span:visible")
    assert "Make the sky red" in page.locator(".instruction").inner_text()


@shown("interleaved")
def test_pictures_within_a_text_stand_there_and_not_again_beside_it(page):
    loaded(page, ".prose img")
    assert page.locator(".prompt img.inline").get_attribute("src") == "/media/7/source"
    assert page.locator(".candidate.source").count() == 0
    texts = page.locator("[data-response]").evaluate_all(
        "all => all.map(one => [...one.querySelectorAll('img')].map(image => image.getAttribute('src')))"
    )
    assert sorted(texts) == [["/media/7/second"], ["/media/7/second", "/media/7/first"]]


# ---- videos and sounds ----

WAVE = "one.firstElementChild?.shadowRoot.querySelector('canvas')"
DRAWN = f"[...document.querySelectorAll('.wave')].every(one => {WAVE})"
TIMES = "[...document.querySelectorAll('video, audio')].map(one => one.currentTime)"


def ready(page):
    until(page, "[...document.querySelectorAll('video, audio')].every(one => one.readyState >= 2)")


@shown("video")
def test_videos_play_pause_seek_and_step_together(page):
    ready(page)
    page.keyboard.press("p")
    until(page, f"{TIMES}.every(time => time > 0.2)")
    page.keyboard.press("p")
    until(page, "[...document.querySelectorAll('video')].every(one => one.paused && !one.seeking)")
    first, second = page.evaluate(TIMES)
    assert abs(first - second) < 0.01
    assert 0.2 <= first < 1

    page.locator("[data-seek]").fill("0.5")
    until(page, f"{TIMES}.every(time => Math.abs(time - 0.5) < 0.011)")
    before = page.evaluate(TIMES)
    page.keyboard.press(".")
    until(page, f"before => {TIMES}.every((time, index) => time > before[index])", arg=before)
    after = page.evaluate(TIMES)
    assert abs(after[0] - after[1]) < 0.01
    assert 0.02 < after[0] - before[0] < 0.06, "about one frame"
    page.keyboard.press(",")
    until(page, f"before => {TIMES}.every((time, index) => Math.abs(time - before[index]) < 0.01)", arg=before)


@shown("video")
def test_whatever_moves_one_video_moves_all_and_the_shorter_waits_at_its_end(page):
    ready(page)
    long = page.evaluate("[...document.querySelectorAll('video')].findIndex(one => one.duration > 1.5)")
    page.evaluate("document.querySelectorAll('video')[1].currentTime = 0.7")
    until(page, f"{TIMES}.every(time => Math.abs(time - 0.7) < 0.011)")
    page.evaluate("index => { document.querySelectorAll('video')[index].currentTime = 1.6 }", long)
    until(page, f"index => Math.abs({TIMES}[1 - index] - 1) < 0.05", arg=long)
    assert abs(page.evaluate(TIMES)[long] - 1.6) < 0.011


@shown("video")
def test_speed_and_sound_are_shared_and_one_is_heard(page):
    ready(page)
    page.keyboard.press("<")
    page.keyboard.press("<")
    until(page, "[...document.querySelectorAll('video')].every(one => one.playbackRate === 0.5)")
    for _ in range(9):
        page.keyboard.press(">")
    assert page.evaluate("[...document.querySelectorAll('video')].map(one => one.playbackRate)") == [2, 2]
    silent = "[...document.querySelectorAll('video')].map(one => one.muted)"
    assert page.evaluate(silent) == [False, True]
    page.keyboard.press("q")
    assert page.evaluate(silent) == [True, False]
    page.keyboard.press("u")
    assert page.evaluate(silent) == [True, True]
    page.keyboard.press("u")
    assert page.evaluate(silent) == [True, False]


@shown("audio")
def test_another_sound_is_heard_at_the_same_place(page):
    ready(page)
    until(page, DRAWN)
    page.keyboard.press("p")
    until(page, f"{TIMES}.every(time => time > 0.2)")
    heard = "[...document.querySelectorAll('audio')].map(one => !one.muted)"
    assert page.evaluate(heard) == [True, False]
    page.keyboard.press("q")
    assert page.evaluate(heard) == [False, True]
    first, second = page.evaluate(TIMES)
    assert abs(first - second) < 0.15
    assert page.evaluate("[...document.querySelectorAll('audio')].every(one => !one.paused)")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    page.wait_for_selector(".desk-note")
    assert page.evaluate("performance.getEntriesByType('resource').filter(one => /peaks$/.test(one.name)).length") == 2


@shown("audio")
def test_a_click_into_a_waveform_seeks_all_and_is_heard(page):
    ready(page)
    until(page, DRAWN)
    colours = page.evaluate(
        """[...document.querySelector(".wave").firstElementChild.shadowRoot.querySelectorAll("canvas")].map(one => {
             const { data } = one.getContext("2d").getImageData(0, 0, one.width, one.height);
             const at = data.findIndex((value, index) => index % 4 === 3 && value === 255);
             return [...data.slice(at - 3, at)].join(" "); })"""
    )
    assert colours == ["107 118 134", "168 123 12"], "silver, and gold where it has been played, as the tokens say"
    box = page.locator(".wave").nth(1).bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(page, f"{TIMES}.every(time => Math.abs(time - 1) < 0.1)")
    assert page.evaluate("[...document.querySelectorAll('audio')].map(one => !one.muted)") == [False, True]


# ---- models and documents ----


@shown("model")
def test_models_are_seen_by_one_camera(page):
    until(page, "[...document.querySelectorAll('model-viewer')].every(one => one.loaded)", seconds=30)
    orbits = "[...document.querySelectorAll('model-viewer')].map(one => one.getCameraOrbit().toString())"
    begin = page.evaluate(orbits)
    assert begin[0] == begin[1]
    box = page.locator("model-viewer").nth(1).bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 120, steps=4)
    page.mouse.up()
    until(page, f"begin => {{ const [one, other] = {orbits}; return one === other && one !== begin }}", arg=begin[0])
    page.keyboard.press("r")
    until(page, f"begin => {orbits}.every(one => one === begin)", arg=begin[0])


@shown("document")
def test_documents_turn_to_the_same_page_and_zoom_as_one(page):
    loaded(page)
    sources = "[...document.querySelectorAll('.viewport > img')].map(one => one.getAttribute('src').split('/').pop())"
    long = page.evaluate(
        "[...document.querySelectorAll('figure[data-pages]')].findIndex(one => one.dataset.pages === '3')"
    )
    for _ in range(5):
        page.keyboard.press(".")
    assert page.evaluate(sources)[long] == "3"
    assert page.evaluate(sources)[1 - long] == "1", "one that has no more pages stays at its last"
    assert page.locator("[data-page]").input_value() == "3"
    page.keyboard.press(",")
    assert page.evaluate(sources)[long] == "2"
    assert "page 2" in page.locator(".viewport > img").nth(long).get_attribute("alt")
    loaded(page)
    fitted = transforms(page)
    page.keyboard.press("+")
    assert all(one != other for one, other in zip(fitted, transforms(page), strict=True))


# ---- all of them ----


@shown("image", "video", "audio", "model", "document", "interleaved")
def test_no_fault_that_axe_finds_and_no_scrolling_sideways(page):
    for scheme, width in product(("light", "dark"), (1280, 320)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        until(page, "width => innerWidth === width", width)
        # Each model's viewer brings a region of this one name.
        assert [fault for fault in axe.faults(page) if "Live announcements" not in fault[1]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["source", "film", "low", "triangle", "pages"])
def test_reviewers_see_every_medium_by_the_same_template(name):
    file = said(1, [name])[name] | {"alt": 'Response <A> "x"', "thumbnail": "/thumb"}
    markup = render_to_string(f"annotate/media/{file['type']}.html", {"part": "small", "file": file})
    assert f"/media/7/{name}" in markup
    assert "<A>" not in markup
    assert re.search(r"(alt|aria-label)=\"Response|>Response", markup)


def test_every_medium_has_a_template_and_a_script_of_its_name():
    scripts = {path.stem for path in (ROOT / "static/annotate/media").glob("[a-z]*.js")} - {"index"}
    assert set(MEDIA) == scripts == {"image", "video", "audio", "model", "document"}


def test_keys_of_media_are_not_those_of_the_page_and_stand_in_the_guide():
    page = (ROOT / "static/annotate/workbench.js").read_text()
    own = set(re.findall(r'bind\(\{ keys: "(.)"', page))
    bars = "".join(path.read_text() for path in (ROOT / "templates/annotate/media").glob("*.html"))
    keys = {key for keys in re.findall(r'data-key="([^"]+)"', bars) for key in keys.split()}
    keys = {{"&lt;": "<", "&gt;": ">"}.get(key, key) for key in keys}
    assert len(keys) > 12
    assert not keys & own
    guide = (ROOT / "docs/annotators.md").read_text()
    assert {key for key in keys if f"`{key.upper()}`" not in guide} <= {"="}, "= is + without Shift"
