"""The dashboard and the card of a model."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.urls import reverse

from rewardtrain import cards, selectors, services
from rewardtrain.models import Evaluation, Run
from tests.curated import FIGURES, curated_version, trained_model, write_rows

pytestmark = pytest.mark.django_db


def page(world, name, run):
    answer = world.client(world.owner).get(reverse(name, args=[world.project.pk, run]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_dashboard_draws_what_is_known(world):
    model = trained_model(world)
    text = page(world, "model_dashboard", model.run_id)
    for title in (
        "Reliability", "Margins by strength", "By subset", "Accuracy on what it is surest of",
        "How often the longer response wins",
    ):  # fmt: skip
        assert title in text, title
    assert "In distribution only" not in text, "the figures are of another file, for all that is known"


def test_a_model_measured_on_its_own_split_alone_is_said_to_be(world):
    model = trained_model(world)
    model.evaluations.update(data=f"{model.run.version}, test")
    assert "In distribution only" in page(world, "model_dashboard", model.run_id)
    Evaluation.objects.create(model=model, suite="rewardbench", data="rb.jsonl", figures=FIGURES)
    assert "In distribution only" not in page(world, "model_dashboard", model.run_id)


def test_without_rows_the_rest_is_drawn(world):
    model = trained_model(world)
    model.evaluations.get().rows_path.unlink()
    text = page(world, "model_dashboard", model.run_id)
    assert "Reliability" in text
    assert "Accuracy on what it is surest of" not in text


def test_a_single_model_has_no_doubt_of_an_ensemble(world):
    model = trained_model(world)
    evaluation, doubt = model.evaluations.get(), "The ensemble’s doubt beside people’s"
    write_rows(evaluation, members=False)
    text = page(world, "model_dashboard", model.run_id)
    assert doubt not in text
    assert "Accuracy on what it is surest of" in text
    write_rows(evaluation)
    rows = pa.concat_tables([pq.read_table(evaluation.rows_path)] * 5)
    other_rows = pa.array([str(place) for place in range(len(rows))])
    pq.write_table(rows.set_column(0, "row_id", other_rows), evaluation.rows_path)
    assert doubt in page(world, "model_dashboard", model.run_id)


def test_a_model_without_evaluations_says_so(world):
    model = trained_model(world)
    model.evaluations.all().delete()
    assert "Not measured yet" in page(world, "model_dashboard", model.run_id)
    assert "It has not been measured yet." in page(world, "model_card", model.run_id)


def test_without_a_model_the_pages_are_404(world):
    run = Run.objects.create(version=curated_version(world), name="untrained")
    for name in ("model_dashboard", "model_card", "download_card", "try_model"):
        assert world.client(world.owner).get(reverse(name, args=[world.project.pk, run.pk])).status_code == 404


def test_the_card_says_what_it_is(world):
    model = trained_model(world)
    model.card = {**model.card, "head": "linear", "pooling": "mean", "loader": "touchstone", "max_length": 256}
    model.save()
    text = cards.markdown(selectors.card_facts(model, base="https://lab.example"))
    for words in (
        "# first run", model.run.version.hash, "| train |", "| linear |", "touchstone alone",
        "0.700 (0.600 to 0.800)", "| longer wins | 0.600 (0.500 to 0.700) | 0.100 (0.000 to 0.200) |",
        "| ECE |", "## Limits", "| loss | bradley\\_terry |",
        f"https://lab.example/projects/{world.project.pk}/datasets/lineage",
    ):  # fmt: skip
        assert words in text, words


def test_the_card_is_the_same_everywhere(world):
    model = trained_model(world)
    client = world.client(world.owner)
    downloaded = client.get(reverse("download_card", args=[world.project.pk, model.run_id]))
    assert downloaded["Content-Disposition"] == 'attachment; filename="MODEL_CARD.md"'
    by_api = client.get(reverse("api-model-card", args=[world.project.pk, model.pk])).json()
    assert downloaded.content.decode() == by_api["markdown"]
    services.write_card(model=model)
    beside = (model.folder / "MODEL_CARD.md").read_text()
    assert beside == cards.markdown(selectors.card_facts(model))
    assert len(beside.splitlines()) == len(by_api["markdown"].splitlines())


def facts(**more):
    data = {
        "name": "d v1", "hash": "abc", "rows": {"train": 3}, "votes": 4, "raters": 2, "gold": 1, "agreement": [],
        "license": "", "notice": "", "url": "/u", "lineage_url": "/l",
    }  # fmt: skip
    own = {"name": "n", "backbone": "b", "loss": "l", "recipe": {"max_length": 64}, "card": {}, "data": data}
    return {**own, "splits": {}, "evaluations": [], **more}


def test_limits_follow_from_the_figures():
    worse = {"value": 0.01, "low": -0.1, "high": 0.2}
    figures = {"baselines": {"longer": {"value": 0.5, "low": 0.4, "high": 0.6, "difference": worse}}}
    told = cards.limits(facts(evaluations=[{"suite": "pairs", "data": "d v1, test", "figures": figures, "own": True}]))
    assert any("not shown to be better than *the longer response wins*" in text for text in told)
    assert any("on other prompts is not known" in text for text in told)
    cut = {"train": {"rows": 3, "sequences": 6, "truncated": 2}}
    assert any("2 of 6 texts" in text for text in cards.limits(facts(splits=cut)))
    over = {"overoptimised": True, "fall": {"peak": 4}}
    told = cards.limits(facts(evaluations=[{"suite": "best_of_n", "data": "x", "figures": over, "own": False}]))
    assert any("beyond the best of 4" in text for text in told)
    assert not any("on other prompts" in text for text in told)


def test_a_card_keeps_markup_out():
    text = cards.markdown(facts(name="<b>|x|\n# y"))
    assert "<b>" not in text
    assert text.count("\n# ") == 0
    assert json.dumps(text)
