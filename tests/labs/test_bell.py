import socket
from collections.abc import Iterator
from threading import Thread
from time import monotonic, perf_counter

import pytest
from celery import current_app

from labs import bell


@pytest.fixture(autouse=True)
def rested() -> Iterator[None]:
    """Each test meets a bell that has not failed yet, and leaves one."""
    bell.breaker.reset()
    yield
    bell.breaker.reset()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Accepts connections, as the kernel does for it, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def ring_at(port: int, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds that a ring took with the broker at this port: the quickest of three.

    The least is what the bell costs; the rest is what else the machine was doing.
    """
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"redis://127.0.0.1:{port}/0")
    return min(timed_ring() for _ in range(3))


def timed_ring() -> float:
    bell.breaker.reset()
    start = perf_counter()
    bell.ring()
    return perf_counter() - start


def test_a_refused_bell_costs_less_than_a_tenth_of_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    bell.ring()  # the first ring of a process imports the transport

    assert ring_at(free, monkeypatch) < 0.1
    assert bell.breaker.is_open()


def test_a_silent_broker_costs_little_more_than_half_a_second(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = ring_at(listener.getsockname()[1], monkeypatch)

    assert 0.4 < took < 0.8
    assert bell.breaker.is_open()


def test_after_a_failure_nobody_waits_again_for_a_while(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = listener.getsockname()[1]
    monkeypatch.setattr(current_app.conf, "broker_write_url", f"redis://127.0.0.1:{port}/0")
    bell.breaker.trip()

    start = perf_counter()
    bell.ring()

    assert perf_counter() - start < 0.1  # a silent broker alone would cost half a second


def test_the_bell_is_tried_again_after_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    bell.breaker.trip()
    later = monotonic() + bell.REST_S + 0.1
    monkeypatch.setattr(bell, "monotonic", lambda: later)

    assert not bell.breaker.is_open()


def test_a_server_that_talks_nonsense_is_no_reason_to_raise(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    def babble() -> None:
        guest, _ = listener.accept()
        with guest:
            guest.recv(100)
            guest.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    Thread(target=babble, daemon=True).start()

    assert ring_at(listener.getsockname()[1], monkeypatch) < 1
    assert bell.breaker.is_open()


def test_a_bell_carries_nothing_but_its_name() -> None:
    with current_app.connection_for_write() as connection:
        queue = connection.SimpleQueue("cpu")
        queue.clear()
        bell.ring()
        message = queue.get(timeout=1)
        message.ack()
        queue.close()

    assert message.headers["task"] == "labs.tasks.look"
    assert message.payload[:2] == [[], {}]
    assert message.headers["expires"] is not None
