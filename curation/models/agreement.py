"""Agreement reports and estimates of the consensus."""

from django.db import models


class AgreementReport(models.Model):
    """Agreement on one question, computed by a job; the newest one is shown.

    ``source`` names the annotations it was computed from (`curation.selectors.source_hash`), so a
    page can say when figures are out of date.
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="agreement_reports")
    question = models.CharField(max_length=40)
    source = models.CharField(max_length=64)
    figures = models.JSONField(help_text="See `curation.agreement.report`.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"agreement on {self.question}, {self.created_at:%Y-%m-%d %H:%M}"


class ConsensusRun(models.Model):
    """One estimate of the consensus on one question and dimension by one method."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="consensus_runs")
    question = models.CharField(max_length=40)
    dimension = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=40)
    source = models.CharField(max_length=64)
    categories = models.JSONField(help_text="Labels, in the order of every unit's probabilities.")
    reliability = models.JSONField(default=dict, help_text="Estimated reliability by rater, where the method has one.")
    notes = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"{self.method} on {self.question} {self.dimension}".strip()


class Consensus(models.Model):
    """What the votes on one unit say together: a distribution with its uncertainty."""

    run = models.ForeignKey(ConsensusRun, models.CASCADE, related_name="units")
    item = models.ForeignKey("annotate.Item", models.CASCADE, related_name="consensus")
    subject = models.CharField(max_length=255, help_text="Response keys joined by a colon, or key#criterion.")
    probs = models.JSONField(help_text="Posterior over the run's categories.")
    winner = models.CharField(max_length=40)
    confidence = models.FloatField(help_text="Posterior probability of the winner.")
    entropy = models.FloatField(help_text="Of the posterior, in bits.")
    n_votes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "item", "subject"], name="consensus_once_a_unit"),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1.000001), name="consensus_confidence_in_0_1"
            ),
        ]
        indexes = [models.Index(fields=["run", "-entropy"])]

    def __str__(self) -> str:
        return f"{self.winner} ({self.confidence:.2f})"
