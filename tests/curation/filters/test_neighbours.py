"""Neighbours that disagree: planted wrong labels are found, on whichever side responses stand, and by faiss' index."""

import numpy as np
import pytest

from curation import applying, pairs
from curation.filters import Context, neighbours
from curation.ports import Models

SETTINGS = {"neighbours": 15, "threshold": 0.35, "action": "flip"}


def embed(texts):
    """The numbers that a text holds, as a unit vector."""
    vectors = np.array([[float(word) for word in text.split()] for text in texts])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def planted(pair_table, count=240, wrong=40):
    """Better responses point one way; each pair's sides stand at random; the first labels are wrong."""
    rng = np.random.default_rng(5)

    def text(better):
        return " ".join(f"{x:.4f}" for x in rng.normal(0, 0.4, 6) + np.array([1.0, 0, 0, 0, 0, 0]) * better)

    rows = []
    for number in range(count):
        a_better = bool(rng.random() < 0.5)
        outcome = "a" if a_better != (number < wrong) else "b"
        said = text(1), text(-1)
        rows.append(
            {"prompt": text(0), "response_a": said[not a_better], "response_b": said[a_better], "outcome": outcome}
        )
    return pair_table(*rows)


def decide(table, **more):
    return neighbours.decide(table, {**SETTINGS, **more}, Context(Models(embed=embed)))


def test_finds_planted_wrong_labels_and_puts_them_right(pair_table):
    table = planted(pair_table)
    found = decide(table)
    assert (found.action_N[:40] == "flip").mean() > 0.9
    assert (found.action_N[40:] == "keep").mean() > 0.98
    after, _ = applying.apply(table, found, stage=1, filter="neighbours")
    assert (decide(after).action_N == "keep").mean() > 0.98


def test_sides_mean_nothing(pair_table):
    table = planted(pair_table, 60, 10)
    swapped = [
        {
            **row,
            **{f"response_{s}": row[f"response_{o}"] for s, o in ("ab", "ba")},
            "p_a": row["p_b"],
            "p_b": row["p_a"],
        }
        for row in table.to_pylist()
    ]
    mixed = [swapped[n] if n % 3 == 0 else row for n, row in enumerate(table.to_pylist())]
    other = table.from_pylist(mixed, schema=pairs.SCHEMA)
    np.testing.assert_allclose(decide(other).score_N, decide(table).score_N, atol=1e-6)


def test_large_tables_are_searched_by_an_index(pair_table, monkeypatch):
    table = planted(pair_table)
    exact = decide(table)
    monkeypatch.setattr(neighbours, "EXACT", 100)
    found = decide(table)
    assert (found.action_N == exact.action_N).mean() > 0.97
    order = np.random.default_rng(0).permutation(table.num_rows)
    assert decide(table.take(order)).action_N.tolist() == found.action_N[order].tolist()


def test_ties_have_no_winner_to_doubt_and_one_row_no_neighbour(pair_table):
    table = planted(pair_table, 20, 0)
    tied = pairs.with_columns(table, {"p_a": np.zeros(20), "p_b": np.zeros(20), "p_tie": np.ones(20)})
    assert np.isnan(decide(tied).score_N).all()
    assert decide(table.slice(0, 1)).action_N.tolist() == ["keep"]
    assert decide(table, neighbours=500).score_N.shape == (20,), "fewer rows than neighbours"


@pytest.mark.real_data
def test_flipped_arguments_are_found(real_data):
    """30 % of the labels of one debate flipped; the vectors are shares of words, the plainest there are."""
    import gzip
    import json

    from tests.curation.conftest import make_row

    with gzip.open(real_data / "convarg" / "pairs.jsonl.gz", "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if row["gold"] in ("a", "b")]
    topic = rows[0]["topic"]
    rows = [row for row in rows if row["topic"] == topic and row["response_a"] != row["response_b"]]
    flipped_N = np.random.default_rng(1).random(len(rows)) < 0.3
    other = {"a": "b", "b": "a"}
    made = [
        make_row(
            n, prompt=row["prompt"], response_a=row["response_a"], response_b=row["response_b"],
            outcome=other[row["gold"]] if flipped else row["gold"],
        )
        for n, (row, flipped) in enumerate(zip(rows, flipped_N, strict=True))
    ]  # fmt: skip
    table = pairs.pa.Table.from_pylist(made, schema=pairs.SCHEMA)
    words = sorted({word for row in rows for side in "ab" for word in row[f"response_{side}"].lower().split()})
    place = {word: n for n, word in enumerate(words)}

    def count(texts):
        vectors = np.full((len(texts), len(words)), 1e-6, dtype=np.float32)
        for n, text in enumerate(texts):
            for word in text.lower().split():
                if word in place:
                    vectors[n, place[word]] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    score_N = neighbours.decide(table, SETTINGS | {"neighbours": 50}, Context(Models(embed=count))).score_N
    ranks = np.argsort(np.argsort(-score_N, kind="stable"))
    positives = flipped_N.sum()
    auroc = (ranks[flipped_N].sum() - positives * (positives - 1) / 2) / (positives * (~flipped_N).sum())
    assert auroc > 0.8
