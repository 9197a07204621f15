"""The cast. Every test names who and what it needs; nothing is built that nobody asked for."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from roadmap.models import Activity

# Reasons for a skip that are no surprise on a machine without the thing. CI fails on any other.
EXPECTED_SKIPS = ("needs an accelerator",)


@pytest.fixture
def ada(db: None) -> User:
    """A learner."""
    return User.objects.create_user("ada@example.org", name="Ada")


@pytest.fixture
def grace(db: None) -> User:
    """Another learner, who must not see Ada's work."""
    return User.objects.create_user("grace@example.org", name="Grace")


@pytest.fixture
def boss(db: None) -> User:
    """Staff."""
    return User.objects.create_user("boss@example.org", name="Boss", is_staff=True)


@pytest.fixture
def ada_client(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def grace_client(grace: User) -> Client:
    client = Client()
    client.force_login(grace)
    return client


@pytest.fixture
def published(db: None) -> None:
    """The pack we ship, live."""
    call_command("publish_pack", verbosity=0)


@pytest.fixture
def lesson(published: None) -> Activity:
    return Activity.objects.live().filter(kind="lesson").order_by("position")[0]


@pytest.fixture
def quiz(published: None) -> Activity:
    return Activity.objects.live().get(kind="quiz")


@pytest.fixture
def lab(published: None) -> Activity:
    return Activity.objects.live().get(key="bill-shock")


@pytest.fixture
def root() -> Path:
    """The project folder."""
    return Path(__file__).resolve().parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by their folder, and run the cheap ones first."""
    for item in items:
        for kind in ("system", "browser"):
            if kind in item.path.parts:
                item.add_marker(kind)
    items.sort(key=lambda item: [bool(item.get_closest_marker(m)) for m in ("browser", "system")])


@pytest.hookimpl(hookwrapper=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say why each skipped test was skipped."""
    yield
    for report in terminalreporter.stats.get("skipped", []):
        terminalreporter.write_line(f"SKIPPED {report.nodeid}: {skip_reason(report)}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that did not run for an unknown reason is a failure, not a detail."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("CI"):
        return
    skipped = reporter.stats.get("skipped", [])
    surprises = [r for r in skipped if not skip_reason(r).startswith(EXPECTED_SKIPS)]
    if surprises and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def skip_reason(report: pytest.TestReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
