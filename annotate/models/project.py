"""Projects and their forms."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from annotate import feedback
from annotate.access.models import User
from annotate.steps import steps_of


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> "ProjectQuerySet":
        """Projects of the organisations that ``user`` is a member of."""
        return self.filter(organisation__memberships__user=user)


class Project(models.Model):
    """One collection effort: guidelines, a form, and the policies of its queue."""

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="projects")
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=300, blank=True)
    notice = models.CharField(max_length=300, blank=True, help_text="Shown on every page, e.g. that data is made up.")
    guidelines = models.TextField(blank=True, help_text="Markdown, for annotators.")
    overlap = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="How many raters answer each task.",
    )
    lease_minutes = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(1440)],
        help_text="How long a task is kept for the annotator who opened it.",
    )
    blind = models.BooleanField(default=True, help_text="Annotators do not see which model wrote a response.")
    shuffle = models.BooleanField(default=True, help_text="Each annotator sees the responses in an order of their own.")
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

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["form", "name"], name="question_name_once_a_form")]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"

    def asked(self, task: Any) -> feedback.Asked:
        """This question about a task (an `annotate.models.Task` with its item and responses at hand)."""
        rows = {response.key: response for response in task.item.responses.all() if response.key in task.responses}
        settings = feedback.settings_with_defaults(self.kind, self.settings)
        cut = {name: settings[name] for name in ("split", "marker") if name in settings}
        return feedback.Asked(
            question=self.name,
            settings=settings,
            responses=tuple(task.responses),
            texts={key: rows[key].text for key in task.responses},
            criteria=tuple(task.item.criteria),
            stamp={"item": task.item.external_id, "rater": ""},
            steps={key: steps_of(row.text, row.metadata, **cut) for key, row in rows.items()} if cut else {},
        )
