"""Start a campaign on a dataset version or a pool, or take one further; goes as far as it gets without people."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotate.commands import JobCommand, find_project, project_argument
from curation import selectors
from curation.campaigning import services
from curation.models import Campaign


class Command(JobCommand):
    help = __doc__

    def add_own_arguments(self, parser: CommandParser) -> None:
        project_argument(parser)
        parser.add_argument("plan", type=Path, nargs="?", help="YAML file; without one, --resume goes on")
        parser.add_argument("--from-version", default="", help="hash of a version, its beginning suffices")
        parser.add_argument("--pool", default="", help="name of a pool")
        parser.add_argument("--dataset", default="", help="dataset that gets the version; default: the plan's name")
        parser.add_argument("--resume", default="", metavar="NAME", help="a campaign that waits or failed")
        parser.add_argument("--without-answers", action="store_true", help="wait no longer for people in this round")

    def work(
        self,
        *,
        project: str,
        plan: Path | None,
        from_version: str,
        pool: str,
        dataset: str,
        resume: str,
        without_answers: bool,
        **options: Any,
    ) -> dict[str, Any]:
        found = find_project(project)
        if bool(plan) == bool(resume):
            raise LookupError("Give the file of a plan, or --resume with the name of a campaign.")
        if resume:
            campaign = found.campaigns.filter(name=resume).first()
            if campaign is None:
                known = ", ".join(found.campaigns.values_list("name", flat=True)) or "none"
                raise LookupError(f"There is no campaign {resume!r}. Those that exist: {known}.")
            if without_answers:
                services.give_up_answers(campaign=campaign)
        else:
            source: dict[str, Any] = {}
            if from_version:
                source["version"] = selectors.find_version(from_version)
            if pool:
                source["pool"] = found.pools.filter(name=pool).first()
                if source["pool"] is None:
                    raise LookupError(f"There is no pool {pool!r}.")
            text = plan.read_text(encoding="utf-8")
            campaign = services.start(project=found, plan=text, dataset=dataset, begin=False, **source)
        services.step(campaign=services.idle(campaign), progress=self.progress)
        campaign = Campaign.objects.get(pk=campaign.pk)
        return {
            "campaign": campaign.name,
            "state": campaign.state,
            "stage": campaign.stage,
            "spent": campaign.spent,
            "version": str(campaign.version or ""),
            **campaign.figures,
        }
