"""From a wish to tasks at the front of the queue, and from people's answers back to what they say of the labels."""

import uuid

import numpy as np
import pytest

from annotate import queue
from annotate.access.models import Role
from annotate.jobs.registry import JobError
from annotate.models import Annotation, Item, Task
from curation import ports
from curation import selection as strategies
from curation.asking import answers, evidence, services, sources
from curation.asking.services import Wanted
from curation.models import Dataset, Selection
from curation.ports import Models
from curation.services import curate
from tests.curation.asking.conftest import embed, fit, score

pytestmark = pytest.mark.django_db

DOUBTS = """\
consensus: {method: majority, question: preference}
stages:
  - filter: consensus_threshold
    min_probability: 0.99
    action: review
split: {by: prompt, fractions: {train: 1.0, validation: 0.0, test: 0.0}}
"""


def say(world, entry, outcome, user=None):
    """Somebody's new answer to an entry's task: ``outcome`` is a, b or tie, seen from the entry."""
    rater = world.rater(user or world.members[Role.REVIEWER])
    queue.take(task=entry.task, rater=rater)
    chosen = {"a": entry.key_a, "b": entry.key_b}.get(outcome, outcome)
    verdict = {"chosen": chosen, "strength": int(outcome in "ab")}
    return queue.submit(
        task=entry.task, rater=rater, answers={"preference": {"overall": verdict}}, submission=uuid.uuid4()
    )


@pytest.mark.parametrize("strategy", strategies.names())
def test_every_strategy_asks_about_labelled_pairs(answered, strategy):
    Item.objects.filter(project=answered.project).update(gold="")
    made = services.select(project=answered.project, wanted=Wanted(strategy, size=4, random_share=0.25))
    entries = list(made.entries.select_related("task"))
    assert [entry.place for entry in entries] == [0, 1, 2, 3]
    assert [entry.slice for entry in entries].count("random") == 1
    assert all(entry.label is not None for entry in entries)
    priorities = [entry.task.priority for entry in entries]
    assert priorities == [4, 3, 2, 1]
    assert all(entry.task.overlap == entry.task.taken + 1 for entry in entries), "each is open for one more"
    assert set(made.entries.filter(slice="chosen").values_list("reason", flat=True)) <= set(
        strategies.get(strategy).REASONS
    )


def test_the_queue_hands_out_a_batch_first_and_in_its_order(answered):
    made = services.select(project=answered.project, wanted=Wanted("random", size=3))
    rater = answered.rater(answered.members[Role.REVIEWER])
    for entry in made.entries.all():
        lease = queue.lease_next(project=answered.project, rater=rater)
        assert lease.task_id == entry.task_id
        say(answered, entry, "a")


def test_nothing_is_asked_twice(answered):
    first = services.select(project=answered.project, wanted=Wanted("random", size=4))
    second = services.select(project=answered.project, wanted=Wanted("suspicion", size=4))
    rows = [*first.entries.values_list("row_id", flat=True), *second.entries.values_list("row_id", flat=True)]
    assert len(rows) == len(set(rows)) == second.evidence["open"] + 4
    with pytest.raises(JobError, match="asked about already"):
        services.plan(project=answered.project, wanted=Wanted("random"))


def test_a_job_that_starts_again_makes_its_batch_once(answered):
    from tests.curated import job

    own = job(answered, "select")
    first = services.select(project=answered.project, wanted=Wanted("random", size=2), job=own)
    assert services.select(project=answered.project, wanted=Wanted("random", size=2), job=own) == first
    assert Selection.objects.count() == 1


def test_waiting_tasks_are_asked_in_the_order_of_what_they_teach(world, models):
    made = services.select(project=world.project, wanted=Wanted("margin", source="waiting", size=3, random_share=0))
    table = sources.find(world.project, "waiting", question="preference").table
    lead = {row["row_id"]: abs(len(row["response_a"]) - len(row["response_b"])) for row in table.to_pylist()}
    found = [lead[row] for row in made.entries.values_list("row_id", flat=True)]
    assert found == sorted(lead.values())[:3]
    assert set(made.entries.values_list("label", flat=True)) == {None}
    assert not Task.objects.filter(selection_entries__selection=made, expected__isnull=False).exists()
    with pytest.raises(JobError, match="no pairs that have a label"):
        services.plan(project=world.project, wanted=Wanted("random"))


def test_labels_are_judged_by_members_that_did_not_learn_from_them(answered):
    learned = []

    def watching(train, others, settings):
        learned.append((set(train["row_id"].to_pylist()), set(others["row_id"].to_pylist())))
        return fit(train, others, settings)

    found = sources.find(answered.project, "answered", question="preference")
    margins = evidence.fitted(found, Models(fit=watching), seed=1)
    assert margins.shape == (evidence.MEMBERS, found.table.num_rows)
    assert np.isfinite(margins).all()
    assert len(learned) > 1
    assert all(train.isdisjoint(others) for train, others in learned)


def test_evidence_by_reward_models(answered):
    found = sources.find(answered.project, "answered", question="preference")
    models = Models(score=score, embed=embed)
    known = evidence.gather(answered.project, found, ("reward_MN2", "margin_MN"), models, reward_models=("1", "2"))
    assert known.reward_MN2.shape == (2, found.table.num_rows, 2)
    np.testing.assert_allclose(known.margin_MN[0], -known.margin_MN[1])
    assert known.feature_N2D is None


def test_without_a_trainer_it_is_said(answered, monkeypatch):
    monkeypatch.setattr(ports, "_models_of", lambda organisation: Models())
    with pytest.raises(JobError, match="No trainer"):
        services.plan(project=answered.project, wanted=Wanted("bald"))


def test_the_doubts_of_a_version(answered):
    dataset = Dataset.objects.create(project=answered.project, name="main")
    version = curate(dataset=dataset, pipeline_yaml=DOUBTS)
    doubted = version.manifest["review"]
    assert doubted
    wanted = Wanted("suspicion", source="version", version=version.pk, size=50, random_share=0)
    made = services.select(project=answered.project, wanted=wanted)
    assert made.version == version
    assert made.size == doubted
    assert set(made.entries.values_list("filter", "reason")) == {("consensus_threshold", "low_probability")}
    assert all(0 < score <= 1 for score in made.entries.values_list("score", flat=True))
    with pytest.raises(JobError, match="no such dataset version"):
        services.plan(project=answered.project, wanted=Wanted("random", source="version", version=10**6))
    with pytest.raises(JobError, match="Name the dataset version"):
        services.plan(project=answered.project, wanted=Wanted("random", source="version"))


def test_answers_are_matched_back_and_only_those_that_came_after(answered):
    made = services.select(project=answered.project, wanted=Wanted("random", size=4, random_share=0.5))
    assert answers.summary(answers.of(made))["answered"] == 0, "what the labels are made of does not count"
    for entry in made.entries.all():
        right = "a" if entry.label > 0.5 else "b" if entry.label < 0.5 else "tie"
        wrong = {"a": "b", "b": "a", "tie": "a"}[right]
        say(answered, entry, right if entry.slice == "chosen" else wrong)
    summary = answers.summary(answers.of(made))
    assert (summary["asked"], summary["answered"]) == (4, 4)
    assert summary["slices"]["chosen"]["wrong"]["value"] == 0
    random = summary["slices"]["random"]["wrong"]
    assert random["n"] == 2
    assert random["value"] >= 0.5
    assert random["low"] < random["value"] <= random["high"]


def test_models_and_late_answers_do_not_count_as_people(answered):
    made = services.select(project=answered.project, wanted=Wanted("random", size=1))
    entry = made.entries.get()
    annotation = say(answered, entry, "a")
    Annotation.objects.filter(pk=annotation.pk).update(status="late")
    assert answers.of(made)[0].outcomes == ()
    Annotation.objects.filter(pk=annotation.pk).update(status="counted")
    assert answers.of(made)[0].outcomes == ("a",)
    annotation.rater.kind = "language_model"
    annotation.rater.save()
    assert answers.of(made)[0].outcomes == ()


def test_what_people_agree_on_becomes_gold_and_released_gold_stays(answered):
    Item.objects.filter(project=answered.project).update(gold="")
    made = services.select(project=answered.project, wanted=Wanted("random", size=4))
    first, second, _, fourth = made.entries.select_related("task__item")
    Item.objects.filter(pk=fourth.task.item_id).update(gold="tie")
    say(answered, first, "b")
    say(answered, second, "a")
    say(answered, second, "b", answered.owner)
    say(answered, fourth, "a")
    assert services.keep_gold(selection=made, by=answered.owner) == 1
    gold = {entry.place: entry.task.item.gold for entry in made.entries.select_related("task__item")}
    order = [response.key for response in first.task.item.responses.all()]
    assert gold[0] == ("b" if first.key_a == order[0] else "a")
    assert (gold[1], gold[2], gold[3]) == ("", "", "tie")
    assert services.keep_gold(selection=made) == 0


def test_what_was_verified_leads_to_more_like_it(answered):
    Item.objects.filter(project=answered.project).update(gold="")
    made = services.select(project=answered.project, wanted=Wanted("random", size=2, random_share=0))
    for entry in made.entries.all():
        say(answered, entry, "a")
    found = sources.find(answered.project, "answered", question="preference")
    known = evidence.gather(answered.project, found, (), Models())
    assert np.flatnonzero(known.asked_N).tolist() == np.flatnonzero(np.isfinite(known.verified_N)).tolist()
    assert known.asked_N.sum() == 2
    assert set(known.verified_N[known.asked_N].tolist()) == {1.0}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Wanted("magic"), "infomax"),
        (Wanted("random", settings={"no": 1}), "no"),
        (Wanted("random", question="colour"), "preference"),
    ],
)
def test_a_wish_that_is_wrong_is_told(answered, wanted, message):
    with pytest.raises(JobError, match=message):
        services.plan(project=answered.project, wanted=wanted)


def test_a_preview_writes_nothing(answered):
    plan = services.plan(project=answered.project, wanted=Wanted("suspicion", size=3))
    shown = services.preview(plan)
    assert len(shown["rows"]) == 3
    assert shown["rows"][0].keys() >= {"prompt", "a", "b", "label", "slice", "score", "reason"}
    assert not Selection.objects.exists()
    assert not Task.objects.exclude(priority=0).exists()
