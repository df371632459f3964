"""Every plot of the data-quality page fulfils the contract of `curation.quality`."""

import json

import numpy as np
import pytest

from curation import pairs, quality
from curation.quality import Evidence, NothingToShow
from tests.curation.conftest import make_row, make_vote

NAMES = quality.names()


def vote(rater, kind, outcome, **more):
    return {**make_vote(rater, outcome), "kind": kind, "p_a": None, **more}


def evidence(rows, *, first="a", versions=()):
    """Evidence on hand-made rows: the votes of each with everything known of them."""
    import pyarrow as pa

    table = pa.Table.from_pylist([make_row(number, **row) for number, row in enumerate(rows)], schema=pairs.SCHEMA)
    votes = [(row, one) for row, own in enumerate(table["votes"].to_pylist()) for one in own]

    def column(name, missing):
        values = [missing if one[name] is None else one[name] for _, one in votes]
        return np.array(values, dtype=object if missing == "" else float)

    return Evidence(
        table=table,
        row_V=np.array([row for row, _ in votes], dtype=np.int64),
        rater_V=column("rater", ""), kind_V=column("kind", ""), outcome_V=column("outcome", ""),
        first_V=np.array([first] * len(votes), dtype=object),
        level_V=column("level", np.nan), p_a_V=column("p_a", np.nan), seconds_V=column("seconds", np.nan),
        at_V=np.arange(len(votes), dtype=float) * 3600, versions=tuple(versions),
    )  # fmt: skip


def everything(n=60):
    """Pairs that carry every plot: three people, two reward models and a judge, gold, groups, models, lengths."""
    rng = np.random.default_rng(4)
    rows = []
    for number in range(n):
        gold = "ab"[number % 2]
        people = [gold if rng.random() < 0.8 else "tie" for _ in range(3)]
        votes = [vote(f"p{i}", "person", said, seconds=float(rng.integers(2, 60))) for i, said in enumerate(people)]
        for model, sure in (("m1", 0.9), ("m2", rng.uniform(0.2, 0.9))):
            votes.append(vote(model, "reward_model", gold, p_a=sure if gold == "a" else 1 - sure))
        votes.append(vote("j", "language_model", gold, p_a=0.7 if gold == "a" else 0.3))
        sides = {"model_a": "xyz"[number % 3], "model_b": "yzx"[number % 3]}
        texts = {"response_a": "a" * (10 + number), "response_b": "b" * 40, "prompt": f"prompt {number // 3}"}
        rows.append({"votes": votes, "outcome": gold, "gold": gold, "group": f"g{number % 2}", **sides, **texts})
    found = evidence(rows)
    return Evidence(**{**found.__dict__, "versions": (("main v1", found.table), ("main v2", found.table.slice(20)))})


@pytest.fixture(scope="module")
def whole():
    return everything()


def test_plots_that_experts_look_for_are_there():
    assert set(NAMES) >= {
        "calibration", "confusion", "control_chart", "drift", "longer_wins", "model_disagreement", "position",
        "strength_margins", "time_accuracy", "win_rates",
    }  # fmt: skip
    assert [quality.get(name).ORDER for name in NAMES] == sorted(quality.get(name).ORDER for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_plain_and_drawn_with_intervals_and_links(name, whole):
    module = quality.get(name)
    plot = module.measure(whole)
    figures = json.loads(json.dumps(plot.figures, allow_nan=False))
    asked = []
    chart = module.chart(figures, lambda cell: asked.append(cell) or f"/rows/{cell}", f"plot-{name}")
    assert chart["title"] == module.TITLE
    assert chart["rows"]
    assert all(len(row) == len(chart["columns"]) for row in chart["rows"])
    json.dumps(chart["options"], allow_nan=False)
    assert set(asked) <= set(plot.cells), "a link leads nowhere"
    for cell, rows in plot.cells.items():
        assert "|" not in module.words(figures, cell)
        assert len(rows)
        assert len(np.unique(rows)) == len(rows)
        assert rows.max() < whole.table.num_rows
    without = module.chart(figures, None, "x")
    assert "/rows/" not in json.dumps(without)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_lacking_is_said(name):
    for bare in (evidence([]), evidence([{"votes": []}, {"votes": []}], first="")):
        with pytest.raises(NothingToShow, match=r"^[A-Z].*\.$"):
            quality.get(name).measure(bare)


@pytest.mark.parametrize(
    ("name", "cell", "words"),
    [
        ("confusion", "all|a|b", "all: verified a, consensus b"),
        ("longer_wins", "people|0", "people: up to 1.1 × as long"),
        ("position", "first shown|0", "Votes of p1"),
        ("win_rates", "x|y", "x against y"),
    ],
)
def test_what_lies_behind_a_part_is_called_in_words(whole, name, cell, words):
    module = quality.get(name)
    plot = module.measure(whole)
    assert module.words(plot.figures, cell) == words
