"""Every page of the product in a real browser: no serious fault by axe, in light and dark, and a quiet console.

The pages are those of the tables that tests/test_permissions.py reads, which miss no address.
"""

import runpy
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests import axe
from tests.world import World

HERE = Path(__file__).parent
ROWS = [row for path in sorted(HERE.glob("*/permissions.py")) for row in runpy.run_path(str(path))["ROWS"]]
PAGES = [row for row in ROWS if row.get("method", "get") == "get" and not row.get("api")]


def is_page(client, url):
    """Whether an address gives a whole page, not a file or a part of one."""
    answer = client.get(url)
    return (
        answer.status_code == 200
        and answer["Content-Type"].startswith("text/html")
        and b"<html" in answer.getvalue()[:200]
    )


def address(row, world):
    url = reverse(row["url"], args=row["args"](world) if "args" in row else [])
    return f"{url}?{urlencode(row['query'](world), doseq=True)}" if "query" in row else url


def faults(context, server, url):
    """What axe and the console say of one page, each with the page's address."""
    found = []
    page = context.new_page()
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: said.type == "error" and found.append(said.text))
    page.goto(f"{server}{url}")
    page.wait_for_load_state("networkidle")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {rule}: {where}" for rule, where in axe.faults(page, ("serious", "critical"))]
    page.close()
    return [f"{url} {fault}" for fault in found]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_page(chromium, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    world = World()
    client = world.client(world.owner)
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    for row in PAGES:
        for name, value in row.get("settings", lambda: {})().items():
            setattr(settings, name, value)
    # All that the rows need is there before the first page is looked at.
    urls = {row["url"]: address(row, world) for row in PAGES}
    pages = [url for url in urls.values() if is_page(client, url)]
    assert len(pages) > 40
    found = [fault for url in pages for fault in faults(context, live_server.url, url)]
    context.close()
    assert not found, "\n".join(found)
