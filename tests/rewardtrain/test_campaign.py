"""A campaign on a pool with the lab's own models: real vectors, real fits, people through the queue."""

import pytest

from curation import versions
from curation.campaigning import services
from tests.curation.campaign.conftest import debates  # noqa: F401  (a fixture)
from tests.curation.campaigning.conftest import PLAN, answer_all, doubtful, make_doubtful, share_right  # noqa: F401
from tests.curation.campaigning.test_services import pool, work  # noqa: F401

pytestmark = [pytest.mark.real_data, pytest.mark.django_db, pytest.mark.slow]


def test_from_a_pool_to_a_better_dataset_with_the_labs_own_models(world, doubtful, pool):  # noqa: F811
    project, version, side = doubtful
    plan = PLAN.replace("rounds: 2", "rounds: 1").replace("people: 46", "people: 38")
    campaign = services.start(project=project, plan=plan, pool=pool, user=world.owner)
    while work() == ["done"]:
        campaign.refresh_from_db()
        if campaign.state == "waiting":
            answer_all(world, project, side)
            services.enqueue(campaign=campaign)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.error) == ("done", "")
    assert versions.verify(campaign.version.path)
    assert campaign.rounds.last().figures["accuracy"]["n"] == 30
    assert share_right(campaign.version, side) > share_right(version, side) + 0.1
