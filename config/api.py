"""What all of the API shares: pages of results, and errors that say what is wrong."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from annotate.discovery import UnknownPlugin


class Pages(PageNumberPagination):
    """Pages of 100, up to 1000 on request."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Services' own errors become 400 with their reason; the rest is DRF's."""
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        )
    elif isinstance(error, UnknownPlugin):
        error = exceptions.ValidationError({"detail": str(error)})
    return drf_exception_handler(error, context)
