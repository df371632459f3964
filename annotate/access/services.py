"""Writes about people: organisations, memberships, tokens, the audit log."""

import secrets
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from annotate.access.models import ApiToken, AuditEvent, Membership, Organisation, Role, User


@transaction.atomic
def create_organisation(*, name: str, owner: User | None = None) -> Organisation:
    """A new organisation, its slug made unique; ``owner`` becomes its owner."""
    slug = base = slugify(name)[:40] or "organisation"
    while Organisation.objects.filter(slug=slug).exists():
        slug = f"{base}-{secrets.token_hex(3)}"
    organisation = Organisation.objects.create(name=name, slug=slug)
    if owner is not None:
        add_member(organisation=organisation, user=owner, role=Role.OWNER)
    return organisation


def add_member(*, organisation: Organisation, user: User, role: str) -> Membership:
    """Make ``user`` a member, or change the role of one."""
    membership, _ = Membership.objects.update_or_create(organisation=organisation, user=user, defaults={"role": role})
    return membership


def create_token(
    *, organisation: Organisation, user: User, name: str, scopes: tuple[str, ...] = ()
) -> tuple[ApiToken, str]:
    """A new token and its plain text, which is shown once and never stored."""
    plain = ApiToken.generate()
    token = ApiToken.objects.create(
        organisation=organisation,
        user=user,
        name=name,
        prefix=plain[:8],
        digest=ApiToken.hash(plain),
        scopes=list(scopes),
    )
    record(organisation=organisation, actor=user, verb="token.created", target=name)
    return token, plain


def record(*, organisation: Organisation, actor: User | None, verb: str, target: Any = "", **data: Any) -> None:
    """Append to the audit log."""
    AuditEvent.objects.create(
        organisation=organisation,
        actor=actor if actor and actor.pk else None,
        verb=verb,
        target=str(target)[:120],
        data=data,
    )
