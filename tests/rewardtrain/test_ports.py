"""What curation asks of models, answered by subprocesses."""

import numpy as np
import pyarrow as pa
import pytest

from annotate.jobs.registry import JobError
from curation import pairs
from rewardtrain import ports
from tests.curation.conftest import make_row
from tests.curation.learners import comparisons


@pytest.mark.slow
def test_features_and_fit_run_in_processes_of_their_own():
    rows = [make_row(place, **row) for place, row in enumerate(comparisons(10, 40))]
    table = pa.Table.from_pylist(rows, schema=pairs.SCHEMA)
    found = ports.features([""] * 3, ["one", "two", "one"])
    assert found.shape == (3, 384)
    np.testing.assert_array_equal(found[0], found[2])
    margins = ports.fit(table, table.slice(0, 7), {"members": 2})
    assert margins.shape == (1, 2, 7)
    assert ports.features([], []).shape == (0, 384)
    with pytest.raises(JobError, match="mode"):
        ports.fit(table, table, {"mode": "guess"})
