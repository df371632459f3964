"""Template tags of the feedback kind of the same name: its scale, point by point."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template

from annotate.feedback import rating

register = template.Library()


@register.simple_tag
def rating_scale(settings: Mapping[str, Any], criteria: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The `rating.Scale` of a question about an item, whether its points have words, and what its levels are of."""
    scale = rating.scale(settings, criteria or ())
    return {
        **scale._asdict(),
        "points": scale.points,
        "has_words": any(point.label for point in scale.points),
        "has_descriptions": any(point.description for point in scale.points),
        "question": rating.question(settings, criteria or ()),
    }
