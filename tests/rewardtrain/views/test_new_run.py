"""The form of a new run: what plug-ins say of themselves, and sweeps."""

import pytest
from django.urls import reverse

from rewardtrain import augmentation
from rewardtrain.forms import COMMON, RunForm
from rewardtrain.modeling import heads, losses, penalties
from rewardtrain.models import Run
from rewardtrain.recipe import Recipe
from tests.curated import curated_version, trained_model

# What a dataset version, which holds pairs, cannot teach, and what names files of the server.
NOT_HERE = {"plackett_luce", "multi_aspect", "ordinal", "pointwise_binary", "step", "span", "pseudo_labels"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def given(world):
    recipe = Recipe().to_dict()
    return {"version": curated_version(world).pk, "name": "x", **{name: recipe[name] for name in COMMON}}


def post(world, data):
    return world.client(world.owner).post(reverse("new_run", args=[world.project.pk]), data)


def test_every_plug_in_is_offered_with_its_settings(world, given):
    text = world.client(world.owner).get(reverse("new_run", args=[world.project.pk])).content.decode()
    for package, before in ((losses, "loss_settings"), (penalties, "penalties"), (augmentation, "augmentation")):
        for name in package.names():
            if name in NOT_HERE:
                assert f'name="{before}.{name}.' not in text
                continue
            assert package.get(name).TITLE.replace("'", "&#x27;") in text
            for setting in package.get(name).SETTINGS.get("properties", {}):
                assert f'name="{before}.{name}.{setting}"' in text
    for name in heads.names():
        assert f'data-when="head={name}"' in text


def test_the_defaults_of_every_loss_make_a_run(world, given):
    for name in losses.names():
        if name in NOT_HERE:
            continue
        form = RunForm({**given, "loss": name}, project=world.project)
        assert form.is_valid(), (name, form.errors)
        assert form.cleaned_data["recipe"]["loss_settings"] == Recipe(loss=name).loss_settings


def test_only_the_settings_of_what_is_chosen_count(world, given):
    data = {
        **given, "loss_settings.bradley_terry.label_smoothing": "0.1", "loss_settings.bradley_terry_ties.k": "7",
        "augmentation.off_prompt": "on", "augmentation.off_prompt.share": "0.5",
    }  # fmt: skip
    assert post(world, data).status_code == 302
    recipe = Run.objects.get().recipe
    assert recipe["loss_settings"]["label_smoothing"] == 0.1
    assert "k" not in recipe["loss_settings"]
    assert recipe["augmentation"] == {"off_prompt": {"share": 0.5, "ties": True}}


def test_a_wrong_setting_stands_beside_its_field(world, given):
    form = RunForm({**given, "loss_settings.bradley_terry.label_smoothing": "0.7"}, project=world.project)
    assert list(form.errors) == ["loss_settings.bradley_terry.label_smoothing"]
    form = RunForm(
        {**given, "augmentation.off_prompt": "on", "augmentation.off_prompt.share": "2"}, project=world.project
    )
    assert list(form.errors) == ["augmentation.off_prompt.share"]
    form = RunForm({**given, "ensemble": "90"}, project=world.project)
    assert list(form.errors) == ["ensemble"]


def test_yaml_goes_over_the_fields(world, given):
    data = {**given, "loss_settings.bradley_terry.center": "0.01", "more": "loss_settings: {label_smoothing: 0.2}"}
    form = RunForm(data, project=world.project)
    assert form.is_valid(), form.errors
    own = form.cleaned_data["recipe"]["loss_settings"]
    assert (own["center"], own["label_smoothing"]) == (0.01, 0.2)
    other = RunForm({**given, "more": "loss: bradley_terry_ties"}, project=world.project)
    assert other.is_valid(), other.errors
    assert other.cleaned_data["recipe"]["loss"] == "bradley_terry_ties"


def test_a_sweep_starts_its_runs_under_one_name(world, given):
    answer = post(world, {**given, "name": "rates", "vary": "lr: 1e-5, 2e-5\nseed: 0, 1"})
    assert answer["Location"].endswith("/runs/?sweep=rates")
    runs = Run.objects.filter(sweep="rates")
    assert {(run.recipe["lr"], run.recipe["seed"]) for run in runs} == {(1e-5, 0), (1e-5, 1), (2e-5, 0), (2e-5, 1)}
    assert all(run.job for run in runs)
    page = world.client(world.owner).get(answer["Location"]).content.decode()
    assert "rates: lr 1e-5, seed 0" in page
    assert "Compare the sweep" in page


def test_a_sweep_stays_where_the_web_may_look(world, given):
    assert post(world, {**given, "vary": "backbone: minilm, /etc"}).status_code == 200
    assert not Run.objects.exists()


def test_too_large_or_wrong_a_sweep_starts_nothing(world, given):
    for vary in ("seed: " + ", ".join(map(str, range(40))), "speed: 1", "lr"):
        text = post(world, {**given, "vary": vary}).content.decode()
        assert 'id="id_vary_error"' in text
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("vary", "said"),
    [("lr: 1e-5, 2e-5", "Starts 2 runs."), ("", "one run"), ("speed: 1", "speed"), ("seed: 5", "Starts 1 run.")],
)
def test_the_count_says_what_would_start(world, given, vary, said):
    url = reverse("count_sweep", args=[world.project.pk])
    assert said in world.client(world.owner).post(url, {**given, "vary": vary}).content.decode()
    assert not Run.objects.exists()


def test_runs_can_be_ticked_and_compared(world):
    trained_model(world)
    page = reverse("runs", args=[world.project.pk])
    client = world.client(world.owner)
    assert "Compare the ticked" not in client.get(page).content.decode()
    model = trained_model(world, name="the second")
    text = client.get(page).content.decode()
    assert f'name="run" value="{model.run_id}"' in text
    assert "the second" not in client.get(f"{page}?sweep=none").content.decode()
