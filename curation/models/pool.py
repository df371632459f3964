"""Pools of pairs that nobody has verified yet: Parquet shards in a storage, and what pipelines did with them."""

from django.conf import settings
from django.db import models

from curation.models.dataset import Dataset, DatasetVersion


class Pool(models.Model):
    """Pairs in Parquet shards, of any size; only what people are to see becomes items of the project."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="pools")
    name = models.CharField(max_length=120)
    question = models.CharField(max_length=40, default="preference", help_text="Question that its labels answer.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="pool_name_once_a_project")]

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> str:
        """Where its files lie in the storage."""
        return f"pool-{self.pk}"


class PoolShard(models.Model):
    """One Parquet file of `curation.pairs.SCHEMA`, its rows in the order of their ids; never changed."""

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="shards")
    number = models.PositiveIntegerField()
    file = models.CharField(max_length=200, help_text="Name in the storage.")
    hash = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    rows = models.PositiveBigIntegerField()
    size = models.PositiveBigIntegerField(help_text="Bytes of the file.")
    first = models.CharField(max_length=64, help_text="Least row id.")
    last = models.CharField(max_length=64, help_text="Greatest row id.")
    source = models.CharField(max_length=200, help_text="What it was imported from.")
    job = models.UUIDField(null=True, blank=True, help_text="The import; an import that is repeated replaces its own.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["pool", "number"], name="shard_number_once_a_pool")]

    def __str__(self) -> str:
        return f"{self.pool} {self.number}"


class PoolPass(models.Model):
    """One processing of a pool by a pipeline; its shards are worked on by any number of workers."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    pool = models.ForeignKey(Pool, models.CASCADE, related_name="passes")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="passes", help_text="What gets the version.")
    pipeline = models.TextField(help_text="YAML, as it is run.")
    shards = models.JSONField(help_text="Hashes of the pool's shards when it began, in their order.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    phase = models.CharField(max_length=80, blank=True, help_text="What is being done.")
    error = models.TextField(blank=True)
    version = models.ForeignKey(DatasetVersion, models.SET_NULL, null=True, blank=True, related_name="passes")
    job = models.ForeignKey("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=["running", "done", "failed"]), name="pass_state_known")
        ]

    def __str__(self) -> str:
        return f"{self.pool} into {self.dataset}"

    @property
    def is_stalled(self) -> bool:
        """Whether the job that should be at work on it was cancelled before it began, or given up."""
        return self.state == self.State.RUNNING and self.job is not None and not self.job.is_live

    @property
    def folder(self) -> str:
        """Where its intermediate files lie in the storage."""
        return f"{self.pool.folder}/pass-{self.pk}"


class PassPart(models.Model):
    """One part of one phase of a pass: what one worker does at a time."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"

    of = models.ForeignKey(PoolPass, models.CASCADE, related_name="parts")
    phase = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    claimed_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["phase", "number"]
        constraints = [
            models.UniqueConstraint(fields=["of", "phase", "number"], name="part_once_a_phase"),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "running", "done"]), name="part_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.of}: {self.phase}/{self.number}"
