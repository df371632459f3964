"""Cascades over the database: studied for every promise, and made the order in which people are asked."""

import pytest

from annotate import queue
from annotate.jobs.registry import JobError
from annotate.models import Task
from curation import candidates, pipeline
from curation.judging import planning
from curation.models import CascadeStudy
from tests.judged import CHEAP, DEAR, judged

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(world):
    judged(world)
    return planning.study(project=world.project, question="preference", people_cost=2.0)


def test_every_promise_is_planned(study):
    assert study.judges == [CHEAP, DEAR], "from cheap to dear"
    figures = study.figures
    assert (figures["pairs"], figures["known"], figures["prompts"]) == (120, 80, 80)
    assert [plan["promise"] for plan in figures["plans"]] == list(planning.PROMISES)
    holding = [plan["holds"] for plan in figures["plans"]]
    assert holding[20], "80 % can be promised of a judge that is never wrong"
    assert not holding[-1], "with 60 labels 99 % cannot"
    for plan in figures["plans"]:
        assert sum(plan["shares"]) == pytest.approx(1)
        assert plan["to_ask"] <= plan["to_people"] <= 120
        rows = planning.for_people(study, plan["promise"])
        assert len(rows) == plan["to_ask"], "the stored pairs say the same as the stored figures"


def test_a_dataset_takes_what_the_plan_promises_and_leaves_the_rest_to_people(world, study):
    study = planning.study(project=world.project, question="preference", judges=[CHEAP])
    promise = max(plan["promise"] for plan in study.figures["plans"] if plan["holds"])
    stage = planning.stage_of(study, promise)
    table = candidates.pair_table(world.project, question="preference", dimension="")
    wanted = pipeline.from_dict({"consensus": {"method": "none"}, "stages": [stage], "split": {"by": "none"}})
    result = pipeline.run(table, wanted)
    decided = [row for row in result.trace.to_pylist() if row["filter"] == "cascade"]
    nobody = sum(not any(vote["kind"] == "person" for vote in votes) for votes in table["votes"].to_pylist())
    reviewed = sum(row["reason"] == "for_people" for row in decided)
    assert nobody > reviewed == len(planning.for_people(study, promise)) > 0
    assert sum(row["reason"] == "judge_sure" for row in decided) == nobody - reviewed
    assert planning.stage_of(study, 0.99) == {}, "nothing is promised, so nothing is taken"


def test_one_judge_may_be_chosen_and_a_wrong_one_is_told(world, study):
    alone = planning.study(project=world.project, question="preference", judges=[CHEAP])
    assert alone.judges == [CHEAP]
    assert CascadeStudy.objects.count() == 1, "what no plan was made of is replaced"
    assert alone.path.is_file()
    assert not study.path.exists()
    with pytest.raises(JobError, match="magic has not answered"):
        planning.study(project=world.project, question="preference", judges=["magic"])


def test_the_plan_puts_those_tasks_first_that_judges_are_least_sure_of(world, study):
    waiting = planning.for_people(study, 0.99)
    assert len(waiting) == 40
    first = planning.apply(found=study, promise=0.99, budget=21, by=world.owner)
    assert first == 10, "two people a task, and a budget of 21 answers"
    top = list(Task.objects.filter(priority__gt=0).order_by("-priority").values_list("item__external_id", flat=True))
    assert top == [row["item"] for row in waiting[:10]]
    lease = queue.lease_next(project=world.project, rater=world.rater(world.members["annotator"]))
    assert lease.task.item.external_id == top[0]
    study.refresh_from_db()
    assert study.applied | {"promise": 0.99, "budget": 21, "answers": 20, "by": str(world.owner)} == study.applied


def test_a_new_plan_takes_the_place_of_the_old_one(world, study):
    planning.apply(found=study, promise=0.99, budget=1000, by=world.owner)
    assert Task.objects.filter(priority__gt=0).count() == 40
    newer = planning.study(project=world.project, question="preference", judges=[DEAR])
    assert CascadeStudy.objects.count() == 2, "a study that a plan was made of stays"
    planning.apply(found=newer, promise=0.99, budget=4, by=world.owner)
    assert Task.objects.filter(priority__gt=0).count() == 2
    study.refresh_from_db()
    assert study.applied == {}
