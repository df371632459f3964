"""Choose which pairs people are asked next, and put them at the front of the queue; or with --preview only look."""

import json
from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import selection, selectors
from curation.asking import answers, services
from curation.asking.services import Wanted


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("--strategy", default="suspicion", help=f"one of: {', '.join(selection.names())}")
        parser.add_argument("--source", default="answered", choices=["waiting", "answered", "version"])
        parser.add_argument("--version-hash", default="", help="beginning of a dataset version's hash")
        parser.add_argument("--question", default="", help="default: the first that compares responses")
        parser.add_argument("--dimension", default="")
        parser.add_argument("--size", type=int, default=100, help="how many pairs")
        parser.add_argument("--random-share", type=float, default=0.1, help="share drawn by lot, for unbiased figures")
        parser.add_argument("--settings-json", default="{}", help="settings of the strategy")
        parser.add_argument("--reward-model", action="append", default=[], help="number of one; may be given again")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--preview", action="store_true", help="write nothing")

    def work(self, *, project: str, preview: bool, **options: Any) -> dict[str, Any]:
        found = find_project(project)
        if options["size"] < 1 or not 0 <= options["random_share"] <= 1:
            raise ValueError("The size is 1 or more, and the random share between 0 and 1.")
        version = selectors.find_version(options["version_hash"]) if options["version_hash"] else None
        wanted = Wanted(
            **{name: options[name] for name in ("strategy", "source", "question", "dimension", "size", "seed")},
            random_share=options["random_share"],
            settings=json.loads(options["settings_json"]),
            version=version.pk if version else None,
            reward_models=tuple(options["reward_model"]),
        )
        if preview:
            return services.preview(services.plan(project=found, wanted=wanted, progress=self.progress))
        made = services.select(project=found, wanted=wanted, progress=self.progress)
        return {"selection": made.pk, "size": made.size, **answers.summary(answers.of(made))}
