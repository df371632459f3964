"""Clients that mean harm or leave early, models that are broken, and the end of the process."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rewardtrain import launch
from rewardtrain.errors import LabError, RecipeError
from rewardtrain.scoring import Scorer
from rewardtrain.serving.limits import Limits
from rewardtrain.serving.models import Models
from rewardtrain.serving.server import Server, token_from
from tests.rewardtrain.serving.running import Client, running, save_model

HEAD = b"POST /v1/score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def score(texts: list[str], **more: Any) -> dict[str, Any]:
    return {"prompts": ["why"] * len(texts), "responses": texts, **more}


class Slow:
    """Stands in for `Scorer`: gives the length as reward, and takes its time, or fails, by what the text says."""

    def __init__(self, folder: Path, **given: Any) -> None:
        real = Scorer(folder, **given)
        self.encoder, self.seen = real.encoder, []
        Slow.last = self

    def scores(self, prompts: list[str], responses: list[str], **given: Any) -> Any:
        self.encoder.encode(list(zip(prompts, responses, strict=True)))
        self.seen.append(list(responses))
        if any("slow" in text for text in responses):
            time.sleep(0.4)
        if any("bad" in text for text in responses):
            raise ValueError("a fault in the model")
        if any("dull" in text for text in responses):
            raise LabError("this text is dull")
        reward_N = np.array([np.nan if "loud" in text else float(len(text)) for text in responses])
        return SimpleNamespace(reward_N=reward_N, deviation_N=None, aspects=(), aspect_NA=np.zeros((len(reward_N), 0)))


@pytest.fixture
def root(tmp_path: Path, tiny_encoder: Path) -> Path:
    save_model(tiny_encoder, tmp_path / "root" / "m")
    return tmp_path / "root"


def until(condition: Callable[[], Any], seconds: float = 10) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
    return found


class TestTooMuch:
    def test_a_huge_body_is_refused_before_it_is_read(self, root: Path) -> None:
        with running(root, limits=Limits(body=1000)) as call:
            assert call("POST", "/v1/score", raw=b"x", headers={"Content-Length": "99999999999"})[0] == 413
            with socket.create_connection(("127.0.0.1", call.port), timeout=10) as raw:  # of a length it does not say
                raw.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"400\r\n" + b"x" * 1024 + b"\r\n")
                assert b" 413 " in raw.recv(4096)
            assert call("POST", "/v1/score", score(["good"]))[0] == 200

    def test_ten_thousand_texts_and_an_endless_one(self, root: Path) -> None:
        with running(root, limits=Limits(characters=10_000)) as call:
            status, answer = call("POST", "/get_reward", {"query": ["good"] * 10_000})
            assert (status, answer["error"]) == (413, "10000 texts: at most 8192 a request.")
            assert call("POST", "/get_reward", {"query": ["good " * 2001]})[0] == 413
            status, answer = call("POST", "/get_reward", {"query": [f"good {i}" for i in range(8192)]})
            assert status == 200
            assert len(answer["rewards"]) == 8192

    def test_a_full_queue_is_told_with_when_to_come_again(self, root: Path) -> None:
        with (
            running(root, scorer=Slow, limits=Limits(waiting=2, round_tokens=1)) as call,
            ThreadPoolExecutor(12) as pool,
        ):
            found = list(pool.map(lambda _: call.full("POST", "/v1/score", score(["slow"])), range(12)))
            statuses = [status for status, *_ in found]
            assert set(statuses) == {200, 503}
            for status, headers, answer in found:
                if status == 503:
                    assert 1 <= int(headers["retry-after"]) <= 60
                    assert "wait already" in answer["error"]
            assert call("POST", "/v1/score", score(["good"]))[0] == 200

    def test_what_takes_too_long_is_given_up(self, root: Path) -> None:
        with running(root, scorer=Slow, limits=Limits(seconds=0.2)) as call:
            call("POST", "/v1/score", score(["good"]))
            status, headers, answer = call.full("POST", "/v1/score", score(["slow"]))
            assert status == 504
            assert "retry-after" in headers
            assert "within 0.2 seconds" in answer["error"]

    def test_a_short_request_does_not_wait_for_all_of_a_long_one(self, root: Path) -> None:
        with running(root, scorer=Slow, limits=Limits(round_tokens=40)) as call:
            call("POST", "/v1/score", score(["good"]))
            ended: dict[str, float] = {}

            def ask(name: str, texts: list[str]) -> None:
                assert call("POST", "/v1/score", score(texts))[0] == 200
                ended[name] = time.monotonic()

            long = threading.Thread(target=ask, args=("long", ["slow"] * 60))
            long.start()
            until(lambda: len(Slow.last.seen) > 1)
            ask("short", ["good"])
            long.join()
            assert ended["short"] < ended["long"]
            assert max(len(texts) for texts in Slow.last.seen) < 20


class TestLeaving:
    def test_a_client_that_goes_away_leaves_no_work_behind(self, root: Path) -> None:
        with running(root, scorer=Slow, limits=Limits(round_tokens=1)) as call:
            call("POST", "/v1/score", score(["good"]))
            body = json.dumps(score(["slow"] * 50)).encode()
            with socket.create_connection(("127.0.0.1", call.port)) as raw:
                raw.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
                until(lambda: any("slow" in texts for texts in Slow.last.seen))
            assert call("POST", "/v1/score", score(["good"]))[0] == 200
            assert sum("slow" in texts for texts in Slow.last.seen) < 10
            assert 'queue_texts{model="m"} 0' in call("GET", "/metrics")[1]
            assert "dropped_texts_total" in call("GET", "/metrics")[1]

    def test_half_a_request_holds_nobody_up(self, root: Path) -> None:
        with running(root) as call, socket.create_connection(("127.0.0.1", call.port)) as raw:
            raw.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
            assert call("POST", "/v1/score", score(["good"]))[0] == 200


class TestFaults:
    def test_no_number_is_an_error_of_that_request_only(self, root: Path) -> None:
        with running(root, scorer=Slow) as call:
            call("POST", "/v1/score", score(["good"]))
            with ThreadPoolExecutor(5) as pool:
                texts = [["slow"], ["good", "loud"], ["good"], ["red", "blue"], ["loud"]]
                found = list(pool.map(lambda each: call("POST", "/v1/score", score(each)), texts))
            assert [status for status, _ in found] == [200, 422, 200, 200, 422]
            assert "no finite number for 1 texts, number 1 first" in found[1][1]["error"]

    def test_a_fault_strikes_only_the_request_that_causes_it(
        self, root: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with running(root, scorer=Slow) as call:
            call("POST", "/v1/score", score(["good"]))
            with ThreadPoolExecutor(5) as pool:
                texts = [["slow"], ["bad"], ["good"], ["dull"], ["red"]]
                found = list(pool.map(lambda each: call("POST", "/v1/score", score(each)), texts))
            assert [status for status, _ in found] == [200, 500, 200, 400, 200]
            assert "log says why" in found[1][1]["error"]
            assert found[3][1]["error"] == "this text is dull"
        assert "a fault in the model" in capsys.readouterr().err


class TestModels:
    def test_a_replaced_folder_is_read_anew(self, root: Path, tiny_encoder: Path) -> None:
        with running(root) as call:
            before = call("POST", "/v1/score", score(["good"]))[1]["rewards"]
            save_model(tiny_encoder, root / "new", seed=9)
            (root / "m").rename(root.parent / "old")
            assert call("POST", "/v1/score", score(["good"], model="m"))[0] == 404
            (root / "new").rename(root / "m")
            after = call("POST", "/v1/score", score(["good"], model="m"))[1]["rewards"]
            assert after == pytest.approx(Scorer(root / "m", device="cpu").score(["why"], ["good"]).tolist(), abs=1e-5)
            assert after != before
            assert 'model_loads_total{model="m"} 2' in call("GET", "/metrics")[1]

    @pytest.mark.parametrize("name", ["pytorch_model.bin", "state.pt", "members/0/x.pkl"])
    def test_a_folder_with_pickles_is_refused(self, root: Path, name: str) -> None:
        (root / "m" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "m" / name).write_bytes(b"cos\nsystem\n")
        with running(root) as call:
            status, answer = call("POST", "/v1/score", score(["good"]))
            assert status == 409
            assert "a pickle, which could run code" in answer["error"]
            (root / "m" / name).unlink()
            assert call("POST", "/v1/score", score(["good"]))[0] == 200

    @pytest.mark.parametrize(
        "name", ["reward.json", "head.safetensors", "model.safetensors", "tokenizer.json", "config.json"]
    )
    @pytest.mark.parametrize("how", ["missing", "half"])
    def test_a_half_written_folder_is_refused_and_served_once_whole(self, root: Path, name: str, how: str) -> None:
        whole = (root / "m" / name).read_bytes()
        (root / "m" / name).unlink()
        if how == "half":
            (root / "m" / name).write_bytes(whole[: len(whole) // 2])
        with running(root) as call:
            for _ in range(2):
                status, answer = call("POST", "/v1/score", score(["good"], model="m"))
                assert status in (404, 409), answer
                assert "error" in answer
            (root / "m" / name).write_bytes(whole)
            assert call("POST", "/v1/score", score(["good"], model="m"))[0] == 200

    def test_a_broken_folder_pushes_no_good_model_out(self, root: Path) -> None:
        for name in ("empty", "pickled"):
            shutil.copytree(root / "m", root / name)
        (root / "empty" / "reward.json").unlink()
        (root / "pickled" / "x.pt").write_bytes(b"")
        with running(root, limits=Limits(models=1)) as call:
            assert call("POST", "/v1/score", score(["good"], model="m"))[0] == 200
            for name in ("empty", "pickled"):
                assert call("POST", "/v1/score", score(["good"], model=name))[0] in (404, 409)
            assert call("GET", "/healthz")[1]["models"] == ["m"]

    def test_a_load_that_failed_for_a_passing_reason_is_tried_again(
        self, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failures = [MemoryError("not now")]

        def flaky(folder: Path, **given: Any) -> Any:
            if failures:
                raise failures.pop()
            return Scorer(folder, **given)

        monkeypatch.setattr("rewardtrain.serving.batching._PAUSE_SECONDS", 0.0)
        with running(root, scorer=flaky) as call:
            assert call("POST", "/v1/score", score(["good"]))[0] == 500
            assert call("POST", "/v1/score", score(["good"]))[0] == 200

    def test_a_member_that_lies_elsewhere_is_refused(self, root: Path) -> None:
        card = json.loads((root / "m" / "reward.json").read_text())
        (root / "m" / "reward.json").write_text(json.dumps(card | {"members": ["../../elsewhere"]}))
        with running(root) as call:
            assert call("POST", "/v1/score", score(["good"]))[0] == 409

    def test_which_model_is_meant_must_be_clear(self, root: Path) -> None:
        with running(root) as call:
            assert call("POST", "/v1/score", score(["good"]))[1]["model"] == "m"
            shutil.copytree(root / "m", root / "n")
            _, answer = until(
                lambda: found if (found := call("POST", "/v1/score", score(["good"])))[0] == 400 else None
            )
            assert "Name the model" in answer["error"]
            assert "m, n" in answer["error"]


class TestToken:
    def test_nothing_but_the_health_is_told_without_it(self, root: Path) -> None:
        with running(root, token="s3cret") as call:
            for headers in ({}, {"Authorization": "Bearer s3cre"}, {"Authorization": "Bearer s3cretß"},
                            {"Authorization": "Basic %%"}, {"Authorization": "Basic czNjcmV0"}):  # fmt: skip
                for method, path in (("POST", "/v1/score"), ("GET", "/metrics"), ("GET", "/v1/models")):
                    status, answer = call(method, path, score(["good"]), headers=headers)
                    assert status == 401
                    assert set(answer) == {"error"}
            assert call("GET", "/healthz") == (200, {"status": "ok"})
            bearer = {"Authorization": "Bearer s3cret"}
            assert call("POST", "/v1/score", score(["good"]), headers=bearer)[0] == 200
            assert call("GET", "/healthz", headers=bearer)[1]["models"] == ["m"]

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org"])
    def test_an_address_that_others_reach_needs_one(self, root: Path, host: str) -> None:
        with pytest.raises(RecipeError, match="give a token"):
            Server(Models(root), host=host)

    def test_it_comes_from_a_file_or_the_environment(self, tmp_path: Path) -> None:
        (tmp_path / "token").write_text(" abc\n")
        (tmp_path / "empty").write_text("\n")
        assert token_from(tmp_path / "token", {}) == "abc"
        assert token_from(None, {"TOUCHSTONE_SCORER_TOKEN": "xyz"}) == "xyz"
        assert token_from(None, {}) == ""
        for name in ("empty", "missing"):
            with pytest.raises(RecipeError):
                token_from(tmp_path / name, {})


@pytest.mark.slow
class TestEnd:
    @pytest.fixture
    def process(self, root: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
        argv = [sys.executable, "-m", "rewardtrain", "serve", "--root", str(root), "--device", "cpu"]
        env = {**launch.environment(), "OMP_NUM_THREADS": "1"}
        started = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            yield started, int(started.stdout.readline().decode().rpartition(":")[2])
        finally:
            started.kill()
            started.wait()

    def ask(self, port: int, texts: list[str]) -> tuple[int, Any]:
        client = Client(SimpleNamespace(address="", port=port), None)  # type: ignore[arg-type]
        return client("POST", "/v1/score", score(texts))

    def test_sigterm_answers_what_waits_and_takes_nothing_new(self, process: Any) -> None:
        running, port = process
        assert self.ask(port, ["good"])[0] == 200
        with ThreadPoolExecutor(4) as pool:
            texts = [f"good {i} " + "red " * 20 for i in range(4000)]
            waiting = [pool.submit(self.ask, port, texts) for _ in range(4)]
            time.sleep(0.5)
            running.send_signal(signal.SIGTERM)
            answers = [each.result() for each in waiting]
        assert [status for status, _ in answers] == [200] * 4
        assert all(len(answer["rewards"]) == 4000 for _, answer in answers)
        assert running.wait(30) == 0
        with pytest.raises(ConnectionRefusedError):
            self.ask(port, ["good"])

    def test_sigkill_leaves_nothing_behind(self, process: Any, root: Path) -> None:
        running, port = process
        before = sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*"))
        assert self.ask(port, ["good"])[0] == 200
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
        os.kill(running.pid, signal.SIGKILL)
        assert running.wait(10) == -signal.SIGKILL
        assert children == []
        assert sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*")) == before
        socket.create_server(("127.0.0.1", port)).close()
