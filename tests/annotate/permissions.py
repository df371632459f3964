"""Who may open what of collection; tests/test_permissions.py reads this table (see there for what a row says)."""

import json
import uuid

from annotate.access.policy import Permission
from annotate.media import signing
from tests.world import QUESTIONS, png

LABEL, VIEW, REVIEW, MANAGE, ADMINISTER = Permission


def project(world, *more):
    return [world.project.pk, *more]


def held(world):
    return [world.project.pk, world.held.task_id]


def unasked_item(world):
    (item,) = world.add_items(1, start=100).values()
    return project(world, item)


def organisation(world, *more):
    return [world.organisation.pk, *more]


def viewer(world):
    return world.organisation.memberships.get(user=world.members["viewer"]).pk


def own_token(world):
    world.token(world.owner)
    return [world.organisation.pk, world.owner.tokens.get().pk]


def new_answer(world):
    return {"submission": str(uuid.uuid4()), "answers": world.answers(world.held.task), "seconds": 3}


def upload(world):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"file": SimpleUploadedFile("a.png", png("blue"), "image/png")}


def settings(world):
    return {"name": "New name", "overlap": 2, "lease_minutes": 30}


ROWS = [
    {"url": "login", "need": "anyone"},
    {"url": "logout", "need": "anyone", "method": "post"},
    {"url": "set_language", "need": "anyone", "method": "post", "data": lambda w: {"language": "de"}},
    {"url": "words_of_scripts", "need": "anyone"},
    {"url": "api_docs", "need": "signed in"},
    {"url": "schema", "need": "signed in"},
    {"url": "password", "need": "signed in"},
    {"url": "home", "need": "signed in"},
    {"url": "media", "need": "member", "args": lambda w: [w.organisation.pk, w.image.digest]},
    {"url": "thumbnail", "need": "member", "args": lambda w: [w.organisation.pk, w.image.digest]},
    {"url": "peaks", "need": "member", "args": lambda w: [w.organisation.pk, w.audio.digest]},
    {"url": "media_page", "need": "member", "args": lambda w: [w.organisation.pk, w.document.digest, 2]},
    {"url": "signed_media", "need": "anyone", "args": lambda w: [signing.path(w.image)[0].rpartition("/")[2]]},
    # ---- projects ----
    {"url": "new_project", "need": "own organisation", "lacking": "reviewer"},
    {
        "url": "new_project", "need": "own organisation", "lacking": "reviewer", "method": "post",
        "data": lambda w: {"organisation": w.organisation.pk, "name": "Another", "preset": "plain", "overlap": 1},
    },
    {
        "url": "new_project_preview", "need": MANAGE, "args": organisation, "method": "post",
        "json": lambda w: {"questions": QUESTIONS},
    },
    {"url": "dashboard", "need": VIEW, "args": project},
    *(
        {"url": "panel", "need": VIEW, "args": lambda w, name=name: project(w, name)}
        for name in ("progress", "seconds", "position", "length")
    ),
    {"url": "panel", "need": REVIEW, "lacking": "viewer", "args": lambda w: project(w, "attention")},
    {"url": "project_settings", "need": MANAGE, "args": project},
    {"url": "project_settings", "need": MANAGE, "args": project, "method": "post", "data": settings},
    {"url": "project_form", "need": MANAGE, "args": project},
    {
        "url": "project_form", "need": MANAGE, "args": project, "method": "post",
        "data": lambda w: {"questions": json.dumps(QUESTIONS)},
    },
    {
        "url": "project_form_preview", "need": MANAGE, "args": project, "method": "post",
        "json": lambda w: {"questions": QUESTIONS},
    },
    {"url": "pause_project", "need": MANAGE, "args": project, "method": "post", "data": lambda w: {"paused": 1}},
    {"url": "translations", "need": MANAGE, "args": project},
    {"url": "translations", "need": MANAGE, "args": project, "method": "post", "data": lambda w: {"de": "# Leitfaden"}},
    {"url": "rubric", "need": MANAGE, "args": project},
    {
        "url": "rubric", "need": MANAGE, "args": project, "method": "post",
        "data": lambda w: {"name": [""], "text": ["Is right."], "points": ["1"], "category": [""]},
    },
    {"url": "item_rubric", "need": MANAGE, "args": lambda w: project(w, w.annotation.task.item_id)},
    {
        "url": "item_rubric", "need": MANAGE, "args": unasked_item, "method": "post",
        "data": lambda w: {"name": [""], "text": ["Is right."], "points": ["1"], "category": [""]},
    },
    {"url": "guidelines", "need": "member", "args": project},
    # ---- the workbench ----
    {"url": "workbench", "need": LABEL, "args": project},
    {"url": "next_task", "need": LABEL, "args": project},
    {"url": "history", "need": LABEL, "args": project},
    {"url": "own_task", "need": LABEL, "args": held},
    {"url": "submit", "need": LABEL, "args": held, "method": "post", "json": new_answer},
    {"url": "draft", "need": LABEL, "args": held, "method": "post", "json": lambda w: {"answers": {}}},
    {"url": "skip", "need": LABEL, "args": held, "method": "post", "json": lambda w: {"reason": "hard"}},
    {"url": "flag", "need": LABEL, "args": held, "method": "post", "json": lambda w: {"reason": "odd"}},
    {"url": "heartbeat", "need": LABEL, "args": held, "method": "post", "json": lambda w: {}},
    # ---- reviewers ----
    {"url": "tasks", "need": REVIEW, "args": project},
    {"url": "task", "need": REVIEW, "args": lambda w: project(w, w.annotation.task_id)},
    {"url": "count_late", "need": REVIEW, "args": lambda w: project(w, w.late.pk), "method": "post"},
    {"url": "resolve_flag", "need": REVIEW, "args": lambda w: project(w, w.flag.pk), "method": "post"},
    # ---- jobs ----
    {"url": "jobs", "need": VIEW, "args": project},
    {"url": "job", "need": VIEW, "args": lambda w: [w.job.pk]},
    {"url": "job_status", "need": VIEW, "args": lambda w: [w.job.pk]},
    {"url": "job_cancel", "need": MANAGE, "args": lambda w: [w.job.pk], "method": "post"},
    # ---- people and tokens ----
    {"url": "people", "need": "member", "args": organisation},
    {
        "url": "add_person", "need": ADMINISTER, "args": organisation, "method": "post",
        "data": lambda w: {"email": "new@quarry.example", "role": "annotator"},
    },
    {
        "url": "change_role", "need": ADMINISTER, "args": lambda w: organisation(w, viewer(w)), "method": "post",
        "data": lambda w: {"role": "reviewer"},
    },
    {"url": "remove_person", "need": ADMINISTER, "args": lambda w: organisation(w, viewer(w)), "method": "post"},
    {"url": "add_token", "need": "member", "args": organisation, "method": "post", "data": lambda w: {"name": "mine"}},
    {"url": "revoke_token", "need": "its owner", "args": own_token, "method": "post"},
    # ---- the API ----
    {"url": "api-project-list", "need": "signed in", "api": True},
    {
        "url": "api-project-list", "need": MANAGE, "api": True, "method": "post",
        "json": lambda w: {"organisation": w.organisation.pk, "name": "By API", "questions": QUESTIONS},
    },
    {"url": "api-project-detail", "need": "member", "api": True, "args": project},
    {
        "url": "api-project-detail", "need": MANAGE, "api": True, "args": project, "method": "patch",
        "json": lambda w: {"overlap": 3},
    },
    {"url": "api-project-progress", "need": VIEW, "api": True, "args": project},
    {"url": "api-item-list", "need": VIEW, "api": True, "args": project},
    {
        "url": "api-item-detail", "need": VIEW, "api": True,
        "args": lambda w: project(w, w.annotation.task.item_id),
    },
    {"url": "api-task-list", "need": REVIEW, "api": True, "args": project},
    {"url": "api-task-detail", "need": REVIEW, "api": True, "args": lambda w: project(w, w.annotation.task_id)},
    {"url": "api-task-next", "need": LABEL, "api": True, "args": project, "method": "post", "json": lambda w: {}},
    {"url": "api-task-skip", "need": LABEL, "api": True, "args": held, "method": "post", "json": lambda w: {}},
    {"url": "api-annotation-list", "need": REVIEW, "api": True, "args": project},
    {
        "url": "api-annotation-list", "need": LABEL, "api": True, "args": project, "method": "post",
        "json": lambda w: {"task": w.held.task_id, **new_answer(w)},
    },
    {"url": "api-annotation-detail", "need": REVIEW, "api": True, "args": lambda w: project(w, w.annotation.pk)},
    {
        "url": "api-annotation-count", "need": REVIEW, "api": True, "args": lambda w: project(w, w.late.pk),
        "method": "post", "json": lambda w: {},
    },
    {"url": "api-media-list", "need": MANAGE, "api": True, "args": project, "method": "post", "data": upload},
    {"url": "api-media-signed", "need": VIEW, "api": True, "args": lambda w: project(w, w.image.digest)},
    {"url": "api-job-list", "need": "signed in", "api": True},
    {"url": "api-job-detail", "need": VIEW, "api": True, "args": lambda w: [w.job.pk], "hidden": True},
    {
        "url": "api-job-cancel", "need": MANAGE, "api": True, "args": lambda w: [w.job.pk], "method": "post",
        "json": lambda w: {},
    },
]  # fmt: skip
