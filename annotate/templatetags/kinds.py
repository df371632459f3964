"""Template tag for what belongs to feedback kinds: ``{% load kinds %}{% kind_styles %}``."""

from functools import cache

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


@cache
def _sheets() -> tuple[str, ...]:
    paths = (f"annotate/feedback/{name}.css" for name in feedback.names())
    return tuple(path for path in paths if finders.find(path))
