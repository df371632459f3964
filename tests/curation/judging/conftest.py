"""A project with a judge on a scripted server."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from curation.judging import services
from tests.judge_server import Call, JudgeServer, Say

FREE = {"price_in": 0, "price_out": 0}


def chooses(call: Call, place: int = 0) -> Say:
    """A valid answer to any pairwise question: the response at this place, as shown."""
    schema = call.schema
    answer = {}
    for name, part in schema["properties"].items():
        choices = part["properties"]["chosen"]["enum"]
        strengths = part["properties"]["strength"]["enum"]
        answer[name] = {"chosen": choices[place], "strength": max(strengths)}
    return Say([json.dumps(answer)] * call.n)


@pytest.fixture
def endpoint_file(settings: Any, tmp_path: Any) -> Callable[..., None]:
    """Writes the operator's file: ``endpoint_file(server, price_in=2)`` names one endpoint, "scripted"."""

    def write(*servers: JudgeServer, **more: Any) -> None:
        base = {"client": "openai_compatible", "model": "m", "price_in": 1.0, "price_out": 3.0, "timeout": 5}
        names = ["scripted", *(f"scripted-{n}" for n in range(2, len(servers) + 1))]
        rows = [
            {"name": name, **base, "url": server.anthropic_url if more.get("client") == "anthropic" else server.url}
            | more
            for name, server in zip(names, servers, strict=False)
        ]
        settings.MODEL_SERVERS = tmp_path / "model_servers.yaml"
        settings.MODEL_SERVERS.write_text(yaml.safe_dump({"endpoints": rows}))

    return write


@pytest.fixture
def make_judge(world: Any) -> Callable[..., Any]:
    def make(method: str = "pairwise", **more: Any) -> Any:
        given = {"organisation": world.organisation, "name": "tester", "method": method, "endpoint": "scripted"}
        return services.create_judge(**(given | more))

    return make


@pytest.fixture
def start(world: Any, make_judge: Any) -> Callable[..., Any]:
    """A run that waits to be run."""

    def started(judge: Any = None, **more: Any) -> Any:
        given = {"project": world.project, "budget": 1, "question": "preference"}
        return services.start_run(judge=judge or make_judge(settings={"max_tokens": 64}), **(given | more))

    return started
