"""What the API tells of a version's trustworthiness, and putting an old version back to use."""

import json
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from curation import croissant, restoring, trust


class SignatureSerializer(serializers.Serializer):
    state = serializers.ChoiceField(list(trust.STATES), help_text="Of the signature; data files are not read for it.")
    text = serializers.CharField(help_text="What is wrong; empty where it is valid.")
    key = serializers.CharField(help_text="Fingerprint of the public key.")
    public_key = serializers.CharField(help_text="PEM; empty where the key is not trusted here.")


class RestoredSerializer(serializers.Serializer):
    dataset = serializers.CharField()
    version = serializers.IntegerField(help_text="The version to use now.")


class TrustActions:
    """Actions of a version."""

    get_object: Any

    @extend_schema(summary="Who signed it, and whether that holds", responses=SignatureSerializer)
    @action(detail=True, methods=["get"], filterset_fields=())
    def signature(self, request: Request, project_id: int, pk: int) -> Response:
        return Response(SignatureSerializer(trust.signature(self.get_object())).data)

    @extend_schema(summary="Its description in Croissant", responses=OpenApiTypes.OBJECT)
    @action(detail=True, methods=["get"], filterset_fields=())
    def croissant(self, request: Request, project_id: int, pk: int) -> Response:
        path = trust.file(self.get_object(), croissant.FILE)
        if path is None:
            raise NotFound("This version is older than such descriptions; `manage.py sign_versions` adds them.")
        return Response(json.loads(path.read_text("utf-8")))

    @extend_schema(summary="Make it the version to use again", request=None, responses=RestoredSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, project_id: int, pk: int) -> Response:
        dataset = restoring.restore(version=self.get_object(), user=request.user)
        return Response({"dataset": dataset.name, "version": dataset.current_id})
