"""The shipped pack says true things: every number in it is computed again here."""

import json
import math
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from authoring.markdown import render_lesson
from authoring.pack import Fact, Lesson, Pack, Quiz
from authoring.reader import read_folder
from labs.runtime.tokens import get_tokenizer
from roadmap.registry import draw_variant
from tests.content_numbers import (
    ARTICLE_1,
    CHAT,
    FAMILY,
    PASTED,
    SLUGS,
    Toy,
    chat_pieces,
    copying_weights,
    counts,
    explanations,
    key_of,
    merge_states,
    numbers,
    pieces,
    questions,
    strips,
    table_rows,
    text_of_strip,
    turned,
    wilson,
)

FOLDER = Path(settings.BASE_DIR) / "content" / "cairn"
WRITTEN = "2026-11-23"
TEXT_OF = {
    "tokens.hello-tags": PASTED,
    "tokens.strawberry": "strawberry",
    "tokens.pepper": "pepper",
    "tokens.digits": "1234567",
    "tokens.date": "2026-11-23",
    "tokens.article1.en": ARTICLE_1["en"],
    "tokens.article1.hi": ARTICLE_1["hi"],
    "tokens.article1.ja": ARTICLE_1["ja"],
    "tokens.norbanakoentzako": " norbanakoentzako",
    "tokens.inst": "[INST]",
    "tokens.reference-doc": "[REFERENCE_DOC_3]",
    "tokens.endoftext": "<|endoftext|>",
}
# Rows of the table of counts in what-the-model-sees, from top to bottom.
ROWS: tuple[tuple[str, ...], ...] = (
    ("strawberry", " strawberry"),
    ("pepper", " pepper"),
    ("1234567",),
    ("Answer:", "Answer: "),
    (ARTICLE_1["en"],),
    (ARTICLE_1["hi"],),
    (ARTICLE_1["ja"],),
    (" norbanakoentzako",),
    (FAMILY,),
)
# Measured on something that is not shipped: dated, and kept out of answer keys.
NOT_SHIPPED = {"tokens.not-shipped", "prototype.chain"}


@pytest.fixture(scope="module")
def pack() -> Pack:
    outcome = read_folder(FOLDER)
    assert outcome.problems == []
    assert outcome.pack
    return outcome.pack


@pytest.fixture(scope="module")
def lessons(pack: Pack) -> dict[str, Lesson]:
    return {a.key: a for a in pack.activities if isinstance(a, Lesson)}


@pytest.fixture(scope="module")
def quiz(pack: Pack) -> Quiz:
    return next(a for a in pack.activities if isinstance(a, Quiz))


# --- The model of twelve sentences ---------------------------------------------------------------


@pytest.fixture(scope="module")
def toy(lessons: dict[str, Lesson]) -> Toy:
    return Toy(lessons["next-token-machine"])


def test_the_three_runs_end_as_the_lesson_prints_them(toy: Toy, lessons: dict[str, Lesson]) -> None:
    for _, seed, first, output in table_rows(lessons["next-token-machine"].body, "Run"):
        assert toy.run("the lamp is on the", int(seed)) == output.replace("*", "")
        assert f"{Random(int(seed)).random():.3f}" == first  # noqa: S311  the lesson's own seeds


def test_the_table_of_temperatures_is_softmax_of_the_counts(
    toy: Toy, lessons: dict[str, Lesson]
) -> None:
    count, *rows, greedy = table_rows(lessons["next-token-machine"].body, "After `on the`")
    assert [int(cell) for cell in count[1:]] == list(toy.follows["on", "the"].values())
    for row in rows:
        (t,) = numbers(row[0])
        found = toy.probabilities(("on", "the"), t)
        assert row[1:] == [f"{p:.3f}" for p in found.values()]
    assert greedy[1:] == ["1", "0", "0", "0", "0"]


def test_log_probabilities_and_top_p_of_the_lesson_add_up(
    toy: Toy, lessons: dict[str, Lesson]
) -> None:
    body = lessons["next-token-machine"].body
    table, stop = toy.probabilities(("on", "the"))["table"], toy.probabilities(("the", "table"))
    for value in (math.log(table), math.log(stop["."]), math.log(table * stop["."])):
        assert f"{value:.3f}".replace("-", "−") in body  # noqa: RUF001  a minus sign, as printed
    assert f"{toy.ending('the lamp is on the', 'table .'):.3f}" == "0.333"
    sums = np.cumsum(sorted(toy.probabilities(("on", "the")).values(), reverse=True))
    assert [f"{value:.3f}" for value in sums[1:3]] == ["0.667", "0.833"]
    assert sum(200 * turn for turn in range(1, 11)) == 11_000


# --- Facts ---------------------------------------------------------------------------------------


def corpus_value(fact: Fact, toy: Toy) -> object:
    sentences = toy.words.count(".")
    return {"sentences": sentences, "tokens": len(toy.words), "entries": len(set(toy.words))}


def template_value(fact: Fact, toy: Toy) -> object:
    contents = sum(counts(text)["tekken"] for text in CHAT)
    total = len(chat_pieces())
    return {"contents": contents, "template": total - contents, "total": total}


CHECKS: dict[str, Callable[[Fact, Toy], object]] = {
    "tokens": lambda fact, toy: counts(TEXT_OF[fact.key]),
    "toy.corpus": corpus_value,
    "toy.whole-ending": lambda fact, toy: round(
        toy.ending("the lamp is on the", "river near the window ."), 3
    ),
    "template.tekken.overhead": template_value,
    "block.parameters": lambda fact, toy: {
        "d": 64,
        "attention": 4 * 64**2,
        "mlp": 8 * 64**2,
        "block": 12 * 64**2,
    },
    "embedding.tekken": lambda fact, toy: get_tokenizer("tekken").size * 4096,
    "rotary.example": lambda fact, toy: round(turned(7, 5), 3),
}


def test_every_computed_or_measured_fact_is_what_its_check_finds(pack: Pack, toy: Toy) -> None:
    checked = {key: fact for key, fact in pack.facts.items() if fact.check}
    assert checked.keys() >= TEXT_OF.keys()
    for key, fact in checked.items():
        if fact.check not in NOT_SHIPPED:
            assert fact.value == CHECKS[fact.check](fact, toy), key


def test_text_of_a_fact_agrees_with_its_value(pack: Pack) -> None:
    for key in TEXT_OF:
        value = pack.facts[key].value
        assert isinstance(value, dict)
        found = numbers(pack.facts[key].text.replace("spm32k", "").replace("tekken", ""))
        wanted = [value["tekken"], value["spm32k"]]
        assert found == (wanted[:1] if key == "tokens.reference-doc" else wanted), key


def test_no_fact_was_overdue_when_it_was_written(pack: Pack) -> None:
    for fact in pack.facts.values():
        assert fact.review_by is None or fact.review_by > WRITTEN[: len(fact.review_by)], fact.key
        if fact.kind == "primary" or fact.check in NOT_SHIPPED:
            assert fact.as_of, fact.key


def test_every_fact_is_named_by_a_lesson_and_every_name_exists(
    pack: Pack, lessons: dict[str, Lesson]
) -> None:
    named = {key for lesson in lessons.values() for key in lesson.file.facts}
    assert named == pack.facts.keys()


# --- Tokens --------------------------------------------------------------------------------------


def test_every_token_strip_is_cut_by_its_vocabulary(pack: Pack) -> None:
    seen = 0
    for activity in pack.activities:
        body = (
            activity.body if isinstance(activity, Lesson) else getattr(activity.file, "brief", "")
        )
        for label, shown in strips(body):
            slug = label.partition(",")[0]
            if label == "sent":
                assert shown == chat_pieces()
            elif shown[-1] == "…":
                assert shown[:-1] == pieces(slug, PASTED)[: len(shown) - 1]
            else:
                assert shown == pieces(slug, text_of_strip(slug, shown)), label
            seen += 1
    assert seen == 9


def test_the_table_of_counts_is_measured(lessons: dict[str, Lesson]) -> None:
    rows = table_rows(lessons["what-the-model-sees"].body, "Text")
    for row, texts in zip(rows, ROWS, strict=True):
        for cell, slug in zip(row[1:], SLUGS, strict=True):
            assert numbers(cell) == [counts(text)[slug] for text in texts], row[0]


def test_the_ticket_and_the_prices_by_language_are_measured(lessons: dict[str, Lesson]) -> None:
    typed, pasted = table_rows(lessons["what-the-model-sees"].body, "Input")
    for row, text in ((typed, "Hello"), (pasted, PASTED)):
        found = counts(text)
        order = ["chars", "bytes", "tekken", "spm32k"]
        assert [int(cell) for cell in row[2:]] == [found[slug] for slug in order]
    english, hindi = counts(ARTICLE_1["en"]), counts(ARTICLE_1["hi"])
    assert round(hindi["tekken"] / english["tekken"], 1) == 1.8
    assert round(hindi["spm32k"] / english["spm32k"], 1) == 5.8
    assert get_tokenizer("tekken").encode("strawberry").ids == (1314, 3416, 33681)
    assert all(counts("s t r a w b e r r y")[slug] == 10 for slug in ("tekken", "spm32k"))


def test_the_merges_of_the_lesson_and_the_quiz_are_replayed(
    lessons: dict[str, Lesson], quiz: Quiz
) -> None:
    rows = table_rows(lessons["what-the-model-sees"].body, "Merge")
    assert [(int(numbers(rank)[0]), after) for _, rank, after in rows] == merge_states("strawberry")
    ordered = key_of(quiz, "order-of-merges")
    text = {item.id: item.text for item in ordered.items}
    assert [text[name] for name in ordered.order[1:]] == [
        after for _, after in merge_states("pepper")
    ]
    assert all(str(rank) in ordered.prompt for rank, _ in merge_states("pepper"))


# --- The block -----------------------------------------------------------------------------------


def test_the_copying_head_has_the_weights_of_text_figure_and_quiz(
    lessons: dict[str, Lesson], quiz: Quiz
) -> None:
    body = lessons["inside-the-block"].body
    weights = copying_weights(["red", "7", "blue", "4", "red", "7", "blue"])
    best = [f"{max(row):.3f}" for row in weights[4:]]
    assert best == ["0.932", "0.916", "0.901"]
    assert all(value in body for value in best)
    svg = (FOLDER / "01-fundamentals/img/induction-head.svg").read_text()
    drawn = re.findall(r">(1|0\.\d{3})</text>", svg)
    assert drawn == [f"{w:.3f}" if w < 1 else "1" for row in weights for w in row]
    asked = key_of(quiz, "where-the-head-looks")
    assert asked.accept == [int(np.argmax(copying_weights(asked.tokens)[-1]))]


def test_the_other_numbers_of_the_block_lesson_are_computed(lessons: dict[str, Lesson]) -> None:
    body = lessons["inside-the-block"].body
    low, high = wilson(0.23, 1000)
    assert f"{low:.3f} to {high:.3f}" in body
    assert sum(range(1, 8)) == 28
    assert round(sum(range(1, 15)) / 28, 2) == 3.75
    assert round(turned(107, 105), 9) == round(turned(7, 5), 9) == round(math.cos(0.2), 9)


# --- The quiz ------------------------------------------------------------------------------------


def test_the_bank_has_all_types_and_covers_the_three_lessons(
    quiz: Quiz, lessons: dict[str, Lesson]
) -> None:
    bank = quiz.file.bank
    kinds = {"single", "multiple", "numeric", "order", "match", "cloze", "predict", "mark"}
    assert {question.type for question in bank} == kinds
    assert {question.lesson for question in bank} == lessons.keys()
    assert sum(question.type == "numeric" and question.seeded is not None for question in bank) >= 5
    assert len(bank) >= 1.5 * quiz.file.policy.draw


def test_token_pools_of_the_bank_are_counted(quiz: Quiz) -> None:
    pools = [q.seeded.args["pool"] for q in quiz.file.bank if q.type == "numeric" and q.seeded
             and q.seeded.generator == "token_counts"]  # fmt: skip
    assert pools
    for sample in (sample for pool in pools for sample in pool):
        assert sample["counts"] == {s: counts(sample["text"])[s] for s in sample["counts"]}


def test_seeded_questions_use_only_what_their_generator_gives(quiz: Quiz) -> None:
    for question in quiz.file.bank:
        if question.type != "numeric" or not question.seeded:
            continue
        for seed in range(30):
            variant = draw_variant(question.seeded.generator, question.seeded.args, seed)
            texts = [question.prompt, question.why_right, *(trap.why for trap in question.traps)]
            used = {name for text in texts for name in re.findall(r"\{([a-z_]+)\}", text)}
            assert used <= {*variant.values, "answer"}, question.id
            assert {trap.value for trap in question.traps} <= variant.traps.keys(), question.id


def test_fixed_keys_of_the_bank_are_computed(quiz: Quiz) -> None:
    assert key_of(quiz, "chat-resent").answer == sum(300 * turn for turn in range(1, 7))
    power = math.exp(3)
    assert round(power / (power + 3), 3) == key_of(quiz, "weight-by-hand").answer
    assert key_of(quiz, "cut-with-space").accept == ["|".join(pieces("tekken", " strawberry"))]
    asked = key_of(quiz, "match-counts")
    said = {item.id: int(item.text) for item in asked.right}
    texts = {"date": "2026-11-23", "pepper": " pepper", "answer": "Answer: ", "family": FAMILY}
    for left, right in asked.pairs.items():
        assert counts(texts[left])["tekken"] == said[right]
    template = key_of(quiz, "template-tokens")
    assert template.tokens == chat_pieces()
    controls = [i for i, piece in enumerate(template.tokens) if re.fullmatch(r"<.*>|\[.*\]", piece)]
    assert template.accept == controls
    roots = np.sqrt([0.5, 0.3, 0.2])
    shares = ", ".join(f"{share:.3f}" for share in roots[:2] / roots.sum())
    assert shares in key_of(quiz, "what-temperature-does").why_right


def test_keys_of_the_lesson_checks_are_computed(lessons: dict[str, Lesson], toy: Toy) -> None:
    checks = {check.id: check for lesson in lessons.values() for check in lesson.file.checks}
    table: Any = checks["share-of-table"]
    assert round(toy.probabilities(("on", "the"))["table"], 3) == table.answer
    date: Any = checks["count-a-date"]
    assert date.answer == counts("2026-11-23")["tekken"]
    sees: Any = checks["token-five-sees"]
    assert sees.accept == [0, 1, 2, 3, 4]


# --- Words ---------------------------------------------------------------------------------------


def test_every_answer_has_an_explanation_of_its_own(pack: Pack) -> None:
    for where, question in questions(pack):
        found = explanations(question)
        assert all(len(text) >= 40 for text in [*found, question.why_right]), question.id
        assert len(set(found)) == len(found), f"{where}: {question.id}"


def test_misconceptions_and_remedies_exist(pack: Pack) -> None:
    step = pack.steps[0]
    known = {one.id for one in step.file.misconceptions}
    keys = {f"{activity.kind}:{activity.key}" for activity in pack.activities}
    for where, question in questions(pack):
        parts = [*getattr(question, "options", []), *getattr(question, "traps", [])]
        used = {part.misconception for part in parts if part.misconception}
        assert used <= known, f"{where}: {question.id}"
    assert {one.remedy for one in step.file.misconceptions if one.remedy} <= keys


def test_lessons_keep_to_the_house_rules(lessons: dict[str, Lesson]) -> None:
    for key, lesson in lessons.items():
        done = render_lesson(lesson.body)
        assert 600 <= done.words <= 1400, key
        assert len(re.findall(r"^!\[", lesson.body, re.MULTILINE)) == 1, key
        assert sorted(done.checks) == sorted(check.id for check in lesson.file.checks), key
        assert lesson.file.sources, key
        assert lesson.body.rpartition("## ")[2].startswith("What you can now do"), key
        assert lesson.body.rpartition("## ")[2].count("\n- ") == 3, key


def test_the_pack_speaks_plainly() -> None:
    loud = re.compile(r"!(?!\[)|\b(we|our|us|simply|just|obviously|very easy)\b", re.IGNORECASE)
    for path in [*FOLDER.rglob("*.md"), *FOLDER.rglob("*.yaml")]:
        lines = [re.sub(r"https?://\S+", "", line) for line in path.read_text().splitlines()]
        found = [line for line in lines if loud.search(line)]
        assert found == [], path.name


def test_the_bill_of_the_brief_is_measured(pack: Pack) -> None:
    brief = next(a for a in pack.activities if a.key == "bill-shock").file
    records = [
        {"id": i, "name": f"user{i}", "active": True, "signup_date": f"2026-01-{i % 28 + 1:02d}"}
        for i in range(10)
    ]
    lines = ["id,name,active,signup_date"]
    lines += [f"{r['id']},{r['name']},true,{r['signup_date']}" for r in records]
    compact = json.dumps(records, separators=(",", ":"))
    forms = [json.dumps(records, indent=2), compact, "\n".join(lines)]
    full = counts(forms[0])
    for row, form in zip(table_rows(getattr(brief, "brief"), "Form"), forms, strict=True):  # noqa: B009  untyped
        for slug, tokens, share in (("tekken", *row[1:3]), ("spm32k", *row[3:5])):
            found = counts(form)[slug]
            assert (f"{found:,}", f"{found / full[slug]:.2f}") == (tokens, share), row[0]
