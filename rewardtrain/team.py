"""Several processes on one training: each takes a part of every step's labels, and the gradient is that of one.

    torchrun --nproc-per-node 2 -m rewardtrain train data run          (or accelerate launch, over several machines)

Every process holds the data, the weights and the optimizer, plans the same steps and evaluates alike; only gradients
are added up. So the state is that of one process, and a run resumes on any number of them. The first alone writes. The
run's folder must be one that all of them see. Without the launcher's environment a training is a team of one.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import distributed

from rewardtrain.batching import Step

if TYPE_CHECKING:
    from rewardtrain.labels import LabelSet


@dataclass(frozen=True)
class Team:
    """This process among those of one training.

    Attributes
    ----------
    rank : 0 for the one that writes.
    size : how many there are.
    """

    rank: int = 0
    size: int = 1

    @classmethod
    def join(cls) -> "Team":
        """The team that the launcher's environment names: RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        on_gpu = torch.cuda.is_available()
        if on_gpu:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
        if not distributed.is_initialized():
            distributed.init_process_group("nccl" if on_gpu else "gloo")
        return cls(distributed.get_rank(), size)

    @property
    def writes(self) -> bool:
        return self.rank == 0

    def part(self, step: Step, found: "LabelSet") -> Step:
        """This process's labels of a step: those about the same sequences together, so that few are encoded twice."""
        if self.size == 1:
            return step
        first_L = found.sequence_of(found.place_LM[step.labels])[:, 0]
        mine = np.array_split(step.labels[np.argsort(first_L, kind="stable")], self.size)[self.rank]
        sequences = np.unique(found.sequence_of(found.place_LM[mine]))
        return Step(sequences[sequences >= 0], mine)

    def add_up(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Make every gradient the sum over the team; a process whose part was empty adds nothing."""
        if self.size == 1:
            return
        for parameter in parameters:
            if parameter.requires_grad:
                if parameter.grad is None:
                    parameter.grad = torch.zeros_like(parameter)
                distributed.all_reduce(parameter.grad)

    def total(self, values: list[float], device: torch.device) -> list[float]:
        """Each value summed over the team."""
        if self.size == 1:
            return values
        together = torch.tensor(values, dtype=torch.float64, device=device)
        distributed.all_reduce(together)
        return [float(value) for value in together.tolist()]

    def wait(self) -> None:
        """Go on when all are here."""
        if self.size > 1:
            distributed.barrier()
