"""Forms of curation's pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from curation import aggregation, formats, mapping, pipeline
from curation.judging import lab, planning
from curation.models import Trial


class ImportForm(forms.Form):
    """A file, or a name on the hub; and what it is."""

    file = forms.FileField(
        required=False,
        help_text=_("JSON lines, JSON, CSV, TSV (each also gzipped) or Parquet; or a zip of one with its media."),
        label=_("File"),
    )
    hub = forms.CharField(
        required=False,
        label=_("or a dataset on the Hugging Face hub"),
        help_text=_("owner/name, with :split where only one is wanted."),
        max_length=200,
    )
    format = forms.ChoiceField(label=_("Format"))
    group_by = forms.CharField(
        required=False,
        label=_("Group by"),
        max_length=80,
        help_text=_("A field whose rows stay together in one split, e.g. topic."),
    )

    def __init__(self, *args: object, mappings: Sequence[str] = (), **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(name, f"{module.TITLE} – {module.SUMMARY}") for name, module in formats.importers().items()]
        kept = [(f"mapping:{name}", name) for name in mappings]
        self.fields["format"].choices = [(_("Formats"), choices), (_("Mappings"), kept)] if kept else choices
        self.fields["format"].initial = "votes"

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if bool(data.get("file")) == bool(data.get("hub")):
            self.add_error("file", _("Choose a file, or name a dataset on the hub."))
        return data


class MapFileForm(forms.Form):
    """A file whose columns are to be mapped, and the mapping to start from."""

    file = forms.FileField(
        label=_("File"), help_text=_("JSON lines, JSON, CSV, TSV or Parquet, or a zip of one with its media beside it.")
    )
    start = forms.ChoiceField(label=_("Start from"), required=False)

    def __init__(self, *args: object, mappings: Sequence[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["start"].choices = [("", _("a guess from the columns")), *((name, name) for name in mappings)]


class KeepMappingForm(forms.Form):
    """A mapping, and the name to keep it under."""

    text = forms.CharField(
        label=_("Mapping"),
        strip=False,
        max_length=mapping.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"}),
        help_text=_("YAML: where the prompt, the responses and the answers stand."),
    )
    name = forms.CharField(
        label=_("Keep as"),
        required=False,
        max_length=80,
        help_text=_("A name to use it again; empty: only for this file."),
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            mapping.read(text)
        except mapping.MappingError as error:
            raise forms.ValidationError(str(error)) from error
        return text


class ProjectExportForm(forms.Form):
    """In which format a whole project leaves, and what of it."""

    format = forms.ChoiceField(label=_("Format"))
    media = forms.BooleanField(label=_("With its media"), required=False, initial=True)
    names = forms.BooleanField(label=_("With the names of raters"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = [(name, module.TITLE) for name, module in formats.item_exporters().items()]
        self.fields["format"].initial = "touchstone"


class ComputeForm(forms.Form):
    """Which figures to compute: agreement, or the consensus by one method."""

    question = forms.SlugField()
    method = forms.ChoiceField(required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = [("", "agreement"), *((name, name) for name in aggregation.names(None))]


class PipelineForm(forms.Form):
    """A pipeline for a dataset."""

    dataset = forms.CharField(
        label=_("Dataset"), max_length=120, initial="main", help_text=_("A new name starts a new dataset.")
    )
    pipeline = forms.CharField(
        label=_("Pipeline"),
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "mono"}),
        help_text=_("YAML: the consensus, the filters in their order, the split."),
    )

    def clean_pipeline(self) -> str:
        text: str = self.cleaned_data["pipeline"]
        try:
            pipeline.parse(text)
        except pipeline.PipelineError as error:
            raise forms.ValidationError(str(error)) from error
        return text


class ExportForm(forms.Form):
    """A trainer's format; its own options are added as fields."""

    format = forms.ChoiceField()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = [(name, module.TITLE) for name, module in formats.exporters().items()]


class CasesForm(forms.Form):
    """Which pairs of the judge lab are listed."""

    judge = forms.ChoiceField(label=_("Judge"))
    show = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[("", _("every pair")), *((name, shown[0]) for name, shown in lab.SHOW.items())],
    )
    sure = forms.FloatField(
        label=_("How sure, from"), required=False, min_value=0.5, max_value=1, widget=forms.HiddenInput
    )
    gap = forms.FloatField(label=_("Doublings longer"), required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: object, judges: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["judge"].choices = judges


class StudyForm(forms.Form):
    """Which judges a cascade is made of, and what people cost."""

    judges = forms.MultipleChoiceField(
        label=_("Judges"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None chosen: all.")
    )
    people_cost = forms.FloatField(
        label=_("Money for one answer by people"), min_value=0, max_value=1e6, initial=planning.PEOPLE_COST
    )
    delta = forms.FloatField(
        label=_("Risk"),
        min_value=0.001,
        max_value=0.5,
        initial=planning.DELTA,
        help_text=_("Chance that the labels at hand mislead into a promise that is not kept."),
    )

    def __init__(self, *args: object, judges: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["judges"].choices = judges


class PromiseForm(forms.Form):
    """What is promised of a cascade's answers, and how many answers people can give."""

    promise = forms.FloatField(min_value=planning.PROMISES[0], max_value=planning.PROMISES[-1], initial=0.85)
    budget = forms.IntegerField(min_value=0, max_value=10_000_000, initial=200)


class CampaignForm(forms.Form):
    """A new campaign."""

    source = forms.ChoiceField(label=_("Pairs"), help_text=_("The doubtful pairs that it begins with."))
    dataset = forms.CharField(
        label=_("Dataset"),
        max_length=120,
        required=False,
        help_text=_("What gets the version; empty: a dataset of the campaign's name."),
    )
    plan = forms.CharField(
        label=_("Plan"),
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "mono"}),
        help_text=_("YAML: how much of everything, and a plug-in for each stage."),
    )

    def __init__(self, *args: object, sources: Sequence[Any], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [(source.key, source.title) for source in sources]


class TrialForm(forms.Form):
    """What is to be improved of which judge, by which model, for how much."""

    what = forms.ChoiceField(label=_("Improve"), choices=Trial.What.choices)
    judge = forms.TypedChoiceField(label=_("Judge"), coerce=int)
    question = forms.ChoiceField(label=_("Question"))
    meta_endpoint = forms.ChoiceField(label=_("Model of the meta judge"), required=False)
    budget = forms.DecimalField(
        label=_("Budget"),
        min_value=0,
        max_value=10**9,
        decimal_places=9,
        initial=1,
        help_text=_("Money; never passed."),
    )
    rounds = forms.IntegerField(label=_("Rounds at most"), min_value=1, max_value=20, required=False)

    def __init__(
        self,
        *args: object,
        judges: list[tuple[int, str]],
        endpoints: list[str],
        questions: list[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["judge"].choices = judges
        self.fields["meta_endpoint"].choices = [("", _("the judge's own")), *((name, name) for name in endpoints)]
        self.fields["question"].choices = questions


class PoolForm(ImportForm):
    """A pool, new or known by its name, and what is imported into it."""

    name = forms.CharField(
        label=_("Pool"), max_length=120, initial="main", help_text=_("A new name starts a new pool.")
    )
    field_order = ("name", "file", "hub", "format", "group_by")
