"""What is read to score continuations: shared contexts once, nothing twice."""

from labs.runtime.packing import BUDGET, Group, batches, grouped, packed, shared_header

LONG = tuple(range(100, 140))


def test_equal_contexts_share_a_row() -> None:
    groups = grouped([((1, 2), (5, 6)), ((1, 3), (7,)), ((1, 2), (8, 9, 4)), ((1, 2), ())], 50)
    assert [(group.context, group.places) for group in groups] == [((1, 2), [0, 2]), ((1, 3), [1])]
    assert [group.length(0) for group in groups] == [2 + 1 + 2, 2]


def test_a_long_context_loses_its_beginning() -> None:
    (group,) = grouped([(LONG, (1, 2, 3))], 10)
    assert group.context == LONG[-8:]  # 8 read, then 2 of the 3: the last is never read


def test_the_header_is_what_all_contexts_begin_with() -> None:
    groups = [Group((*LONG, 1, 2)), Group((*LONG, 1, 3)), Group((*LONG, 1))]
    assert shared_header(groups) == LONG  # each row keeps one token of its own
    assert shared_header([Group((1, 2, 3)), Group((1, 2, 4))]) == ()  # too short to be worth it
    assert shared_header([Group(LONG)]) == ()
    assert shared_header([]) == ()


def test_an_option_sees_the_context_and_goes_on_from_its_end() -> None:
    pack = packed([Group((9, 1, 2), [(5, 6, 7), (8,), (3, 4)], [0, 1, 2]), Group((9, 3))], 1)
    assert pack.ids.tolist() == [[1, 2, 5, 6, 3], [3, 0, 0, 0, 0]]
    assert pack.positions.tolist()[0] == [1, 2, 3, 4, 3]
    assert pack.segments.tolist() == [[0, 0, 1, 1, 3], [0, -1, -1, -1, -1]]
    assert pack.targets.tolist() == [5, 6, 7, 8, 3, 4]
    assert pack.columns.tolist() == [1, 2, 3, 1, 1, 4]
    assert pack.owners.tolist() == [0, 0, 0, 1, 2, 2]


def test_a_batch_keeps_to_its_budget_and_to_rows_of_like_length() -> None:
    groups = [Group(tuple(range(1 + length % 900)), [(1,)], [0]) for length in range(0, 9000, 37)]
    seen = 0
    for batch in batches(groups, 0):
        lengths = [group.length(0) for group in batch]
        assert len(batch) * max(lengths) <= BUDGET
        seen += len(batch)
    assert seen == len(groups)
