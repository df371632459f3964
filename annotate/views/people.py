"""People of an organisation with their roles, one's own API tokens, and one's own password."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from annotate.access import services
from annotate.access.models import ApiToken, Membership, Role
from annotate.access.policy import GRANTS, Permission
from annotate.forms import AddPersonForm, AddTokenForm
from annotate.media.selectors import usage
from annotate.views.shell import organisation_page

ROLES = {
    Role.OWNER: gettext_lazy("Everything, owners too"),
    Role.ADMIN: gettext_lazy("Everything but making owners"),
    Role.REVIEWER: gettext_lazy("Labels, and sees everybody's answers"),
    Role.ANNOTATOR: gettext_lazy("Labels"),
    Role.VIEWER: gettext_lazy("Sees results"),
}


@organisation_page()
def people(request: HttpRequest) -> HttpResponse:
    return _page(request)


@organisation_page(Permission.ADMINISTER)
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    form = AddPersonForm(request.POST)
    if form.is_valid():
        try:
            membership, password = services.invite(
                organisation=request.organisation, by=request.user, **form.cleaned_data
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if password:
                # Shown on this one page and kept nowhere.
                return _page(request, added={"email": membership.user.email, "password": password})
            said = _("%(email)s is now a member, with the password they have already.")
            messages.success(request, said % {"email": membership.user.email})
            return redirect("people", request.organisation.pk)
    return _page(request, person_form=form, status=422)


@organisation_page(Permission.ADMINISTER)
@require_POST
def role(request: HttpRequest, membership_id: int) -> HttpResponse:
    membership = _membership(request, membership_id)
    try:
        services.change_role(membership=membership, role=request.POST.get("role", ""), by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = _("%(name)s is now %(role)s.")
        messages.success(request, said % {"name": membership.user, "role": request.POST["role"]})
    return redirect("people", request.organisation.pk)


@organisation_page(Permission.ADMINISTER)
@require_POST
def remove(request: HttpRequest, membership_id: int) -> HttpResponse:
    membership = _membership(request, membership_id)
    try:
        services.remove_member(membership=membership, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = _("%(name)s is no longer a member. What they answered stays.")
        messages.success(request, said % {"name": membership.user})
    return redirect("home") if membership.user == request.user else redirect("people", request.organisation.pk)


@organisation_page()
@require_POST
def add_token(request: HttpRequest) -> HttpResponse:
    form = AddTokenForm(request.POST, permissions=request.permissions)
    if not form.is_valid():
        return _page(request, token_form=form, status=422)
    token, plain = services.create_token(
        organisation=request.organisation,
        user=request.user,
        name=form.cleaned_data["name"],
        scopes=form.cleaned_data["scopes"],
    )
    return _page(request, new_token={"token": token, "plain": plain})


@organisation_page()
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=token_id, organisation=request.organisation, user=request.user)
    services.revoke_token(token=token, by=request.user)
    messages.success(request, _("The token “%(name)s” no longer works.") % {"name": token.name})
    return redirect("people", request.organisation.pk)


class PasswordView(PasswordChangeView):
    """Choose a password of one's own; whoever came with a one-time password has to."""

    template_name = "annotate/password.html"
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        form.user.must_change_password = False
        messages.success(self.request, _("Your new password is set."))
        return super().form_valid(form)


def _membership(request: HttpRequest, membership_id: int) -> Membership:
    return get_object_or_404(request.organisation.memberships.select_related("user", "organisation"), pk=membership_id)


def _page(request: HttpRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    organisation = request.organisation
    administers = Permission.ADMINISTER in request.permissions
    context = {
        "organisation": organisation,
        "administers": administers,
        "members": organisation.memberships.select_related("user").order_by("user__email") if administers else [],
        "roles": [{"name": name, "can": can, "grants": sorted(GRANTS[name])} for name, can in ROLES.items()],
        "usage": usage(organisation.pk) if administers else None,
        "tokens": ApiToken.objects.filter(organisation=organisation, user=request.user, revoked_at=None),
        "person_form": AddPersonForm(),
        "token_form": AddTokenForm(permissions=request.permissions),
        **more,
    }
    response = render(request, "annotate/people.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
