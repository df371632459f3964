"""What a frozen backbone says of pictures and texts, each computed once and kept, named by content.

A key is the hash of the backbone's weights (the beginning of each tensor), how pictures are prepared, and the content
of the picture or text, so that every run on the same backbone shares one store (`rewardtrain.features.Store`).
Only for a backbone that does not change: nothing is kept where a gradient is asked for.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import torch

_SAMPLE = 1024  # numbers of each tensor that tell one backbone from another


class Store(Protocol):
    """Vectors by key, such as `rewardtrain.features.Store`."""

    def get(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]: ...
    def put(self, keys: Iterable[bytes], vectors: Iterable[np.ndarray]) -> None: ...


class Kept:
    """A store as one frozen backbone uses it.

    Attributes
    ----------
    computed : vectors that were not in the store.
    """

    def __init__(self, store: Store, model: torch.nn.Module, preparation: Mapping[str, Any]) -> None:
        digest = hashlib.sha256(json.dumps(preparation, sort_keys=True, default=str).encode())
        for name, tensor in sorted(model.state_dict().items()):
            sample = tensor.flatten()[:_SAMPLE].float().cpu().numpy()
            digest.update(f"{name}{tuple(tensor.shape)}".encode() + sample.tobytes())
        self.store, self.backbone, self.computed = store, digest.digest(), 0
        self.device = next(model.parameters()).device

    def vectors(self, names: Sequence[str], compute: Callable[[list[int]], torch.Tensor]) -> torch.Tensor:
        """(N, D) of things by name; ``compute(places)`` gives those that are missing."""
        keys = [hashlib.sha256(self.backbone + name.encode("utf-8", "surrogatepass")).digest() for name in names]
        found = self.store.get(list(dict.fromkeys(keys)))
        missing = [place for place, key in enumerate(keys) if key not in found]
        if missing:
            self.computed += len(missing)
            fresh = compute(missing).float().cpu().numpy()
            rows = dict(zip([keys[place] for place in missing], fresh, strict=True))
            self.store.put(rows.keys(), rows.values())
            found |= rows
        return torch.from_numpy(np.stack([found[key] for key in keys])).to(self.device)


def through(kept: Kept | None, names: Sequence[str], compute: Callable[[list[int]], torch.Tensor]) -> torch.Tensor:
    """(N, D): from the store where there is one and no gradient is asked for, else computed."""
    if kept is None or torch.is_grad_enabled():
        return compute(list(range(len(names))))
    return kept.vectors(names, compute)
