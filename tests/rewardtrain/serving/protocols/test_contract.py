"""What every dialect fulfils, over a real server; written once, run for each file of rewardtrain/serving/protocols."""

import json
from pathlib import Path
from typing import Any

import pytest

from rewardtrain.serving import protocols
from tests.rewardtrain.serving.running import Client

MODEL = "encoder/model"


def body(name: str, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, **protocols.get(name).EXAMPLE, **more}


@pytest.mark.parametrize("name", protocols.names())
def test_says_what_it_is(name: str) -> None:
    dialect = protocols.get(name)
    assert dialect.TITLE
    assert dialect.PATHS
    assert all(path.startswith("/") for path in dialect.PATHS)
    assert dialect.__doc__
    if name not in ("touchstone", "best_of_n", "plain"):
        assert "https://" in dialect.__doc__, "where do the shapes come from?"


@pytest.mark.parametrize("name", protocols.names())
def test_the_example_is_answered_on_every_path_and_holds_finite_numbers_only(name: str, call: Client) -> None:
    answers = []
    for path in protocols.get(name).PATHS:
        status, answer = call("POST", path, body(name))
        assert status == 200, answer
        answers.append(answer)
        assert (
            call("POST", f"{path}?model={MODEL}", body(name) if name == "plain" else protocols.get(name).EXAMPLE)[0]
            == 200
        )
    assert "NaN" not in json.dumps(answers)


@pytest.mark.parametrize("name", protocols.names())
def test_dialects_on_one_path_are_told_apart_by_the_body(name: str) -> None:
    dialect = protocols.get(name)
    for path in dialect.PATHS:
        takers = [other for other in protocols.by_path()[path] if other.takes(body(name))]
        assert takers == [dialect]


@pytest.mark.parametrize("name", protocols.names())
@pytest.mark.parametrize("wrong", [3, None, True, {"a": 1}, [3], [None], [["a", 3]], "", ["\ud800"], [[]], 1e300])
def test_wrong_types_are_refused_and_never_a_fault(name: str, wrong: Any, call: Client) -> None:
    dialect = protocols.get(name)
    for field in ("model", *dialect.EXAMPLE):
        status, answer = call("POST", dialect.PATHS[0], body(name, **{field: wrong}))
        assert status in (200, 400, 404), answer
        assert status == 200 or "error" in answer


@pytest.mark.parametrize("name", protocols.names())
def test_an_empty_object_and_an_unknown_model_are_refused(name: str, call: Client) -> None:
    path = protocols.get(name).PATHS[0]
    assert call("POST", path, {})[0] == 400
    for model in ("nothing", "../served", "/etc/passwd", "encoder/../../x", "a\0b"):
        assert call("POST", path, body(name, model=model))[0] in (400, 404)


@pytest.mark.parametrize("name", protocols.names())
def test_its_shapes_are_in_the_engineers_guide(name: str) -> None:
    guide = (Path(__file__).parents[4] / "docs" / "engineers.md").read_text()
    assert name == "plain" or any(f"`{path}`" in guide or f"8602{path}" in guide for path in protocols.get(name).PATHS)
