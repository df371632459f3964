# ruff: noqa: E402 - Django is set up first
"""A judge's run in a process of its own, to be killed: ``start`` makes a world in DATA_DIR and runs,
``resume`` goes on.

Prints one JSON object when the run ends.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command

from annotate import services as annotate_services
from annotate.access.services import create_organisation
from curation.judging import services
from curation.models import JudgeRun

TASKS = 20
QUESTION = {"name": "preference", "kind": "pairwise", "title": "Which?"}


def start() -> JudgeRun:
    call_command("migrate", verbosity=0)
    organisation = create_organisation(name="killed")
    project = annotate_services.create_project(organisation=organisation, name="killed", questions=[QUESTION])
    pair = (annotate_services.NewResponse(text="one"), annotate_services.NewResponse(text="two"))
    items = [
        annotate_services.NewItem(str(n), [{"role": "user", "content": f"Question {n}?"}], pair) for n in range(TASKS)
    ]
    annotate_services.add_items(project=project, items=items)
    judge = services.create_judge(
        organisation=organisation, name="tester", method="pairwise", endpoint="scripted", settings={"max_tokens": 64}
    )
    return services.start_run(judge=judge, project=project, budget=1)


def main(what: str) -> None:
    if what == "start":
        start()
    run = JudgeRun.objects.select_related("judge__organisation", "judge__rater", "project__organisation").get()
    run = services.run_judge(run=run)
    counts = {"answered": run.counts["answered"], "lost": run.calls.filter(state="lost").count()}
    print(json.dumps({"end": run.end, "spent": run.spent, "budget": run.budget, **counts}))


if __name__ == "__main__":
    main(sys.argv[1])
