"""Which texts are alike."""

import numpy as np
import pytest

from curation.noise import kernels


def test_every_kernel_is_one():
    rng = np.random.default_rng(0)
    kernel_CSS = kernels.of_texts(rng.normal(3, 20, size=(40, 5)), np.arange(40) % 4)
    assert kernel_CSS.shape == (4, 40, 40)
    for kernel_SS in kernel_CSS:
        np.testing.assert_allclose(kernel_SS, kernel_SS.T)
        assert np.linalg.eigvalsh(kernel_SS).min() > -1e-9
        assert np.trace(kernel_SS) / 40 == pytest.approx(1)


def test_one_prompt_says_nothing_of_another_within_prompts():
    _, _, within_SS, own_SS = kernels.of_texts(
        np.random.default_rng(0).normal(size=(6, 3)), np.array([0, 0, 0, 1, 1, 1])
    )
    assert (within_SS[:3, 3:] == 0).all()
    assert (within_SS[:3, :3] != 0).all()
    np.testing.assert_array_equal(own_SS, np.eye(6))


@pytest.mark.parametrize("texts", [0, 1, 3])
def test_texts_that_are_all_alike_are_no_fault(texts):
    assert np.isfinite(kernels.of_texts(np.ones((texts, 2)), np.zeros(texts, dtype=int))).all()
