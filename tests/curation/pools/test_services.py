"""Imports into pools, passes shared out among workers, and what people are asked about."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from annotate.jobs import services as jobs
from annotate.jobs.registry import Cancelled, JobError
from annotate.models import Item
from curation import pairing, pipeline, tasks, versions
from curation.formats import votes
from curation.models import Dataset, PassPart, Pool, PoolPass
from curation.pools import selectors, services, sharing, storage
from curation.reading import open_source
from tests.curated import POOL_PIPELINE, filled_pool, write_votes

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(tmp_path):
    path = write_votes(tmp_path / "votes.jsonl", prompts=30)
    with path.open("a") as file:
        file.write("not json\n")
        file.write(json.dumps({"id": "m", "prompt": "p", "response_a": "", "response_b": "", "votes": []}) + "\n")
    return path


def begin(world, pool, text=POOL_PIPELINE):
    dataset, _ = Dataset.objects.get_or_create(project=world.project, name="of a pool")
    return services.begin_pass(pool=pool, dataset=dataset, pipeline_yaml=text, user=world.owner)


def test_an_import_streams_into_shards_and_lists_what_it_rejects(world, source, tmp_path):
    pool = Pool.objects.create(project=world.project, name="p")
    common = {"pool": pool, "source": source, "format": "votes", "rejected_path": tmp_path / "rejected.csv"}
    result = services.import_pool(**common, group_by="topic")
    assert (result.rows, result.pairs, result.rejected, result.shards) == (92, 90, 2, 1)
    assert "not JSON" in (tmp_path / "rejected.csv").read_text()
    (shard,) = pool.shards.all()
    assert (shard.rows, shard.source, shard.number) == (90, "votes.jsonl", 1)
    (row,) = selectors.Rows(shard)[:1]
    assert row["row_id"] == shard.first
    assert row["group"].startswith("topic")
    assert row["prompt"].startswith("why")
    assert Item.objects.filter(project=world.project).count() == len(world.items)
    services.import_pool(**common)
    assert [row.number for row in pool.shards.all()] == [1, 2]


def test_an_import_that_is_done_again_replaces_its_own(world, source):
    pool = Pool.objects.create(project=world.project, name="p")
    common = {"organisation": world.organisation, "project": world.project, "title": "import"}
    job = jobs.enqueue(tasks.import_pool, **common, pool=pool.pk, source=str(source), format="votes")
    for _ in range(2):
        type(job).objects.filter(pk=job.pk).update(state="queued")
        jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    assert job.result["pairs"] == 90
    assert pool.shards.count() == 1


def test_pictures_stay_out_of_pools(world, tmp_path):
    row = {"prompt": "p", "responses": [{"text": "a", "media": ["a.png"]}, {"text": "b"}]}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n")
    pool = Pool.objects.create(project=world.project, name="p")
    result = services.import_pool(pool=pool, source=path, format="votes", rejected_path=tmp_path / "rejected.csv")
    assert (result.pairs, result.rejected) == (0, 1)


def test_a_pass_as_a_job_makes_the_version_of_one_table_and_leaves_nothing_behind(world, source, monkeypatch):
    monkeypatch.setattr("curation.pools.plan.PART_ROWS", 20)
    pool = Pool.objects.create(project=world.project, name="p")
    services.import_pool(pool=pool, source=source, format="votes", rejected_path=source.with_suffix(".csv"))
    over = begin(world, pool)
    job = jobs.enqueue(tasks.pool_pass, organisation=world.organisation, project=world.project, title="p", over=over.pk)
    jobs.run(job.pk)
    job.refresh_from_db()
    over.refresh_from_db()
    assert (job.state, over.state) == ("done", "done"), job.error
    with open_source(source) as reader:
        table = pairing.table(votes.parse(row.data) for row in reader if row.data and row.data["response_a"])
    plan = pipeline.parse(POOL_PIPELINE)
    result = pipeline.run(table, plan)
    assert over.version.hash == versions.version_hash(result.table, result.trace, plan.to_dict())
    assert over.dataset.versions.get() == over.version
    over.dataset.refresh_from_db()
    assert over.dataset.current == over.version
    assert over.version.manifest["lineage"]["pool"]["name"] == "p"
    assert [phase["done"] for phase in selectors.phases(over)] == [phase["total"] for phase in selectors.phases(over)]
    assert not storage.store().exists(f"{over.folder}/plan.json")
    assert services.run_pass(over=over) == over.version


def test_a_pass_whose_job_was_cancelled_before_it_began_goes_on(world):
    over = begin(world, filled_pool(world))
    job = services.enqueue_pass(over=over, user=world.owner)
    with pytest.raises(JobError, match="a job is at work on it"):
        services.enqueue_pass(over=over, user=world.owner)
    page = f"/projects/{world.project.pk}/datasets/passes/{over.pk}/"
    assert 'id="pass" data-polls' in world.client(world.owner).get(page).content.decode()
    jobs.request_cancel(job=job)
    assert "Go on where it was" in world.client(world.owner).get(page).content.decode()
    world.client(world.owner).post(f"{page}go-on")
    over.refresh_from_db()
    jobs.run(over.job.pk)
    over.refresh_from_db()
    assert over.state == "done"


def test_a_wrong_pipeline_stays_on_the_page_with_its_fault(world):
    pool = filled_pool(world)
    sent = {"dataset": "mine", "pipeline": "stages: [{filter: magic}]"}
    answer = world.client(world.owner).post(f"/projects/{world.project.pk}/datasets/pools/{pool.pk}/pass", sent)
    page = answer.content.decode()
    assert "filter: magic" in page
    assert 'value="mine"' in page
    assert '<details class="card" open>' in page
    assert not PoolPass.objects.exists()


def test_other_workers_take_parts_and_a_claim_that_lapsed_is_free(world, monkeypatch):
    over = begin(world, filled_pool(world))
    sent = []
    monkeypatch.setattr(sharing, "_send", lambda over, phase, number: sent.append((over.pk, phase, number)))
    monkeypatch.setattr("curation.pools.plan.PART_ROWS", 5)
    do, done = sharing._do, []

    def helped(over, store, plan, phase, number):
        """While this process does a part, another worker gets the task of each part."""
        done.append((phase.number, number))
        monkeypatch.setattr(sharing, "_do", do)
        for task in [task for task in sent if task[1] == phase.number]:
            sharing.help_with(pass_id=task[0], phase=task[1], number=task[2])
        do(over, store, plan, phase, number)

    monkeypatch.setattr(sharing, "_do", helped)
    services.run_pass(over=over)
    assert len(done) == 1
    assert len(sent) > 3
    assert set(PassPart.objects.filter(of=over).values_list("state", flat=True)) == {"done"}
    for task in sent:  # they come late, and find nothing to do
        sharing.help_with(pass_id=task[0], phase=task[1], number=task[2])

    other = begin(world, filled_pool(world))
    part = PassPart.objects.create(of=other, phase=0, number=0)
    assert sharing._claim(other, 0, {0}) == 0
    assert sharing._claim(other, 0, {0}) is None
    PassPart.objects.filter(pk=part.pk).update(claimed_at=timezone.now() - sharing.LEASE - timedelta(seconds=1))
    assert sharing._claim(other, 0, {0}) == 0


def test_a_pass_that_cannot_go_on_says_why(world):
    pool = filled_pool(world)
    text = "{consensus: {method: none}, stages: [{filter: reward_model_disagreement, model: nowhere}]}"
    over = begin(world, pool, text)
    with pytest.raises(JobError, match="stages/0"):
        services.run_pass(over=over)
    over.refresh_from_db()
    assert over.state == "failed"
    assert "stages/0" in over.error
    with pytest.raises(JobError, match="stages/0/filter"):
        begin(world, pool, "stages: [{filter: magic}]")
    with pytest.raises(JobError, match="construct: "):
        begin(world, pool, "construct: [{by: mirrored}]")
    with pytest.raises(JobError, match="empty"):
        begin(world, Pool.objects.create(project=world.project, name="empty"))


def test_a_cancelled_pass_leaves_nothing_behind(world):
    over = begin(world, filled_pool(world))

    def stop(done, total=None, message=""):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        services.run_pass(over=over, progress=stop)
    over.refresh_from_db()
    assert over.state == "failed"
    assert not storage.store().exists(f"{over.folder}/plan.json")


def test_what_people_are_asked_becomes_items_once(world):
    pool = filled_pool(world)
    rows = [row["row_id"] for row in selectors.Rows(pool.shards.get())[:3]]
    assert services.ask_people(pool=pool, row_ids=rows) == 3
    assert services.ask_people(pool=pool, row_ids=[*rows, *rows]) == 0
    item = Item.objects.get(external_id=f"pool-{pool.pk}-{rows[0][:32]}")
    assert item.metadata["row_id"] == rows[0]
    assert [response.text for response in item.responses.order_by("index")] == ["x", "y"]
    with pytest.raises(JobError, match="no row 'zz'"):
        services.ask_people(pool=pool, row_ids=["zz"])
    with pytest.raises(JobError, match="too many"):
        services.ask_people(pool=pool, row_ids=map(str, range(2000)))


def test_commands(world, source, tmp_path, capsys):
    call_command("import_pool", str(world.project.pk), str(source), format="votes", pool="crawl", json=True)
    assert json.loads(capsys.readouterr().out)["pairs"] == 90
    plan = tmp_path / "plan.yaml"
    plan.write_text(POOL_PIPELINE)
    half = services.begin_pass(
        pool=Pool.objects.get(name="crawl"),
        dataset=Dataset.objects.create(project=world.project, name="main"),
        pipeline_yaml=POOL_PIPELINE,
    )
    call_command("pool_pass", str(world.project.pk), "crawl", str(plan), resume=True, json=True)
    printed = json.loads(capsys.readouterr().out)
    assert sum(printed["rows"].values()) == 90 - printed["stages"][1]["actions"].get("drop", 0)
    assert PoolPass.objects.get() == half
