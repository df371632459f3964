"""Judges, their versions and runs, against a scripted server."""

import pytest

from annotate.models import Annotation
from curation.candidates import pair_table
from curation.judging import services
from curation.models import JudgeCall
from tests.curation.judging.conftest import chooses
from tests.judge_server import JudgeServer

pytestmark = pytest.mark.django_db


def test_a_run_answers_every_task_as_one_more_rater(world, endpoint_file, start):
    with JudgeServer(
        lambda call: chooses(call, 0 if "first" in call.text.split("response_1")[-1][:60] else 1)
    ) as server:
        endpoint_file(server)
        run = services.run_judge(run=start())
    assert (run.end, run.counts["answered"]) == ("finished", 6)
    rows = list(Annotation.objects.filter(rater=run.judge.rater))
    assert {row.status for row in rows} == {"unasked"}
    metadata = rows[0].metadata
    assert (metadata["judge"], metadata["version"], metadata["endpoint"], metadata["model"]) == (
        "tester", 1, "scripted", "m",
    )  # fmt: skip
    assert len(metadata["samples"]) == 2, "both orders"
    assert {sample["call"] for sample in metadata["samples"]} <= set(
        JudgeCall.objects.values_list("request_hash", flat=True)
    )
    assert run.spent == pytest.approx(server.bill.cost(1, 3))
    assert run.spent_tokens == server.bill.input_tokens + server.bill.output_tokens
    assert sum(row.metadata["cost"] for row in rows) == pytest.approx(run.spent)
    (vote,) = pair_table(world.project, question="preference").to_pylist()[0]["votes"]
    assert vote["kind"] == "language_model"
    assert vote["p_a"] is not None
