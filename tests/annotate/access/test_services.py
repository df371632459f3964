"""Memberships, one-time passwords, tokens, and what nobody may do to an organisation."""

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from annotate.access import services
from annotate.access.models import ApiToken, Membership, Role, User
from annotate.access.policy import GRANTS, Permission, permissions, require


def membership(world, role):
    return Membership.objects.get(organisation=world.organisation, user=world.members[role])


def test_who_is_invited_signs_in_with_a_password_shown_once(world):
    made, password = services.invite(
        organisation=world.organisation, email=" New@Quarry.Example ", role="annotator", by=world.owner, name="New"
    )
    user = authenticate(username="NEW@quarry.example", password=password)
    assert user == made.user
    assert (user.email, user.must_change_password, made.role) == ("new@quarry.example", True, "annotator")
    assert password not in user.password
    assert len({services.one_time_password() for _ in range(50)}) == 50


def test_who_has_an_account_keeps_their_password(world):
    made, password = services.invite(
        organisation=world.organisation, email=world.outsider.email, role="viewer", by=world.owner
    )
    assert (made.user, password) == (world.outsider, "")
    assert authenticate(username=world.outsider.email, password="right-horse") == world.outsider


@pytest.mark.parametrize(
    ("email", "role"), [("no address", "viewer"), ("reviewer@quarry.example", "viewer"), ("a@b.example", "king")]
)
def test_wrong_invitations_are_refused(world, email, role):
    users = User.objects.count()
    with pytest.raises(ValidationError):
        services.invite(organisation=world.organisation, email=email, role=role, by=world.owner)
    assert User.objects.count() == users


def test_only_owners_make_and_unmake_owners(world):
    admin, owner = world.members[Role.ADMIN], membership(world, Role.OWNER)
    for act in (
        lambda: services.invite(organisation=world.organisation, email="a@b.example", role="owner", by=admin),
        lambda: services.change_role(membership=membership(world, Role.ADMIN), role="owner", by=admin),
        lambda: services.change_role(membership=owner, role="viewer", by=admin),
        lambda: services.remove_member(membership=owner, by=admin),
    ):
        with pytest.raises(ValidationError):
            act()
    services.change_role(membership=membership(world, Role.ADMIN), role="owner", by=world.owner)
    services.change_role(membership=owner, role="viewer", by=admin)
    assert permissions(world.owner, world.organisation) == GRANTS[Role.VIEWER]


def test_one_owner_is_always_left(world):
    owner = membership(world, Role.OWNER)
    with pytest.raises(ValidationError, match="last owner"):
        services.change_role(membership=owner, role="admin", by=world.owner)
    with pytest.raises(ValidationError, match="last owner"):
        services.remove_member(membership=owner, by=world.owner)


def test_who_is_removed_is_an_outsider_at_once_tokens_too(world):
    user = world.members[Role.REVIEWER]
    token, _ = services.create_token(organisation=world.organisation, user=user, name="t")
    annotation = world.answer(user)
    services.remove_member(membership=membership(world, Role.REVIEWER), by=world.owner)
    token.refresh_from_db()
    assert not token.is_live
    assert permissions(user, world.organisation) == frozenset()
    annotation.refresh_from_db()
    verbs = set(world.organisation.audit_events.values_list("verb", flat=True))
    assert {"member.removed", "token.revoked", "token.created"} <= verbs


def test_a_tokens_plain_text_is_nowhere(world):
    token, plain = services.create_token(organisation=world.organisation, user=world.owner, name="t")
    assert ApiToken.objects.get(digest=ApiToken.hash(plain)) == token
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert plain not in str(row)
    assert len(plain) > 40


@pytest.mark.parametrize("role", Role.values)
def test_roles_grant_what_the_policy_says(world, role):
    user = world.members[role]
    assert permissions(user, world.organisation) == GRANTS[role]
    assert permissions(user, world.elsewhere) == frozenset()
    for permission in Permission:
        if permission in GRANTS[role]:
            require(user, world.organisation, permission)
        else:
            with pytest.raises(PermissionDenied):
                require(user, world.organisation, permission)
        with pytest.raises(Http404):
            require(user, world.elsewhere, permission)


def test_a_token_is_good_for_its_scopes_and_its_organisation(world):
    token, _ = services.create_token(
        organisation=world.organisation, user=world.owner, name="t", scopes=["view", "administer"]
    )
    assert permissions(world.owner, world.organisation, token) == {Permission.VIEW, Permission.ADMINISTER}
    services.add_member(organisation=world.elsewhere, user=world.owner, role=Role.OWNER)
    assert permissions(world.owner, world.elsewhere, token) == frozenset()
    viewer, _ = services.create_token(
        organisation=world.organisation, user=world.members[Role.VIEWER], name="t", scopes=["manage"]
    )
    assert permissions(world.members[Role.VIEWER], world.organisation, viewer) == frozenset(), "a scope grants nothing"


def test_who_is_not_active_may_nothing(world):
    world.owner.is_active = False
    assert permissions(world.owner, world.organisation) == frozenset()
