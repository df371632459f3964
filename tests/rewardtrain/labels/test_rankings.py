"""Rankings: ties, what cannot be ranked, lists of different length."""

import numpy as np
import pyarrow as pa
import pytest
import torch

from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError
from rewardtrain.labels import rankings


def table(*rows: tuple) -> pa.Table:
    given = [{"prompt": "why", "responses": list(responses), "ranks": list(ranks)} for responses, ranks in rows]
    return rankings.normalised(pa.Table.from_pylist(given))


def test_ranks_are_dense_and_lists_are_filled_up(encoder: Encoder) -> None:
    found = rankings.prepare(table((["good", "bad", "dull"], [1, 7, 7]), (["bad", "good"], [2, 1])), encoder)
    assert found.rank_LM.tolist() == [[0, 1, 1], [1, 0, -1]]
    assert found.place_LM.tolist() == [[0, 1, 2], [1, 0, -1]]
    assert found.report["sequences"] == 3


def test_what_is_left_out_is_counted(encoder: Encoder) -> None:
    rows = [(["good", "bad"], [1, 1]), (["good", "bad"], [1, None]), (["good", "good"], [1, 2]), (["a", "b"], [1, 2])]
    report = rankings.prepare(table(*rows), encoder).report
    assert (report["rankings"], report["without_order"]) == (1, 3)


@pytest.mark.parametrize(
    ("row", "message"),
    [((["good", "bad"], [1]), "as many ranks"), ((["good", "bad"], [1, 1.5]), "whole numbers")],
)
def test_bad_rows_are_named(row: tuple, message: str) -> None:
    with pytest.raises(DataError, match=f"Row 1.*{message}"):
        table(row)


def test_a_list_over_the_budget_is_not_cut(encoder: Encoder) -> None:
    found = rankings.prepare(table((["good", "bad", "dull", "fine"], [1, 2, 3, 4])), encoder)
    (step,) = found.plan(budget=1, seed=0, epoch=0)
    assert step.sequences.tolist() == [0, 1, 2, 3]


def test_agreement_leaves_ties_out(encoder: Encoder) -> None:
    found = rankings.prepare(table((["good", "bad", "dull"], [1, 2, 2])), encoder)
    out = torch.tensor([[1.0], [2.0], [0.0]])
    batch = found.batch(np.arange(1), found.place_LM, out, out, torch.from_numpy)
    assert found.agreement(batch, lambda out_UK: out_UK[:, 0]) == (1.0, 2)
