"""Small trainings on one table, asked about another; and what they see of texts."""

import numpy as np
import pyarrow as pa
import pytest

from curation import pairs
from rewardtrain import ensembles, features
from rewardtrain.errors import RecipeError, TrainingError
from rewardtrain.keeping import Store
from tests.curation.conftest import make_row
from tests.curation.learners import comparisons


def counted(prompts, responses):
    """Two numbers a text instead of a backbone's vector."""
    counts = [
        [text.count("good"), text.count("dull") + 0.1 * len(prompt)]
        for prompt, text in zip(prompts, responses, strict=True)
    ]
    return np.array(counts, dtype=np.float32).reshape(-1, 2)


def table_of(*rows):
    return pa.Table.from_pylist([make_row(place, **dict(row)) for place, row in enumerate(rows)], schema=pairs.SCHEMA)


@pytest.fixture(scope="module")
def table():
    return table_of(*comparisons(20, 150))


def agreement(margins, table):
    return ((margins > 0) == (table["p_a"].to_numpy() > 0.5)).mean()


def test_a_head_learns_what_its_features_show(table):
    found = ensembles.margins(table.slice(0, 100), table.slice(100), {}, counted)
    assert found.shape == (1, 1, 50)
    assert agreement(found[0, 0], table.slice(100)) > 0.85


def test_by_epochs_it_comes_to_the_same(table):
    moments = ensembles.margins(table, table, {"epochs": 20}, counted)
    assert moments.shape == (20, 1, 150)
    assert agreement(moments[-1, 0], table) > 0.85
    assert agreement(moments[-1, 0], table) >= agreement(moments[0, 0], table)


def test_members_differ_and_a_seed_repeats_them(table):
    found = ensembles.margins(table, table, {"members": 3, "seed": 5}, counted)
    assert found.shape == (1, 3, 150)
    assert (found[0].std(axis=0) > 1e-4).mean() > 0.9
    np.testing.assert_array_equal(found, ensembles.margins(table, table, {"members": 3, "seed": 5}, counted))
    assert np.abs(found - ensembles.margins(table, table, {"members": 3, "seed": 6}, counted)).max() > 1e-4


def test_mirrored_pairs_have_the_opposite_margin(table):
    swap = {"response_a": table["response_b"].to_pylist(), "response_b": table["response_a"].to_pylist()}
    mirrored = pairs.with_columns(table, swap)
    plain, other = (ensembles.margins(table, asked, {}, counted) for asked in (table, mirrored))
    np.testing.assert_allclose(plain, -other, atol=1e-6)


def test_weights_and_soft_labels_count(table):
    wrong = pairs.with_columns(table, {"p_a": table["p_b"].to_numpy(), "p_b": table["p_a"].to_numpy()})
    weak = pairs.with_columns(wrong, {"weight": np.full(150, 0.2)})
    found = ensembles.margins(pa.concat_tables([table, weak]), table, {}, counted)
    assert agreement(found[0, 0], table) > 0.8
    even = pairs.with_columns(table, {"p_a": np.full(150, 0.5), "p_b": np.full(150, 0.5)})
    assert np.abs(ensembles.margins(even, table, {}, counted)).max() < 0.05


def test_the_prompt_is_seen_where_it_is_asked_for(table):
    seen = []

    def spy(prompts, responses):
        seen.append(set(prompts))
        return counted(prompts, responses)

    ensembles.margins(table, table, {}, spy)
    ensembles.margins(table, table, {"sees_prompt": True}, spy)
    assert seen[0] == {""}
    assert seen[1] == set(table["prompt"].to_pylist())


def test_what_cannot_teach_is_said(table):
    with pytest.raises(TrainingError, match="No pair"):
        ensembles.margins(pairs.with_columns(table, {"weight": np.zeros(150)}), table, {}, counted)
    with pytest.raises(RecipeError, match="mode"):
        ensembles.margins(table, table, {"mode": "guess"}, counted)
    with pytest.raises(RecipeError, match="wings"):
        ensembles.margins(table, table, {"wings": 2}, counted)


@pytest.mark.slow
def test_whole_trainings_too(table, tiny_encoder):
    recipe = {"backbone": str(tiny_encoder), "epochs": 1, "max_length": 32, "holdout": 0.0, "tuning": "head"}
    found = ensembles.margins(table, table.slice(0, 30), {"mode": "recipe", "members": 2, "recipe": recipe})
    assert found.shape == (1, 2, 30)
    assert np.isfinite(found).all()
    assert np.abs(found[0, 0] - found[0, 1]).max() > 0


def test_vectors_are_computed_once_and_kept(tmp_path, monkeypatch):
    store = Store(tmp_path / "store" / "features.sqlite3")
    computed = []
    monkeypatch.setattr(
        features, "_computed", lambda texts: computed.append(texts) or np.array([[len(r), 1.5] for _, r in texts])
    )
    first = features.vectors(["", "why", ""], ["short", "short", "short"], store)
    assert first.dtype == np.float32
    assert computed == [[("", "short"), ("why", "short")]]
    again = features.vectors(["why", ""], ["short", "longer"], Store(tmp_path / "store" / "features.sqlite3"))
    assert computed[1:] == [[("", "longer")]]
    assert again.tolist() == [[5, 1.5], [6, 1.5]]


def test_the_backbone_sees_response_and_length():
    found = features.vectors(["", "", ""], ["Taxes rise.", "Taxes rise. " * 20, "Taxes rise."])
    assert found.shape == (3, 384)
    np.testing.assert_array_equal(found[0], found[2])
    assert np.linalg.norm(found[1]) > 1.5 * np.linalg.norm(found[0])
