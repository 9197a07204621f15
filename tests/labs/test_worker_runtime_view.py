"""A run's view of the models: what it asks ends when the run has to end."""

from collections.abc import Callable
from unittest.mock import patch

import pytest

from labs.runtime import Runtime, Sampling, Stopped
from labs.runtime.fake import FakeRuntime
from labs.worker import runtime_view
from labs.worker.runtime_view import RuntimeView


class Watching(FakeRuntime):
    """Keeps what a view gives it to ask between two tokens."""

    halted: Callable[[], bool]

    def for_run(self, halted: Callable[[], bool]) -> Runtime:
        self.halted = halted
        return self


def test_the_models_may_ask_at_every_token_whether_the_run_goes_on() -> None:
    shared, view = Watching(), RuntimeView(30)
    with patch.object(runtime_view, "get_runtime", return_value=shared):
        (row,) = view.generate("story", ["the"], sampling=Sampling(), max_new=3, row_seeds=[1])
        assert row.ids
        assert not shared.halted()
        view.stop("cancelled")
        assert shared.halted()
        with pytest.raises(Stopped):
            view.next_logits("story", ["the"])


def test_a_run_out_of_time_is_halted_and_says_why() -> None:
    shared, view = Watching(), RuntimeView(0)
    view.deadline -= 1
    assert view.cancelled()
    assert view.why == "late"
    with patch.object(runtime_view, "get_runtime", return_value=shared), pytest.raises(Stopped):
        view.score("story", ["the"], [" lamp"])
