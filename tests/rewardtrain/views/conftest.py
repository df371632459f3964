import pytest


@pytest.fixture(autouse=True)
def own_runs(settings, tmp_path):
    """Primary keys come again in every test, so folders must not."""
    settings.RUNS_DIR = tmp_path / "runs"
