"""Reads of campaigns: what they wait for, and what their pages show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Sum

from annotate.models import Project, Task
from curation.campaign import stopping
from curation.campaign.fates import FATES, REASONS
from curation.models import Campaign, DatasetVersion, Round


def of_project(project: Project) -> QuerySet[Campaign]:
    """The campaigns of a project, the newest first."""
    return project.campaigns.select_related("dataset", "version", "source_version__dataset", "source_pool", "purse")


@dataclass(frozen=True)
class Choice:
    """What a campaign may begin with: a version or a pool."""

    kind: str
    row: Any
    rows: int

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.row.pk}"

    @property
    def title(self) -> str:
        return f"{self.kind.title()}: {self.row}, {self.rows:,} pairs"

    def as_argument(self) -> dict[str, Any]:
        """As `services.start` takes it."""
        return {self.kind: self.row}


def sources(project: Project) -> list[Choice]:
    """Pools, then versions, the newest first."""
    pools = project.pools.annotate(held=Sum("shards__rows")).filter(held__gt=0)
    versions = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset").order_by("-pk")
    return [
        *(Choice("pool", pool, pool.held) for pool in pools),
        *(Choice("version", version, sum(version.manifest["rows"].values())) for version in versions),
    ]


def open_tasks(campaign: Campaign) -> QuerySet[Task]:
    """Its pairs that people have still to answer."""
    own = campaign.project.tasks.filter(item__external_id__startswith=campaign.external_id(""))
    return own.filter(answered__lt=F("overlap"))


def unanswered(campaign: Campaign) -> int:
    """How many of its pairs people have still to answer; of rounds that nobody waits for any longer, none."""
    waits = campaign.rounds.order_by("-number").first()
    return open_tasks(campaign).filter(item__metadata__round=waits.number).count() if waits else 0


def funnel(campaign: Campaign) -> list[dict[str, Any]]:
    """The stages of its version, as the waterfall takes them; nothing before it is done."""
    return list(campaign.version.manifest["stages"]) if campaign.version else []


def fates(campaign: Campaign) -> list[dict[str, Any]]:
    """How many pairs ended how; nothing before it is done."""
    counts = campaign.figures.get("fates", {})
    return [{"fate": fate, "text": FATES[fate], "rows": rows} for fate, rows in counts.items() if fate in FATES]


def reasons(campaign: Campaign) -> list[dict[str, Any]]:
    """Why pairs ended as they did."""
    counts = campaign.figures.get("reasons", {})
    return [{"reason": name, "text": REASONS[name], "rows": rows} for name, rows in counts.items() if name in REASONS]


def is_weak(rounds: Sequence[Round]) -> bool:
    """Whether the newest model is not shown to be better than a coin on the pairs that were drawn by lot."""
    tried = [row.figures["accuracy"]["low"] for row in rounds if "accuracy" in row.figures]
    return bool(tried) and tried[-1] <= 0.5


def stopped(campaign: Campaign) -> str:
    """Why its rounds ended, in words."""
    return stopping.REASONS.get(campaign.figures.get("stopped", ""), "") if campaign.figures else ""
