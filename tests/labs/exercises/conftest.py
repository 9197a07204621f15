"""What the tests of exercises share: one runtime with the real vocabularies."""

import pytest

from labs.runtime import Runtime
from labs.runtime.fake import FakeRuntime


@pytest.fixture(scope="session")
def runtime() -> Runtime:
    return FakeRuntime()
