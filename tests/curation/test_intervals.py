"""Wilson's interval: a textbook value and the ends of the range."""

import pytest

from curation.intervals import wilson


def test_textbook():
    """Newcombe 1998, doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E: 81 of 263."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_the_ends_have_a_width():
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
    low, high = wilson(20, 20)
    assert (low, high) == pytest.approx((1 - 0.1611, 1), abs=5e-5)
    assert high == 1


def test_nothing_known_is_everything_possible():
    assert wilson(0, 0) == (0, 1)


def test_more_confidence_is_wider():
    assert wilson(5, 10, 0.99)[0] < wilson(5, 10)[0] < 0.5 < wilson(5, 10)[1] < wilson(5, 10, 0.99)[1]
