"""The sparse head: few features, parts that add up, and vectors that can be given back."""

import torch

from rewardtrain.modeling.heads import sparse


def head(width: int = 8, outputs: int = 2) -> torch.nn.Module:
    torch.manual_seed(0)
    return sparse.build(width, outputs)


def test_keeps_the_largest_features_only() -> None:
    module = head()
    dense = module.encoder(sparse_input := normalised(torch.randn(5, 8)))
    kept = module.features(sparse_input)
    assert ((kept != 0).sum(dim=1) <= module.active).all()
    for row in range(5):
        assert set(kept[row].nonzero()[:, 0].tolist()) == set(dense[row].topk(module.active).indices.tolist())


def normalised(vectors: torch.Tensor) -> torch.Tensor:
    centred = vectors - vectors.mean(dim=1, keepdim=True)
    return centred / centred.square().mean(dim=1, keepdim=True).sqrt()


def test_scale_and_shift_of_a_vector_do_not_matter() -> None:
    vectors = torch.randn(5, 8)
    torch.testing.assert_close(head()(3 * vectors + 1), head()(vectors), atol=1e-4, rtol=1e-4)


def test_parts_add_up_to_the_outputs() -> None:
    module, vectors = head(), torch.randn(5, 8)
    for vector, out in zip(vectors, module(vectors), strict=True):
        part_KF = module.attribution(vector)
        assert part_KF.shape == (2, 8 * sparse.FEATURES_PER_DIMENSION)
        torch.testing.assert_close(part_KF.sum(dim=1), out)


def test_a_feature_turned_off_takes_its_part_away() -> None:
    module, vector = head(), torch.randn(8)
    before, part_KF = module(vector[None])[0], module.attribution(vector)
    feature = int(part_KF[0].abs().argmax())
    module.steer(feature, 0.0)
    torch.testing.assert_close(module(vector[None])[0], before - part_KF[:, feature])


def test_own_loss_is_the_share_not_given_back() -> None:
    module, vectors = head(), torch.randn(5, 8)
    goal = normalised(vectors)
    back = module.features(vectors) @ module.decoder.weight.T + module.bias_D
    expected = (back - goal).square().sum(dim=1) / goal.square().sum(dim=1)
    torch.testing.assert_close(module.own_loss(vectors), expected, atol=1e-5, rtol=1e-5)


def test_own_loss_teaches_to_give_vectors_back_and_not_the_backbone() -> None:
    module = sparse.build(16)
    sources = torch.randn(40, 16, generator=torch.Generator().manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    vectors = torch.rand(400, 40, generator=generator).mul(20).sub(18).clamp(min=0) @ sources
    vectors = vectors[vectors.std(dim=1) > 1e-3].requires_grad_()
    optimizer = torch.optim.Adam(module.parameters(), lr=3e-3)
    first = module.own_loss(vectors).mean().item()
    for _ in range(200):
        optimizer.zero_grad()
        module.own_loss(vectors).mean().backward()
        optimizer.step()
    assert module.own_loss(vectors).mean().item() < first / 4
    assert vectors.grad is None
