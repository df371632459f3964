"""Markup in every text field, on every page: shown as it was written, never run."""

import json
import runpy
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.urls import reverse

from annotate import queue, services
from annotate.access.models import Role
from tests.world import World

FILES = ("media", "thumbnail", "peaks", "media_page", "signed_media", "schema")
ROWS = runpy.run_path(str(Path(__file__).parents[1] / "permissions.py"))["ROWS"]
PAGES = [row for row in ROWS if row.get("method", "get") == "get" and row["url"] not in FILES]
HOSTILE = '"\'><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">{{ 7|add:7 }}'
URLS = {"href", "src", "action", "hx-get", "hx-post", "formaction"}


class Seen(HTMLParser):
    """What a browser would run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.faults.append("an inline script")
        if tag in ("iframe", "object", "embed", "base"):
            self.faults.append(tag)
        for name, value in attributes:
            if name.startswith("on"):
                self.faults.append(f"{tag} {name}")
            if name in URLS and value and not value.startswith(("/", "?", "#", "https://", "http://")):
                self.faults.append(f"{tag} {name}={value}")


@pytest.fixture
def hostile(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World(lambda words: f"{words[:20]}{HOSTILE}"[:115] if len(words) < 60 else words)
    world.annotation, world.late, world.flag  # noqa: B018
    queue.save_draft(task=world.held.task, rater=world.held.rater, answers={"reason": {"overall": {"text": HOSTILE}}})
    queue.skip(
        task=world.lease(world.members[Role.ANNOTATOR]).task,
        rater=world.rater(world.members[Role.ANNOTATOR]),
        reason=HOSTILE,
    )
    judge = services.raters(organisation=world.organisation, kind="language_model", names=[HOSTILE])[HOSTILE]
    tasks = world.project.tasks.all()
    services.add_annotations(
        form=world.project.form,
        annotations=[services.NewAnnotation(task=task, rater=judge, answers=world.answers(task)) for task in tasks],
        status="unasked",
    )
    world.job.result = {HOSTILE: HOSTILE, "nested": {HOSTILE: [HOSTILE]}, "traceback": HOSTILE}
    world.job.error, world.job.state = HOSTILE, "failed"
    world.job.save()
    world.token(world.owner)
    return world


@pytest.mark.parametrize("row", PAGES, ids=lambda row: row["url"])
def test_markup_is_shown_not_run(hostile, row):
    url = reverse(row["url"], args=row["args"](hostile) if "args" in row else [])
    answer = hostile.client(hostile.owner).get(url)
    if row["need"] == "anyone":
        return
    assert answer.status_code < 300
    if answer["Content-Type"].startswith("application/json"):
        assert answer["X-Content-Type-Options"] == "nosniff"
        json.loads(answer.content)
        return
    page = answer.content.decode()
    assert Seen(page).faults == []
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert ">14" not in page, "a template of somebody else's was run"


def test_the_pages_do_show_it(hostile):
    """The test above would pass on empty pages."""
    shown = {
        "tasks": ["&lt;script&gt;alert(1)&lt;/script&gt;"],
        "task": ["&lt;img src=x onerror=alert(2)&gt;", "model-one"],
        "dashboard": ["&lt;script&gt;"],
        "people": ["&lt;script&gt;"],
        "job": ["&lt;script&gt;", "nested"],
        "workbench": ["&lt;script&gt;"],
        "history": ["&lt;script&gt;"],
    }
    client = hostile.client(hostile.owner)
    for row in PAGES:
        for words in shown.pop(row["url"], []):
            page = client.get(reverse(row["url"], args=row["args"](hostile))).content.decode()
            assert words in page, row["url"]
    assert not shown


def test_every_page_forbids_inline_scripts_and_framing(world):
    answer = world.client(world.owner).get(reverse("home"))
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert answer["X-Frame-Options"] == "DENY"
