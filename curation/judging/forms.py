"""Forms of the judges' pages; a judge's fields come from its method's own settings."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.feedback import InvalidAnswer
from annotate.models import Project
from curation import judges, selectors
from curation.clients import Endpoint
from curation.models import Judge

PREFIX = "setting-"
MOST = 2**31 - 1  # that the database's column holds


class JudgeForm(forms.Form):
    """A judge of one method, or a new version of one."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What pages call it; each change is a version of its own.")
    )
    endpoint = forms.ChoiceField(label=_("Model"))

    def __init__(self, *args: Any, method: str, mine: dict[str, Endpoint], old: Judge | None = None, **kwargs: Any):
        self.method, self._module = method, judges.get(method)
        initial = {"prompt": old.prompt if old else self._module.PROMPT, "endpoint": old.endpoint if old else ""}
        if old is not None:
            initial |= {"name": old.name}
        super().__init__(*args, **{"initial": initial, **kwargs})
        models = [(name, f"{name} ({endpoint.model})") for name, endpoint in mine.items()]
        properties = self._module.SETTINGS.get("properties", {})
        if "ask" not in self._module.NEEDS or "endpoints" in properties:
            del self.fields["endpoint"]
        else:
            self.fields["endpoint"].choices = models
        if self._module.PROMPT:
            self.fields["prompt"] = forms.CharField(
                label=_("Instruction"),
                max_length=20_000,
                strip=False,
                widget=forms.Textarea(attrs={"rows": 10}),
                help_text=_(
                    "Comes before the question, its form and the project's guidelines, which are added by "
                    "themselves. The texts to be judged are fenced off as data."
                ),
            )
        for name, schema in properties.items():
            value = old.settings.get(name) if old else schema.get("default")
            self.fields[PREFIX + name] = _field(name, schema, value, models)
        if old is not None:
            self.fields["name"].disabled = True
            self.fields["note"] = forms.CharField(
                required=False,
                max_length=300,
                label=_("What changes, and why"),
                help_text=_("Stands beside the version."),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.errors:
            return data
        given = {
            name.removeprefix(PREFIX): value
            for name, value in data.items()
            if name.startswith(PREFIX) and value is not None
        }
        try:
            data["settings"] = judges.settings_with_defaults(self.method, given)
        except InvalidAnswer as error:
            field = PREFIX + error.path.partition("/")[0]
            self.add_error(field if field in self.fields else None, str(error))
        return data


def _field(name: str, schema: dict[str, Any], value: Any, models: list[tuple[str, str]]) -> forms.Field:
    """A form field for one property of a method's settings."""
    common = {"label": schema.get("title", name), "help_text": schema.get("description", ""), "required": False}
    common["initial"] = value
    kind = schema.get("type")
    if name == "endpoints":
        return forms.MultipleChoiceField(choices=models, widget=forms.CheckboxSelectMultiple, **common)
    if name == "meta_endpoint":
        return forms.ChoiceField(choices=[("", _("the judge's own")), *models], **common)
    if "enum" in schema:
        return forms.ChoiceField(choices=[(one, one) for one in schema["enum"]], **common)
    if kind == "boolean":
        return forms.BooleanField(**common)
    if kind == "integer":
        return forms.IntegerField(min_value=schema.get("minimum"), max_value=schema.get("maximum"), **common)
    if kind == "number":
        return forms.FloatField(min_value=schema.get("minimum"), max_value=schema.get("maximum"), **common)
    if kind == "array":
        return Lines(**common | {"initial": "\n".join(map(str, value or []))})
    if kind == "object":
        return forms.JSONField(widget=forms.Textarea(attrs={"rows": 5, "class": "mono"}), **common)
    return forms.CharField(**common)


class Lines(forms.CharField):
    """A list of texts, one a line."""

    def __init__(self, **kwargs: Any) -> None:
        help_text = f"{kwargs.pop('help_text', '')} {_('One a line.')}".strip()
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), help_text=help_text, **kwargs)

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class RunForm(forms.Form):
    """What a judge is to do, and what it may spend; ``asks``: whether its method asks a language model at all."""

    question = forms.ChoiceField(label=_("Question"), required=False)
    most_tasks = forms.IntegerField(required=False, min_value=1, max_value=MOST, label=_("At most so many tasks"))
    only_gold = forms.BooleanField(required=False, label=_("Only tasks with a known outcome"))
    in_batches = forms.BooleanField(
        required=False, label=_("In batches"), help_text=_("Takes hours and, where the provider says so, costs less.")
    )
    budget = forms.DecimalField(min_value=0, max_digits=12, decimal_places=4, initial=1, label=_("Budget"))
    budget_tokens = forms.IntegerField(required=False, min_value=1, label=_("Most tokens"))

    def __init__(self, *args: Any, project: Project, asks: bool = True, currency: str = "USD", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = selectors.questions(project)
        self.fields["question"].choices = [("", _("all that it can answer")), *((row.name, row.title) for row in rows)]
        self.fields["budget"].help_text = _("%(currency)s. The run ends before it could pass it.") % {
            "currency": currency
        }
        if not asks:
            for name in ("in_batches", "budget", "budget_tokens"):
                del self.fields[name]


class ResumeForm(forms.Form):
    """A run that goes on, with a larger budget if wanted."""

    budget = forms.DecimalField(label=_("Budget"), min_value=0, max_digits=12, decimal_places=4)
