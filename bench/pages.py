"""Pages as granian serves them on SQLite, against the plainest page in the same run."""

import json
import re
import subprocess
import sys
from time import perf_counter

import httpx

from bench.figures import ms, p, table
from tests.system.processes import House

PAGES = {
    "plain text, no session (peer)": "/health/live/",
    "landing": "/",
    "trail": "/trail/",
    "step": "/steps/fundamentals/",
    "lesson": "/lessons/what-the-model-sees/",
    "quiz": "/quizzes/step-quiz/",
    "workbench": "/labs/bill-shock/",
    "progress": "/progress/",
    "settings": "/settings/",
}
ROUNDS, WARM_UP = 60, 5
ADDRESS, PASSWORD = "bench@example.org", "a stone upon a stone"


def measure(house: House) -> None:
    """Print p50, p95, the ratio to the plainest page, SQL queries and size of each page."""
    with httpx.Client(base_url=f"http://127.0.0.1:{house.port}", follow_redirects=True) as client:
        sign_up(client)
        queries = counted(house)
        found = {name: times(client, path) for name, path in PAGES.items()}
        sizes = {name: len(client.get(path).content) for name, path in PAGES.items()}
    peer = p(next(iter(found.values())), 0.5)
    rows = [
        (
            name,
            ms(p(taken, 0.5)),
            ms(p(taken, 0.95)),
            f"{p(taken, 0.5) / peer:.1f}",
            str(queries[PAGES[name]]),
            f"{sizes[name] / 1000:.1f} kB",
        )
        for name, taken in found.items()
    ]
    head = ("page", "p50", "p95", "times peer", "queries (limit 8)", "HTML (limit 60 kB)")
    table(f"Pages, {ROUNDS} requests each, one granian worker, SQLite", head, rows)


def counted(house: House) -> dict[str, int]:
    """SQL statements of each page for a signed-in person, the session's included."""
    words = [sys.executable, "-m", "bench.queries", ADDRESS, *PAGES.values()]
    done = subprocess.run(words, env=house.environment, capture_output=True, text=True, check=True)
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def times(client: httpx.Client, path: str) -> list[float]:
    """Seconds from request to the last byte."""
    taken = []
    for _ in range(WARM_UP + ROUNDS):
        start = perf_counter()
        client.get(path).raise_for_status()
        taken.append(perf_counter() - start)
    return taken[WARM_UP:]


def sign_up(client: httpx.Client) -> None:
    form = client.get("/accounts/signup/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert token
    posted = {"csrfmiddlewaretoken": token[1], "email": ADDRESS, "password1": PASSWORD}
    client.post("/accounts/signup/", data=posted).raise_for_status()
