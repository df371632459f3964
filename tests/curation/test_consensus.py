"""Consensus of every kind of question, stored: a distribution where there are categories, else a value."""

import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from annotate import queue
from annotate.jobs.registry import JobError
from annotate.models import Annotation, Rater
from curation import aggregation, candidates, consensus, ports, selectors
from tests.curated import answer_everything

pytestmark = pytest.mark.django_db
QUESTIONS = [
    {"name": "order", "kind": "ranking", "title": "Order?", "settings": {}},
    {"name": "errors", "kind": "span", "title": "Errors?", "settings": {}},
    {"name": "why", "kind": "critique", "title": "Why?", "settings": {"about": "overall"}},
    {
        "name": "sheet", "kind": "rubric", "title": "Criteria?",
        "settings": {"criteria": [{"name": "short", "text": "Is short.", "points": 1}]},
    },
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_encoder(monkeypatch):
    """Texts are compared by their words: an encoder takes a process of its own."""
    monkeypatch.setattr(ports, "models_of", lambda organisation: ports.Models())


@pytest.fixture
def asked(world):
    """Two items that two people answered in every kind."""
    project = world.make_project("Everything", QUESTIONS, overlap=2)
    world.add_items(2, project)
    for turn, user in enumerate((world.owner, world.members["admin"])):
        while (lease := world.lease(user, project)) is not None:
            first, second = lease.task.responses
            answers = {
                "order": {first: 1, second: 2 - turn},
                "errors": {first: [{"start": 0, "end": 4 + turn, "category": "error"}], second: []},
                "why": {"overall": {"text": "The first is short." if turn else "The first is short and clear."}},
                "sheet": {key: {"short": "met" if key == first else "unmet"} for key in (first, second)},
            }
            queue.submit(task=lease.task, rater=lease.rater, answers=answers, submission=uuid.uuid4(), seconds=1)
    return project


METHODS = [("order", "plackett_luce"), ("errors", "token_votes"), ("why", "medoid"), ("sheet", "rater_effects")]


@pytest.mark.parametrize(("question", "method"), METHODS)
def test_values_are_stored_with_their_uncertainty(asked, question, method):
    (run,) = consensus.compute_consensus(project=asked, question=question, method=method)
    units = list(run.units.all())
    assert len(units) == (2 if question == "why" else 4)
    assert run.categories == []
    for unit in units:
        assert set(unit.probs) == {"value", "low", "high"}
        assert 0 < len(unit.winner) <= 40
        assert 0 <= unit.confidence <= 1
        assert unit.n_votes == 2
    assert consensus.compute_consensus(project=asked, question=question, method=method) == [run], "nothing has changed"
    described = selectors.describe_consensus(run)
    assert (described["mean_entropy"], described["gold"]["n"]) == (None, 0)
    value = next(unit.probs["value"] for unit in sorted(units, key=lambda unit: unit.subject))
    assert isinstance(value, {"why": dict, "errors": list}.get(question, float))


def test_every_question_is_offered_what_fits_it(world, asked):
    owner = world.client(world.owner)
    for question, method in METHODS:
        fitting, first = selectors.consensus_methods(asked, question)
        assert method in fitting
        assert first in fitting
        page = owner.get(reverse("agreement", args=[asked.pk]), {"question": question})
        shown = page.content.decode()
        assert aggregation.get(method).TITLE in shown
        assert ("Newman" in shown) == (question == "order")
        assert shown.count("try first") == 1
    assert selectors.consensus_methods(asked, "sheet")[1] == "majority", "four labels a rater tell no confusion matrix"
    consensus.compute_consensus(project=asked, question="why", method="medoid")
    assert "Medoid" in owner.get(reverse("agreement", args=[asked.pk]), {"question": "why"}).content.decode()


@pytest.mark.parametrize(
    ("question", "method", "said"), [("why", "majority", "verdict"), ("order", "token_votes", "marked")]
)
def test_a_method_that_does_not_fit_says_so(asked, question, method, said):
    with pytest.raises(JobError, match=said):
        consensus.compute_consensus(project=asked, question=question, method=method)


def test_the_api_gives_values_too(world, asked):
    (run,) = consensus.compute_consensus(project=asked, question="errors", method="token_votes")
    answer = world.client(world.owner).get(reverse("api-consensus-units", args=[asked.pk, run.pk]))
    values = [unit["probs"]["value"] for unit in answer.json()["results"]]
    assert [{"category": "error", "start": 0, "end": 4, "share": 1.0}] in values


def test_models_that_answered_bring_their_probability(world):
    """A judge's stored probability of a reaches CROWDLAB; people's votes have none."""
    answer_everything(world)
    project = world.project
    rater = Rater.objects.create(organisation=world.organisation, kind=Rater.Kind.LANGUAGE_MODEL, name="judge")
    for task in project.tasks.all():
        first, second = task.responses
        answers = {"preference": {"overall": {"chosen": first, "strength": 1}}}
        probs = {"preference": {"overall": {first: 0.8, second: 0.1, "tie": 0.1}}}
        Annotation.objects.create(
            task=task, rater=rater, form=project.form, submission=uuid.uuid4(), seconds=1, status="counted",
            submitted_at=timezone.now(), answers=answers, shown=[first, second], metadata={"probs": probs},
        )  # fmt: skip
    beliefs = candidates.beliefs_of(project, "preference")
    assert {name[3] for name in beliefs} == {"judge"}
    assert sorted({round(value, 6) for value in beliefs.values()}) == [0.15, 0.85]
    (run,) = consensus.compute_consensus(project=project, question="preference", method="crowdlab")
    assert set(run.notes["models"]) == {"judge"}
    assert run.units.count() == 6
