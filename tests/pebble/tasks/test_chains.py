"""Chains: worked by hand, held out by content."""

from pebble.tasks.base import Problem, is_held_out
from pebble.tasks.chains import LONGEST, OPERATIONS, STATES, Chains, states

WORDS = tuple(Chains().vocabulary)


def test_operations_move_states_one_after_the_other() -> None:
    assert states("3", "ad") == ["4", "3"]  # a: 3 to 4; d: 4 to 3
    assert states("0", "bbb") == ["1", "0", "1"]


def test_every_operation_is_a_permutation() -> None:
    assert all(sorted(goes) == [0, 1, 2, 3, 4] for goes in OPERATIONS.values())


def test_the_answer_of_a_problem_is_the_last_state() -> None:
    problem = Chains().problem("test", 5, {"operations": 4})
    start, *slots = problem.prompt.split()
    assert slots[4:] == ["."] * 4 + ["<think>"]
    assert states(start, "".join(slots[:4]))[-1] == problem.answer


def test_training_never_shows_a_held_out_chain() -> None:
    for number in range(3000):
        words = [WORDS[i] for i in Chains().document(number).ids]
        chain = "".join(words[2 : 2 + LONGEST]).strip(".")
        assert not is_held_out(f"{words[1]} {chain}")


def test_problems_for_testing_are_all_held_out() -> None:
    for number in range(300):
        words = Chains().problem("test", number, {"operations": 8}).prompt.split()
        assert is_held_out(f"{words[0]} {''.join(words[1:9])}")


def test_every_budget_occurs_and_none_is_longer_than_the_chain() -> None:
    seen = set()
    for number in range(3000):
        words = [WORDS[i] for i in Chains().document(number).ids]
        length = sum(word in OPERATIONS for word in words)
        budget = words.index("</think>") - words.index("<think>") - 1
        assert budget <= length
        seen.add((length, budget))
    assert seen == {(n, budget) for n in range(2, 9) for budget in range(n + 1)}


def test_only_the_whole_answer_counts() -> None:
    problem = Problem("3 a d . . . . . . <think>", "3")
    assert Chains().check(problem, "3")
    assert Chains().check(problem, "3 <|end|> 1")
    assert not Chains().check(problem, "3 1")
    assert not Chains().check(problem, "4")
    assert not Chains().check(problem, "")
    assert len(STATES) == 5
