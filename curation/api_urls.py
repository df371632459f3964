"""Addresses of the API of curation, below /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from curation.api import campaigns, datasets, judge_lab, judges, mappings, pools, quality, selections, trials

project = SimpleRouter(use_regex_path=False)
project.register("imports", datasets.ImportViewSet, basename="api-import")
project.register("mappings", mappings.MappingViewSet, basename="api-mapping")
project.register("project-exports", mappings.ProjectExportViewSet, basename="api-project-export")
project.register("agreement", datasets.AgreementViewSet, basename="api-agreement")
project.register("consensus", datasets.ConsensusViewSet, basename="api-consensus")
project.register("quality", quality.QualityViewSet, basename="api-quality")
project.register("campaigns", campaigns.CampaignViewSet, basename="api-campaign")
project.register("selections", selections.SelectionViewSet, basename="api-selection")
project.register("datasets", datasets.DatasetViewSet, basename="api-dataset")
project.register("versions", datasets.VersionViewSet, basename="api-version")
project.register("exports", datasets.ExportViewSet, basename="api-export")
project.register("judges", judges.JudgeViewSet, basename="api-judge")
project.register("judge-runs", judges.JudgeRunViewSet, basename="api-judge-run")

project.register("judge-lab", judge_lab.StandingViewSet, basename="api-judge-lab")
project.register("judge-trials", trials.TrialViewSet, basename="api-judge-trial")
project.register("judging-skills", trials.SkillViewSet, basename="api-judging-skill")
project.register("cascades", judge_lab.CascadeViewSet, basename="api-cascade")
project.register("pools", pools.PoolViewSet, basename="api-pool")
project.register("passes", pools.PassViewSet, basename="api-pass")

urlpatterns = [path("projects/<int:project_id>/", include(project.urls))]
