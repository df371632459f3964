"""Two models that pick pairs for each other: what one finds easy is probably labelled right, so the other trains on it.

    share = kept(epoch, epochs, noise=.2)
    for_first_P, for_second_P = picks(loss_first_P, loss_second_P, share)

A model that picks its own pairs only hardens its mistakes; another one's do not fail in the same places. The share
rises over the epochs from the easiest pairs to all but those taken to be wrong (1 - noise), so both first agree on
what is plain. Before that comes a warm-up on all pairs: what two untrained models find easy is chance, and picking it
hardens that chance. A plain ensemble of two is the control: it has the same cost and no review.

Collaborative Reward Modeling (CRM, arXiv 2505.10597), of which the abstract and public notes were read: peer review by
margin, keeping 1 - noise, easy to hard. The linear
schedule and the warm-up are ours. The review goes back to co-teaching (Han et al.
2018, arXiv 1804.06872). Shapes: P pairs.
"""

import torch


def kept(epoch: int, epochs: int, noise: float, start: float = 0.5, warmup: int = 1) -> float:
    """Share of the pairs to train on in ``epoch`` (from 0): all in the warm-up, then from ``start`` to 1 - noise.

    Raises
    ------
    ValueError
        If ``noise`` leaves nothing, or ``epoch`` is none of the epochs.
    """
    if not 0 <= noise < 1 or not 0 < start <= 1 or not 0 <= epoch < epochs:
        raise ValueError(f"epoch {epoch} of {epochs} with noise {noise} and start {start} is no schedule.")
    if epoch < warmup:
        return 1.0
    last, reviewed = 1 - noise, epochs - warmup
    first = min(start, last)
    return last if reviewed == 1 else first + (last - first) * (epoch - warmup) / (reviewed - 1)


def picks(loss_first_P: torch.Tensor, loss_second_P: torch.Tensor, share: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Masks of the pairs that the first and the second model train on: each is what the other finds easiest.

    Both have the same number of pairs, at least one; equal losses keep the order of the pairs.
    """
    return _easiest(loss_second_P, share), _easiest(loss_first_P, share)


def _easiest(loss_P: torch.Tensor, share: float) -> torch.Tensor:
    count = min(len(loss_P), max(1, round(share * len(loss_P))))
    mask_P = torch.zeros_like(loss_P, dtype=torch.bool)
    mask_P[loss_P.detach().argsort(stable=True)[:count]] = True
    return mask_P
