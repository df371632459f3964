"""Who may open what of curation; tests/test_permissions.py reads this table (see there for what a row says)."""

import tempfile
import uuid
from pathlib import Path

from annotate.access.policy import Permission
from annotate.jobs.models import Job
from tests.curated import (
    MAPPING,
    PIPELINE,
    POOL_PIPELINE,
    curated_version,
    exported_project,
    filled_pool,
    finished_export,
    kept_mapping,
    pool_pass,
    rejected_import,
    waiting_upload,
)

_, VIEW, REVIEW, MANAGE, _ = Permission


def project(world, *more):
    return [world.project.pk, *more]


def version(world):
    return project(world, curated_version(world).pk)


def compared(world):
    from curation.comparing import compare

    version = curated_version(world)
    compare(old=version, new=version)
    return project(world, version.pk, version.pk, "csv")


def agreement(world):
    from curation.services import compute_agreement

    curated_version(world)
    return project(world, compute_agreement(project=world.project, question="preference").pk)


def consensus(world):
    from curation.services import compute_consensus

    curated_version(world)
    return project(world, compute_consensus(project=world.project, question="preference", method="majority")[0].pk)


def quality(world):
    from curation.services import compute_quality

    curated_version(world)
    return project(world, compute_quality(project=world.project, question="preference").pk)


def judges(world):
    """Judges' answers beside people's, once."""
    from tests.judged import judged

    if not world.project.items.filter(external_id__contains="item-1000").exists():
        judged(world, count=6, labelled=4)


def standing(world):
    from curation.judging import lab

    judges(world)
    return project(world, lab.compute(project=world.project, question="preference").pk)


def cascade(world):
    from curation.judging import planning

    judges(world)
    return project(world, planning.study(project=world.project, question="preference").pk)


def model_servers():
    """A file that names one model server, which is asked for nothing."""
    path = Path(tempfile.gettempdir()) / "touchstone-permissions-servers.yaml"
    path.write_text("endpoints: [{name: scripted, client: openai_compatible, url: 'http://127.0.0.1:9', model: m}]\n")
    return {"MODEL_SERVERS": path}


def asking_judge(world):
    from curation.judging.services import create_judge

    return create_judge(organisation=world.organisation, name="asks", method="pairwise", endpoint="scripted")


def trial(world):
    from curation.judging import trials

    judge = asking_judge(world)
    given = {"what": "prompt", "judge": judge, "project": world.project, "question": "preference"}
    return project(world, trials.start(**given).pk)


def skill(world):
    from curation.models import JudgingSkill, Trial

    made = Trial.objects.get(pk=trial(world)[1])
    given = {"judge": made.judge, "trial": made, "name": "Sums", "instruction": "Add.", "evidence": {}}
    return project(world, JudgingSkill.objects.create(**given).pk)


PROMISE = {"promise": 0.85, "budget": 10}


def campaign(world):
    from curation.campaigning import services
    from curation.models import Campaign

    plan = "name: trust\nseed_pairs: {people: 2}"
    found = Campaign.objects.filter(project=world.project).first()
    found = found or services.start(project=world.project, plan=plan, version=curated_version(world), user=world.owner)
    return project(world, found.pk)


def preview(world):
    job = Job.objects.create(
        organisation=world.organisation,
        project=world.project,
        handler="preview",
        title="Preview",
        params={"pipeline": PIPELINE},
    )
    return project(world, job.pk)


def selection(world, *more):
    return project(world, batch(world).selection_id, *more)


def review_pair(world):
    return selection(world, batch(world).pk)


def batch(world):
    """The first pair of a selection."""
    from curation.asking.services import Wanted, select
    from curation.models import SelectionEntry

    found = SelectionEntry.objects.filter(selection__project=world.project).first()
    if found is None:
        curated_version(world)
        found = select(project=world.project, wanted=Wanted("random", size=2)).entries.first()
    return found


def selection_preview(world):
    from dataclasses import asdict

    from curation.asking.services import Wanted, plan, preview

    curated_version(world)
    wanted = Wanted("random", size=2)
    job = Job.objects.create(
        organisation=world.organisation, project=world.project, handler="preview_selection", title="Preview",
        params={"wanted": asdict(wanted)}, result=preview(plan(project=world.project, wanted=wanted)),
    )  # fmt: skip
    return project(world, job.pk)


def wanted_batch(world):
    return {"source": "answered", "question": "preference", "strategy": "random", "size": 2, "random_share": 0.1}


def upload(world):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"file": SimpleUploadedFile("votes.jsonl", b"{}\n", "application/jsonl"), "format": "votes"}


def judge(world, name="ruler"):
    from curation.judging.services import create_judge

    return create_judge(organisation=world.organisation, name=name, method="length", settings={"most": 50})


def judge_run(world):
    from curation.judging.services import start_run

    return project(world, start_run(judge=judge(world), project=world.project).pk)


def pool(world):
    return project(world, filled_pool(world).pk)


def a_pass(world):
    return project(world, pool_pass(world).pk)


def mapped(world):
    return project(world, waiting_upload(world).token)


def csv_file(world):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return {"file": SimpleUploadedFile("a.csv", b"question,answer\nWhy?,So\n")}


def new_pass(world):
    return {"dataset": f"set {uuid.uuid4()}", "pipeline": POOL_PIPELINE, "pool": filled_pool(world).pk}


PAGES = [
    {"url": "import", "need": MANAGE, "args": project},
    {"url": "import", "need": MANAGE, "args": project, "method": "post", "data": upload},
    {"url": "rejected", "need": MANAGE, "args": lambda world: project(world, rejected_import(world).pk)},
    {"url": "map_file", "need": MANAGE, "args": project},
    {"url": "map_file", "need": MANAGE, "args": project, "method": "post", "data": csv_file},
    {"url": "mapping", "need": MANAGE, "args": mapped},
    {"url": "mapping", "need": MANAGE, "args": mapped, "method": "post", "data": lambda world: {"text": MAPPING}},
    {"url": "try_mapping", "need": MANAGE, "args": mapped, "method": "post", "data": lambda world: {"text": MAPPING}},
    {
        "url": "forget_mapping",
        "need": MANAGE,
        "args": lambda world: project(world, kept_mapping(world).pk),
        "method": "post",
        "data": lambda world: {},
    },
    {
        "url": "export_project",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "data": lambda world: {"export-format": "touchstone"},
    },
    {"url": "download_project", "need": MANAGE, "args": lambda world: project(world, exported_project(world).pk)},
    {"url": "agreement", "need": VIEW, "args": project},
    {
        "url": "compute_agreement",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "data": lambda world: {"question": "preference", "method": "majority"},
    },
    {"url": "judges", "need": VIEW, "args": project},
    {"url": "new_judge", "need": MANAGE, "args": project},
    {
        "url": "new_judge",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "data": lambda world: {"name": f"judge {uuid.uuid4()}"},
    },
    {"url": "judge", "need": VIEW, "args": lambda world: project(world, judge(world).pk)},
    {"url": "judge_estimate", "need": MANAGE, "args": lambda world: project(world, judge(world).pk)},
    {
        "url": "start_judge",
        "need": MANAGE,
        "args": lambda world: project(world, judge(world).pk),
        "method": "post",
        "data": lambda world: {"budget": "0"},
    },
    {"url": "judge_run", "need": VIEW, "args": judge_run},
    {"url": "judge_live", "need": VIEW, "args": judge_run},
    {"url": "resume_judge", "need": MANAGE, "args": judge_run, "method": "post", "data": lambda world: {"budget": "0"}},
    {"url": "quality", "need": VIEW, "args": project},
    {"url": "compute_quality", "need": MANAGE, "args": project, "method": "post", "data": lambda world: {}},
    {"url": "quality_rows", "need": REVIEW, "args": lambda world: project(world, "longer_wins")},
    {"url": "judge_lab", "need": VIEW, "args": project},
    {"url": "compute_judge_lab", "need": MANAGE, "args": project, "method": "post", "data": lambda world: {}},
    {"url": "judge_lab_cases", "need": REVIEW, "args": project},
    {"url": "budget_planner", "need": VIEW, "args": project},
    {"url": "study_budget", "need": MANAGE, "args": project, "method": "post", "data": lambda world: {}},
    {"url": "apply_budget", "need": MANAGE, "args": cascade, "method": "post", "data": lambda world: PROMISE},
    {"url": "campaigns", "need": VIEW, "args": project},
    {"url": "new_campaign", "need": MANAGE, "args": project},
    {
        "url": "new_campaign",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "data": lambda world: {"source": f"version-{curated_version(world).pk}", "plan": f"name: {uuid.uuid4()}"},
    },
    {"url": "campaign", "need": VIEW, "args": campaign},
    {"url": "campaign_go_on", "need": MANAGE, "args": campaign, "method": "post", "data": lambda world: {}},
    {"url": "campaign_cancel", "need": MANAGE, "args": campaign, "method": "post", "data": lambda world: {}},
    {"url": "trials", "need": VIEW, "args": project},
    {"url": "start_trial", "need": MANAGE, "args": project, "method": "post", "data": lambda world: {}},
    {"url": "trial", "need": VIEW, "args": trial, "settings": model_servers},
    {
        "url": "switch_skill",
        "need": MANAGE,
        "args": skill,
        "method": "post",
        "data": lambda world: {"on": "1"},
        "settings": model_servers,
    },
    {"url": "selections", "need": VIEW, "args": project},
    {"url": "new_selection", "need": MANAGE, "args": project},
    {"url": "new_selection", "need": MANAGE, "args": project, "method": "post", "data": wanted_batch},
    {"url": "selection_preview", "need": MANAGE, "args": selection_preview},
    {"url": "selection", "need": VIEW, "args": selection},
    {"url": "keep_gold", "need": MANAGE, "args": selection, "method": "post", "data": lambda world: {}},
    {"url": "review", "need": REVIEW, "args": selection},
    {"url": "review_next", "need": REVIEW, "args": selection},
    {"url": "review_pair", "need": REVIEW, "args": review_pair},
    {
        "url": "review_answer",
        "need": REVIEW,
        "args": review_pair,
        "method": "post",
        "json": lambda world: {"choice": "tie:0", "submission": str(uuid.uuid4()), "seconds": 1},
    },
    {"url": "review_skip", "need": REVIEW, "args": review_pair, "method": "post", "json": lambda world: {}},
    {"url": "datasets", "need": VIEW, "args": project},
    {"url": "lineage", "need": VIEW, "args": project},
    {"url": "difference", "need": VIEW, "args": project},
    {
        "url": "compare_versions",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "data": lambda world: dict.fromkeys(("old", "new"), curated_version(world).pk),
    },
    {"url": "download_difference", "need": VIEW, "args": compared},
    {"url": "pools", "need": VIEW, "args": project},
    {"url": "import_pool", "need": MANAGE, "args": project},
    {
        "url": "import_pool",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "data": lambda w: upload(w) | {"name": "p"},
    },
    {"url": "pool", "need": VIEW, "args": pool},
    {"url": "begin_pass", "need": MANAGE, "args": pool, "method": "post", "data": new_pass},
    {"url": "ask_pool", "need": MANAGE, "args": pool, "method": "post", "data": lambda world: {}},
    {"url": "pool_pass", "need": VIEW, "args": a_pass},
    {"url": "pass_go_on", "need": MANAGE, "args": a_pass, "method": "post", "data": lambda world: {}},
    {"url": "new_version", "need": MANAGE, "args": project},
    {
        "url": "new_version",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "data": lambda world: {"dataset": f"set {uuid.uuid4()}", "pipeline": PIPELINE},
    },
    {"url": "preview", "need": MANAGE, "args": preview},
    {"url": "version", "need": VIEW, "args": version},
    {
        "url": "export_version",
        "need": MANAGE,
        "args": version,
        "method": "post",
        "data": lambda world: {"format": "jsonl"},
    },
    {"url": "version_public_key", "need": VIEW, "args": version},
    {"url": "version_file", "need": VIEW, "args": lambda world: [*version(world), "croissant.json"]},
    {"url": "restore_version", "need": MANAGE, "args": version, "method": "post", "data": lambda world: {}},
    {"url": "run_version_again", "need": MANAGE, "args": version, "method": "post", "data": lambda world: {}},
    {"url": "download_export", "need": VIEW, "args": lambda world: project(world, finished_export(world).pk)},
]

API = [
    {"url": "api-import-list", "need": MANAGE, "args": project},
    {"url": "api-import-list", "need": MANAGE, "args": project, "method": "post", "data": upload},
    {"url": "api-import-detail", "need": MANAGE, "args": lambda world: project(world, rejected_import(world).pk)},
    {"url": "api-import-rejected", "need": MANAGE, "args": lambda world: project(world, rejected_import(world).pk)},
    {"url": "api-mapping-list", "need": MANAGE, "args": project},
    {
        "url": "api-mapping-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"name": "stars", "text": MAPPING},
    },
    {"url": "api-mapping-detail", "need": MANAGE, "args": lambda world: project(world, kept_mapping(world).pk)},
    {
        "url": "api-mapping-detail",
        "need": MANAGE,
        "args": lambda world: project(world, kept_mapping(world).pk),
        "method": "delete",
    },
    {
        "url": "api-project-export-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"format": "touchstone"},
    },
    {
        "url": "api-project-export-detail",
        "need": MANAGE,
        "args": lambda world: project(world, exported_project(world).pk),
    },
    {"url": "api-agreement-list", "need": VIEW, "args": project},
    {
        "url": "api-agreement-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"question": "preference"},
    },
    {"url": "api-agreement-detail", "need": VIEW, "args": agreement},
    {"url": "api-consensus-list", "need": VIEW, "args": project},
    {
        "url": "api-consensus-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"question": "preference"},
    },
    {"url": "api-consensus-detail", "need": VIEW, "args": consensus},
    {"url": "api-consensus-units", "need": VIEW, "args": consensus},
    {"url": "api-quality-list", "need": VIEW, "args": project},
    {
        "url": "api-quality-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"question": "preference"},
    },
    {"url": "api-quality-detail", "need": VIEW, "args": quality},
    {"url": "api-judge-lab-list", "need": VIEW, "args": project},
    {
        "url": "api-judge-lab-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"question": "preference"},
    },
    {"url": "api-judge-lab-detail", "need": VIEW, "args": standing},
    {"url": "api-judge-lab-pairs", "need": REVIEW, "args": standing},
    {"url": "api-cascade-list", "need": VIEW, "args": project},
    {
        "url": "api-cascade-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"question": "preference"},
    },
    {"url": "api-cascade-detail", "need": VIEW, "args": cascade},
    {"url": "api-cascade-plan", "need": MANAGE, "args": cascade, "method": "post", "json": lambda world: PROMISE},
    {"url": "api-judge-list", "need": VIEW, "args": project},
    {
        "url": "api-judge-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"name": f"judge {uuid.uuid4()}", "method": "length"},
    },
    {"url": "api-judge-detail", "need": VIEW, "args": lambda world: project(world, judge(world).pk)},
    {"url": "api-judge-run-list", "need": VIEW, "args": project},
    {
        "url": "api-judge-run-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"judge": judge(world).pk, "budget": "0"},
    },
    {"url": "api-judge-run-detail", "need": VIEW, "args": judge_run},
    {"url": "api-campaign-list", "need": VIEW, "args": project},
    {
        "url": "api-campaign-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"plan": f"name: {uuid.uuid4()}", "version": curated_version(world).pk},
    },
    {"url": "api-campaign-detail", "need": VIEW, "args": campaign},
    {"url": "api-campaign-go-on", "need": MANAGE, "args": campaign, "method": "post", "json": lambda world: {}},
    {"url": "api-campaign-cancel", "need": MANAGE, "args": campaign, "method": "post", "json": lambda world: {}},
    {"url": "api-judge-trial-list", "need": VIEW, "args": project},
    {
        "url": "api-judge-trial-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"judge": asking_judge(world).pk, "question": "preference"},
        "settings": model_servers,
    },
    {"url": "api-judge-trial-detail", "need": VIEW, "args": trial, "settings": model_servers},
    {"url": "api-judging-skill-list", "need": VIEW, "args": project},
    {"url": "api-judging-skill-detail", "need": VIEW, "args": skill, "settings": model_servers},
    {
        "url": "api-judging-skill-detail",
        "need": MANAGE,
        "args": skill,
        "method": "patch",
        "json": lambda world: {"is_on": True},
        "settings": model_servers,
    },
    {"url": "api-selection-list", "need": VIEW, "args": project},
    {
        "url": "api-selection-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"strategy": "random", "size": 2},
    },
    {"url": "api-selection-detail", "need": VIEW, "args": selection},
    {"url": "api-selection-entries", "need": VIEW, "args": selection},
    {"url": "api-selection-gold", "need": MANAGE, "args": selection, "method": "post", "json": lambda world: {}},
    {"url": "api-dataset-list", "need": VIEW, "args": project},
    {
        "url": "api-dataset-list",
        "need": MANAGE,
        "args": project,
        "method": "post",
        "json": lambda world: {"pipeline": PIPELINE, "preview": True},
    },
    {
        "url": "api-dataset-detail",
        "need": VIEW,
        "args": lambda world: project(world, curated_version(world).dataset_id),
    },
    {"url": "api-version-list", "need": VIEW, "args": project},
    {"url": "api-version-detail", "need": VIEW, "args": version},
    {"url": "api-version-contents", "need": VIEW, "args": version},
    {"url": "api-version-trace", "need": VIEW, "args": version},
    {"url": "api-version-signature", "need": VIEW, "args": version},
    {"url": "api-version-croissant", "need": VIEW, "args": version},
    {"url": "api-version-restore", "need": MANAGE, "args": version, "method": "post", "json": lambda world: {}},
    {"url": "api-version-difference", "need": VIEW, "args": lambda world: compared(world)[:3]},
    {
        "url": "api-version-difference",
        "need": MANAGE,
        "args": lambda world: compared(world)[:3],
        "method": "post",
        "json": lambda world: {},
    },
    {
        "url": "api-version-exports",
        "need": MANAGE,
        "args": version,
        "method": "post",
        "json": lambda world: {"format": "jsonl"},
    },
    {"url": "api-pool-list", "need": VIEW, "args": project},
    {"url": "api-pool-list", "need": MANAGE, "args": project, "method": "post", "data": upload},
    {"url": "api-pool-detail", "need": VIEW, "args": pool},
    {"url": "api-pool-contents", "need": VIEW, "args": pool},
    {"url": "api-pool-ask", "need": MANAGE, "args": pool, "method": "post", "json": lambda world: {"rows": []}},
    {"url": "api-pass-list", "need": VIEW, "args": project},
    {"url": "api-pass-list", "need": MANAGE, "args": project, "method": "post", "json": new_pass},
    {"url": "api-pass-detail", "need": VIEW, "args": a_pass},
    {"url": "api-export-detail", "need": VIEW, "args": lambda world: project(world, finished_export(world).pk)},
]

ROWS = [*PAGES, *({"api": True, **row} for row in API)]
