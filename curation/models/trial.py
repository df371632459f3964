"""Prompts and skills tried on cases that people decided."""

from django.db import models


class Trial(models.Model):
    """One attempt to make a judge agree more with people; what it asked and spent stands in its run.

    ``figures``: of a prompt, `curation.judging.improving.Improvement`; of skills, `curation.judging.skills.Library`.
    """

    class What(models.TextChoices):
        PROMPT = "prompt", "its prompt, by a meta judge"
        SKILLS = "skills", "a library of skills"

    what = models.CharField(max_length=6, choices=What.choices)
    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="judge_trials")
    judge = models.ForeignKey("curation.Judge", models.CASCADE, related_name="trials")
    run = models.OneToOneField("curation.JudgeRun", models.CASCADE, related_name="trial")
    best = models.ForeignKey(
        "curation.Judge", models.SET_NULL, null=True, blank=True, related_name="+", help_text="The version it made."
    )
    meta_endpoint = models.CharField(max_length=80, blank=True)
    dimension = models.CharField(max_length=40, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(what__in=["prompt", "skills"]), name="judge_trial_what_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} of {self.judge}"


class JudgingSkill(models.Model):
    """A short instruction that one version of a judge gets for cases of one kind, with the evidence that it helps."""

    judge = models.ForeignKey("curation.Judge", models.CASCADE, related_name="skills")
    trial = models.ForeignKey(Trial, models.CASCADE, related_name="skills")
    name = models.CharField(max_length=60)
    when = models.CharField(max_length=200, blank=True)
    instruction = models.CharField(max_length=600)
    category = models.CharField(max_length=100, blank=True, help_text="Of the items that it is for; blank: any.")
    words = models.JSONField(default=list, blank=True, help_text="Of the prompts that it was born from.")
    evidence = models.JSONField(default=dict, help_text="On cases set apart to check: n, righted, wronged.")
    is_on = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
