"""Long work: one row a job, and the row is the truth; the broker only carries its id."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from annotate.jobs.registry import HANDLERS


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(models.Model):
    """One long piece of work with progress, heartbeat, cancel and resume.

    ``attempts`` is also a fence: a worker that lost its job (its heartbeat stopped, the reaper gave
    the job to another) can no longer write to the row. An orderly interruption does not count.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="jobs")
    project = models.ForeignKey("annotate.Project", models.CASCADE, null=True, blank=True, related_name="jobs")
    handler = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    params = models.JSONField(default=dict, blank=True)
    queue = models.CharField(max_length=20, default="default")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True)
    message = models.CharField(max_length=300, blank=True)
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["state", "heartbeat_at"])]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="job_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"

    @property
    def is_live(self) -> bool:
        return self.state in {State.QUEUED, State.RUNNING}

    @property
    def warning(self) -> str:
        """What people should know of a job that is done but did not do what it was for, else ""."""
        handler = HANDLERS.get(self.handler)
        return handler.warning(self) if handler is not None and self.state == State.DONE else ""

    @property
    def percent(self) -> float | None:
        """Progress in [0, 100], or None where the total is not known."""
        if self.state == State.DONE:
            return 100.0
        return min(100.0, 100 * self.done / self.total) if self.total else None
