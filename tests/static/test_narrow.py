"""Pages on a screen of a phone's width."""

import pytest
from django.urls import reverse

from tests.curated import curated_version
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_version_fits_and_its_tab_is_in_view(chromium, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    world = World()
    version = curated_version(world)
    client = world.client(world.owner)
    context = chromium.new_context(viewport={"width": 390, "height": 800})
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + reverse("version", args=[world.project.pk, version.pk]))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    tab = page.locator(".tabs [aria-current]").bounding_box()
    assert 0 <= tab["x"] <= tab["x"] + tab["width"] <= 390
    last, row = (page.locator(selector).first.bounding_box() for selector in (".stats > :last-child", ".stats"))
    assert abs(last["x"] + last["width"] - row["x"] - row["width"]) < 2, "the last row of figures is filled"
    context.close()
