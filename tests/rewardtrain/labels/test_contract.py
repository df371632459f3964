"""Every kind of labels keeps the contract of `rewardtrain.labels`."""

import numpy as np
import pyarrow as pa
import pytest
import torch

from rewardtrain import evaluation, labels
from rewardtrain.encoding import Encoder
from rewardtrain.errors import DataError
from rewardtrain.modeling import losses


def prepared(name: str, encoder: Encoder) -> labels.LabelSet:
    kind = labels.get(name)
    return kind.prepare(kind.normalised(kind.example()), encoder)


@pytest.mark.parametrize("name", labels.names())
class TestContract:
    def test_says_what_it_is(self, name: str) -> None:
        kind = labels.get(name)
        assert kind.TITLE
        assert kind.COLUMNS
        assert evaluation.get(kind.SUITE)
        assert {"prompt", "group"} <= set(kind.normalised(kind.example()).column_names)

    def test_some_loss_learns_from_it(self, name: str) -> None:
        assert name in {losses.get(loss).LABELS for loss in losses.names()}

    def test_every_label_stands_in_one_step(self, name: str, encoder: Encoder) -> None:
        found = prepared(name, encoder)
        steps = found.plan(budget=1000, seed=0, epoch=0)
        assert sorted(np.concatenate([step.labels for step in steps]).tolist()) == list(range(len(found)))
        assert found.weight_L.shape == (len(found),)

    def test_a_batch_and_its_agreement(self, name: str, encoder: Encoder) -> None:
        found = prepared(name, encoder)
        units = found.units(np.arange(len(found.sequences)))
        out = torch.randn(len(units), 1, generator=torch.Generator().manual_seed(0))
        batch = found.batch(np.arange(len(found)), found.place_LM, out, out, torch.from_numpy)
        right, decided = found.agreement(batch, lambda out_UK: out_UK[:, 0])
        assert 0 <= right <= decided

    def test_the_same_table_without_rows(self, name: str, encoder: Encoder) -> None:
        kind = labels.get(name)
        table = kind.normalised(kind.example()).slice(0, 0)
        assert len(kind.prepare(table, encoder)) == 0

    def test_a_table_of_something_else_is_refused(self, name: str) -> None:
        with pytest.raises(DataError):
            labels.get(name).normalised(pa.table({"prompt": ["why"], "text": ["good"]}))
