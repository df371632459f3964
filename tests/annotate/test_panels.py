"""Collection's panels: right figures, with and without data, and within few queries."""

import json
import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from annotate import panels, services
from annotate.access.models import Role
from annotate.access.policy import GRANTS, Permission
from annotate.dashboard import PANELS, panels_for

OWN = ("progress", "attention", "seconds", "position", "length")


@pytest.fixture(autouse=True)
def no_cache():
    cache.clear()


def shown(world, name, user=None):
    answer = world.client(user or world.owner).get(reverse("panel", args=[world.project.pk, name]))
    assert answer.status_code == 200
    return answer.content.decode()


def options(page):
    return [json.loads(text) for text in re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)]


def numbers(page):
    """The rows of the first chart's table."""
    body = re.search(r"<tbody>(.*?)</tbody>", page, re.DOTALL)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [re.findall(r"<t[hd][^>]*>(?:<a[^>]*>)?([^<]*)", row) for row in rows]


def test_the_dashboard_lays_out_what_the_role_may_see(world):
    page = world.client(world.members["viewer"]).get(reverse("dashboard", args=[world.project.pk])).content.decode()
    urls = re.findall(r'hx-get="([^"]+/panels/[^"]+)"', page)
    names = [panel.name for panel in panels_for(GRANTS[Role.VIEWER])]
    assert urls == [reverse("panel", args=[world.project.pk, name]) for name in names]
    assert {"progress", "position"} < set(names)
    assert "attention" not in names
    assert [PANELS[name].order for name in names] == sorted(PANELS[name].order for name in names)


@pytest.mark.parametrize("name", sorted(PANELS))
def test_every_panel_says_something_about_an_empty_project(world, name):
    world.project = world.make_project("empty")
    page = shown(world, name)
    assert re.sub(r"<[^>]+>|\s", "", page), name
    assert "nan" not in page.lower().replace("finance", "")


@pytest.mark.parametrize("name", sorted(PANELS))
def test_every_panel_of_a_project_at_work(world, name):
    world.annotation, world.late, world.flag, world.held  # noqa: B018
    page = shown(world, name)
    for chart in re.findall(r'<figure data-chart id="([^"]+)"', page):
        assert page.count(f'id="{chart}"') == 1
    options(page)


def test_progress(world):
    for user in (world.owner, world.members[Role.REVIEWER]):
        world.answer(user, seconds=20)
    world.late  # noqa: B018
    page = shown(world, "progress")
    said = " ".join(re.sub(r"<[^>]+>", " ", page).replace("&nbsp;", " ").split())
    assert "Tasks finished 1 of 6, 2 begun" in said or "Tasks finished 1 of 6, 1 begun" in said
    assert "Answers 2 of 12 wanted, 17 %" in said
    assert "Late answers 1 kept, not counted" in said
    assert "Owner 1 20 0 0" in said
    (chart,) = options(page)
    assert sum(chart["series"][0]["data"]) == 2
    assert chart["series"][1]["data"][-1] == 2


def test_who_may_not_review_gets_no_links_to_answers(world):
    world.late  # noqa: B018
    assert "/tasks/" in shown(world, "progress")
    assert "/tasks/" not in shown(world, "progress", world.members["viewer"])


def test_attention(world):
    page = shown(world, "attention")
    assert "Nothing" in page
    world.flag, world.late  # noqa: B018
    page = shown(world, "attention")
    assert "Broken" in page
    assert reverse("task", args=[world.project.pk, world.late.task_id]) in page
    services.resolve_flag(flag=world.flag, by=world.owner)
    assert "Broken" not in shown(world, "attention")


def test_position_and_length(world):
    """The owner always takes the first shown; the reviewer always takes the longer."""
    for _ in range(6):
        lease = world.lease(world.owner)
        world.answer(world.owner, place=lease.task.responses.index(lease.shown[0]))
    for _ in range(6):
        world.answer(world.members[Role.REVIEWER], place=1)  # "second 1" is longer than "first 1"
    rows = {row[0]: row for row in numbers(shown(world, "position"))}
    assert rows["Owner"][1] == "100 %"
    assert rows["Owner"][3] == "6"
    rows = {row[0]: row for row in numbers(shown(world, "length"))}
    assert rows["Reviewer"][1] == "100 %"


def test_biases_are_computed_once_until_there_is_a_new_answer(world, monkeypatch):
    world.annotation  # noqa: B018
    shown(world, "position")
    monkeypatch.setattr(panels.quality, "verdicts", lambda records: pytest.fail("computed again"))
    shown(world, "length")
    monkeypatch.undo()
    world.answer(world.members[Role.REVIEWER])
    assert len(numbers(shown(world, "position"))) == 2


def test_only_the_newest_answers_are_read_one_by_one(world, monkeypatch):
    for _ in range(4):
        world.answer(world.owner)
    monkeypatch.setattr(panels, "NEWEST", 3)
    assert numbers(shown(world, "position"))[0][3] == "3"
    assert "The newest 3 of 4 answers" in shown(world, "seconds")


def test_seconds(world):
    for value in (3, 12, 700):
        world.answer(world.owner, seconds=value)
    (chart,) = options(shown(world, "seconds"))
    assert chart["series"][0]["data"] == [1, 0, 1, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("name", OWN)
def test_few_queries(world, name, django_assert_max_num_queries):
    world.add_items(30, start=100)
    for user in world.members.values():
        if Permission.LABEL in GRANTS[world.organisation.memberships.get(user=user).role]:
            for _ in range(5):
                world.answer(user)
    client, url = world.client(world.owner), reverse("panel", args=[world.project.pk, name])
    with django_assert_max_num_queries(16):
        client.get(url)
