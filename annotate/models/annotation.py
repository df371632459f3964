"""Leases, drafts and answers."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Lease(models.Model):
    """One rater's hold on one task, and what exactly they were asked: which form, in which order shown.

    Kept after it ended, as the proof that the rater was asked.
    """

    class End(models.TextChoices):
        ANSWERED = "answered"
        EXPIRED = "expired"
        RETURNED = "returned"

    task = models.ForeignKey("annotate.Task", models.CASCADE, related_name="leases")
    rater = models.ForeignKey("annotate.Rater", models.CASCADE, related_name="leases")
    form = models.ForeignKey("annotate.Form", models.RESTRICT, related_name="leases")
    shown = models.JSONField(help_text="Response keys in the order shown.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    end = models.CharField(max_length=8, choices=End.choices, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "rater"], condition=Q(end=""), name="one_live_lease_a_rater"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(end=""), name="lease_expiry")]

    def __str__(self) -> str:
        return f"lease of task {self.task_id} by {self.rater_id}"


class Annotation(models.Model):
    """One rater's answers to one task. Never overwritten: a change is a new row that supersedes the old."""

    class Status(models.TextChoices):
        COUNTED = "counted", "counted towards the overlap"
        LATE = "late", "given after the lease ran out; kept, not counted"
        UNASKED = "unasked", "from a model, beside the overlap"

    task = models.ForeignKey("annotate.Task", models.CASCADE, related_name="annotations")
    rater = models.ForeignKey("annotate.Rater", models.CASCADE, related_name="annotations")
    form = models.ForeignKey("annotate.Form", models.RESTRICT, related_name="annotations")
    answers = models.JSONField(help_text="Answer by question name.")
    shown = models.JSONField(default=list, blank=True, help_text="Response keys in the order shown.")
    seconds = models.FloatField(null=True, blank=True, help_text="Active time, as the page measured it.")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.COUNTED)
    submission = models.UUIDField(
        unique=True, default=uuid.uuid4, help_text="Made by the client: sent twice, counts once."
    )
    revision = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField("self", models.CASCADE, null=True, blank=True, related_name="superseded_by")
    is_current = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict, blank=True, help_text="Where it came from: model, prompt hash, scores.")
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "rater"], condition=Q(is_current=True), name="one_current_annotation_a_rater"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["counted", "late", "unasked"]), name="annotation_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["rater", "-submitted_at"]),
            models.Index(fields=["task"], condition=Q(status="late", is_current=True), name="annotation_late"),
        ]

    def __str__(self) -> str:
        return f"annotation {self.pk} of task {self.task_id}"


class Draft(models.Model):
    """Unsent answers, so that nothing typed is lost."""

    task = models.ForeignKey("annotate.Task", models.CASCADE, related_name="drafts")
    rater = models.ForeignKey("annotate.Rater", models.CASCADE, related_name="drafts")
    answers = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "rater"], name="one_draft_a_rater")]

    def __str__(self) -> str:
        return f"draft of task {self.task_id}"


class Skip(models.Model):
    """A task that a rater would not answer, and why; it is not offered to them again."""

    task = models.ForeignKey("annotate.Task", models.CASCADE, related_name="skips")
    rater = models.ForeignKey("annotate.Rater", models.CASCADE, related_name="skips")
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "rater"], name="one_skip_a_rater")]

    def __str__(self) -> str:
        return f"skip of task {self.task_id}: {self.reason}"


class Flag(models.Model):
    """A rater's note that something is wrong with a task."""

    task = models.ForeignKey("annotate.Task", models.CASCADE, related_name="flags")
    rater = models.ForeignKey("annotate.Rater", models.CASCADE, related_name="flags")
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["task"], condition=Q(resolved_at=None), name="flag_open")]

    def __str__(self) -> str:
        return f"flag on task {self.task_id}: {self.reason}"
