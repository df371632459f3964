"""What the API of the reward lab takes and gives."""

from typing import Any

from rest_framework import serializers

from annotate.serializers import AnyObject
from curation.models import DatasetVersion
from rewardtrain import evaluation, selectors
from rewardtrain.errors import RecipeError
from rewardtrain.models import Evaluation, RewardModel, Run
from rewardtrain.recipe import Recipe

MAX_TEXTS = 512


class EvaluationSerializer(serializers.ModelSerializer):
    figures = AnyObject()

    class Meta:
        model = Evaluation
        fields = ("id", "model", "suite", "data", "figures", "created_at")


class RunSerializer(serializers.ModelSerializer):
    recipe = AnyObject(read_only=True)
    model = serializers.PrimaryKeyRelatedField(read_only=True)
    state = serializers.CharField(source="job.state", default="", read_only=True)

    class Meta:
        model = Run
        fields = ("id", "name", "sweep", "version", "recipe", "job", "state", "model", "created_at")


class NewRunSerializer(serializers.Serializer):
    version = serializers.PrimaryKeyRelatedField(queryset=DatasetVersion.objects.all())
    name = serializers.CharField(max_length=120)
    sweep = serializers.CharField(
        max_length=120, required=False, allow_blank=True, help_text="One name for runs that are to be compared."
    )
    recipe = AnyObject(required=False, help_text="See the documentation for engineers; what is left out has a default.")

    def validate_recipe(self, value: Any) -> dict[str, Any]:
        try:
            return selectors.offered(Recipe.from_mapping(value)).to_dict()
        except RecipeError as error:
            raise serializers.ValidationError(str(error)) from error


class DifferingSerializer(serializers.Serializer):
    name = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField(), help_text="One a run.")


class ComparisonSerializer(serializers.Serializer):
    runs = serializers.ListField(child=AnyObject(), help_text="Each with its figures on its own test split.")
    settings = DifferingSerializer(many=True)
    paired = AnyObject(allow_null=True, help_text="Figures on the rows that all saw; see rewardtrain/comparing.py.")


class CardSerializer(serializers.Serializer):
    markdown = serializers.CharField()
    limits = serializers.ListField(child=serializers.CharField())


class ModelSerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="run.name")
    rater = serializers.CharField(source="rater.name")
    card = AnyObject()

    class Meta:
        model = RewardModel
        fields = ("id", "name", "run", "rater", "card", "created_at")


class NewEvaluationSerializer(serializers.Serializer):
    model = serializers.IntegerField()
    suite = serializers.CharField(default="pairs")
    split = serializers.CharField(default="test", max_length=40)
    file = serializers.FileField(required=False, help_text="Parquet or JSON lines; default: the version's own split.")

    def validate_suite(self, value: str) -> str:
        if value not in evaluation.names():  # without loading it: some need torch
            raise serializers.ValidationError(f"There is no suite {value!r}: {', '.join(evaluation.names())}.")
        return value


class ScoreSerializer(serializers.Serializer):
    model = serializers.IntegerField()
    prompts = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), max_length=MAX_TEXTS, min_length=1
    )
    responses = serializers.ListField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), max_length=MAX_TEXTS, min_length=1
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if len(data["prompts"]) != len(data["responses"]):
            counts = f"There are {len(data['prompts'])} prompts for {len(data['responses'])} responses."
            raise serializers.ValidationError(counts)
        return data


class RewardsSerializer(serializers.Serializer):
    rewards = serializers.ListField(child=serializers.FloatField())
