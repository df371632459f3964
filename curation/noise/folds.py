"""Out-of-fold predictions: each pair is judged by a model that did not learn from it.

What must stay together is a pair and its copies, in either order of the sides: a model that learnt from the copy
knows the label. Pairs that share only one text may be parted. Their labels are flipped independently, so what the
others say of a text is evidence, not a leak: on the debates of `bench/_convarg.py` (20, 30, 40 % flipped) a linear
model finds flips with an AUROC of .86, .85, .81 so, and .83, .82, .78 where whole prompts are left out.
"""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np


def deal(prompts: Sequence[str], a: Sequence[str], b: Sequence[str], count: int, seed: int) -> np.ndarray:
    """Fold of each pair, in 0 .. count - 1, by what it compares: copies share theirs, and no order of rows matters.

    Folds are as even as their hashes, and none is empty where there are enough different pairs.
    """
    digests = [
        blake2b("\0".join([str(seed), prompt, *sorted(sides)]).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        for prompt, *sides in zip(prompts, a, b, strict=True)
    ]
    rank = {digest: place for place, digest in enumerate(sorted(set(digests)))}
    return np.array([rank[digest] % count for digest in digests], dtype=np.int64)
