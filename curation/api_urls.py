"""Addresses of the API of curation, below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from curation import api

project = SimpleRouter(use_regex_path=False)
project.register("imports", api.ImportViewSet, basename="api-import")
project.register("agreement", api.AgreementViewSet, basename="api-agreement")
project.register("consensus", api.ConsensusViewSet, basename="api-consensus")
project.register("datasets", api.DatasetViewSet, basename="api-dataset")
project.register("versions", api.VersionViewSet, basename="api-version")
project.register("exports", api.ExportViewSet, basename="api-export")

urlpatterns = [path("projects/<int:project_id>/", include(project.urls))]
