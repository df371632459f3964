"""What people are asked next, and why: batches chosen by a strategy, each with a random slice."""

from django.db import models

from annotate.access.models import User
from curation.models.dataset import DatasetVersion
from curation.models.pool import Pool


class Selection(models.Model):
    """A batch of pairs put at the front of the queue; never changed once it is made."""

    class Source(models.TextChoices):
        WAITING = "waiting", "tasks that nobody has answered yet"
        ANSWERED = "answered", "pairs that have a label, to see whether it holds"
        VERSION = "version", "pairs that the filters of a dataset version found suspicious"
        POOL = "pool", "pairs of a pool, not verified yet"

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="selections")
    question = models.CharField(max_length=40)
    dimension = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    version = models.ForeignKey(DatasetVersion, models.SET_NULL, null=True, blank=True, related_name="selections")
    pool = models.ForeignKey(Pool, models.SET_NULL, null=True, blank=True, related_name="selections")
    strategy = models.CharField(max_length=80)
    settings = models.JSONField(default=dict)
    size = models.PositiveIntegerField()
    random_share = models.FloatField()
    seed = models.PositiveIntegerField(default=0)
    evidence = models.JSONField(default=dict, help_text="What it was chosen by: models, and how many rows were open.")
    job = models.OneToOneField("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="selection")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(source__in=["waiting", "answered", "version", "pool"]), name="selection_source_known"
            ),
            models.CheckConstraint(
                condition=models.Q(random_share__gte=0, random_share__lte=1), name="selection_share_in_0_1"
            ),
        ]

    def __str__(self) -> str:
        return f"selection {self.pk} by {self.strategy}"


class SelectionEntry(models.Model):
    """One pair of a selection: why it was chosen, and what its label was then."""

    class Slice(models.TextChoices):
        CHOSEN = "chosen"
        RANDOM = "random"

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="entries")
    place = models.PositiveIntegerField(help_text="From 0, the first to be asked.")
    task = models.ForeignKey("annotate.Task", models.CASCADE, related_name="selection_entries")
    row_id = models.CharField(max_length=64)
    key_a = models.CharField(max_length=16)
    key_b = models.CharField(max_length=16)
    slice = models.CharField(max_length=6, choices=Slice.choices)
    filter = models.CharField(max_length=80, blank=True, help_text="The filter that found it, where one did.")
    reason = models.CharField(max_length=80, help_text="Code of the strategy's or the filter's reasons.")
    score = models.FloatField(null=True, blank=True)
    label = models.FloatField(
        null=True, blank=True, help_text="How far a was believed the better one, a tie counting half; null: no label."
    )

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["selection", "place"], name="entry_place_once_a_selection"),
            models.UniqueConstraint(fields=["selection", "task", "key_a", "key_b"], name="entry_pair_once_a_selection"),
            models.CheckConstraint(condition=models.Q(slice__in=["chosen", "random"]), name="entry_slice_known"),
        ]

    def __str__(self) -> str:
        return f"{self.selection}: {self.place}"
