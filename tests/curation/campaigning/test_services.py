"""A campaign in the product: it asks people through the queue, goes on by itself, and ends in a version."""

import pytest
from django.core.exceptions import ValidationError

from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.jobs.registry import JobError
from annotate.models import Item
from curation import versions
from curation.campaigning import selectors, services
from curation.models import Campaign, Pool, PoolShard
from curation.pools import storage
from curation.pools.writing import write_shards
from tests.curation.campaigning.conftest import PLAN, answer_all, share_right

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


def work():
    """Do the jobs that wait, as a worker would; returns the states they ended in."""
    done = []
    while job := Job.objects.filter(state="queued", handler="campaign_step").first():
        jobs.run(job.pk)
        job.refresh_from_db()
        done.append(job.state)
    return done


@pytest.fixture
def campaign(doubtful, small_models, world):
    project, version, _ = doubtful
    return services.start(project=project, plan=PLAN, version=version, dataset="curated", user=world.owner)


def test_from_a_doubtful_version_to_a_better_one(campaign, doubtful, world, django_capture_on_commit_callbacks):
    project, version, side = doubtful
    assert work() == ["done"]
    answered, states = 0, []
    for _ in range(6):
        campaign.refresh_from_db()
        states.append(campaign.state)
        if campaign.state == "done":
            break
        assert "not answered yet" in campaign.stage
        with django_capture_on_commit_callbacks(execute=True):  # the last answer wakes it, nobody else does
            answered += answer_all(world, project, side)
        assert set(work()) == {"done"}
    assert states == ["waiting", "waiting", "waiting", "done"]
    assert answered == 46

    assert campaign.version.dataset.name == "curated"
    assert campaign.version.manifest["lineage"]["parents"] == [version.hash]
    assert campaign.version.manifest["lineage"]["campaign"] == "debates"
    assert versions.verify(campaign.version.path)
    assert share_right(campaign.version, side) > share_right(version, side) + 0.1
    rounds = {row.number: row.figures for row in campaign.rounds.all()}
    assert rounds[0]["answered"] == 30
    assert [rounds[number]["accuracy"]["n"] for number in (1, 2, 3)] == [30, 30, 30]
    assert sum(row["rows"] for row in selectors.fates(campaign)) == 300


@pytest.fixture
def pool(doubtful, settings, tmp_path):
    """The pairs of the doubtful version as a pool of three shards."""
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "pools"}}
    settings.STORAGES = settings.STORAGES | {"pools": files}
    project, version, _ = doubtful
    pool = Pool.objects.create(project=project, name="debates")
    fill(pool, versions.read(version.path), 1)
    return pool


def fill(pool, table, first):
    written = write_shards([table], storage.store(), lambda number: f"{pool.folder}/{first + number}.parquet", 100)
    PoolShard.objects.bulk_create(
        PoolShard(pool=pool, number=number, source="debates", **vars(shard))
        for number, shard in enumerate(written, first)
    )


def test_from_a_pool_as_it_was_when_the_campaign_began(pool, doubtful, small_models, world):
    project, version, side = doubtful
    campaign = services.start(project=project, plan=PLAN, pool=pool, user=world.owner)
    work()
    begun_with = [shard.hash for shard in pool.shards.all()]
    assert len(begun_with) == 3
    fill(pool, versions.read(version.path).slice(0, 50), 4)  # what comes later is not part of it
    for _ in range(5):
        answer_all(world, project, side)
        campaign.refresh_from_db()
        services.enqueue(campaign=campaign)
        work()
    campaign.refresh_from_db()
    assert (campaign.state, campaign.error) == ("done", "")
    assert campaign.version.manifest["lineage"]["pool"] == {"id": pool.pk, "name": "debates", "shards": begun_with}
    assert sum(campaign.figures["fates"].values()) == 300
    assert share_right(campaign.version, side) > share_right(version, side) + 0.1


def test_an_import_done_again_under_a_campaign_is_said(pool, doubtful, small_models, world):
    campaign = services.start(project=doubtful[0], plan=PLAN, pool=pool, user=world.owner)
    work()
    pool.shards.first().delete()
    with pytest.raises(JobError, match="imported anew since; start another campaign"):
        services.step(campaign=services.idle(campaign=campaign))


def test_people_see_the_pair_first_with_its_own_guideline(campaign, doubtful, world):
    from annotate import queue, workbench
    from annotate.access.models import Role

    project, _, _ = doubtful
    world.add_items(2, project=project)
    work()
    lease = queue.lease_next(project=project, rater=world.rater(world.members[Role.ANNOTATOR]))
    view = workbench.view_of(lease)
    assert lease.task.item.metadata["campaign"] == campaign.pk
    assert view["guideline"] == lease.task.item.metadata["guideline"] != ""
    page = world.client(world.members[Role.ANNOTATOR]).get(f"/projects/{project.pk}/annotate/next")
    assert "Guideline for this task" in page.content.decode()


def test_an_admin_can_go_on_without_the_missing_answers(campaign, doubtful, world):
    project, _, side = doubtful
    work()
    answer_all(world, project, side, most=12)
    work()
    campaign.refresh_from_db()
    assert (campaign.state, selectors.unanswered(campaign)) == ("waiting", 18)
    services.go_on(campaign=campaign, user=world.owner)
    work()
    campaign.refresh_from_db()
    seed = campaign.rounds.get(number=0).figures
    assert (seed["answered"], seed["undecided"]) == (12, 18)
    assert campaign.state == "waiting"  # in round 1, for its own pairs
    assert campaign.go_on is None


def test_without_a_yardstick_it_does_not_go_on(campaign, doubtful, world):
    work()
    answer_all(world, doubtful[0], doubtful[2], most=1)
    with pytest.raises(JobError, match="1 of the first 30 pairs are answered"):
        services.go_on(campaign=campaign, user=world.owner)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.go_on) == ("waiting", None)
    answer = world.client(world.owner).post(f"/api/v1/projects/{doubtful[0].pk}/campaigns/{campaign.pk}/go-on/")
    assert (answer.status_code, "At least 2 must be" in str(answer.json())) == (400, True)
    page = world.client(world.owner).get(f"/projects/{doubtful[0].pk}/campaigns/{campaign.pk}/").content.decode()
    assert 'id="campaign" data-polls' in page, "it waits while a dialog is open, which asks about one of its forms"


def test_a_job_cancelled_before_it_began_leaves_a_campaign_that_can_go_on(campaign, doubtful, world):
    page = f"/projects/{doubtful[0].pk}/campaigns/{campaign.pk}/"
    campaign.refresh_from_db()
    assert "Go on where it was" not in world.client(world.owner).get(page).content.decode()
    jobs.request_cancel(job=campaign.job)
    shown = world.client(world.owner).get(page).content.decode()
    assert "No job is at work on it" in shown
    assert 'id="campaign" data-polls' not in shown
    world.client(world.owner).post(f"{page}go-on")
    assert work() == ["done"]
    campaign.refresh_from_db()
    assert campaign.state == "waiting"


def test_asked_again_nobody_is_asked_twice(campaign, doubtful, world):
    project, _, _ = doubtful
    work()
    count = Item.objects.filter(project=project).count()
    services.enqueue(campaign=campaign)
    work()
    assert Item.objects.filter(project=project).count() == count == 30


def test_cancelled_it_stays_so_and_its_tasks_leave_the_front(campaign, doubtful, world):
    project, _, _ = doubtful
    work()
    services.cancel(campaign=campaign, user=world.owner)
    campaign.refresh_from_db()
    assert campaign.state == "cancelled"
    assert services.enqueue(campaign=campaign) is None
    assert set(project.tasks.values_list("priority", flat=True)) == {0}


def test_a_job_that_is_cancelled_leaves_a_campaign_that_can_go_on(campaign, monkeypatch):
    job = Job.objects.get(handler="campaign_step")
    monkeypatch.setattr("annotate.jobs.services.Heartbeat.report", _cancel)
    jobs.run(job.pk)
    campaign.refresh_from_db()
    assert (campaign.state, "say so" in campaign.error) == ("failed", True)
    monkeypatch.undo()
    services.enqueue(campaign=campaign)
    work()
    campaign.refresh_from_db()
    assert campaign.state == "waiting"


def _cancel(*_, **__):
    from annotate.jobs.registry import Cancelled

    raise Cancelled


def test_what_cannot_go_on_says_why_on_its_page_and_in_its_job(doubtful, small_models, world):
    project, version, side = doubtful
    plan = PLAN + "labelling: {use: votes, kinds: [rule]}\n"
    campaign = services.start(project=project, plan=plan, version=version, user=world.owner)
    work()
    answer_all(world, project, side)
    services.enqueue(campaign=campaign)
    assert work() == ["failed"]
    campaign.refresh_from_db()
    assert campaign.state == "failed"
    assert "labelled nothing" in campaign.error


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"plan": "rounds: many"}, "plan", "not of type 'integer'"),
        ({"plan": "question: colour"}, "plan", "compares responses in preference"),
        ({"version": None}, "source", "version or a pool"),
        ({"plan": "labelling: {use: judges, judges: [{judge: pairwise, endpoint: nowhere}]}"}, "plan", "nowhere"),
        ({"plan": "labelling: {use: judges, judges: [{judge: nope}]}"}, "plan", "the judge nope"),
        ({"plan": "labelling: {use: judges, judges: [{judge: pairwise}]}"}, "plan", "name its endpoint"),
        ({"plan": "budget: {people: 20, money: .inf}"}, "plan", "inf is no number"),
    ],
)
def test_what_is_wrong_is_said_before_anything_begins(doubtful, world, change, field, message):
    project, version, _ = doubtful
    with pytest.raises(ValidationError) as error:
        services.start(**({"project": project, "plan": PLAN, "version": version} | change))
    assert message in " ".join(error.value.message_dict[field])
    assert not Campaign.objects.exists()


def test_another_projects_version_is_refused(doubtful, world):
    _, version, _ = doubtful
    with pytest.raises(ValidationError, match="another project"):
        services.start(project=world.project, plan=PLAN, version=version)
