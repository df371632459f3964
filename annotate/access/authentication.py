"""`Authorization: Bearer ts_…` for the API."""

from datetime import timedelta

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from annotate.access.models import ApiToken, User


class ApiTokenAuthentication(BaseAuthentication):
    """The token's user, with the token as ``request.auth``."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _, plain = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        token = ApiToken.objects.select_related("user").filter(digest=ApiToken.hash(plain.strip())).first()
        if token is None or not token.is_live or not token.user.is_active:
            raise AuthenticationFailed("This token is unknown, revoked or expired.")
        now = timezone.now()
        # One write a minute is enough to see that a token is in use.
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=1):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


class ApiTokenScheme(OpenApiAuthenticationExtension):
    target_class = ApiTokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
