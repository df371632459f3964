"""Checkpoints: all that a training needs to go on as if nothing had happened, in safetensors and JSON.

checkpoints/step-00000100/   model.safetensors  optimizer.safetensors (with the generators' states)  state.json
"""

import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, load_model, save_file, save_model

from rewardtrain.errors import TrainingError
from rewardtrain.storage import write_folder

_FOLDER = "checkpoints"


@dataclass
class State:
    """Where a training stands.

    Attributes
    ----------
    step : updates done.
    epoch, position : the next step's place in the plan.
    evaluated : step of the last validation, -1 before the first.
    best_step, best_loss : the validation that is best so far; -1 and None before the first.
    stale : validations since then.
    seconds : time spent up to here, over all processes.
    window : sums since the last line of progress.
    """

    step: int = 0
    epoch: int = 0
    position: int = 0
    evaluated: int = -1
    best_step: int = -1
    best_loss: float | None = None
    stale: int = 0
    seconds: float = 0.0
    window: dict[str, float] = field(default_factory=dict)


def folder(run: Path, step: int) -> Path:
    """Where the checkpoint of a step stands."""
    return run / _FOLDER / f"step-{step:08d}"


def save(run: Path, state: State, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    """Write a checkpoint, then drop all but this and the best one."""
    tensors = {"generator.cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        tensors["generator.cuda"] = torch.cuda.get_rng_state()
    for index, slots in optimizer.state_dict()["state"].items():
        for name, value in slots.items():
            tensors[f"{index}.{name}"] = value.contiguous()

    def fill(target: Path) -> None:
        save_model(model, str(target / "model.safetensors"))
        save_file(tensors, target / "optimizer.safetensors")
        (target / "state.json").write_text(json.dumps(asdict(state)), encoding="utf-8")

    write_folder(folder(run, state.step), fill)
    for other in (run / _FOLDER).glob("step-*"):
        if other not in (folder(run, state.step), folder(run, state.best_step)):
            shutil.rmtree(other)


def restore(run: Path, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> State:
    """The state of the latest checkpoint, loaded into model and optimizer; the initial state where there is none."""
    found = sorted((run / _FOLDER).glob("step-*"))
    if not found:
        return State()
    latest = found[-1]
    try:
        state = State(**json.loads((latest / "state.json").read_text(encoding="utf-8")))
        tensors = load_file(latest / "optimizer.safetensors")
        restore_weights(run, state.step, model)
    except (OSError, ValueError, TypeError, RuntimeError, SafetensorError) as error:
        raise TrainingError(
            f"The checkpoint {latest} cannot be read ({error}). Remove it to go on from before."
        ) from None
    torch.set_rng_state(tensors.pop("generator.cpu"))
    cuda = tensors.pop("generator.cuda", None)
    if cuda is not None and torch.cuda.is_available():
        torch.cuda.set_rng_state(cuda)
    slots: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        index, _, name = key.partition(".")
        slots.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": slots, "param_groups": optimizer.state_dict()["param_groups"]})
    return state


def restore_weights(run: Path, step: int, model: torch.nn.Module) -> None:
    """Load the weights of one checkpoint."""
    load_model(model, str(folder(run, step) / "model.safetensors"))


def remove(run: Path) -> None:
    """Drop all checkpoints of a finished run."""
    shutil.rmtree(run / _FOLDER, ignore_errors=True)
