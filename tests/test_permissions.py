"""Every address of the product, tried by somebody who may, a member who may not, an outsider and nobody.

Each app has a table, tests/<app>/permissions.py, with ``ROWS``: dicts of

    url      name of the address
    need     a permission; or "member", "its owner", "own organisation" (to manage any), "signed in", "anyone"
    args     function of the world (tests/world.py) that gives the address's arguments
    method   get (default), post, patch …; data or json: functions of the world that give the body
    lacking  role that does not have the permission, where the usual one will not do
    query    function of the world that gives what stands behind the question mark
    api      it is the API: nobody gets 401 instead of the sign-in page
    settings function that gives settings by name, for this row alone
    hidden   members without the right get 404 instead of 403, for the row is not in their list

An address or an API method that no row names fails the suite.
"""

import runpy
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import URLPattern, get_resolver, reverse

from annotate.access.policy import Permission

TABLES = sorted(Path(__file__).parent.glob("*/permissions.py"))
ROWS = [row for path in TABLES for row in runpy.run_path(str(path))["ROWS"]]
LACKING = {
    Permission.LABEL: "viewer",
    Permission.VIEW: "annotator",
    Permission.REVIEW: "annotator",
    Permission.MANAGE: "reviewer",
    Permission.ADMINISTER: "reviewer",
}


def addresses(patterns=None, namespace=""):
    """(name, API methods) of every address but the admin pages, which are for staff only (see below)."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(entry, URLPattern):
            actions = getattr(entry.callback, "actions", None) or ()
            yield entry.name, [name for name in actions if name in entry.callback.cls.http_method_names]
        elif entry.namespace != "admin":
            yield from addresses(entry.url_patterns)


def test_every_address_is_in_a_table():
    tried = {(row["url"], row.get("method", "get")) for row in ROWS}
    named = {url for url, _ in tried}
    for name, actions in addresses():
        assert name in named, f"{name} is in no tests/<app>/permissions.py"
        for method in actions:
            assert method == "head" or (name, method) in tried, f"{method} {name} is in no tests/<app>/permissions.py"
    assert named <= {name for name, _ in addresses()}, "a table names an address that is not there"


def label(row):
    args = "" if row["url"] != "panel" else f"-{row['args'].__defaults__[0] if row['args'].__defaults__ else 'own'}"
    return f"{row.get('method', 'get')}-{row['url']}{args}"


@pytest.mark.parametrize("row", ROWS, ids=label)
def test_who_may(world, row, settings):
    for name, value in row.get("settings", lambda: {})().items():
        setattr(settings, name, value)
    url = reverse(row["url"], args=row["args"](world) if "args" in row else [])
    url += f"?{urlencode(row['query'](world), doseq=True)}" if "query" in row else ""
    method, need = row.get("method", "get"), row["need"]

    def tried_by(user):
        client = world.client(user)
        client.raise_request_exception = True
        body = {}
        if "json" in row:
            body = {"data": row["json"](world), "content_type": "application/json"}
        elif "data" in row:
            body = {"data": row["data"](world)}
        return getattr(client, method)(url, **body)

    # Nobody is sent to the sign-in page; the API says 401.
    answer = tried_by(None)
    if need == "anyone":
        assert answer.status_code < 400
        return
    if row.get("api"):
        assert answer.status_code == 401
    elif row["url"] == "schema":
        assert answer.status_code in (401, 403)
    else:
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("login"))

    # An outsider, owner of an organisation elsewhere, learns not even that it exists.
    answer = tried_by(world.outsider)
    if need in ("signed in", "own organisation") and method == "get":
        assert answer.status_code == 200
        for secret in (world.project.name, world.organisation.name):
            assert secret not in answer.content.decode()
    elif need == "own organisation":
        assert answer.status_code == 422
    elif need != "signed in":
        assert answer.status_code == 404

    if isinstance(need, Permission) or need == "own organisation":
        answer = tried_by(world.members[row.get("lacking") or LACKING[need]])
        assert answer.status_code == (404 if row.get("hidden") else 403)
    if need == "its owner":
        answer = tried_by(world.members["admin"])
        assert answer.status_code == 404

    if need == "member":
        assert tried_by(world.members["viewer"]).status_code < 400
    assert tried_by(world.owner).status_code < 400


@pytest.mark.django_db
def test_admin_pages_are_for_staff(world, admin_user):
    from django.contrib import admin

    pages = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
    for page in pages:
        for user in (None, world.owner):
            assert world.client(user).get(page).status_code == 302
        assert world.client(admin_user).get(page).status_code in (200, 403), page
    row = world.annotation
    change = reverse("admin:annotate_annotation_change", args=[row.pk])
    assert world.client(admin_user).get(change).status_code == 200
