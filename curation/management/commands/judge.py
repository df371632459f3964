"""Let an AI judge answer a project's tasks, here and now; made at first need, and within a budget."""

from typing import Any

import yaml
from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation.judging import services
from curation.models import Judge, JudgeRun


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("judge", help="name of a judge, whose newest version works; or of a new one with --method")
        parser.add_argument(
            "--method", help="make the judge, or a new version of it, by this method of curation/judges"
        )
        parser.add_argument("--endpoint", default="", help="the model that a new judge asks, from MODEL_SERVERS")
        parser.add_argument("--with", default="{}", help="of a new judge, in YAML, e.g. '{samples: 4}'")
        parser.add_argument("--question", default="", help="only this question; all that it can answer otherwise")
        parser.add_argument("--budget", default="0", help="money that may be spent; 0 where the model costs nothing")
        parser.add_argument("--tokens", type=int, help="tokens that may be used")
        parser.add_argument("--most", type=int, help="at most so many tasks")
        parser.add_argument("--only-gold", action="store_true", help="only tasks with a known outcome")
        parser.add_argument("--resume", action="store_true", help="go on with the judge's last run in this project")

    def work(self, *, project: str, judge: str, method: str | None, endpoint: str, **options: Any) -> dict[str, Any]:
        found = find_project(project)
        if method:
            chosen = services.create_judge(
                organisation=found.organisation,
                name=judge,
                method=method,
                endpoint=endpoint,
                settings=given(options["with"]),
            )
        else:
            chosen = find_judge(found.organisation_id, judge)
        run = last_run(chosen, found.pk) if options["resume"] else None
        if run is None:
            run = services.make_run(
                judge=chosen,
                project=found,
                question=options["question"],
                budget=options["budget"],
                budget_tokens=options["tokens"],
                most_tasks=options["most"],
                only_gold=options["only_gold"],
            )
        run = services.run_judge(run=run, progress=self.progress)
        return {"run": run.pk, "end": run.end, "reason": run.reason, "spent": run.spent, **run.counts}


def given(text: str) -> dict[str, Any]:
    """Settings from YAML; ValueError if it is none."""
    try:
        found = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"--with is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise ValueError("--with takes names with values, such as '{samples: 4}'.")
    return found


def find_judge(organisation: int, name: str) -> Judge:
    """The newest version of a judge; LookupError names those that there are."""
    mine = Judge.objects.filter(organisation=organisation)
    found = mine.filter(name=name).order_by("-version").first()
    if found is None:
        known = ", ".join(sorted(set(mine.values_list("name", flat=True)))) or "none yet"
        raise LookupError(f"There is no judge {name!r}. There are: {known}. --method makes one.")
    return found


def last_run(judge: Judge, project: int) -> JudgeRun | None:
    return JudgeRun.objects.filter(judge=judge, project=project).order_by("-pk").first()
