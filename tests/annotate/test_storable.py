"""What databases cannot keep is refused at the door."""

import pytest
from django.core.exceptions import ValidationError

from annotate.storable import MAX_DEPTH, check_storable


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = [value]
    return value


GOOD = [None, True, 0, -1.5, "", "ünï © 地球 🙂", "\ue000\ufffd", [], {}, {"a": [1, {"b": "c"}]}, nested(MAX_DEPTH)]
BAD = ["\0", "a\0b", "\ud800", "\udfff", float("nan"), float("inf"), ["x", "\0"], {"\0": 1}, {"a": {"b": ["\ud83d"]}}]


@pytest.mark.parametrize("value", GOOD)
def test_kept(value):
    check_storable(value)


@pytest.mark.parametrize("value", [*BAD, nested(MAX_DEPTH + 1)], ids=ascii)
def test_refused(value):
    with pytest.raises(ValidationError):
        check_storable(value)
