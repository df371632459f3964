"""Template filter for text that somebody else wrote: ``{% load prose %}{{ text|prose }}``."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from annotate import rendering

register = template.Library()


@register.filter
def prose(text: str) -> SafeString:
    """Markdown of any origin as safe HTML; wrap it in ``<div class="prose" dir="auto">``."""
    return mark_safe(rendering.render(text))
