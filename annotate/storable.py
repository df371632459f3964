"""JSON that every database keeps: no NUL, no halves of surrogate pairs, no NaN or infinity. Knows no model."""

import math
import re
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

_NO_TEXT = re.compile("[\0\ud800-\udfff]")
MAX_DEPTH = 100


def check_storable(value: Any, depth: int = 0) -> None:
    """Raise ValidationError for parsed JSON that PostgreSQL would refuse."""
    if depth > MAX_DEPTH:
        raise ValidationError("The body is nested too deeply.")
    if isinstance(value, str):
        if _NO_TEXT.search(value):
            raise ValidationError("The body holds a NUL or half a surrogate pair, which is no text.")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValidationError("The body holds a number that is not finite.")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            check_storable(name, depth + 1)
            check_storable(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            check_storable(part, depth + 1)
