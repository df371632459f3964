"""The broker that needs no server: every message reaches exactly one taker, whole."""

import json
import subprocess
import sys
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from config import broker

TAKER = """
import sys
from queue import Empty
from kombu import Connection
from config import broker
folder, expected = sys.argv[1], int(sys.argv[2])
options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder + "/control"}
with Connection("embedded://", transport_options=options) as connection:
    queue, idle = connection.SimpleQueue("numbers", no_ack=True), 0
    while idle < 10:
        try:
            print(queue.get(timeout=0.2).payload["number"])
            idle = 0
        except Empty:
            idle += 1
"""


# Each test has queues of its own name: kombu keeps what it declared for as long as the process lives.
@pytest.fixture
def connection(tmp_path):
    (tmp_path / "control").mkdir()
    options = {
        "data_folder_in": str(tmp_path),
        "data_folder_out": str(tmp_path),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection(f"{broker.SCHEME}://", transport_options=options) as connection:
        yield connection


def test_messages_come_in_the_order_they_were_sent_and_leave_nothing(connection, tmp_path):
    queue = connection.SimpleQueue("letters", no_ack=True)
    for letter in "abc":
        queue.put({"letter": letter})
    assert [queue.get(timeout=2).payload["letter"] for _ in range(3)] == ["a", "b", "c"]
    with pytest.raises(Empty):
        queue.get(timeout=0.2)
    assert not list(tmp_path.glob("*.msg*"))


def test_queues_of_one_folder_are_apart(connection):
    north, south = connection.SimpleQueue("north", no_ack=True), connection.SimpleQueue("south", no_ack=True)
    south.put("penguin")
    with pytest.raises(Empty):
        north.get(timeout=0.2)
    assert south.get(timeout=2).payload == "penguin"


def test_a_message_that_is_being_written_is_not_seen(connection, tmp_path):
    queue = connection.SimpleQueue("halves", no_ack=True)
    queue.put("whole")
    (tmp_path / "0_x.halves.msg.new").write_text('{"half')
    assert queue.get(timeout=2).payload == "whole"
    with pytest.raises(Empty):
        queue.get(timeout=0.2)


def test_each_message_reaches_one_of_many_takers(connection, tmp_path):
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", TAKER, str(tmp_path), "300"],
            cwd=Path(broker.__file__).parents[1],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    queue = connection.SimpleQueue("numbers", no_ack=True)
    for number in range(300):
        queue.put({"number": number})
    taken = [int(line) for taker in takers for line in taker.communicate(timeout=60)[0].split()]
    assert sorted(taken) == list(range(300))


def test_a_message_is_plain_json(connection, tmp_path):
    connection.SimpleQueue("plain", no_ack=True).put({"job": "7"})
    (path,) = tmp_path.glob("*.plain.msg")
    assert "body" in json.loads(path.read_text())
