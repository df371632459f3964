"""Sweeps: every combination of what varies, or a list; and what is wrong with a text that is neither."""

import pytest

from rewardtrain import sweeps
from rewardtrain.errors import RecipeError
from rewardtrain.recipe import Recipe


def test_every_combination():
    found = sweeps.recipes(Recipe(), "lr: 1e-5, 2e-5\nloss_settings.label_smoothing: 0, 0.1\n\nseed: 3")
    assert [(r.lr, r.loss_settings["label_smoothing"], r.seed) for _, r in found] == [
        (1e-5, 0, 3), (1e-5, 0.1, 3), (2e-5, 0, 3), (2e-5, 0.1, 3),
    ]  # fmt: skip
    assert found[1][0] == "lr 1e-5, loss_settings.label_smoothing 0.1, seed 3"


def test_a_list():
    text = "- {loss: bradley_terry}\n- {loss_settings: {k: 3}, loss: bradley_terry_ties}"
    found = sweeps.recipes(Recipe(seed=7), text)
    assert [(r.loss, r.seed) for _, r in found] == [("bradley_terry", 7), ("bradley_terry_ties", 7)]
    assert found[1][1].loss_settings["k"] == 3, "the loss resets its settings before they are set"


def test_nothing_varies():
    assert sweeps.recipes(Recipe(), " \n") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lr 1e-5", "form"),
        ("lr:", "form"),
        ("lr: [", "cannot be read"),
        ("lr: 1, 2\nlr: 3", "twice"),
        ("speed: 1, 2", "speed"),
        ("epochs: 0, 1", "epochs"),
        ("seed: 1, 1", "the same"),
        ("- 3", "list of settings"),
        ("- {a: [}", "not YAML"),
        ("seed: " + ", ".join(map(str, range(20))) + "\nepochs: 1, 2", "40 runs; at most 32"),
        ("\n".join(f"- {{seed: {seed}}}" for seed in range(33)), "33 runs"),
        ("\n".join(f"{name}: {', '.join(map(str, range(1, 3000)))}" for name in ("seed", "epochs", "layers")), "runs"),
    ],
)
def test_what_is_wrong_is_said(text, said):
    with pytest.raises(RecipeError, match=said):
        sweeps.recipes(Recipe(), text)
