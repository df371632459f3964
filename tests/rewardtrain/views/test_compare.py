"""Runs side by side, and the leaderboard."""

import json
import re

import pytest
from django.urls import reverse

from curation.models import AgreementReport
from rewardtrain import standings
from rewardtrain.models import Evaluation, Run
from tests.curated import FIGURES, trained_model, write_rows
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(world):
    return [trained_model(world, name=name) for name in ("first run", "the second")]


def address(world, models, **more):
    query = "&".join([f"run={model.run_id}" for model in models] + [f"{key}={value}" for key, value in more.items()])
    return f"{reverse('compare_runs', args=[world.project.pk])}?{query}"


def page(world, url):
    answer = world.client(world.owner).get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_the_settings_that_differ_are_shown(world, two):
    Run.objects.filter(pk=two[1].run_id).update(
        recipe={"backbone": "minilm", "loss": "bradley_terry", "loss_settings": {"center": 0.01}, "lr": 1e-5}
    )
    found = standings.settings_that_differ(list(Run.objects.order_by("pk")))
    assert {row["name"]: row["values"] for row in found} == {
        "loss_settings.center": ["–", "0.01"], "lr": ["–", "1e-05"],
    }  # fmt: skip
    text = page(world, address(world, two))
    assert "loss_settings.center" in text
    assert ">backbone<" not in text


def test_the_same_recipe_is_said_to_be_the_same(world, two):
    assert "The recipes and the data are the same." in page(world, address(world, two))


def test_pairs_are_shown_by_who_is_right(world, two):
    text = page(world, address(world, two))
    assert "paired row by row" in text
    found = standings.comparison([model.run for model in two])["paired"]
    confusion = found["confusion"][0][1]
    assert sum(confusion.values()) == found["rows"] > 0
    for show, count in confusion.items():
        text = page(world, address(world, two, show=show))
        assert text.count('<article class="compared">') == min(count, 20)
        assert (count > 0) != ("No pair is of this kind." in text)
    assert re.search(r">first \d</p>", page(world, address(world, two))), "the responses themselves are shown"


@pytest.mark.parametrize("query", ["show=all", "sort=-reward", "a=x&b=y", "a=999999", "page=99", "run=x&run=-3"])
def test_a_strange_query_is_no_error(world, two, query):
    assert page(world, f"{address(world, two)}&{query}")


def test_the_sides_can_be_swapped(world, two):
    first, second = (model.run_id for model in two)
    found = standings.comparison([model.run for model in two])["paired"]["differences"]
    swapped = page(world, address(world, two, a=second, b=first))
    assert f"the second less first run: {found[1][0]['value']:.2f}" in swapped


def test_a_figure_is_computed_once_for_the_same_content(world, two, settings, monkeypatch):
    evaluations = [model.evaluations.get() for model in two]
    found = standings.paired(evaluations)
    monkeypatch.setattr(standings.comparing, "compare", lambda *_: pytest.fail("it was computed again"))
    assert standings.paired(evaluations) == json.loads(json.dumps(found))
    monkeypatch.undo()
    write_rows(evaluations[0], seed=99)
    assert standings.paired(evaluations) != found


def test_without_rows_there_is_no_paired_difference(world, two):
    two[1].evaluations.get().rows_path.unlink()
    text = page(world, address(world, two))
    assert "Evaluate them again" in text
    assert 'id="pairs"' not in text


def test_a_run_that_was_not_tested_stands_beside_the_others(world, two):
    other = Run.objects.create(version=two[0].run.version, name="untrained", recipe={"lr": 1})
    text = page(world, f"{address(world, two)}&run={other.pk}")
    assert "not tested" in text
    assert "2 of them" in text


def test_one_run_or_none_asks_which(world, two):
    for models in ([], two[:1]):
        assert "Which runs?" in page(world, address(world, models))
    empty = world.make_project("Empty")
    assert "Nothing to compare" in page(world, reverse("compare_runs", args=[empty.pk]))


def test_runs_of_other_projects_are_left_out(world, two):
    other = world.make_project("Other")
    url = address(world, two).replace(f"/{world.project.pk}/", f"/{other.pk}/")
    assert "first run" not in page(world, url)


def test_by_api(world, two):
    url = reverse("api-run-compare", args=[world.project.pk])
    client, ids = world.client(world.owner), [model.run_id for model in two]
    found = client.get(url, {"run": ids}).json()
    assert [row["id"] for row in found["runs"]] == ids
    assert found["paired"]["differences"][0][1].keys() == {"value", "low", "high", "told_apart"}
    assert found["settings"] == []
    for wrong in ({}, {"run": ids[:1]}, {"run": [ids[0], 10**6]}, {"run": range(20)}):
        assert client.get(url, wrong).status_code == 400


def test_markup_in_names_and_texts_is_shown_not_run(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world = World(lambda words: f"{words[:20]}<script>alert(1)</script>"[:115] if len(words) < 60 else words)
    two = [trained_model(world, name=name) for name in ("first run", "the second")]
    for url in (
        address(world, two),
        reverse("leaderboard", args=[world.project.pk]),
        reverse("model_dashboard", args=[world.project.pk, two[0].run_id]),
        reverse("model_card", args=[world.project.pk, two[0].run_id]),
        reverse("try_model", args=[world.project.pk, two[0].run_id]),
    ):
        text = page(world, url)
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert" in text


# ---- the leaderboard ----


def evaluated(model, value, data="test split", suite="pairs", width=0.02):
    figures = {**FIGURES, "accuracy": {"value": value, "low": value - width, "high": value + width}}
    row, _ = Evaluation.objects.update_or_create(model=model, suite=suite, data=data, defaults={"figures": figures})
    return row


def standing(world):
    found = standings.leaderboard(world.project)
    return [
        {row["model"].run.name: row["cells"][place] and row["cells"][place]["standing"] for row in found["rows"]}
        for place in range(len(found["columns"]))
    ]


def test_without_rows_overlapping_intervals_decide(world, two):
    for model in two:
        model.evaluations.get().rows_path.unlink()
    evaluated(two[0], 0.7)
    evaluated(two[1], 0.69)
    assert standing(world) == [{"first run": "best", "the second": "even"}]
    evaluated(two[1], 0.6)
    assert standing(world) == [{"first run": "best", "the second": ""}]
    assert standings.leaderboard(world.project)["columns"][0]["paired"] is False
    assert "(overlap)" in page(world, reverse("leaderboard", args=[world.project.pk]))


def test_with_rows_paired_differences_decide(world, two, monkeypatch):
    evaluated(two[0], 0.7)
    evaluated(two[1], 0.69)
    for apart, expected in ((True, ""), (False, "even")):
        figures = {"rows": 9, "differences": [[None, {"told_apart": apart}], [None, None]]}
        monkeypatch.setattr(standings, "paired", lambda _, figures=figures: figures)
        assert standing(world) == [{"first run": "best", "the second": expected}]
    assert standings.leaderboard(world.project)["columns"][0]["paired"] is True


def test_what_was_not_measured_is_a_dash_and_last(world, two):
    evaluated(two[1], 0.9, data="other.jsonl", suite="rewardbench")
    found = standings.leaderboard(world.project)
    assert [column["data"] for column in found["columns"]] == ["test split", "other.jsonl"]
    for sort in ("1", "-1"):
        text = page(world, reverse("leaderboard", args=[world.project.pk]) + f"?sort={sort}")
        assert text.index("the second</a>") < text.index("first run</a>")
    for sort in ("name", "-name", "7", "x"):
        assert page(world, reverse("leaderboard", args=[world.project.pk]) + f"?sort={sort}")


def test_people_are_the_ceiling_where_their_agreement_is_known(world, two):
    url = reverse("leaderboard", args=[world.project.pk])
    assert "People with one another" not in page(world, url)
    measures = [{"name": "percent", "value": 0.81, "low": 0.7, "high": 0.9}]
    AgreementReport.objects.create(
        project=world.project, question="preference", source="x",
        figures={"dimensions": [{"dimension": "", "measures": measures}]},
    )  # fmt: skip
    assert "81.0 %" in page(world, url)


def test_an_empty_leaderboard_says_what_fills_it(world):
    assert "Nothing measured yet" in page(world, reverse("leaderboard", args=[world.project.pk]))
