"""Forms of the reward lab; the recipe's fields come from its own schema."""

from typing import Any

import yaml
from django import forms

from curation.models import DatasetVersion
from rewardtrain import evaluation, selectors
from rewardtrain.errors import RecipeError
from rewardtrain.recipe import Recipe

# Shown as fields; everything else can be said in the YAML below them.
COMMON = ("backbone", "tuning", "head", "loss", "epochs", "lr", "max_length", "tokens_per_step", "seed")


class RunForm(forms.Form):
    """What to train: a dataset version and a recipe."""

    version = forms.ModelChoiceField(DatasetVersion.objects.none(), label="Dataset version")
    name = forms.CharField(max_length=120)

    def __init__(self, *args: Any, project: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset")
        self.fields["version"].queryset = versions.order_by("-pk")
        properties = Recipe.schema()["properties"]
        for name in COMMON:
            self.fields[name] = _field(properties[name])
        self.fields[
            "backbone"
        ].help_text = (
            "minilm (comes with the lab), a model folder in the server's MODELS_DIR, or a name on the Hugging Face hub."
        )
        self.fields["more"] = forms.CharField(
            required=False,
            label="More of the recipe",
            help_text=f"YAML. Also: {', '.join(name for name in properties if name not in COMMON)}.",
            widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "mono"}),
        )

    def clean_more(self) -> dict[str, Any]:
        try:
            more = yaml.safe_load(self.cleaned_data["more"] or "{}")
        except yaml.YAMLError as error:
            raise forms.ValidationError(f"This is not YAML: {error}") from error
        if not isinstance(more, dict):
            raise forms.ValidationError("Give settings, such as `warmup: 0.2`.")
        return more

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors:
            try:
                recipe = Recipe.from_mapping({**{name: data[name] for name in COMMON}, **data["more"]})
                data["recipe"] = selectors.offered(recipe).to_dict()
            except RecipeError as error:
                self.add_error(error.setting if error.setting in self.fields else "more", str(error))
        return data


def _field(schema: dict[str, Any]) -> forms.Field:
    common = {"label": schema["title"], "help_text": schema["description"], "initial": schema["default"]}
    if "enum" in schema:
        return forms.ChoiceField(choices=[(value, value) for value in schema["enum"]], **common)
    if schema["type"] == "integer":
        return forms.IntegerField(min_value=schema.get("minimum"), max_value=schema.get("maximum"), **common)
    if schema["type"] == "number":
        return forms.FloatField(**common)
    return forms.CharField(**common)


class EvaluateForm(forms.Form):
    """A pair file to evaluate a model on."""

    file = forms.FileField(help_text="Parquet or JSON lines; RewardBench's own columns for that suite.")
    suite = forms.ChoiceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["suite"].choices = [(name, name) for name in evaluation.names()]
