"""Writing a mapping in a real browser: the preview follows what is typed, and a click on a column names it."""

import os

import pytest
from django.urls import reverse

from annotate.services import create_form
from tests.curated import MAPPING, kept_mapping, waiting_upload
from tests.test_accessibility import faults
from tests.world import QUESTIONS, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return World()


@pytest.fixture
def browser(chromium, live_server, world):
    client = world.client(world.owner)
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    context.set_default_timeout(10_000)
    yield context
    context.close()


def test_the_preview_follows_what_is_typed(browser, live_server, world):
    create_form(project=world.project, questions=QUESTIONS[:1])
    token = waiting_upload(world).token
    page = browser.new_page()
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.goto(live_server.url + reverse("mapping", args=[world.project.pk, token]))
    page.wait_for_load_state("networkidle")
    page.locator("#id_text").fill("prompt: question\nresponses: [{text: }]\n")
    page.locator("#preview .flash.error, #preview article, #preview details").first.wait_for()
    page.locator("#id_text").evaluate("area => area.setSelectionRange(36, 36)")
    page.get_by_role("button", name="answer", exact=True).click()
    page.wait_for_function("() => document.querySelector('#id_text').value.includes('{text: answer}')")
    page.locator("#preview article").first.wait_for()
    page.locator("#id_text").fill(MAPPING)
    page.get_by_text("1 of 2 rows can be taken").wait_for()
    page.get_by_text("no question for: rating").wait_for()
    page.locator("#id_text").fill("prompt: [")
    page.get_by_role("alert").get_by_text("not YAML").wait_for()
    if folder := os.environ.get("TOUCHSTONE_SHOTS"):
        page.locator("#id_text").fill(MAPPING)
        page.get_by_text("1 of 2 rows can be taken").wait_for()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{folder}/mapping-{scheme}.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 390, "height": 844})
        page.screenshot(path=f"{folder}/mapping-phone.png", full_page=True)
        for name in ("import", "map_file"):
            page.set_viewport_size({"width": 1360, "height": 900})
            page.goto(live_server.url + reverse(name, args=[world.project.pk]))
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert not said


def test_nothing_serious_by_axe(browser, live_server, world):
    kept_mapping(world)
    token = waiting_upload(world).token
    urls = [reverse("map_file", args=[world.project.pk]), reverse("mapping", args=[world.project.pk, token])]
    urls.append(reverse("import", args=[world.project.pk]))
    assert [fault for url in urls for fault in faults(browser, live_server.url, url)] == []
