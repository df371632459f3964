"""Training: one loop from pairs to a reward model's folder, exact to resume.

A run folder:

    run.json         recipe, data hash, versions; the same folder takes no other run
    progress.jsonl   one line a log event: {"kind", "step", "steps_total", "epoch", "seconds", ...}
        data         rows, labels, sequences, tokens, truncated … of each split
        head         sequences that go through the untouched backbone, to fit the head
        train        loss, accuracy, lr, pairs_per_s, tokens_per_s, since the last such line
        eval         loss, accuracy on the validation split, best (whether it is the best so far)
        resume, cancelled, done
    checkpoints/     the latest and the best; gone when the run is done
    model/           the reward model (rewardtrain.modeling.reward_model)
    metrics.json     written last: a run with it is done
    error.json       {"kind", "message"}, written by the command line when a run fails

The loop itself stands in `rewardtrain.loop`.
"""

import errno
import json
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import torch
import transformers

from rewardtrain import checkpoints, data, members, pictures, splits
from rewardtrain.errors import TrainingError
from rewardtrain.keeping import Store
from rewardtrain.loop import Loop
from rewardtrain.measuring import headlines, measured
from rewardtrain.modeling.reward_model import CARD, read_card
from rewardtrain.recipe import Recipe
from rewardtrain.scoring import Scorer
from rewardtrain.storage import locked, write_folder, write_json
from rewardtrain.team import Team


def train(
    source: str | Path, out: str | Path, recipe: Recipe, *, stop: Callable[[], bool] = lambda: False,
    media: str | Path | None = None, store: Store | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Train a reward model, or resume, or return the metrics of a run already done.

    Parameters
    ----------
    source : a dataset version's folder or a Parquet file (`rewardtrain.data`).
    out : the run's folder, made where it is missing.
    stop : asked between steps; when true a checkpoint is written and `Cancelled` raised.
    media : folder of the pictures, where it is not ``media`` in the source's own (`rewardtrain.pictures`).
    store : keeps what the untouched backbone makes of texts and pictures, for trainings of the head alone.

    Raises
    ------
    LabError
        With a message that says what to change: an empty split, a loss that is not finite, memory running out,
        a folder that holds another run.
    """
    run = Path(out)
    run.mkdir(parents=True, exist_ok=True)
    team = Team.join()
    if team.size > 1 and recipe.ensemble > 1:
        raise TrainingError("An ensemble trains its members one after another; start a run for each on several GPUs.")
    seen = {"media": pictures.media_of(source, media), "store": store if recipe.tuning == "head" else None}
    with locked(run) if team.writes else nullcontext(), _readable_shortages(recipe):
        identity = {
            "recipe": recipe.to_dict(),
            "data": {"source": str(source), "hash": data.content_hash(source, *recipe.mixture)},
        }
        if team.writes:
            _claim(run, identity)
        team.wait()
        if (run / "metrics.json").exists():
            checkpoints.remove(run)  # where the process died between the two
            return json.loads((run / "metrics.json").read_text(encoding="utf-8"))
        if team.writes:
            (run / "error.json").unlink(missing_ok=True)
        if recipe.ensemble > 1:
            return _ensemble(source, run, recipe, identity["data"]["hash"], stop, seen)
        return Loop(source, run, recipe, identity["data"]["hash"], stop, seen=seen).run_to_end()


def _ensemble(
    source: str | Path, run: Path, recipe: Recipe, data_hash: str, stop: Callable[[], bool], seen: dict[str, Any]
) -> dict[str, Any]:
    """Train each member in a folder of its own, then put their models together and measure the whole."""
    mirror = members.Mirror(run / "progress.jsonl", recipe.ensemble)
    found = []
    for member in range(recipe.ensemble):
        folder = run / members.FOLDER / str(member)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "metrics.json").exists():
            found.append(json.loads((folder / "metrics.json").read_text(encoding="utf-8")))
        else:
            training = Loop(source, folder, members.recipe_of(recipe, member), data_hash, stop, mirror.log, seen)
            found.append(training.run_to_end())
        mirror.next(found[-1]["steps"])
    mirror.close()
    metrics: dict[str, Any] = {
        **found[0],
        "steps": mirror.before,
        "steps_total": mirror.before,
        "seconds": round(sum(one["seconds"] for one in found), 3),
        "members": [headlines(one["evaluations"]) for one in found],
    }
    parts = splits.read(source, recipe, splits.encoder_of(recipe, seen["media"]))

    def fill(folder: Path) -> None:
        names = members.gathered(run, folder, recipe.ensemble)
        card = {**read_card(folder / names[0]), "recipe": recipe.to_dict(), "members": names}
        write_json(folder / CARD, card)
        scorer = Scorer(folder, device=recipe.device, **seen)
        metrics["evaluations"] = measured(parts, scorer, recipe.seed)
        told = {"temperature": scorer.card["temperature"], "metrics": headlines(metrics["evaluations"])}
        write_json(folder / CARD, {**card, **told})

    write_folder(run / "model", fill)
    write_json(run / "metrics.json", metrics)
    shutil.rmtree(run / members.FOLDER)
    return metrics


def _claim(run: Path, identity: dict[str, Any]) -> None:
    """Make the folder this run's own, or see that it already is."""
    path = run / "run.json"
    if path.exists():
        try:
            other = json.loads(path.read_text(encoding="utf-8"))
            held = Recipe.from_mapping(other["recipe"]).to_dict()  # what it does not say had the default
            differs = [key for key, value in identity["recipe"].items() if held[key] != value]
            differs += ["data"] if other["data"]["hash"] != identity["data"]["hash"] else []
        except (ValueError, KeyError, AttributeError):
            raise TrainingError(f"{path} cannot be read. Choose another folder.") from None
        if differs:
            raise TrainingError(f"{run} holds another run; it differs in {', '.join(differs)}. Choose another folder.")
        return
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
    write_json(path, {**identity, "versions": versions, "threads": torch.get_num_threads()})


@contextmanager
def _readable_shortages(recipe: Recipe) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise TrainingError(
            "The disk is full. Make room and start the run again: it goes on from its last whole checkpoint."
        ) from error
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        starved = isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)
        if isinstance(error, TrainingError) or not starved:
            raise
        raise TrainingError(
            f"Memory ran out. Lower tokens_per_step (now {recipe.tokens_per_step}) or max_length (now "
            f"{recipe.max_length}), or set gradient_checkpointing=true; a resumed run needs a new folder for that."
        ) from error
