"""Recipes: from files, flags and mappings; every mistake is named with what is allowed."""

import json
from pathlib import Path

import pytest

from rewardtrain.errors import RecipeError
from rewardtrain.recipe import Recipe


def test_reads_yaml_and_json_alike(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("lr: 1e-4\nloss: bradley_terry_ties\nloss_settings: {k: 3}\n")
    (tmp_path / "r.json").write_text(json.dumps({"lr": 1e-4, "loss": "bradley_terry_ties", "loss_settings": {"k": 3}}))
    recipe = Recipe.read(tmp_path / "r.yaml")
    assert recipe == Recipe.read(tmp_path / "r.json")
    assert recipe.lr == 1e-4
    assert recipe.loss_settings["k"] == 3.0


def test_loss_settings_are_completed_from_the_loss() -> None:
    assert Recipe().loss_settings.keys() == {"label_smoothing", "margin_scale", "center"}


def test_a_recipe_survives_plain_data() -> None:
    recipe = Recipe(lr=2e-5, head="linear", epochs=2)
    assert Recipe.from_mapping(json.loads(json.dumps(recipe.to_dict()))) == recipe


def test_flags_change_it() -> None:
    recipe = Recipe().changed(["lr=1e-4", "epochs=2", "gradient_checkpointing=true", "template={response}"])
    assert (recipe.lr, recipe.epochs, recipe.gradient_checkpointing) == (1e-4, 2, True)
    assert recipe.template == "{response}"


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        Recipe(loss="bradley_terry_ties", loss_settings={"k": 3.0}),
        Recipe(loss_settings={"center": 0.01}, lr=1.5e-5, gradient_checkpointing=True),
        Recipe(template="Q: {prompt}\nA: {response}", backbone="some/model"),
    ],
)
def test_assignments_make_the_recipe_again(recipe: Recipe) -> None:
    assert Recipe().changed(recipe.assignments()) == recipe


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"learning_rate": 1}, "no setting 'learning_rate'. Those that exist: attention, augmentation, backbone"),
        ({"lr": -1}, "lr must be above 0"),
        ({"head": "cubic"}, "head must be one of linear, mlp"),
        ({"loss": "hinge"}, "loss must be one of .*bradley_terry, bradley_terry_ties"),
        ({"loss_settings": {"k": 3}}, "The loss bradley_terry has no setting 'k'. Those that exist: center"),
        ({"template": "{prompt}"}, "template must be auto, chat or hold {response}"),
        ({"ensemble": 3, "tuning": "head"}, "would be the same.*Set bootstrap=true"),
        ({"ensemble": 3, "tuning": "head", "head": "mlp"}, "would be the same.*Set bootstrap=true"),
        ({"penalties": {"prior_constraint": {"weigth": 1}}}, "The penalty prior_constraint has no setting 'weigth'"),
        ({"penalties": {"consistency": 3}}, "The penalty consistency takes settings"),
        ({"augmentation": {"mixup": {}}}, "There is no 'mixup' in augmentation"),
        ({"loss": "plackett_luce", "criterion": "dimension"}, "learns from rankings; penalties"),
        ({"mixture": {"a.parquet": 0}}, "factor of a.parquet in mixture must be a number above 0"),
        ({"pooling": "first"}, "pooling must be one of auto, mean, mean_sqrt_len, last"),
    ],
)
def test_refuses(values: dict, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Recipe.from_mapping(values)


@pytest.mark.parametrize("text", ["[1, 2]", "lr: [", "just words"])
def test_refuses_a_file_that_is_no_recipe(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(RecipeError, match="recipe"):
        Recipe.read(tmp_path / "r.yaml")


def test_refuses_a_flag_without_a_value() -> None:
    with pytest.raises(RecipeError, match="not of the form key=value"):
        Recipe().changed(["lr"])


def test_schema_describes_every_setting() -> None:
    for name, rule in Recipe.schema()["properties"].items():
        assert {"type", "default", "title", "description"} <= rule.keys(), name
