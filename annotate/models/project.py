"""Projects and their forms."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from annotate import conditions, feedback
from annotate.access.models import User
from annotate.media.selectors import durations
from annotate.steps import steps_of


def check_translations(value: Any) -> None:
    """Raise ValidationError unless ``value`` holds a text by language of the interface."""
    known = dict(settings.LANGUAGES)
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise ValidationError("This has to be a text by language code.")
    if unknown := sorted(value.keys() - known.keys()):
        raise ValidationError(f"No language of the interface: {', '.join(unknown)}. Those are {', '.join(known)}.")


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> "ProjectQuerySet":
        """Projects of the organisations that ``user`` is a member of."""
        return self.filter(organisation__memberships__user=user)


class Project(models.Model):
    """One collection effort: guidelines, a form, and the policies of its queue."""

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="projects")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    notice = models.CharField(
        max_length=300, blank=True, help_text=_("Shown on every page, e.g. that data is made up.")
    )
    guidelines = models.TextField(blank=True, help_text=_("Markdown, for annotators."))
    translations = models.JSONField(
        default=dict,
        blank=True,
        validators=[check_translations],
        help_text="The guidelines in other languages, Markdown by language code.",
    )
    overlap = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("How many raters answer each task."),
    )
    lease_minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text=_("How long a task is kept for the annotator who opened it."),
    )
    blind = models.BooleanField(default=True, help_text=_("Annotators do not see which model wrote a response."))
    shuffle = models.BooleanField(
        default=True, help_text=_("Each annotator sees the responses in an order of their own.")
    )
    is_paused = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="project_name_once_an_organisation"),
            models.CheckConstraint(condition=models.Q(overlap__gte=1), name="project_overlap_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def own_guidelines(self) -> str:
        """The guidelines in the reader's language, or as they were first written where nobody translated them."""
        return str(self.translations.get(get_language() or "") or self.guidelines)

    @property
    def form(self) -> "Form":
        """The form that new tasks ask."""
        return self.forms.order_by("-version")[0]


class Form(models.Model):
    """A version of a project's list of questions; never changed once something was answered with it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="forms")
    version = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "version"], name="form_version_once_a_project")]

    def __str__(self) -> str:
        return f"{self.project} form {self.version}"

    @property
    def arity(self) -> int | None:
        """How many responses a task shows: the least that any question asks for, None for all."""
        arities = [a for a in (feedback.get(q.kind).ARITY for q in self.questions.all()) if a]
        return min(arities) if arities else None

    def asked(self, answers: Mapping[str, Any]) -> set[str]:
        """Names of the questions that are asked, given answers by question: those whose conditions hold."""
        return conditions.asked(((q.name, q.condition) for q in self.questions.all()), answers)

    @property
    def spec(self) -> list[dict[str, Any]]:
        """The questions as `annotate.services.create_form` takes them: what is exported as JSON."""
        return [question.spec for question in self.questions.all()]


class Question(models.Model):
    """One question of a form, of one feedback kind."""

    form = models.ForeignKey(Form, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.SlugField(max_length=40)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    help = models.CharField(max_length=500, blank=True)
    required = models.BooleanField(default=True)
    settings = models.JSONField(default=dict, blank=True)
    condition = models.JSONField(
        default=dict, blank=True, help_text="When it is asked; {}: always. See annotate/conditions.py."
    )

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["form", "name"], name="question_name_once_a_form")]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"

    @property
    def spec(self) -> dict[str, Any]:
        names = ("name", "kind", "title", "help", "required", "settings", "condition")
        return {name: getattr(self, name) for name in names}

    def asked(self, task: Any) -> feedback.Asked:
        """This question about a task (an `annotate.models.Task` with its item and responses at hand)."""
        rows = {response.key: response for response in task.item.responses.all() if response.key in task.responses}
        media = {"": task.item.media, **{key: row.media for key, row in rows.items()}}
        settings = feedback.settings_with_defaults(self.kind, self.settings)
        # One query more, so only where it is needed: answers are imported by the hundred thousand.
        every = [ref for refs in media.values() for ref in refs]
        timed = getattr(feedback.get(self.kind), "TIMED", False)
        lasts = durations(task.project.organisation_id, every) if timed else {}
        cut = {name: settings[name] for name in ("split", "marker") if name in settings}
        return feedback.Asked(
            question=self.name,
            settings=settings,
            responses=tuple(task.responses),
            texts={key: rows[key].text for key in task.responses},
            criteria=tuple(task.item.criteria),
            media={key: tuple(lasts.get(ref) for ref in refs) for key, refs in media.items()},
            stamp={"item": task.item.external_id, "rater": ""},
            steps={key: steps_of(row.text, row.metadata, **cut) for key, row in rows.items()} if cut else {},
        )
