"""Writes about people: organisations, memberships, tokens, the audit log."""

import secrets
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from annotate.access.models import ApiToken, AuditEvent, Membership, Organisation, Role, User

# Easy to read out and to type: 32 characters, so that 16 of them carry 80 bits.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


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


def one_time_password() -> str:
    """A password to be told to somebody, who then chooses their own."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


@transaction.atomic
def invite(*, organisation: Organisation, email: str, role: str, by: User, name: str = "") -> tuple[Membership, str]:
    """Make somebody a member; who is new here gets an account. Returns the membership and the account's one-time
    password, "" for those who have an account already.

    Raises
    ------
    ValidationError
        If the address is none, is a member's already, or the role is not ``by``'s to give.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    _may_give(organisation, role, by)
    user = User.objects.filter(email=email).first()
    password = ""
    if user is None:
        password = one_time_password()
        user = User.objects.create_user(email, password, name=name, must_change_password=True)
    elif organisation.memberships.filter(user=user).exists():
        raise ValidationError({"email": _("This person is a member already.")})
    return add_member(organisation=organisation, user=user, role=role, by=by), password


@transaction.atomic
def add_member(*, organisation: Organisation, user: User, role: str, by: User | None = None) -> Membership:
    """Make ``user`` a member, or change the role of one."""
    membership, _ = Membership.objects.update_or_create(organisation=organisation, user=user, defaults={"role": role})
    record(organisation=organisation, actor=by, verb="member.set", target=user.email, role=role)
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, by: User) -> None:
    """Give a member another role; raises ValidationError if that is not ``by``'s to do or leaves no owner."""
    organisation = _lock(membership.organisation)
    _may_give(organisation, role, by)
    if role != Role.OWNER:
        _may_lose(membership, by)
    add_member(organisation=organisation, user=membership.user, role=role, by=by)


@transaction.atomic
def remove_member(*, membership: Membership, by: User) -> None:
    """End a membership and the tokens that go with it; what the person answered stays."""
    organisation = _lock(membership.organisation)
    _may_lose(membership, by)
    for token in ApiToken.objects.filter(organisation=organisation, user=membership.user, revoked_at=None):
        revoke_token(token=token, by=by)
    membership.delete()
    record(organisation=organisation, actor=by, verb="member.removed", target=membership.user.email)


@transaction.atomic
def create_token(
    *, organisation: Organisation, user: User, name: str, scopes: Iterable[str] = ()
) -> tuple[ApiToken, str]:
    """A new token and its plain text, which is shown once and never stored."""
    plain = ApiToken.generate()
    token = ApiToken.objects.create(
        organisation=organisation,
        user=user,
        name=name,
        prefix=plain[:8],
        digest=ApiToken.hash(plain),
        scopes=sorted(scopes),
    )
    record(organisation=organisation, actor=user, verb="token.created", target=name)
    return token, plain


def revoke_token(*, token: ApiToken, by: User) -> None:
    """End a token at once; revoking it again changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        record(organisation=token.organisation, actor=by, verb="token.revoked", target=token.name)


def record(*, organisation: Organisation, actor: User | None, verb: str, target: Any = "", **data: Any) -> None:
    """Append to the audit log."""
    AuditEvent.objects.create(
        organisation=organisation,
        actor=actor if actor and actor.pk else None,
        verb=verb,
        target=str(target)[:120],
        data=data,
    )


def _lock(organisation: Organisation) -> Organisation:
    """Changes of who owns an organisation happen one after the other, so that one owner is always left."""
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _is_owner(organisation: Organisation, user: User) -> bool:
    return organisation.memberships.filter(user=user, role=Role.OWNER).exists()


def _may_give(organisation: Organisation, role: str, by: User) -> None:
    if role not in Role.values:
        said = _("There is no role %(role)s. Those that exist: %(roles)s.")
        raise ValidationError({"role": said % {"role": repr(role), "roles": ", ".join(Role.values)}})
    if role == Role.OWNER and not _is_owner(organisation, by):
        raise ValidationError({"role": _("Only an owner can make somebody an owner.")})


def _may_lose(membership: Membership, by: User) -> None:
    if membership.role != Role.OWNER:
        return
    if not _is_owner(membership.organisation, by):
        raise ValidationError({"role": _("Only an owner can change what an owner is.")})
    if not membership.organisation.memberships.filter(role=Role.OWNER).exclude(pk=membership.pk).exists():
        raise ValidationError({"role": _("This is the last owner; make somebody else one first.")})
