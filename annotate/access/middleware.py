"""Whoever signs in with a password that somebody else was shown chooses their own before anything else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


def own_password(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Send such people to the page where they choose one; signing out stays open to them."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.user.must_change_password:
            chosen = reverse("password")
            if request.path not in {chosen, reverse("logout")}:
                return redirect(chosen)
        return get_response(request)

    return middleware
