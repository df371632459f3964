"""Campaigns of human-AI curation and their rounds; the steps themselves are files (`curation.campaign.files`)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from curation.models.dataset import Dataset, DatasetVersion
from curation.models.judge import JudgeRun
from curation.models.pool import Pool


class Campaign(models.Model):
    """A pool or a dataset version on its way to a dataset whose labels people and models vouch for."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        WAITING = "waiting", "waiting for people"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    plan = models.TextField(help_text="YAML, as it was started with.")
    source_version = models.ForeignKey(
        DatasetVersion, models.RESTRICT, null=True, blank=True, related_name="campaigns_from"
    )
    source_pool = models.ForeignKey(Pool, models.RESTRICT, null=True, blank=True, related_name="campaigns")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="campaigns", help_text="What gets the version.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(max_length=200, blank=True, help_text="What is being done, or waited for.")
    error = models.TextField(blank=True)
    go_on = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Round in which nobody waits for the missing answers any longer."
    )
    purse = models.ForeignKey(
        JudgeRun, models.SET_NULL, null=True, blank=True, related_name="+", help_text="What pays for its requests."
    )
    figures = models.JSONField(default=dict, blank=True, help_text="Pairs by fate and reason, once it is done.")
    version = models.ForeignKey(DatasetVersion, models.SET_NULL, null=True, blank=True, related_name="campaigns")
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="campaign_name_once_a_project"),
            models.CheckConstraint(
                condition=Q(source_version=None, source_pool__isnull=False)
                | Q(source_pool=None, source_version__isnull=False),
                name="campaign_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "waiting", "done", "failed", "cancelled"]),
                name="campaign_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def source(self) -> Any:
        """The version or the pool that its pairs come from."""
        return self.source_version or self.source_pool

    @property
    def is_at_work(self) -> bool:
        """Whether a job has it; that of a campaign that waits is about to end."""
        return self._should_be_at_work and self.job is not None and self.job.is_live

    @property
    def is_stalled(self) -> bool:
        """Whether the job that should be at work on it was cancelled before it began, or given up."""
        return self._should_be_at_work and self.job is not None and not self.job.is_live

    @property
    def _should_be_at_work(self) -> bool:
        return self.state in (self.State.QUEUED, self.State.RUNNING)

    @property
    def folder(self) -> Any:
        """Where its steps are kept."""
        return settings.CAMPAIGNS_DIR / str(self.pk)

    @property
    def spent(self) -> float:
        """Money that models cost so far."""
        return self.purse.spent if self.purse else 0.0

    def external_id(self, row_id: str) -> str:
        """What the item is called that people see of a pair."""
        return f"campaign-{self.pk}-{row_id}"


class Round(models.Model):
    """One round of a campaign, 0 the seed: what was fetched and labelled, and how good its model is."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField()
    figures = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["campaign", "number"], name="round_once_a_campaign")]

    def __str__(self) -> str:
        return f"{self.campaign}, round {self.number}"
