"""Pooling: the one vector of a text that the head sees. Recorded in the model's card.

Shapes: B texts, L positions, D width of the backbone. Texts are padded on the right.
"""

import torch

POOLINGS = ("mean", "last")


def pool(hidden_BLD: torch.Tensor, mask_BL: torch.Tensor, how: str) -> torch.Tensor:
    """pooled_BD in float32: the mean over attended positions, or the last attended one."""
    if how == "mean":
        weight_BL1 = mask_BL.unsqueeze(-1).float()
        return (hidden_BLD.float() * weight_BL1).sum(dim=1) / weight_BL1.sum(dim=1)
    if how == "last":
        last_B = mask_BL.sum(dim=1) - 1
        return hidden_BLD[torch.arange(len(last_B), device=last_B.device), last_B].float()
    raise ValueError(f"There is no pooling {how!r}. Those that exist: {', '.join(POOLINGS)}.")
