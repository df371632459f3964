"""The form of a batch that people are to be asked about."""

import json
from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from annotate.models import Project
from curation import selection, selectors
from curation.asking.services import MOST, Wanted
from curation.models import DatasetVersion, Selection


class SelectionForm(forms.Form):
    """What people are asked next: pairs of which source, chosen how, and how many."""

    source = forms.ChoiceField(label=_("Pairs"))
    version = forms.ModelChoiceField(
        DatasetVersion.objects.none(),
        label=_("Version"),
        required=False,
        help_text=_("Whose filters found the pairs suspicious."),
    )
    question = forms.ChoiceField(label=_("Question"))
    strategy = forms.ChoiceField(label=_("Strategy"), help_text=_("How the pairs are chosen from those that are open."))
    size = forms.IntegerField(min_value=1, max_value=MOST, initial=100, label=_("How many pairs"))
    random_share = forms.FloatField(
        min_value=0,
        max_value=1,
        initial=0.1,
        label=_("Random share"),
        help_text=_("Drawn by lot and kept apart: only these tell how many labels are wrong at large."),
        widget=forms.NumberInput(attrs={"step": "0.05"}),
    )
    reward_models = forms.CharField(
        label=_("Reward models"),
        required=False,
        max_length=200,
        help_text=_(
            "Numbers of reward models, with commas, whose scores are the ensemble. "
            "Without any, an ensemble is fitted to the labels."
        ),
    )
    settings = forms.CharField(
        label=_("Settings"),
        required=False,
        max_length=2000,
        help_text=_("Of the strategy, as JSON, where they are to differ from its defaults."),
        widget=forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "placeholder": "{}"}),
    )

    def __init__(self, project: Project, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        names = selection.names()
        self.fields["strategy"].choices = [(name, selection.get(name).TITLE) for name in names]
        # Pools are not asked about directly: what people are to see of them becomes items first.
        sources = [choice for choice in Selection.Source.choices if choice[0] != Selection.Source.POOL]
        self.fields["source"].choices = [(value, label.capitalize()) for value, label in sources]
        self.fields["version"].queryset = DatasetVersion.objects.filter(dataset__project=project).order_by("-pk")
        asked = selectors.questions(project, pairwise=True)
        self.fields["question"].choices = [(row.name, row.title) for row in asked]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("source") == Selection.Source.VERSION and not data.get("version"):
            self.add_error("version", _("Choose the version whose doubts are to be reviewed."))
        try:
            settings = json.loads(data.get("settings") or "{}")
            if not isinstance(settings, dict):
                raise ValueError(_("write an object, such as {}"))
            if data.get("strategy"):
                selection.settings_with_defaults(data["strategy"], settings)
        except (ValueError, RecursionError) as error:
            self.add_error("settings", _("These settings cannot be used: %(error)s.") % {"error": error})
        return data

    def wanted(self) -> dict[str, Any]:
        """What the jobs take, plain JSON."""
        data = self.cleaned_data
        models = [part.strip() for part in data["reward_models"].split(",") if part.strip()]
        is_version = data["source"] == Selection.Source.VERSION
        wanted = Wanted(
            **{name: data[name] for name in ("strategy", "source", "question", "size", "random_share")},
            settings=json.loads(data["settings"] or "{}"),
            version=data["version"].pk if is_version else None,
            reward_models=tuple(models),
        )
        return asdict(wanted)
