"""How a training is started from another process; and that nothing a page needs imports torch."""

import os
import subprocess
import sys
from pathlib import Path

from rewardtrain import launch
from rewardtrain.__main__ import _parser
from rewardtrain.recipe import Recipe


def test_the_command_carries_the_recipe() -> None:
    recipe = Recipe(lr=1e-4, loss="bradley_terry_ties", loss_settings={"k": 3.0}, template="Q: {prompt}\nA: {response}")
    argv, _ = launch.training_command("data", "out", recipe, nice=3)
    options = _parser().parse_args(argv[3:])
    assert argv[:3] == [sys.executable, "-m", "rewardtrain"]
    assert (options.data, options.out) == (Path("data"), Path("out"))
    assert options.supervised
    assert options.nice == 3
    assert Recipe().changed(options.set) == recipe


def test_the_command_takes_a_file() -> None:
    argv, _ = launch.training_command("data", "out", "recipe.yaml")
    assert _parser().parse_args(argv[3:]).recipe == Path("recipe.yaml")


def test_the_environment_tunes_the_allocator_and_finds_the_lab(tmp_path: Path) -> None:
    env = launch.environment({"PATH": os.environ["PATH"], "PYTHONPATH": "elsewhere"})
    assert env["MALLOC_MMAP_MAX_"] == "0"
    assert env["MALLOC_TRIM_THRESHOLD_"] == "8589934592"
    assert env["PYTHONPATH"].endswith("elsewhere")
    subprocess.run([sys.executable, "-c", "import rewardtrain.recipe"], cwd=tmp_path, env=env, check=True)


def test_what_pages_need_imports_no_torch() -> None:
    code = """
import sys
from rewardtrain import evaluation, launch, storage
from rewardtrain.modeling import heads, losses
from rewardtrain.recipe import Recipe
Recipe.schema()
for folder in (heads, losses):
    for name in folder.names():
        folder.get(name).TITLE
evaluation.names()
assert not {"torch", "transformers", "django"} & set(sys.modules), "heavy import"
"""
    subprocess.run([sys.executable, "-c", code], env=launch.environment(), check=True)


def test_the_lab_runs_without_django() -> None:
    code = "import sys, rewardtrain.training, rewardtrain.serving; assert 'django' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], env=launch.environment(), check=True)
