"""What the API says of collection, and what it takes in."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotate.jobs.models import Job
from annotate.media.models import MediaFile
from annotate.models import Annotation, Item, Project, Question, Response, Task
from annotate.storable import check_storable

OPEN_OBJECT = {"type": "object", "additionalProperties": True}


@extend_schema_field(OPEN_OBJECT)
class AnyObject(serializers.JSONField):
    """A JSON object that every database keeps."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        value = super().to_internal_value(data)
        if not isinstance(value, dict):
            raise serializers.ValidationError("This has to be an object.")
        try:
            check_storable(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return value


class QuestionSerializer(serializers.ModelSerializer):
    settings = AnyObject(required=False)
    condition = AnyObject(required=False, help_text="When it is asked; {}: always.")

    class Meta:
        model = Question
        fields = ("name", "kind", "title", "help", "required", "settings", "condition")


class ProjectSerializer(serializers.ModelSerializer):
    translations = AnyObject(required=False, help_text="The guidelines in other languages, by language code.")
    questions = QuestionSerializer(source="form.questions", many=True, read_only=True)

    class Meta:
        model = Project
        fields = (
            "id", "organisation", "name", "description", "notice", "guidelines", "translations", "overlap",
            "lease_minutes", "blind", "shuffle", "is_paused", "created_at", "questions",
        )  # fmt: skip
        read_only_fields = ("organisation",)
        # Uniqueness in its organisation is checked by the service, which knows the organisation.
        validators: list[Any] = []


class NewProjectSerializer(ProjectSerializer):
    questions = QuestionSerializer(many=True)

    class Meta(ProjectSerializer.Meta):
        read_only_fields = ()


class ProgressSerializer(serializers.Serializer):
    tasks = serializers.IntegerField()
    finished = serializers.IntegerField()
    started = serializers.IntegerField()
    wanted = serializers.IntegerField(help_text="Answers, over all tasks.")
    given = serializers.IntegerField()
    taken = serializers.IntegerField()
    leased = serializers.IntegerField()
    late = serializers.IntegerField()
    flags = serializers.IntegerField()


class MessageSerializer(serializers.Serializer):
    role = serializers.CharField()
    content = serializers.CharField()


class ResponseSerializer(serializers.ModelSerializer):
    media = serializers.ListField(child=serializers.CharField())
    metadata = AnyObject()

    class Meta:
        model = Response
        fields = ("key", "index", "text", "media", "model", "metadata")


class ItemSerializer(serializers.ModelSerializer):
    prompt = MessageSerializer(many=True)
    media = serializers.ListField(child=serializers.CharField())
    criteria = serializers.ListField(child=AnyObject())
    metadata = AnyObject()
    responses = ResponseSerializer(many=True)

    class Meta:
        model = Item
        fields = ("id", "external_id", "prompt", "media", "criteria", "group", "gold", "metadata", "responses")


class TaskSerializer(serializers.ModelSerializer):
    external_id = serializers.CharField(source="item.external_id")
    responses = serializers.ListField(child=serializers.CharField(), help_text="Keys, in the item's order.")
    expected = AnyObject(allow_null=True)

    class Meta:
        model = Task
        fields = (
            "id", "item", "external_id", "responses", "overlap", "priority", "taken", "answered", "expected",
            "created_at",
        )  # fmt: skip


class ImageSerializer(serializers.Serializer):
    ref = serializers.CharField()
    url = serializers.CharField()
    thumbnail = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    alt = serializers.CharField()


class AskedResponseSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField(help_text="A, B, … in the order shown to this rater.")
    text = serializers.CharField()
    media = ImageSerializer(many=True)
    model = serializers.CharField(help_text="Empty where the project is blind.")


class AskedQuestionSerializer(QuestionSerializer):
    criteria = serializers.ListField(child=AnyObject())

    class Meta(QuestionSerializer.Meta):
        fields = (*QuestionSerializer.Meta.fields, "criteria")


class AskedTaskSerializer(serializers.Serializer):
    """A task as its rater sees it: in their order, and blind."""

    id = serializers.IntegerField()
    lease_seconds = serializers.IntegerField()
    is_revision = serializers.BooleanField()
    answers = AnyObject(help_text="The draft, or the earlier answer.")
    prompt = MessageSerializer(many=True)
    media = ImageSerializer(many=True)
    responses = AskedResponseSerializer(many=True)
    questions = AskedQuestionSerializer(many=True)


class BesideSerializer(serializers.Serializer):
    beside = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Tasks that the rater has at hand already."
    )


class ReasonSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class AnnotationSerializer(serializers.ModelSerializer):
    rater = serializers.CharField(source="rater.name")
    rater_kind = serializers.CharField(source="rater.kind")
    answers = AnyObject()
    shown = serializers.ListField(child=serializers.CharField(), help_text="Keys, in the order shown.")
    metadata = AnyObject()

    class Meta:
        model = Annotation
        fields = (
            "id", "task", "rater", "rater_kind", "answers", "shown", "seconds", "status", "submission", "revision",
            "is_current", "metadata", "submitted_at",
        )  # fmt: skip


class NewAnnotationSerializer(serializers.Serializer):
    task = serializers.IntegerField()
    submission = serializers.UUIDField(help_text="Made by the client: sent twice, counts once.")
    answers = AnyObject(help_text="An answer by question; responses are named by their keys.")
    seconds = serializers.FloatField(required=False, allow_null=True, min_value=0)


class JobSerializer(serializers.ModelSerializer):
    params = AnyObject()
    result = serializers.SerializerMethodField()
    percent = serializers.FloatField(allow_null=True)

    class Meta:
        model = Job
        fields = (
            "id", "project", "handler", "title", "params", "state", "done", "total", "percent", "message", "result",
            "error", "cancel_requested", "attempts", "created_at", "started_at", "finished_at",
        )  # fmt: skip

    @extend_schema_field(OPEN_OBJECT)
    def get_result(self, job: Job) -> dict[str, Any]:
        return {name: value for name, value in job.result.items() if name != "traceback"}


class UploadSerializer(serializers.Serializer):
    file = serializers.FileField()


class MediaSerializer(serializers.ModelSerializer):
    ref = serializers.CharField(help_text="How items and responses name it: sha256:…")

    class Meta:
        model = MediaFile
        fields = ("ref", "type", "content_type", "size", "width", "height", "duration", "pages")


class LifetimeSerializer(serializers.Serializer):
    seconds = serializers.IntegerField(min_value=1, max_value=settings.MEDIA_SIGNED_MOST_SECONDS, required=False)


class SignedMediaSerializer(serializers.Serializer):
    url = serializers.CharField()
    expires_at = serializers.DateTimeField()
