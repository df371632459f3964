"""Who may do what: five permissions, granted by role, checked for every object.

Outsiders get "not found", so that they do not learn what exists; members without the right get
"forbidden".
"""

from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from annotate.access.models import ApiToken, Membership, Organisation, Role, User


class Permission(StrEnum):
    LABEL = "label"  # answer tasks
    VIEW = "view"  # see results, datasets, runs, the dashboard
    REVIEW = "review"  # see everybody's answers and raters, count late ones, resolve flags
    MANAGE = "manage"  # import, curate, train, export, change projects
    ADMINISTER = "administer"  # people, roles, tokens of others


_ALL = frozenset(Permission)
GRANTS: dict[str, frozenset[Permission]] = {
    Role.OWNER: _ALL,
    Role.ADMIN: _ALL,
    Role.REVIEWER: frozenset({Permission.LABEL, Permission.VIEW, Permission.REVIEW}),
    Role.ANNOTATOR: frozenset({Permission.LABEL}),
    Role.VIEWER: frozenset({Permission.VIEW}),
}


def permissions(user: User, organisation: Organisation, token: ApiToken | None = None) -> frozenset[Permission]:
    """What ``user`` may do in ``organisation``; empty for outsiders. A token narrows it to its scopes."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if token is not None and token.organisation_id != organisation.pk:
        return frozenset()
    role = Membership.objects.filter(user=user, organisation=organisation).values_list("role", flat=True).first()
    granted = GRANTS.get(role, frozenset()) if role else frozenset()
    return granted & frozenset(token.scopes) if token is not None and token.scopes else granted


def require(
    user: User, organisation: Organisation, permission: Permission | None = None, token: ApiToken | None = None
) -> frozenset[Permission]:
    """The user's permissions, if ``permission`` is among them; without one, membership is enough.

    Raises
    ------
    Http404
        For outsiders.
    PermissionDenied
        For members whose role does not grant it.
    """
    granted = permissions(user, organisation, token)
    if not granted:
        raise Http404
    if permission is not None and permission not in granted:
        said = _("This needs the permission “%(permission)s”, which your role or token does not grant.")
        raise PermissionDenied(said % {"permission": permission})
    return granted
