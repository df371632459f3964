"""What the API of curation takes and gives."""

from typing import Any

from rest_framework import serializers

from annotate.serializers import AnyObject
from curation import aggregation, formats, kept_mappings, mapping
from curation.models import AgreementReport, Consensus, ConsensusRun, Dataset, DatasetVersion


class ImportSerializer(serializers.Serializer):
    file = serializers.FileField(required=False, help_text="JSON lines, JSON, CSV, TSV (also gzipped) or Parquet.")
    hub = serializers.CharField(required=False, max_length=200, help_text="owner/name[:split] on the hub.")
    format = serializers.CharField()
    group_by = serializers.CharField(required=False, allow_blank=True, default="", max_length=80)

    def validate_format(self, value: str) -> str:
        formats.importer(value)
        return value

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if bool(data.get("file")) == bool(data.get("hub")):
            raise serializers.ValidationError("Send either a file or the name of a hub dataset.")
        return data


class ItemImportSerializer(ImportSerializer):
    """A file of one of the formats, or of any kind with a mapping."""

    file = serializers.FileField(
        required=False, help_text="JSON lines, JSON, CSV, TSV (also gzipped), Parquet, or a zip of one with its media."
    )
    format = serializers.CharField(required=False, allow_blank=True, default="")
    mapping = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Name of a mapping, or its YAML, instead of a format."
    )

    def validate_format(self, value: str) -> str:
        return super().validate_format(value) if value else value

    def validate_mapping(self, value: str) -> str:
        """The YAML, also of a mapping that is given by its name."""
        if not value:
            return value
        try:
            text = value if ":" in value else kept_mappings.text_of(self.context["organisation"], value)
            mapping.read(text)
        except (LookupError, mapping.MappingError) as error:
            raise serializers.ValidationError(str(error)) from error
        return text

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if bool(data["format"]) == bool(data["mapping"]):
            raise serializers.ValidationError({"format": "Either a format or a mapping is required."})
        return super().validate(data)


class WhichQuestionSerializer(serializers.Serializer):
    question = serializers.SlugField()


class ConsensusRequestSerializer(WhichQuestionSerializer):
    method = serializers.CharField(default=aggregation.DEFAULT)

    def validate_method(self, value: str) -> str:
        aggregation.get(value)
        return value


class AgreementSerializer(serializers.ModelSerializer):
    figures = AnyObject()

    class Meta:
        model = AgreementReport
        fields = ("id", "question", "source", "figures", "created_at")


class ConsensusRunSerializer(serializers.ModelSerializer):
    notes = AnyObject()
    reliability = AnyObject()
    categories = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = ConsensusRun
        fields = ("id", "question", "dimension", "method", "source", "categories", "reliability", "notes", "created_at")


class ConsensusSerializer(serializers.ModelSerializer):
    item = serializers.CharField(source="item.external_id")
    probs = serializers.JSONField(
        help_text='Probabilities in the order of the run\'s categories; without categories {"value", "low", "high"}.'
    )

    class Meta:
        model = Consensus
        fields = ("item", "subject", "probs", "winner", "confidence", "entropy", "n_votes")


class UnitFilterSerializer(serializers.Serializer):
    item = serializers.CharField(required=False, help_text="External id of the item.")
    winner = serializers.CharField(required=False)
    min_confidence = serializers.FloatField(required=False, source="confidence__gte")
    max_confidence = serializers.FloatField(required=False, source="confidence__lte")
    min_votes = serializers.IntegerField(required=False, source="n_votes__gte")

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"item__external_id" if name == "item" else name: value for name, value in data.items()}


class VersionSerializer(serializers.ModelSerializer):
    dataset = serializers.CharField(source="dataset.name")
    manifest = AnyObject()

    class Meta:
        model = DatasetVersion
        fields = ("id", "dataset", "number", "hash", "pipeline", "manifest", "created_at")


class DatasetSerializer(serializers.ModelSerializer):
    versions = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Dataset
        fields = ("id", "name", "versions", "created_at")


class PipelineSerializer(serializers.Serializer):
    dataset = serializers.CharField(max_length=120, default="main")
    pipeline = serializers.CharField(help_text="YAML.")
    preview = serializers.BooleanField(default=False, help_text="Only count what would happen; write nothing.")


class DifferenceSerializer(serializers.Serializer):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Rows by change.")
    reasons = serializers.ListField(child=AnyObject(), help_text="Change, filter, reason and rows, most first.")
    shift = serializers.ListField(child=AnyObject(), help_text="By property, counts before and after and distance.")
    rows = serializers.ListField(child=serializers.IntegerField(), help_text="Rows before and after.")


class ExportSerializer(serializers.Serializer):
    format = serializers.CharField()
    options = AnyObject(required=False)

    def validate_format(self, value: str) -> str:
        formats.exporter(value)
        return value


class RowSerializer(serializers.Serializer):
    row_id = serializers.CharField()
    split = serializers.CharField()
    item = serializers.CharField()
    group = serializers.CharField(allow_null=True)
    prompt = serializers.CharField()
    response_a = serializers.CharField()
    response_b = serializers.CharField()
    p_a = serializers.FloatField(allow_null=True)
    p_tie = serializers.FloatField(allow_null=True)
    p_b = serializers.FloatField(allow_null=True)
    p_both_bad = serializers.FloatField(allow_null=True)
    weight = serializers.FloatField()
    n_votes = serializers.IntegerField()
    gold = serializers.CharField(allow_null=True)


class TraceFilterSerializer(serializers.Serializer):
    row_id = serializers.CharField(required=False)
    stage = serializers.IntegerField(required=False, min_value=0, max_value=1000)
    action = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)
    split = serializers.CharField(required=False)


class TraceSerializer(serializers.Serializer):
    row_id = serializers.CharField()
    item = serializers.CharField()
    stage = serializers.IntegerField(help_text="0 is the consensus, before the pipeline's own stages.")
    filter = serializers.CharField()
    action = serializers.CharField()
    reason = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    label_before = serializers.ListField(child=serializers.FloatField(), help_text="P of a, b, tie, both bad.")
    label_after = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    weight_before = serializers.FloatField()
    weight_after = serializers.FloatField(allow_null=True)
    split = serializers.CharField(allow_null=True)
