"""Forms of the pages; what they take in goes to the services, which have the last word."""

import json
from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from annotate import feedback, presets
from annotate.access.models import Organisation, Role
from annotate.access.policy import Permission
from annotate.models import Form, Project


class QuestionsField(forms.JSONField):
    """A form's questions as JSON."""

    # The builder stands beside the page's form, for its preview holds one of its own.
    widget = forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "class": "mono", "form": "form"})

    def __init__(self, **more: Any) -> None:
        kinds = ", ".join(feedback.names())
        hint = _("A list of {{name, kind, title, help, required, settings, condition}}. Kinds: {kinds}.")
        said = {"help_text": format_lazy(hint, kinds=kinds), "label": _("Questions as JSON")}
        super().__init__(**{**said, **more})

    def prepare_value(self, value: Any) -> Any:
        if value is None:
            return ""
        if isinstance(value, list):
            return json.dumps(value, indent=2, ensure_ascii=False)
        return super().prepare_value(value)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not isinstance(value, list):
            raise forms.ValidationError(_("This has to be a list of questions: [{…}, …]."))


class NewProjectForm(forms.Form):
    organisation = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None, label=_("Organisation"))
    name = forms.CharField(max_length=120, label=_("Name"))
    preset = forms.ChoiceField(
        label=_("What annotators are asked"), choices=[(name, name) for name in presets.names()], initial=presets.FIRST
    )
    overlap = forms.IntegerField(
        min_value=1, max_value=100, initial=3, label=_("Answers for each task"), help_text=_("By as many annotators.")
    )
    guidelines = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        label=_("Guidelines"),
        help_text=_("Markdown, for annotators."),
    )
    questions = QuestionsField(required=False)

    def __init__(self, *args: Any, organisations: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["organisation"].queryset = organisations
        self.fields["organisation"].initial = organisations.first()
        if len(organisations) == 1:
            self.fields["organisation"].widget = forms.HiddenInput()


class SettingsForm(forms.ModelForm):
    class Meta:
        model = Project
        fields = (
            "name", "description", "notice", "guidelines", "overlap", "lease_minutes", "blind", "shuffle",
        )  # fmt: skip
        widgets = {"guidelines": forms.Textarea(attrs={"rows": 14})}
        labels = {
            "name": _("Name"),
            "description": _("Description"),
            "notice": _("Notice"),
            "guidelines": _("Guidelines"),
            "overlap": _("Answers for each task"),
            "lease_minutes": _("Minutes a task is kept"),
            "blind": _("Blind: models are not shown"),
            "shuffle": _("Shuffle: an order of their own for everybody"),
        }


class QuestionsForm(forms.Form):
    questions = QuestionsField()

    def __init__(self, *args: Any, form: Form, **more: Any) -> None:
        super().__init__(*args, initial={"questions": form.spec}, **more)


class TranslationsForm(forms.Form):
    """The guidelines in the languages of the interface; the fields are named by language code."""

    def __init__(self, *args: Any, project: Project, **more: Any) -> None:
        super().__init__(*args, initial=project.translations, **more)
        for code, name in settings.LANGUAGES:
            box = forms.Textarea(attrs={"rows": 10, "lang": code, "dir": "auto"})
            self.fields[code] = forms.CharField(label=name, required=False, max_length=200_000, widget=box)


class AddPersonForm(forms.Form):
    email = forms.EmailField(label=_("Email"))
    name = forms.CharField(max_length=120, required=False, label=_("Name"))
    role = forms.ChoiceField(choices=Role.choices, initial=Role.ANNOTATOR, label=_("Role"))


class AddTokenForm(forms.Form):
    name = forms.CharField(max_length=80, label=_("Name"), help_text=_("What it is for, e.g. “nightly import”."))
    scopes = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("May only"),
        help_text=_("None marked: all that you may do yourself."),
    )

    def __init__(self, *args: Any, permissions: Collection[Permission], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["scopes"].choices = [(str(p), str(p)) for p in Permission if p in permissions]
