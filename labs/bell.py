"""Tells idle workers that there may be work. A lost ring costs two seconds, never a run."""

from time import monotonic

from celery import current_app
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

# Seconds. Unlike a worker, a page must not wait for a broker that does not answer.
IMPATIENT = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
REST_S = 5  # after a bell that nobody heard: the next pages do not wait again


class Breaker:
    """Remembers, for this process, that the broker was away a moment ago."""

    def __init__(self) -> None:
        self.silent_until = 0.0

    def is_open(self) -> bool:
        return monotonic() < self.silent_until

    def trip(self) -> None:
        self.silent_until = monotonic() + REST_S

    def reset(self) -> None:
        self.silent_until = 0.0


breaker = Breaker()


def ring(queue: str = "cpu") -> None:
    """Ask the workers of one class to look. Never raises and never waits for long."""
    if breaker.is_open():
        return
    try:
        with current_app.connection_for_write(transport_options=IMPATIENT) as connection:
            current_app.send_task(
                "labs.tasks.look", queue=queue, expires=10, retry=False, connection=connection
            )
    except (KombuError, RedisError, OSError):
        breaker.trip()  # idle workers look every two seconds anyway
