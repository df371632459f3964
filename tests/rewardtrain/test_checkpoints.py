"""Checkpoints hold all that a training needs to go on."""

from pathlib import Path

import numpy as np
import torch

from rewardtrain import checkpoints


def test_a_checkpoint_holds_everything(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    model(torch.ones(2, 3)).sum().backward()
    optimizer.step()
    state = checkpoints.State(step=7, epoch=1, position=2, best_step=7, best_loss=0.5, window={"loss": 1.5})
    checkpoints.save(tmp_path, state, model, optimizer)
    drawn = torch.rand(3)
    other = torch.nn.Linear(3, 1)
    other_optimizer = torch.optim.AdamW(other.parameters(), fused=True)
    assert checkpoints.restore(tmp_path, other, other_optimizer) == state
    assert torch.equal(torch.rand(3), drawn)
    assert torch.equal(other.weight, model.weight)
    for one, two in zip(optimizer.state.values(), other_optimizer.state.values(), strict=True):
        assert all(np.array_equal(one[name], two[name]) for name in one)


def test_without_a_checkpoint_it_begins(tmp_path: Path) -> None:
    model = torch.nn.Linear(3, 1)
    assert checkpoints.restore(tmp_path, model, torch.optim.AdamW(model.parameters())) == checkpoints.State()
