"""A top-k sparse autoencoder and a linear map on its features: a reward that says which features made it.

    h = (pooled - its mean) / its deviation;  z = the k largest of W_enc (h - b) + c, others 0;  out = W z
    own_loss = |W_dec z + b - h|^2 / |h|^2, which keeps the features those of the vector

`attribution` gives each feature's part of the output, which add up to it; `steer` makes a feature count more or less
after training.

SARM (arXiv 2508.08746; github.com/schrieffer-z/sarm, sae.py: the same autoencoder and normalised error). SARM pretrains
it on the activations of a middle layer over a large corpus, with 16 features a dimension; ours is trained with the
reward on the pooled vector, with 8.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

TITLE = "Sparse features"
SUMMARY = "A few active features out of many, and a weight each: every reward can be taken apart into its reasons."
NATIVE = False
FEATURES_PER_DIMENSION, ACTIVE = 8, 32


def build(width: int, outputs: int = 1) -> "torch.nn.Module":
    """Module from pooled_BD to out_BK."""
    import torch
    from torch import nn

    class Sparse(nn.Module):
        """The legend of shapes: B vectors, D width, F features, K outputs."""

        def __init__(self) -> None:
            super().__init__()
            features = FEATURES_PER_DIMENSION * width
            self.active = min(ACTIVE, features)
            self.bias_D = nn.Parameter(torch.zeros(width))
            self.encoder = nn.Linear(width, features)
            nn.init.zeros_(self.encoder.bias)
            self.decoder = nn.Linear(features, width, bias=False)
            self.decoder.weight.data = nn.functional.normalize(self.encoder.weight.data, dim=1).T.contiguous()
            self.score = nn.Linear(features, outputs, bias=False)
            nn.init.normal_(self.score.weight, std=(features + 1) ** -0.5)

        def features(self, pooled_BD: torch.Tensor) -> torch.Tensor:
            """z_BF: all but ``active`` are 0."""
            dense_BF = self.encoder(_normalised(pooled_BD) - self.bias_D)
            kept = dense_BF.topk(self.active, dim=1)
            return torch.zeros_like(dense_BF).scatter(1, kept.indices, kept.values)

        def forward(self, pooled_BD: torch.Tensor) -> torch.Tensor:
            out_BK: torch.Tensor = self.score(self.features(pooled_BD))
            return out_BK

        def own_loss(self, pooled_BD: torch.Tensor) -> torch.Tensor:
            """loss_B: the share of the vector that its features do not give back."""
            goal_BD = _normalised(pooled_BD.detach())
            back_BD = self.decoder(self.features(pooled_BD.detach())) + self.bias_D
            loss_B: torch.Tensor = (back_BD - goal_BD).square().mean(dim=1) / goal_BD.square().mean(dim=1).clamp(1e-12)
            return loss_B

        def attribution(self, vector_D: torch.Tensor) -> torch.Tensor:
            """part_KF: what each feature adds to each output."""
            part_KF: torch.Tensor = self.score.weight * self.features(vector_D[None])
            return part_KF

        def steer(self, feature: int, factor: float) -> None:
            """Let ``feature`` count ``factor`` times as much from now on; 0 turns it off."""
            with torch.no_grad():
                self.score.weight[:, feature] *= factor

    def _normalised(pooled_BD: torch.Tensor) -> torch.Tensor:
        deviation_B1 = pooled_BD.std(dim=1, keepdim=True, correction=0)
        normalised_BD: torch.Tensor = (pooled_BD - pooled_BD.mean(dim=1, keepdim=True)) / (deviation_B1 + 1e-6)
        return normalised_BD

    return Sparse()
