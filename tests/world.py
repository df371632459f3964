"""A small organisation at work, for tests: people of every role, a project in the middle of its collection.

Every text that somebody typed is ``text(...)``, so that a test can make all of it hostile at once.
"""

import io
import math
import uuid
import wave
from collections.abc import Callable
from datetime import timedelta
from functools import cache, cached_property
from typing import Any

from django.test import Client
from django.utils import timezone
from PIL import Image

from annotate import queue, services
from annotate.access.models import Role, User
from annotate.access.services import add_member, create_organisation, create_token
from annotate.jobs.models import Job, State
from annotate.media.models import MediaFile
from annotate.media.services import store
from annotate.models import Annotation, Lease, Task

QUESTIONS = [
    {
        "name": "preference",
        "kind": "pairwise",
        "title": "Which is better?",
        "settings": {"labels": ["better", "much better"], "tie": True},
    },
    {"name": "reason", "kind": "critique", "title": "Why?", "required": False, "settings": {"about": "overall"}},
]


def png(colour: str = "red", size: tuple[int, int] = (8, 6)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def tone(seconds: float = 0.2, rate: int = 8000) -> bytes:
    """A WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        samples = (round(16_000 * math.sin(number / 4)) for number in range(round(seconds * rate)))
        file.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
    return buffer.getvalue()


@cache  # Pillow writes the time into it
def pdf(pages: int = 2, size: tuple[int, int] = (60, 80)) -> bytes:
    buffer = io.BytesIO()
    first, *more = (Image.new("RGB", size, (255, 40 * number, 0)) for number in range(pages))
    first.save(buffer, "PDF", save_all=True, append_images=more)
    return buffer.getvalue()


class World:
    """``text(words)`` gives every text; the identity unless a test wants something nasty."""

    def __init__(self, text: Callable[[str], str] = lambda words: words) -> None:
        self.text = text
        self.owner = self.person("owner")
        self.organisation = create_organisation(name=text("Quarry"), owner=self.owner)
        self.members = {Role.OWNER: self.owner}
        for role in (Role.ADMIN, Role.REVIEWER, Role.ANNOTATOR, Role.VIEWER):
            self.members[role] = self.person(str(role))
            add_member(organisation=self.organisation, user=self.members[role], role=role)
        self.outsider = self.person("outsider")
        self.elsewhere = create_organisation(name="Elsewhere", owner=self.outsider)
        self.image = store(organisation=self.organisation, content=png())
        self.project = self.make_project(text("Which answer helps"))
        self.items = self.add_items(6)

    @cached_property
    def audio(self) -> MediaFile:
        return store(organisation=self.organisation, content=tone(), name="tone.wav")

    @cached_property
    def document(self) -> MediaFile:
        return store(organisation=self.organisation, content=pdf(), name="two.pdf")

    def person(self, name: str) -> User:
        return User.objects.create_user(f"{name}@quarry.example", "right-horse", name=self.text(name.title()))

    def make_project(self, name: str, questions: Any = QUESTIONS, **settings: Any) -> Any:
        text = self.text
        titled = [{**question, "title": text(question["title"]), "help": text("Help")} for question in questions]
        given = {"overlap": 2, "guidelines": text("# Guidelines"), "description": text("About"), "notice": text("Note")}
        return services.create_project(
            organisation=self.organisation, name=name, questions=titled, **(given | settings)
        )

    def add_items(self, count: int, project: Any = None, start: int = 0) -> dict[str, int]:
        text = self.text
        return services.add_items(
            project=project or self.project,
            items=[
                services.NewItem(
                    external_id=text(f"item-{number}"),
                    prompt=[{"role": text("user"), "content": text(f"Question {number}")}],
                    responses=(
                        services.NewResponse(
                            text=text(f"first {number}"), model=text("model-one"), metadata={"a": text("x")}
                        ),
                        services.NewResponse(
                            text=text(f"second {number}"), model=text("model-two"), media=(self.image.ref,)
                        ),
                    ),
                    media=(self.image.ref,),
                    group=text("group"),
                    gold="b",
                    metadata={"source": text("web")},
                    expected={"preference": {"overall": {"chosen": "tie", "strength": 0}}} if number == 5 else None,
                )
                for number in range(start, start + count)
            ],
        )

    # ---- people and what they do ----

    def rater(self, user: User) -> Any:
        return services.person_rater(organisation=self.organisation, user=user)

    def lease(self, user: User | None = None, project: Any = None) -> Any:
        return queue.lease_next(project=project or self.project, rater=self.rater(user or self.owner))

    def answers(self, task: Task, place: int = 0, strength: int = 1) -> dict[str, Any]:
        """Answers that choose the response at ``place`` of the item's own order."""
        return {
            "preference": {"overall": {"chosen": task.responses[place], "strength": strength}},
            "reason": {"overall": {"text": self.text("Because")}},
        }

    def answer(self, user: User | None = None, place: int = 0, late: bool = False, **more: Any) -> Annotation:
        """The next task, answered."""
        lease = self.lease(user)
        if late:
            self.let_expire(lease)
        return queue.submit(
            task=lease.task,
            rater=lease.rater,
            answers=self.answers(lease.task, place),
            submission=uuid.uuid4(),
            **({"seconds": 12.5} | more),
        )

    @staticmethod
    def let_expire(lease: Lease) -> None:
        Lease.objects.filter(pk=lease.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    def client(self, user: User | None) -> Client:
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    def token(self, user: User, *scopes: str) -> dict[str, str]:
        """The header of a new token of this user."""
        _, plain = create_token(organisation=self.organisation, user=user, name=self.text("token")[:80], scopes=scopes)
        return {"Authorization": f"Bearer {plain}"}

    # ---- things that tests need now and then, made at first use ----

    @cached_property
    def held(self) -> Lease:
        """A task on the owner's screen, not answered yet."""
        self.annotation, self.late, self.flag  # noqa: B018 - answered before, so that they are other tasks
        return self.lease(self.owner)

    @cached_property
    def annotation(self) -> Annotation:
        return self.answer(self.owner)

    @cached_property
    def late(self) -> Annotation:
        return self.answer(self.members[Role.ADMIN], late=True)

    @cached_property
    def flag(self) -> Any:
        annotation = self.annotation
        return queue.flag(task=annotation.task, rater=annotation.rater, reason=self.text("Broken"))

    @cached_property
    def job(self) -> Job:
        return Job.objects.create(
            organisation=self.organisation,
            project=self.project,
            handler="import_items",
            title=self.text("Import"),
            message=self.text("reading"),
            params={"source": self.text("file")},
            state=State.RUNNING,
            created_by=self.owner,
        )
