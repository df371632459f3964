"""Raters: people, models, rules and imports, all alike."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Rater(models.Model):
    """Whoever judges. All kinds answer the same tasks in the same form."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        LANGUAGE_MODEL = "language_model", _("Language Model")
        REWARD_MODEL = "reward_model", _("Reward Model")
        RULE = "rule", _("Rule")
        IMPORT = "import", _("Import")

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="raters")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=200, help_text="Identifier, unique among the organisation's raters.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="raters")
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="rater_name_once_an_organisation"),
            models.UniqueConstraint(
                fields=["organisation", "user"], condition=models.Q(user__isnull=False), name="one_rater_a_person"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["person", "language_model", "reward_model", "rule", "import"],
                ),
                name="rater_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What pages call the rater; the name is what data files do."""
        return str(self.metadata.get("title") or self.user or self.name)

    @property
    def is_model(self) -> bool:
        return self.kind in {Rater.Kind.LANGUAGE_MODEL, Rater.Kind.REWARD_MODEL, Rater.Kind.RULE}
