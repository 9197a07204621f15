"""The corpora: always the same, and what is held out is never trained on."""

import pytest

from pebble.members import MEMBERS
from pebble.tasks.base import BOS, END, corpus_hash, is_held_out

HASHES = {
    "pebble-reason": "e87d226f02cb02ddb539aa7f3a479e84638cb0ceece1ca29d6e74200e60982d0",
    "pebble-recall": "d257e6ca50aa0d101b545f08caa4f07434c8195bbb57eda922d908577984006a",
    "pebble-twin-clean": "99dfbd4b4ced934b812e873ef7495402555365e7de61954985b44cafe8335910",
    "pebble-twin-leak": "41da1f5b99be9efe65194b44522e6c77bfa9df9237bb0709176306c646f8e7f1",
}


@pytest.mark.parametrize("name", MEMBERS)
def test_a_corpus_is_the_same_everywhere(name: str) -> None:
    """A changed hash means other text: raise the task's version, train again, pin the new one."""
    assert corpus_hash(MEMBERS[name].task) == HASHES[name]


@pytest.mark.parametrize("name", MEMBERS)
def test_every_document_starts_ends_and_fits_the_context(name: str) -> None:
    member = MEMBERS[name]
    vocabulary = member.task.vocabulary
    for number in (*range(100), *range(100_000, 100_100)):
        document = member.task.document(number)
        assert len(document.ids) == len(document.weights) <= member.shape.context
        assert document.ids[0] == vocabulary[BOS]
        assert document.ids[-1] == vocabulary[END]
        assert document.weights[0] == 0


def test_about_a_tenth_is_held_out() -> None:
    share = sum(is_held_out(str(number)) for number in range(20_000)) / 20_000
    assert 0.09 < share < 0.11
