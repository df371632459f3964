"""What all of the API shares: pages of results, and errors that say what is wrong."""

from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, ValidationError
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


class FlatJSONParser(JSONParser):
    """JSON; what is nested more deeply than Python reads is the sender's fault."""

    def parse(self, stream: IO[bytes], media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The body is nested too deeply.") from error


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Services' own errors become 400 with their reason, 422 for answers, 413 for too much; the rest is DRF's."""
    if isinstance(error, InvalidAnswers):
        return Response({"detail": str(error), "errors": error.errors}, status=status.HTTP_422_UNPROCESSABLE_ENTITY)
    if isinstance(error, RequestDataTooBig):
        return Response({"detail": str(error)}, status=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE)
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(
            error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        )
    elif isinstance(error, UnknownPlugin):
        error = exceptions.ValidationError({"detail": str(error)})
    return drf_exception_handler(error, context)
