"""Models by name: folders below one root, read when first asked for, those used last kept, changed ones read anew.

A name is a folder's path below the root, `run-7/model`, or an alias of one. What lies outside, also by way of a link,
does not exist. A folder is refused if it holds pickles, which could run code, or if it is not whole: it is read only
when nothing in it changed meanwhile.
"""

import contextlib
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from rewardtrain.modeling.reward_model import CARD, MODEL_CARD, read_card
from rewardtrain.scoring import Scorer
from rewardtrain.serving.batching import Batcher
from rewardtrain.serving.errors import Refused
from rewardtrain.serving.limits import Limits
from rewardtrain.serving.metrics import Metrics

REFERENCE = "reference_rewards.json"  # rewards of a reference sample, for normalisation to quantiles
PICKLES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib"}
_LISTED, _DEPTH, _LIST_SECONDS = 1000, 5, 2.0

Stamp = tuple[tuple[str, int, int, int], ...]


class Models:
    """The models of a server.

    Parameters
    ----------
    default : the model that is meant where a request names none; without it, the only one there is.
    aliases : other names of models.
    scorer : what reads a folder and scores; `Scorer`, or what stands in for it.
    """

    def __init__(
        self,
        root: Path,
        *,
        device: str = "auto",
        precision: str = "fp32",
        default: str | None = None,
        aliases: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        metrics: Metrics | None = None,
        scorer: Callable[..., Any] = Scorer,
    ) -> None:
        self.root, self.device, self.precision = root.resolve(), device, precision
        self.default, self.aliases = default, dict(aliases or {})
        self.limits, self.metrics = limits or Limits(), metrics or Metrics()
        self._scorer = scorer
        self._kept: OrderedDict[Path, tuple[Stamp, Batcher]] = OrderedDict()
        self._leaving: list[Batcher] = []
        self._closed = False
        self._lock = threading.Lock()
        self._listed: tuple[float, list[str]] = (-_LIST_SECONDS, [])

    def get(self, name: str | None) -> tuple[str, Batcher]:
        """The model called ``name`` (None: the default): its own name, and its queue.

        Raises
        ------
        Refused
            If there is none, or it cannot be loaded.
        """
        name, folder = self.folder(name)
        stamp = _stamp(folder)
        with self._lock:
            if self._closed:
                raise Refused(503, "The server is ending.", retry_after=5)
            kept = self._kept.get(folder)
            if kept is None or kept[0] != stamp or kept[1].worth_another_try:
                if kept:
                    self._leave(self._kept.pop(folder)[1])
                _check(folder, name)  # before another model has to make room for it
                self._kept[folder] = kept = (stamp, Batcher(name, lambda: self._load(folder, name), *self._own))
            self._kept.move_to_end(folder)
            while len(self._kept) > self.limits.models:
                self._leave(self._kept.popitem(last=False)[1][1])
        return name, kept[1]

    def folder(self, name: str | None) -> tuple[str, Path]:
        """The own name and the folder of the model called ``name``."""
        if name is None:
            name = self.default or self._only()
        own = self.aliases.get(name, name)
        folder = (self.root / own).resolve() if "\0" not in own and len(own) < 1000 else self.root.parent
        if not own or not folder.is_relative_to(self.root) or not folder.is_dir():
            raise Refused(404, f"There is no model {name!r}.")
        return name, folder

    def names(self) -> list[str]:
        """Names of the models below the root, and the aliases."""
        at, found = self._listed
        if time.monotonic() - at > _LIST_SECONDS:
            found = sorted(_found(self.root))
            self._listed = time.monotonic(), found
        return [*self.aliases, *found]

    def loaded(self) -> list[str]:
        """Names of the models in memory, the one used last behind."""
        with self._lock:
            return [batcher.name for _, batcher in self._kept.values() if not batcher.broken]

    def close(self, seconds: float) -> None:
        """Take nothing more, and wait until what is queued is answered, at most ``seconds``."""
        deadline = time.monotonic() + seconds
        with self._lock:
            self._closed = True
            batchers = [*self._leaving, *(batcher for _, batcher in self._kept.values())]
        for batcher in batchers:
            batcher.close()
        for batcher in batchers:
            batcher.close(wait=max(0.01, deadline - time.monotonic()))

    @property
    def _own(self) -> tuple[Limits, Metrics]:
        return self.limits, self.metrics

    def _leave(self, batcher: Batcher) -> None:
        batcher.close()
        self._leaving = [other for other in self._leaving if not other.idle]
        self._leaving.append(batcher)

    def _only(self) -> str:
        names = self.names()
        if len(names) != 1:
            shown = ", ".join(names[:10]) or "there is none yet"
            raise Refused(400, f"Name the model, in the body or as ?model= in the address: {shown}.")
        return names[0]

    def _load(self, folder: Path, name: str) -> tuple[Any, np.ndarray | None]:
        for _ in range(3):
            before = _stamp(folder)
            _check(folder, name)
            for member in read_card(folder).get("members", []):
                if not (folder / str(member)).resolve().is_relative_to(self.root):
                    raise Refused(409, f"{name} has a member that lies elsewhere.")
            scorer = self._scorer(folder, device=self.device, precision=self.precision)
            reference_R = _reference(folder, name)
            if _stamp(folder) == before:
                self.metrics.add("model_loads_total", model=name)
                return scorer, reference_R
        raise Refused(503, f"{name} is being written; ask again.", retry_after=2)


def _check(folder: Path, name: str) -> None:
    """Refuse what is no model, or holds pickles."""
    if not (folder / CARD).is_file():
        raise Refused(404, f"{name} is not a reward model: it has no {CARD}. Is it still being written?")
    pickles = sorted(path.name for path in folder.rglob("*") if path.suffix.lower() in PICKLES)
    if pickles:
        raise Refused(409, f"{name} holds {pickles[0]}, a pickle, which could run code: only safetensors.")


def _stamp(folder: Path, depth: int = 2) -> Stamp:
    """What changes when a file of the folder, or of a member's folder in it, is replaced or written to."""
    found = []
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            with contextlib.suppress(OSError):
                stat = entry.stat()
                if entry.name == MODEL_CARD:  # written anew by every evaluation; no part of the model
                    continue
                found.append((entry.path, stat.st_ino, stat.st_mtime_ns, stat.st_size))
                if depth and entry.is_dir(follow_symlinks=False):
                    found += _stamp(Path(entry.path), depth - 1)
    return tuple(sorted(found))


def _found(root: Path) -> Iterator[str]:
    count = 0
    for folder, inner, files in os.walk(root):
        path = Path(folder).relative_to(root)
        if CARD in files:
            inner.clear()
            count += 1
            yield str(path)
        if len(path.parts) >= _DEPTH or count >= _LISTED:
            inner.clear()


def _reference(folder: Path, name: str) -> np.ndarray | None:
    path = folder / REFERENCE
    if not path.exists():
        return None
    try:
        found: Any = np.asarray(json.loads(path.read_text(encoding="utf-8")), dtype=float)
    except (OSError, ValueError, TypeError) as error:
        raise Refused(409, f"{REFERENCE} of {name} cannot be read: {error}") from None
    if found.ndim != 1 or not len(found) or not np.isfinite(found).all():
        raise Refused(409, f"{REFERENCE} of {name} must be a list of numbers.")
    return found
