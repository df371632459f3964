"""What templates of feedback kinds need: ``{% load kinds %}{% kind_styles %}``, ``{{ steps|at:response.key }}``."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from annotate import feedback

register = template.Library()


@register.simple_tag
def kind_styles() -> SafeString:
    """Links to the style sheets of those kinds that have one: static/annotate/feedback/<kind>.css."""
    return format_html_join("", '<link rel="stylesheet" href="{}">', ((static(path),) for path in _sheets()))


@register.filter
def at(mapping: Mapping[str, Any], key: str) -> Any:
    """What a mapping holds under a key; nothing where it does not."""
    return mapping.get(key, "") if isinstance(mapping, Mapping) else ""


@cache
def _sheets() -> tuple[str, ...]:
    paths = (f"annotate/feedback/{name}.css" for name in feedback.names())
    return tuple(path for path in paths if finders.find(path))
