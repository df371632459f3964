"""What all of the API shares: pages of results, bounded bodies, and errors that say what is wrong."""

from typing import IO, Any

from django.conf import settings
from django.core.exceptions import ValidationError
from rest_framework import exceptions, status
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from annotate.discovery import UnknownPlugin
from annotate.queue import InvalidAnswers


class Pages(PageNumberPagination):
    """Pages of 100, up to 1000 on request."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


class BoundedJSONParser(JSONParser):
    """JSON of no more than DATA_UPLOAD_MAX_MEMORY_SIZE, which DRF by itself does not look at."""

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Any = None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        request = (parser_context or {}).get("request")
        if request is not None and int(request.META.get("CONTENT_LENGTH") or 0) > limit:
            raise TooLarge(f"More than {limit // 1024**2} MB at once.")
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The body is nested too deeply.") from error


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Services' own errors become 400 with their reason (422 for answers); the rest is DRF's."""
    if isinstance(error, InvalidAnswers):
        return Response({"detail": str(error), "errors": error.errors}, status=status.HTTP_422_UNPROCESSABLE_ENTITY)
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        )
    elif isinstance(error, UnknownPlugin):
        error = exceptions.ValidationError({"detail": str(error)})
    return drf_exception_handler(error, context)
