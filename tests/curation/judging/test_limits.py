"""How hard a server is pressed, and how threads reach the one that may use the database."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from curation.clients import Endpoint
from curation.judging import limits
from curation.judging.limits import Breaker, Gate, Stopped
from curation.judging.relay import Relay


def test_a_gate_lets_so_many_through_at_once_and_so_many_a_minute():
    gate, stop, inside, most, began = Gate(3, 60_000 / 20), threading.Event(), [], [], time.monotonic()

    def go(_):
        with gate.turn(stop):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(go, range(20)))
    assert max(most) <= 3
    assert time.monotonic() - began >= 19 * 0.02, "twenty turns at fifty a second"


def test_a_shut_gate_opens_again_and_lets_those_go_who_are_to_stop():
    gate, stop = Gate(1, 0), threading.Event()
    gate.pause(0.1)
    began = time.monotonic()
    with gate.turn(stop):
        assert time.monotonic() - began >= 0.09
    gate.pause(60)
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(Stopped), gate.turn(stop):
        pass


def test_runs_of_one_process_share_a_gate():
    where = Endpoint("a", "openai_compatible", "http://gate/v1", "m")
    assert limits.gate(where) is limits.gate(Endpoint("b", "openai_compatible", "http://gate/v1", "m"))
    assert limits.gate(where) is not limits.gate(Endpoint("a", "openai_compatible", "http://gate/v1", "other"))


def test_pauses_double_and_the_servers_word_goes_first():
    assert 7 <= limits.pause(1, 7.0) <= 7.7
    longest = [max(limits.pause(tries, None) for _ in range(50)) for tries in (1, 2, 3, 20)]
    assert longest == sorted(longest)
    assert longest[-1] <= limits.LONGEST_PAUSE


def test_a_breaker_counts_failures_in_a_row():
    breaker = Breaker(2)
    assert not breaker.gave_up()
    breaker.answered()
    assert not breaker.gave_up()
    assert breaker.gave_up()


def test_a_relay_does_the_work_in_the_serving_thread_and_carries_errors_back():
    relay, mine = Relay(), threading.get_ident()

    def work():
        with pytest.raises(ZeroDivisionError):
            relay.call(lambda: 1 // 0)
        return relay.call(threading.get_ident)

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        while not future.done():
            relay.serve(0.01)
    assert future.result() == mine
