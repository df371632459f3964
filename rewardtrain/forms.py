"""Forms of the reward lab; the recipe's fields come from its own schema, those of plug-ins from theirs."""

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from django import forms
from django.utils.translation import gettext_lazy as _

from curation.models import DatasetVersion
from rewardtrain import augmentation, evaluation, selectors, settings, sweeps, trying
from rewardtrain.errors import RecipeError
from rewardtrain.modeling import heads, losses, penalties
from rewardtrain.recipe import Recipe

# Shown as fields; everything else can be said in the YAML below them.
COMMON = (
    "backbone", "tuning", "head", "loss", "epochs", "lr", "max_length", "tokens_per_step", "seed", "ensemble",
)  # fmt: skip
PLUGINS = {"penalties": penalties, "augmentation": augmentation}
TEXT = 20_000  # characters of a pasted text


class RunForm(forms.Form):
    """What to train: a dataset version and a recipe, or several.

    A loss, a penalty and an augmentation bring a field for each of their settings, called as `Recipe.changed` calls
    it with the plug-in's name before: ``loss_settings.<loss>.<setting>``, ``penalties.<name>.<setting>``. Only those of
    what is chosen count.
    """

    version = forms.ModelChoiceField(DatasetVersion.objects.none(), label=_("Dataset version"))
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("Of the run, or of the sweep."))

    def __init__(self, *args: Any, project: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = DatasetVersion.objects.filter(dataset__project=project).select_related("dataset")
        self.fields["version"].queryset = versions.order_by("-pk")
        properties = Recipe.schema()["properties"]
        for name in COMMON:
            self.fields[name] = _field(properties[name])
        self.fields["head"].choices = [(name, heads.get(name).TITLE) for name in heads.names()]
        self.fields["loss"].choices = [(name, losses.get(name).TITLE) for name in _offered(losses)]
        self.fields["backbone"].help_text = _(
            "minilm (comes with the lab), a model folder in the server's MODELS_DIR, or a name on the Hugging Face hub."
        )
        for loss in _offered(losses):
            self._add_settings(f"loss_settings.{loss}", losses.get(loss).SETTINGS)
        for group, plugins in PLUGINS.items():
            for name in _offered(plugins):
                self.fields[f"{group}.{name}"] = forms.BooleanField(
                    required=False, label=plugins.get(name).TITLE, help_text=plugins.get(name).SUMMARY
                )
                self._add_settings(f"{group}.{name}", plugins.get(name).SETTINGS)
        plain = [name for name in properties if name not in (*COMMON, "loss_settings", "mixture", *PLUGINS)]
        self.fields["more"] = forms.CharField(
            required=False,
            label=_("More of the recipe"),
            help_text=_("YAML. Also: %(settings)s.") % {"settings": ", ".join(plain)},
            widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "mono"}),
        )
        self.fields["vary"] = forms.CharField(
            required=False,
            label=_("What varies"),
            help_text=_(
                "A line for each setting, its values with commas between: every combination is a run, at most "
                "%(most)s. Or a YAML list of what changes from the recipe, one entry a run."
            )
            % {"most": sweeps.MOST},
            widget=forms.Textarea(
                attrs={"rows": 4, "spellcheck": "false", "class": "mono", "placeholder": "lr: 1e-5, 2e-5\nseed: 0, 1"}
            ),
        )

    def _add_settings(self, before: str, schema: Mapping[str, Any]) -> None:
        for name, rule in schema.get("properties", {}).items():
            field = _field(rule)
            field.required = False
            self.fields[f"{before}.{name}"] = field

    # ---- what the page draws ----

    def heads(self) -> Iterator[dict[str, Any]]:
        for name in heads.names():
            yield {"name": name, "summary": heads.get(name).SUMMARY, "when": f"head={name}", "fields": []}

    def losses(self) -> Iterator[dict[str, Any]]:
        """Each loss with its summary, what it learns from, and the fields of its settings."""
        for name in _offered(losses):
            loss = losses.get(name)
            told = {"title": loss.TITLE, "summary": loss.SUMMARY, "labels": loss.LABELS, "when": f"loss={name}"}
            yield {"name": name, **told, "fields": self._settings(f"loss_settings.{name}")}

    def penalties(self) -> Iterator[dict[str, Any]]:
        return self._chosen("penalties")

    def augmentations(self) -> Iterator[dict[str, Any]]:
        return self._chosen("augmentation")

    def _chosen(self, group: str) -> Iterator[dict[str, Any]]:
        for name in _offered(PLUGINS[group]):
            plugin, own = PLUGINS[group].get(name), self[f"{group}.{name}"]
            told = {"box": own, "title": plugin.TITLE, "when": f"{group}.{name}=on"}
            yield {"name": name, **told, "fields": self._settings(f"{group}.{name}")}

    def _settings(self, before: str) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"{before}.")]

    # ---- what was given ----

    def clean_more(self) -> dict[str, Any]:
        try:
            more = yaml.safe_load(self.cleaned_data["more"] or "{}")
        except yaml.YAMLError as error:
            raise forms.ValidationError(_("This is not YAML: %(error)s") % {"error": error}) from error
        if not isinstance(more, dict):
            raise forms.ValidationError(_("Give settings, such as `warmup: 0.2`."))
        return more

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        data["sweep"] = []
        loss = data.get("loss")
        values: dict[str, Any] = {name: data.get(name) for name in COMMON}
        if loss:
            values["loss_settings"] = self._given(f"loss_settings.{loss}", losses.get(loss).SETTINGS)
        for group, plugins in PLUGINS.items():
            values[group] = {
                name: self._given(f"{group}.{name}", plugins.get(name).SETTINGS)
                for name in _offered(plugins)
                if data.get(f"{group}.{name}")
            }
        if self.errors:
            return data
        more = data["more"]
        for group in ("loss_settings", *PLUGINS):
            if isinstance(more.get(group), dict):
                more = {**more, group: {**(values[group] if more.get("loss", loss) == loss else {}), **more[group]}}
        if more.get("loss", loss) != loss and "loss_settings" not in more:
            more = {**more, "loss_settings": {}}
        try:
            recipe = selectors.offered(Recipe.from_mapping({**values, **more}))
            data["recipe"] = recipe.to_dict()
        except RecipeError as error:
            known = error.setting in self.fields
            self.add_error(error.setting if known else "more" if more else None, str(error))
            return data
        try:
            data["sweep"] = [(label, selectors.offered(swept)) for label, swept in sweeps.recipes(recipe, data["vary"])]
        except RecipeError as error:
            self.add_error("vary", str(error))
        return data

    def _given(self, before: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The settings of a plug-in that were filled in; an error stands beside its field."""
        own = {name: self.cleaned_data.get(f"{before}.{name}") for name in schema.get("properties", {})}
        own = {name: value for name, value in own.items() if value not in (None, "")}
        try:
            settings.complete(schema, own, "The setting")
        except RecipeError as error:
            self.add_error(f"{before}.{error.setting}" if error.setting else None, str(error))
        return own


def _offered(plugins: Any) -> list[str]:
    """The plug-ins that a run in the app can use: they learn from pairs, and name no file of the server."""

    def usable(plugin: Any) -> bool:
        rules = plugin.SETTINGS["properties"].values()
        return getattr(plugin, "LABELS", "pairs") == "pairs" and not any(rule.get("format") == "path" for rule in rules)

    return [name for name in plugins.names() if usable(plugins.get(name))]


def _field(schema: dict[str, Any]) -> forms.Field:
    common = {"label": schema["title"], "help_text": schema["description"], "initial": schema["default"]}
    if "enum" in schema:
        return forms.ChoiceField(choices=[(value, value) for value in schema["enum"]], **common)
    if schema["type"] == "boolean":
        choices = [(True, _("yes")), (False, _("no"))]
        return forms.TypedChoiceField(choices=choices, coerce=lambda value: value == "True", empty_value=None, **common)
    if schema["type"] == "integer":
        return forms.IntegerField(min_value=schema.get("minimum"), max_value=schema.get("maximum"), **common)
    if schema["type"] == "number":
        return forms.FloatField(widget=forms.NumberInput(attrs={"step": "any"}), **common)
    if schema["type"] == "object":
        return _Mapping(**common)
    return forms.CharField(**common)


class _Mapping(forms.CharField):
    """Settings within a setting, as YAML on a line."""

    def prepare_value(self, value: Any) -> Any:
        return yaml.safe_dump(value, default_flow_style=True).strip() if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            found = yaml.safe_load(text) if text else None
        except yaml.YAMLError as error:
            raise forms.ValidationError(_("This is not YAML: %(error)s") % {"error": error}) from error
        if found is not None and not isinstance(found, dict):
            raise forms.ValidationError(_("Give settings, such as {a: 1}."))
        return found


class EvaluateForm(forms.Form):
    """A pair file to evaluate a model on."""

    file = forms.FileField(
        label=_("File"), help_text=_("Parquet or JSON lines; RewardBench's own columns for that suite.")
    )
    suite = forms.ChoiceField(label=_("Suite"), initial="pairs")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["suite"].choices = [(name, name.replace("_", " ")) for name in evaluation.names()]


class _Texts(forms.Field):
    """Texts of one name; empty ones are left out."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        found = [text.replace("\r\n", "\n") for text in value or () if text.strip()]
        if len(found) < 2:
            raise forms.ValidationError(_("Paste at least two responses."))
        if len(found) > trying.MOST_RESPONSES:
            raise forms.ValidationError(_("At most %(most)s responses.") % {"most": trying.MOST_RESPONSES})
        if any(len(text) > TEXT for text in found):
            raise forms.ValidationError(_("A response has at most %(most)s characters.") % {"most": f"{TEXT:,}"})
        if any("\0" in text for text in found):
            raise forms.ValidationError(_("A response holds a null character."))
        return found


class TryForm(forms.Form):
    """A prompt and the responses to try a model on."""

    prompt = forms.CharField(label=_("Prompt"), max_length=TEXT, strip=False, widget=forms.Textarea(attrs={"rows": 4}))
    response = _Texts(label=_("Responses"))
