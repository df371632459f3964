"""Pooling: the one vector of a text that the head sees. Recorded in the model's card.

Shapes: B texts, L positions, D width of the backbone. Texts are padded on the right.
"""

import torch

POOLINGS = ("mean", "mean_sqrt_len", "last")


def pool(hidden_BLD: torch.Tensor, mask_BL: torch.Tensor, how: str) -> torch.Tensor:
    """pooled_BD in float32: the mean over attended positions, their sum over the root of their number, or the last.

    ``mean_sqrt_len`` lets a linear head see the length, as in sentence-transformers' pooling of that name.
    """
    if how in ("mean", "mean_sqrt_len"):
        weight_BL1 = mask_BL.unsqueeze(-1).float()
        n_B1 = weight_BL1.sum(dim=1)
        return (hidden_BLD.float() * weight_BL1).sum(dim=1) / (n_B1 if how == "mean" else n_B1.sqrt())
    if how == "last":
        last_B = mask_BL.sum(dim=1) - 1
        return hidden_BLD[torch.arange(len(last_B), device=last_B.device), last_B].float()
    raise ValueError(f"There is no pooling {how!r}. Those that exist: {', '.join(POOLINGS)}.")
