"""Items, their candidate responses, and the tasks that ask about them."""

import hashlib
from collections.abc import Sequence

from django.db import models
from django.db.models import F, Q


class Item(models.Model):
    """One prompt (a conversation with its context) and its candidates."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="items")
    external_id = models.CharField(max_length=255)
    prompt = models.JSONField(help_text='Messages: [{"role", "content"}].')
    media = models.JSONField(default=list, blank=True, help_text="Source images: [sha256:…].")
    criteria = models.JSONField(default=list, blank=True, help_text="The item's own rubric.")
    group = models.CharField(max_length=255, blank=True, help_text="Items of one group stay in one split.")
    gold = models.CharField(max_length=8, blank=True, help_text="Released outcome between the first two responses.")
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "external_id"], name="item_once_a_project"),
            models.CheckConstraint(condition=Q(gold__in=["", "a", "b", "tie", "both_bad"]), name="item_gold_known"),
        ]

    def __str__(self) -> str:
        return self.external_id


class Response(models.Model):
    """One candidate. Its key tells nothing about its place or its model, so pages can stay blind."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="responses")
    index = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=16)
    text = models.TextField(blank=True)
    media = models.JSONField(default=list, blank=True, help_text="[sha256:…]")
    model = models.CharField(max_length=200, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["index"]
        constraints = [
            models.UniqueConstraint(fields=["item", "index"], name="response_index_once_an_item"),
            models.UniqueConstraint(fields=["item", "key"], name="response_key_once_an_item"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.text[:60]}"

    @staticmethod
    def make_key(external_id: str, repeat: int, text: str, media: Sequence[str]) -> str:
        """A key made of the content alone: stable over imports, and it does not tell the response's place.

        ``repeat`` counts the responses of the same content before it in the item, mostly 0.
        """
        content = "\0".join((external_id, str(repeat), text, *media))
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:12]


class Task(models.Model):
    """What is asked: an item, the responses shown, and how many raters are to answer.

    ``taken`` counts live leases and counted answers together; the database itself refuses more
    than ``overlap`` of them.
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="tasks")
    item = models.ForeignKey(Item, models.CASCADE, related_name="tasks")
    responses = models.JSONField(help_text="Keys of the responses asked about, in the item's order.")
    subject = models.CharField(max_length=1000, help_text="The keys joined by a colon.")
    overlap = models.PositiveSmallIntegerField()
    priority = models.IntegerField(default=0)
    taken = models.PositiveSmallIntegerField(default=0)
    answered = models.PositiveSmallIntegerField(default=0)
    expected = models.JSONField(null=True, blank=True, help_text="Known answers, where this is a check task.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "subject"], name="task_once_an_item_and_subject"),
            models.CheckConstraint(condition=Q(taken__lte=F("overlap")), name="task_taken_within_overlap"),
            models.CheckConstraint(condition=Q(answered__lte=F("taken")), name="task_answered_within_taken"),
        ]
        indexes = [
            models.Index(fields=["project", "-priority", "id"], condition=Q(taken__lt=F("overlap")), name="task_queue"),
        ]

    def __str__(self) -> str:
        return f"task {self.pk} on {self.item_id}"

    @property
    def is_check(self) -> bool:
        return self.expected is not None
