"""The harness measures a scripted judge over real sockets: a cut of the measurement, on made-up pairs."""

import pytest

from bench.judges_known import A, B, Pair, Script, compared

PAIRS = [Pair(f"p{n}", f"prompt {n}", f"first {n}", f"second {n}", A if n % 2 else B) for n in range(50)]


@pytest.mark.parametrize(
    "script",
    [Script("steady"), Script("leans", lean=0.4, noise=0.05), Script("all", 0.7, lean=-0.3, noise=0.1, refusal=0.2)],
    ids=lambda script: script.name,
)
def test_recovers_what_the_script_does(script):
    measured, known = compared(script, PAIRS, seed=0)
    assert set(measured) == set(known)
    for name, found in measured.items():
        slack = 3 * (found.high - found.low) / 4  # three standard errors
        assert found.value == pytest.approx(known[name], abs=slack + 1e-9), name
    if script.name == "steady":
        assert [found.value for found in measured.values()] == pytest.approx([known[name] for name in measured])
