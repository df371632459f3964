"""Template filters: figures rounded as people read them with a dash where there is none, identifiers as words."""

import json
from collections.abc import Mapping
from typing import Any

from django import template

register = template.Library()


@register.filter
def figure(value: float | None, digits: int = 2) -> str:
    """A number with so many decimals."""
    return "–" if value is None or value == "" else f"{value:,.{digits}f}"


@register.filter
def percent(value: float | None, digits: int = 0) -> str:
    """A share in [0, 1] in per cent."""
    return "–" if value is None or value == "" else f"{100 * value:.{digits}f} %"


@register.filter
def interval(row: Mapping[str, Any], digits: int = 2) -> str:
    """``[low, high]`` of a row that has both."""
    if row.get("low") is None or row.get("high") is None:
        return ""
    return f"[{row['low']:.{digits}f}, {row['high']:.{digits}f}]"


@register.filter
def pretty(value: Any) -> str:
    """JSON, indented."""
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def plain(value: Any) -> str:
    """JSON on one line; a text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@register.filter
def words(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")
