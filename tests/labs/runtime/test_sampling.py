"""The sampler: the same sets and probabilities as transformers, and a window that never lies."""

import sys
from itertools import product
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.runtime import Order, Sampling
from labs.runtime.sampling import (
    WINDOW,
    Knobs,
    changed,
    draw,
    log_mass,
    pick,
    probabilities,
    sample,
    uniforms,
    whole,
    window,
)

ORDERS = get_args(Order)
TEMPERATURES = (0.2, 0.7, 1.0, 1.6, 3.0)
TOP_KS = (0, 1, 5, 50)
TOP_PS = (1.0, 0.95, 0.9, 0.5, 0.01)
MIN_PS = (0.0, 0.02, 0.05, 0.2, 0.5)
KNOBS_IN_ORDER = {
    "transformers": ("temperature", "top_k", "top_p", "min_p"),
    "vllm": ("temperature", "min_p", "top_k", "top_p"),
    "llamacpp": ("top_k", "top_p", "min_p", "temperature"),
}


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def by_transformers(logits: np.ndarray[Any, Any], sampling: Sampling, seen: list[int]) -> Any:
    """The probabilities of one row, computed by the library's own processors."""
    torch = pytest.importorskip("torch")
    process = pytest.importorskip("transformers.generation.logits_process")
    warpers = {
        "temperature": lambda: process.TemperatureLogitsWarper(sampling.temperature),
        "top_k": lambda: process.TopKLogitsWarper(sampling.top_k),
        "top_p": lambda: process.TopPLogitsWarper(sampling.top_p),
        "min_p": lambda: process.MinPLogitsWarper(sampling.min_p),
    }
    neutral = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    chain = process.LogitsProcessorList()
    if sampling.logit_bias:
        bias = {(token,): value for token, value in sampling.logit_bias.items()}
        chain.append(process.SequenceBiasLogitsProcessor(bias))
    if sampling.repetition_penalty != 1:
        chain.append(process.RepetitionPenaltyLogitsProcessor(sampling.repetition_penalty))
    for name in KNOBS_IN_ORDER[sampling.order]:
        if getattr(sampling, name) != neutral[name]:
            chain.append(warpers[name]())
    scores = chain(torch.tensor([seen]), torch.tensor(logits)[None])
    return torch.softmax(scores.double(), dim=-1)[0].numpy()


def assert_equal_to_transformers(sampling: Sampling, logits: Any, seen: list[int]) -> None:
    ours, theirs = probabilities(logits, sampling, seen), by_transformers(logits, sampling, seen)
    assert np.array_equal(ours > 0, theirs > 0), sampling
    assert np.abs(ours - theirs).max() < 1e-5, sampling


@pytest.mark.parametrize("order", ORDERS)
def test_every_combination_is_what_the_processors_of_transformers_make(order: Order) -> None:
    shapes = [rng(0).normal(0, spread, 400).astype(np.float32) for spread in (0.5, 3, 8)]
    for heat, k, p, m in product(TEMPERATURES, TOP_KS, TOP_PS, MIN_PS):
        settings = Sampling(temperature=heat, top_k=k, top_p=p, min_p=m, order=order)
        for logits in shapes:
            assert_equal_to_transformers(settings, logits, [3])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("penalty", [0.8, 1.0, 1.3, 2.0])
def test_bias_and_penalty_are_what_transformers_makes_of_them(order: Order, penalty: float) -> None:
    logits = rng(1).normal(0, 3, 300).astype(np.float32)
    favourite = int(logits.argmax())
    for p, m in product((1.0, 0.9), (0.0, 0.1)):
        settings = Sampling(
            temperature=1.3,
            top_p=p,
            min_p=m,
            repetition_penalty=penalty,
            logit_bias={favourite: -2.0, 7: 4.0},
            order=order,
        )
        assert_equal_to_transformers(settings, logits, [favourite, 7, 7, 20, 31])


def rows(number: int, seed: int) -> list[Sampling]:
    """Settings from mild to wild, all orders mixed in one batch."""
    draws = rng(seed)
    return [
        Sampling(
            temperature=float(draws.choice([0, 0.5, 0.7, 1, 1.2, 1.7, 3])),
            top_k=int(draws.choice([0, 0, 1, 20, 50, 100, 256, 257, 300, 900])),
            top_p=float(draws.choice([1, 0.99, 0.95, 0.9, 0.8, 0.3])),
            min_p=float(draws.choice([0, 0, 0.001, 0.02, 0.05, 0.2])),
            order=ORDERS[draws.integers(3)],
        )
        for _ in range(number)
    ]


def shaped(kind: str, seed: int, number: int, vocabulary: int) -> Any:
    spread = {"flat": 0.3, "ordinary": 3.0, "peaked": 8.0, "tied": 3.0, "equal": 0.0}[kind]
    logits = rng(seed).normal(0, 1, (number, vocabulary)) * spread
    return (np.round(logits * 4) / 4 if kind == "tied" else logits).astype(np.float32)


KINDS = ("flat", "ordinary", "peaked", "tied", "equal")
counted = {kind: [0, 0] for kind in KINDS}  # draws, rows that needed the full sort


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**32),
    vocabulary=st.sampled_from([300, 512, 2_000]),
)
def window_against_full_sort(kind: str, seed: int, vocabulary: int) -> None:
    logits, some = shaped(kind, seed, 64, vocabulary), rows(64, seed)
    u = rng(seed + 1).random(64)
    by_window, fell_back = sample(logits, some, u)
    knobs = Knobs.of(some)
    top = whole(logits, knobs.first_temperature)
    place, _ = pick(top, knobs, u)
    by_sort = np.take_along_axis(top.ids, place[:, None], axis=1)[:, 0]
    assert np.array_equal(by_window, by_sort)
    counted[kind][0] += 64
    counted[kind][1] += fell_back


def test_the_window_draws_what_the_full_sort_draws(capsys: pytest.CaptureFixture[str]) -> None:
    window_against_full_sort()
    with capsys.disabled():
        for kind, (draws, fallbacks) in counted.items():
            sys.stdout.write(f"\nwindow: {kind}: {draws} draws, {fallbacks} by full sort")
    assert sum(draws for draws, _ in counted.values()) >= 5_000


def test_usual_settings_on_ordinary_logits_never_sort_the_whole_row() -> None:
    usual = [Sampling(temperature=0.8, top_k=50, top_p=0.95, order=order) for order in ORDERS] * 20
    logits = shaped("ordinary", 5, 60, 4_096)
    _, fell_back = sample(logits, usual, rng(6).random(60))
    assert fell_back == 0


def test_the_draws_follow_an_independent_distribution() -> None:
    """Each u draws the token at which a plain float64 running sum passes it.

    The sum goes by id where at most 256 tokens are kept, and by logit where there are more.
    """
    logits, some = shaped("ordinary", 11, 200, 600), rows(200, 12)
    u = rng(13).random(200)
    drawn, _ = sample(logits, some, u)
    for row, (setting, token) in enumerate(zip(some, drawn, strict=True)):
        shares = by_hand(logits[row], setting)
        order = np.argsort(-logits[row], kind="stable")
        if (shares > 0).sum() <= WINDOW:
            order = np.arange(600)
        running = np.cumsum(shares[order])
        place = int(np.flatnonzero(order == token)[0])
        before = running[place - 1] if place else 0.0
        assert before - 1e-6 <= u[row] <= running[place] + 1e-6


def by_hand(logits: Any, sampling: Sampling) -> Any:
    """The definitions of the labs page, one knob after the other."""
    if sampling.temperature == 0:
        return np.eye(len(logits))[logits.argmax()]
    alive, scores = np.ones(len(logits), dtype=bool), logits.astype(np.float64)
    for knob in KNOBS_IN_ORDER[sampling.order]:
        shares = np.where(alive, np.exp(scores - scores.max()), 0)
        shares /= shares.sum()
        order = np.argsort(-shares, kind="stable")
        if knob == "temperature":
            scores = scores / sampling.temperature
        elif knob == "top_k" and sampling.top_k:
            alive[order[sampling.top_k :]] = False
        elif knob == "top_p" and sampling.top_p < 1:
            before = np.cumsum(shares[order]) - shares[order]
            alive[order[before >= sampling.top_p]] = False
        elif knob == "min_p":
            alive &= shares >= sampling.min_p * shares.max()
    shares = np.where(alive, np.exp(scores - scores.max()), 0)
    return shares / shares.sum()


def test_temperature_zero_takes_the_lowest_of_equal_favourites() -> None:
    logits = np.zeros((2, 1_000), dtype=np.float32)
    logits[1, [700, 800]] = 2
    drawn, fell_back = sample(logits, [Sampling(temperature=0)] * 2, np.array([0.9, 0.9]))
    assert drawn.tolist() == [0, 700]
    assert fell_back == 1  # which of 1,000 equals comes first is not known inside a window


def test_ten_thousand_settings_draw_something_that_exists() -> None:
    draws = rng(21)
    some = [
        Sampling(
            temperature=float(draws.choice([0, 1e-9, 0.001, 0.01, 1, 50, 100])),
            top_k=int(draws.choice([0, 1, 255, 256, 257, 10**9])),
            top_p=float(draws.choice([0, 1e-12, 0.5, 1 - 1e-9, 1])),
            min_p=float(draws.choice([0, 1e-12, 0.5, 1])),
            repetition_penalty=float(draws.choice([0.01, 1, 100])),
            logit_bias={int(draws.integers(-5, 320)): float(draws.choice([-1000, 0, 1000]))},
            order=ORDERS[draws.integers(3)],
        )
        for _ in range(10_000)
    ]
    plain = draws.normal(0, 4, (10_000, 300)).astype(np.float32)
    logits = np.stack([changed(row, one, [1, 2]) for row, one in zip(plain, some, strict=True)])
    drawn, _ = sample(logits, some, draws.choice([0, 0.5, 1 - 2**-53], 10_000))
    assert ((drawn >= 0) & (drawn < 300)).all()
    assert np.isfinite(logits[np.arange(10_000), drawn]).all()


def test_a_row_has_the_same_numbers_wherever_it_is_drawn() -> None:
    assert np.array_equal(uniforms(7, 8)[:3], uniforms(7, 3))
    assert uniforms(7, 1)[0] != uniforms(8, 1)[0]
    assert uniforms(2**64 - 1, 1)[0] < 1
    # A change of these would change every stored result.
    assert uniforms(0, 2).tolist() == [0.011546754286331562, 0.24154919656271812]


def test_nearly_equal_logits_may_change_places_and_the_draw_stays() -> None:
    """What a batch does to a row: the last bits of its logits move."""
    logits, u = shaped("flat", 8, 400, 2_000), rng(9).random(400)
    moved = logits + rng(10).normal(0, 3e-6, logits.shape).astype(np.float32)
    for setting in (Sampling(top_k=200), Sampling(top_k=50, top_p=0.9), Sampling(min_p=0.5)):
        one, _ = sample(logits, [setting] * 400, u)
        other, _ = sample(moved, [setting] * 400, u)
        assert (one != other).sum() <= 1


def test_only_the_rows_in_doubt_are_fetched() -> None:
    logits, some = shaped("flat", 3, 3, 2_000), [Sampling(top_k=k) for k in (5, 900, 5)]
    knobs = Knobs.of(some)
    fetched: list[int] = []

    def rest(which: Any) -> Any:
        fetched.extend(which.tolist())
        return logits[which]

    _, fell_back = draw(window(logits, knobs.first_temperature), knobs, np.full(3, 0.5), rest)
    assert (fetched, fell_back) == ([1], 1)


def test_the_mass_of_a_row_is_finite_however_large_its_logits() -> None:
    logits = np.array([[1e4, 1e4, -1e4]], dtype=np.float32)
    assert log_mass(logits, np.array([1.0]))[0] == pytest.approx(1e4 + np.log(2))


@pytest.mark.parametrize(
    "bad",
    [
        {"temperature": -1.0},
        {"temperature": float("nan")},
        {"top_k": -1},
        {"top_p": 1.5},
        {"min_p": -0.1},
        {"repetition_penalty": 0.0},
        {"order": "mirostat"},
        {"logit_bias": {3: float("inf")}},
        {"records": -1},
    ],
)
def test_a_setting_out_of_range_is_refused_by_name(bad: dict[str, Any]) -> None:
    (name,) = bad
    with pytest.raises(ValueError, match=name.replace("_", ".")):
        Sampling(**bad)
