"""The pages, the API and the command of campaigns."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotate.access.models import Role
from curation.campaigning import services
from curation.models import Campaign
from tests.curation.campaigning.conftest import PLAN, answer_all
from tests.curation.campaigning.test_services import work

pytestmark = [pytest.mark.real_data, pytest.mark.django_db]


@pytest.fixture
def page(doubtful, small_models, world):
    project, _, _ = doubtful
    return lambda name="", user=None: world.client(user or world.owner).get(f"/projects/{project.pk}/campaigns/{name}")


def test_from_the_form_to_the_finished_campaign(page, doubtful, world):
    project, version, side = doubtful
    assert "No campaign yet" in page().content.decode()
    form = page("new")
    assert f'value="version-{version.pk}"' in form.content.decode()
    assert "learn_from: silver_and_pool" in form.content.decode()  # no model server is known here
    sent = {"source": f"version-{version.pk}", "dataset": "", "plan": PLAN}
    answer = world.client(world.owner).post(f"/projects/{project.pk}/campaigns/new", sent)
    campaign = Campaign.objects.get()
    assert answer.url == f"/projects/{project.pk}/campaigns/{campaign.pk}/"

    work()
    shown = page(f"{campaign.pk}/").content.decode()
    assert "It waits for people: 30 pairs stand first" in shown
    assert "Go on without the missing answers" in shown
    assert "Go on without" not in page(f"{campaign.pk}/", world.members[Role.VIEWER]).content.decode()
    while Campaign.objects.get().state == "waiting":
        answer_all(world, project, side)
        services.enqueue(campaign=campaign)
        work()
    shown = page(f"{campaign.pk}/").content.decode()
    for part in (
        "What became of every pair",
        "kept sure",
        "Accuracy on what people labelled",
        "What each stage left",
        "of 300",
    ):
        assert part in shown
    assert "hx-trigger" not in page(f"{campaign.pk}/state").content.decode()  # nothing changes any more
    assert "debates" in page().content.decode()


def test_the_default_plan_is_a_plan(page, doubtful, world):
    project, version, _ = doubtful
    plan = page("new").context["form"].initial["plan"]
    campaign = services.start(project=project, plan=plan, version=version)
    assert campaign.name == "campaign 1"
    second = page("new").context["form"].initial["plan"]
    assert second.startswith("name: campaign 2\nseed: 1\n"), "it asks people about other pairs than the first"


def test_a_wrong_plan_is_told_beside_its_field(page, doubtful, world):
    project, version, _ = doubtful
    sent = {"source": f"version-{version.pk}", "plan": "rounds: many"}
    answer = world.client(world.owner).post(f"/projects/{project.pk}/campaigns/new", sent)
    assert answer.status_code == 200
    assert answer.context["form"].errors == {"plan": ["rounds: 'many' is not of type 'integer'"]}


def test_the_api_starts_shows_and_ends_one(doubtful, small_models, world):
    project, version, _ = doubtful
    client, url = world.client(world.owner), f"/api/v1/projects/{project.pk}/campaigns/"
    refused = client.post(url, {"plan": "rounds: many", "version": version.pk}, "application/json")
    assert (refused.status_code, list(refused.json())) == (400, ["plan"])
    refused = client.post(url, {"plan": PLAN, "version": 999_999}, "application/json")
    assert refused.json() == {"version": "The project has no such version."}
    made = client.post(url, {"plan": PLAN, "version": version.pk}, "application/json")
    assert made.status_code == 201
    work()
    found = client.get(f"{url}{made.json()['id']}/").json()
    assert (found["state"], found["rounds"][0]["figures"]["asked"]) == ("waiting", 30)
    assert client.post(f"{url}{made.json()['id']}/cancel/").json()["state"] == "cancelled"


def test_the_command_goes_as_far_as_it_gets_and_resumes(doubtful, small_models, world, tmp_path):
    project, version, side = doubtful
    (tmp_path / "plan.yaml").write_text(PLAN)

    def command(*given):
        out = StringIO()
        call_command("campaign", str(project.pk), *given, "--json", stdout=out)
        return json.loads(out.getvalue())

    begun = command(str(tmp_path / "plan.yaml"), "--from-version", version.hash[:12])
    assert (begun["state"], begun["stage"]) == ("waiting", "first pairs: 30 of 30 are not answered yet")
    answer_all(world, project, side, most=20)
    assert command("--resume", "debates")["state"] == "waiting"
    for _ in range(3):
        ended = command("--resume", "debates", "--without-answers")
    assert ended["state"] == "done"
    assert ended["rows"] == sum(ended["fates"].values()) == 300
    with pytest.raises(CommandError, match=r"no campaign 'other'\. Those that exist: debates"):
        command("--resume", "other")
    with pytest.raises(CommandError, match="Give the file of a plan"):
        command()
