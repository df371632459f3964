"""AI judges, their runs, every request that they paid for, and what could not be read as an answer.

Money is counted in billionths of the operator's currency, in whole numbers, so that sums are exact and a budget is
never passed by rounding.
"""

from typing import Any

from django.db import models
from django.db.models import Q

from annotate.access.models import User
from curation.pairs import content_hash

BILLION = 10**9


class Judge(models.Model):
    """One version of an AI judge: a method with its settings, instruction and model. Never changed: it is a rater."""

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="judges")
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    method = models.CharField(max_length=40, help_text="A file of curation/judges.")
    endpoint = models.CharField(max_length=80, blank=True, help_text="Name in the operator's file of model servers.")
    prompt = models.TextField(blank=True, max_length=20_000)
    settings = models.JSONField(default=dict, blank=True)
    note = models.CharField(max_length=300, blank=True, help_text="Why this version was made.")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="children")
    rater = models.OneToOneField("annotate.Rater", models.CASCADE, related_name="judge")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name", "version"], name="judge_version_once_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A version of a judge is never changed; make another.")
        super().save(*args, **kwargs)

    @property
    def prompt_hash(self) -> str:
        """Names the method with its instruction and settings: what the judge asks, whichever model answers."""
        return content_hash([self.method, self.prompt, self.settings])


class JudgeRun(models.Model):
    """A judge at work on a project's tasks, within a budget."""

    class End(models.TextChoices):
        FINISHED = "finished", "everything was asked"
        BUDGET = "budget", "the budget is spent"
        SERVER = "server", "the server is gone"
        SET_UP = "set_up", "the judge cannot work as it is set up"
        CANCELLED = "cancelled", "it was stopped"
        ERROR = "error", "something broke"

    judge = models.ForeignKey(Judge, models.CASCADE, related_name="runs")
    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="judge_runs")
    question = models.CharField(max_length=40, blank=True, help_text="Blank: all that the judge can answer.")
    most_tasks = models.PositiveIntegerField(null=True, blank=True)
    only_gold = models.BooleanField(default=False, help_text="Only tasks of items with a released outcome.")
    tasks = models.JSONField(default=list, blank=True, help_text="Only these tasks; none: all.")
    in_batches = models.BooleanField(default=False)
    seed = models.IntegerField(default=0)
    budget_billionths = models.BigIntegerField(default=0)
    budget_tokens = models.BigIntegerField(null=True, blank=True, help_text="Input and output; none: no limit.")
    spent_billionths = models.BigIntegerField(default=0, help_text="What is reserved for requests under way included.")
    spent_tokens = models.BigIntegerField(default=0)
    counts = models.JSONField(
        default=dict, blank=True, help_text="Tasks, and how many were answered, unparsed, failed."
    )
    end = models.CharField(max_length=10, choices=End.choices, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="What ended it, in words.")
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(budget_billionths__gte=0, spent_billionths__gte=0, spent_tokens__gte=0),
                name="judge_run_money_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.judge} on {self.project}"

    @property
    def budget(self) -> float:
        return self.budget_billionths / BILLION

    @property
    def spent(self) -> float:
        return self.spent_billionths / BILLION


class JudgeCall(models.Model):
    """One request to a model: reserved before it is sent, so that whatever happens to it is paid for.

    A reservation counts at the most that the request can cost. An answer is kept for whoever in the organisation asks
    the same again.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", "sent, or about to be"
        ANSWERED = "answered", "answered, at its true cost"
        FAILED = "failed", "no answer, but it may have been charged"
        LOST = "lost", "nobody knows what became of it; it may have been charged"

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="judge_calls")
    run = models.ForeignKey(JudgeRun, models.SET_NULL, null=True, related_name="calls")
    request_hash = models.CharField(max_length=64)
    endpoint = models.CharField(max_length=80)
    model = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RESERVED)
    batch = models.CharField(max_length=100, blank=True, help_text="The provider's id of the batch that it is in.")
    texts = models.JSONField(default=list, blank=True)
    first_tokens = models.JSONField(default=list, blank=True)
    input_tokens = models.BigIntegerField()
    output_tokens = models.BigIntegerField()
    cost_billionths = models.BigIntegerField()
    seconds = models.FloatField(default=0.0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # What makes two processes that ask the same at the same moment pay once.
            models.UniqueConstraint(
                fields=["organisation", "request_hash"],
                condition=Q(state__in=["reserved", "answered"]),
                name="judge_call_paid_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "answered", "failed", "lost"]), name="judge_call_state_known"
            ),
        ]
        indexes = [models.Index(fields=["run", "state"])]

    def __str__(self) -> str:
        return f"{self.request_hash[:12]} ({self.state})"

    @property
    def cost(self) -> float:
        return self.cost_billionths / BILLION

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class Refusal(models.Model):
    """A question that a judge was asked without giving an answer; what it said is kept as it came, never guessed."""

    class Kind(models.TextChoices):
        UNPARSED = "unparsed", "said something that is no answer"
        FAILED = "failed", "the server gave nothing"

    run = models.ForeignKey(JudgeRun, models.CASCADE, related_name="refusals")
    judge = models.ForeignKey(Judge, models.CASCADE, related_name="refusals")
    task = models.ForeignKey("annotate.Task", models.CASCADE, related_name="refusals")
    question = models.CharField(max_length=40)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.UNPARSED)
    reason = models.CharField(max_length=500)
    samples = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "task", "question"], name="refusal_once_a_question"),
        ]

    def __str__(self) -> str:
        return f"{self.judge} on task {self.task_id}: {self.reason}"[:120]
