"""One number, however it is written."""

import pytest

from curation.judges.numeric_answer import number

from .conftest import texts_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42), ("-3.50 m/s", -3.5), ("about 1,250,000 km²", 1.25e6), ("3/4", 0.75), (r"\frac{3}{4}", 0.75),
        ("6.02 × 10^{23}", 6.02e23), ("6.02e23", 6.02e23), ("−7 °C", -7), ("12 %", 0.12), ("x = 2 + 3 = 5", 5),
        ("$19.99", 19.99), ("5, that is 5.0", 5), ("none", None), ("3 or 4", None), ("1/0", None), ("9e9999", None),
        (".5", 0.5), ("v2", None), ("", None),
    ],
)  # fmt: skip
def test_reads(text, value):
    assert number(text) == (None if value is None else pytest.approx(value))


def test_within_the_tolerance_is_right(judged):
    case = texts_of("ranking", "It is 9.81 m/s².", "9.8", "Answer: 98.1", "fast", metadata={"answer": "9.81"})
    assert judged("numeric_answer", case).answer == {"r1": 1, "r2": 2, "r3": 2, "r4": 2}
    assert judged("numeric_answer", case, relative=0.01).answer == {"r1": 1, "r2": 1, "r3": 2, "r4": 2}
    assert judged("numeric_answer", texts_of("binary", "9.81")).answer is None
