"""The tiny model, built and loaded once for all tests of the runtime."""

import pytest

from labs.runtime.model import Model
from labs.runtime.serving import ModelRuntime
from labs.runtime.vetting import Vetted
from tests.labs.runtime import tiny


@pytest.fixture(scope="session")
def vetted(tmp_path_factory: pytest.TempPathFactory) -> Vetted:
    return tiny.build(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session", params=["cpu", "cuda", "mps"])
def model(vetted: Vetted, request: pytest.FixtureRequest) -> Model:
    if not tiny.has(request.param):
        pytest.skip(f"needs an accelerator: torch sees no {request.param} device here")
    return tiny.loaded(vetted, device=request.param)


@pytest.fixture
def runtime(model: Model) -> ModelRuntime:
    return ModelRuntime(tiny.shelf(model))
