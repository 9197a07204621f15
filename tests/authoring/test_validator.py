from datetime import date
from pathlib import Path

import pytest

from authoring.reader import read_folder
from authoring.validator import Catalogue, problems_of
from tests.authoring.conftest import FACTS, LESSON, QUIZ, STEP, WritePack

LESSON_PATH = "01-first-step/01-first-lesson.lesson.md"
QUIZ_PATH = "01-first-step/02-first-quiz.quiz.yaml"
LAB_PATH = "01-first-step/03-first-lab.lab.yaml"
LAB = """\
title: The lab
summary: Cut a text.
minutes: 20
exercise: bill-shock
brief: Cut the text.
honesty: Two vocabularies only.
"""
SEEDED = """\
  - id: three
    type: numeric
    lesson: first-lesson
    prompt: "{table} How many of {n} stay after top-p {p}?"
    why_right: "{answer} of {n} stay."
    seeded: {generator: kept_tokens, args: {tokens: [8, 14]}}
    traps: [{value: one_less, why: One too few.}]
"""


def problems(folder: Path, catalogue: Catalogue | None = None) -> list[str]:
    outcome = read_folder(folder)
    assert outcome.pack is not None
    found = problems_of(outcome.pack, catalogue=catalogue, today=date(2026, 11, 23))
    return [str(problem) for problem in [*outcome.problems, *found]]


def test_a_whole_pack_has_no_problem(write_pack: WritePack) -> None:
    assert problems(write_pack({LAB_PATH: LAB, QUIZ_PATH: QUIZ + SEEDED})) == []


def test_an_unknown_exercise_is_answered_with_the_known_ones(write_pack: WritePack) -> None:
    folder = write_pack({LAB_PATH: LAB.replace("bill-shock", "bill-shocks")})

    [told] = problems(folder)

    assert told.startswith(
        f"{LAB_PATH}:4: exercise: no lab exercise is called 'bill-shocks'. There are: "
    )
    assert "bill-shock" in told.partition("There are: ")[2]


NEEDY = LAB.replace("bill-shock", "token-surgeon")
CALIBRATION = "calibrations/token-surgeon.json"


def test_a_lab_comes_with_the_numbers_it_needs(write_pack: WritePack, root: Path) -> None:
    shipped = (root / "content/cairn" / CALIBRATION).read_bytes()

    assert problems(write_pack({LAB_PATH: NEEDY, CALIBRATION: shipped})) == []


@pytest.mark.parametrize(
    ("calibration", "text"),
    [
        (None, f"{LAB_PATH}:4: exercise: 'token-surgeon' needs {CALIBRATION}, which is not in"),
        ('{"sources": {}, "values": {}}', f"{CALIBRATION}: values: 'token-surgeon' cannot be"),
        ('{"sources": {}, "values": {"tekken": 1}}', "values: 'token-surgeon' cannot be drawn"),
        ("{", f"{CALIBRATION}: is not JSON"),
    ],
)
def test_numbers_that_no_lab_can_be_drawn_from_are_told_once(
    write_pack: WritePack, calibration: str | None, text: str
) -> None:
    [told] = problems(write_pack({LAB_PATH: NEEDY, CALIBRATION: calibration}))

    assert told.startswith(text) or text in told


@pytest.mark.parametrize(
    ("hidden", "text"),
    [
        ("{sed: 1}", ":8: key.hidden.sed: "),
        ("{seed: many}", ":8: key.hidden.seed: "),
    ],
)
def test_a_hidden_part_that_the_exercise_does_not_know_is_told(
    write_pack: WritePack, hidden: str, text: str
) -> None:
    assert problems(write_pack({LAB_PATH: f"{LAB}key:\n  hidden: {{seed: 7}}\n"})) == []

    [told] = problems(write_pack({LAB_PATH: f"{LAB}key:\n  hidden: {hidden}\n"}))

    assert text in told
    assert told.endswith("See the key of the exercise bill-shock.")


def test_an_unknown_fact_is_found_with_its_line(write_pack: WritePack) -> None:
    text = LESSON.replace("fact:kv.bytes", "fact:sampler.order.vllm")
    line = text[: text.index("{{ fact")].count("\n") + 1

    assert problems(write_pack({LESSON_PATH: text})) == [
        f"{LESSON_PATH}:{line}: fact sampler.order.vllm: not in facts.yaml."
    ]


def test_the_key_of_another_pack_is_refused(write_pack: WritePack) -> None:
    catalogue = Catalogue({"first-step": "acme"}, {"first-lesson": ("acme", "lesson")})

    assert problems(write_pack(), catalogue) == [
        f"{path}: key {key!r} belongs to the pack 'acme'. Choose another slug."
        for path, key in (
            (LESSON_PATH, "first-lesson"),
            ("01-first-step/step.yaml", "first-step"),
        )
    ]


def test_a_key_keeps_its_kind(write_pack: WritePack) -> None:
    catalogue = Catalogue({}, {"first-lesson": ("small", "quiz")})

    assert "was published as a quiz" in problems(write_pack(), catalogue)[0]


CHANGES = [
    (LESSON_PATH, LESSON.replace("[[check: which-one]]\n", ""), "'which-one' stands 0 times"),
    (LESSON_PATH, LESSON + "\n[[check: which-one]]\n", "'which-one' stands 2 times"),
    (LESSON_PATH, LESSON + "\n[[check: other]]\n", "[[check: other]]: not among the checks"),
    (LESSON_PATH, LESSON.replace("[kv.bytes]", "[gone]"), "'gone' is not in facts"),
    (LESSON_PATH, LESSON.replace("[token-is-word]", "[gone]"), "is called 'first-step:gone'"),
    (LESSON_PATH, LESSON.split("## A worked")[0] + "Short.\n", "the text has 1 words. Write 600"),
    (LESSON_PATH, LESSON + "more words " * 500, "Write 600 to 1,400"),
    (LESSON_PATH, LESSON.replace("![A", "[A"), "the text has no figure"),
    (LESSON_PATH, LESSON.replace("What you can", "What I can"), "no heading 'What you can now do'"),
    (LESSON_PATH, LESSON.replace("img/loop", "img/lop"), "picture img/lop.svg: not in the pack"),
    (LESSON_PATH, LESSON + "[a](/lessons/gone/)", "link /lessons/gone/: nothing of this pack"),
    (LESSON_PATH, LESSON + "[a](/labs/first-lesson/)", "nothing of this pack has this address"),
    (
        LESSON_PATH,
        LESSON.replace("Pieces are", "All {{ fact:x }}"),
        ":13: checks.0.why_right: fact x: not in facts.yaml.",
    ),
    (QUIZ_PATH, QUIZ.replace("    lesson: first-lesson\n", "", 1), "bank.0.lesson: missing"),
    (QUIZ_PATH, QUIZ.replace("lesson: first-lesson", "lesson: a", 1), "no lesson is called 'a'"),
    (
        QUIZ_PATH,
        QUIZ.replace("misconception: token-is-word", "misconception: gone"),
        ":19: bank.0.options.1.misconception: no misconception is called 'first-step:gone'",
    ),
    (QUIZ_PATH, QUIZ + SEEDED.replace("kept_tokens", "kept"), "no generator is called 'kept'"),
    (QUIZ_PATH, QUIZ + SEEDED.replace("[8, 14]", "[8, 99]"), "bank.2.seeded.args.tokens"),
    (QUIZ_PATH, QUIZ + SEEDED.replace("one_less", "two_less"), "has no trap 'two_less'"),
    (QUIZ_PATH, QUIZ + SEEDED.replace("of {n} stay", "of {m} stay"), "has no value {m}"),
    (QUIZ_PATH, QUIZ + SEEDED.replace("{p}?", "{answer}?"), "has no value {answer}"),
    ("01-first-step/03-first-quiz.quiz.yaml", QUIZ, "key 'first-quiz' is also that of"),
    ("01-first-step/step.yaml", STEP + "needs: [gone]\n", "no step is called 'gone'"),
    ("01-first-step/step.yaml", STEP + "needs: [first-step]\n", "goes in a circle"),
    ("01-first-step/step.yaml", STEP.replace("lesson:first", "lab:first"), "no lab is called"),
    (f"01-first-step/04-{'x' * 51}.lab.yaml", LAB, "is longer than 50 characters"),
    ("calibrations/gone.json", '{"sources": {}, "values": {}}', "no lab exercise is called 'gone'"),
    (
        "01-first-step/img/more.svg",
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
        "img/more.svg: is not shown anywhere",
    ),
    ("02-first-step/step.yaml", STEP.replace("complete: true\n", ""), "key 'first-step' is also"),
    ("02-next/step.yaml", "title: T\npromise: P\ncomplete: true\n", "the step has no quiz"),
]


@pytest.mark.parametrize(("path", "content", "text"), CHANGES)
def test_what_refers_to_nothing_is_told(
    write_pack: WritePack, path: str, content: str, text: str
) -> None:
    assert text in "\n".join(problems(write_pack({path: content})))


def test_a_lesson_without_checks_and_sources_is_told(write_pack: WritePack) -> None:
    head = "---\ntitle: T\nsummary: S\nminutes: 5\n---\n"
    body = LESSON.partition("\n---\n")[2].replace("[[check: which-one]]", "")

    told = "\n".join(problems(write_pack({LESSON_PATH: head + body})))

    assert "checks: missing. Every lesson asks" in told
    assert "sources: missing" in told


def test_two_steps_that_need_each_other_are_told(write_pack: WritePack) -> None:
    other = "title: T\npromise: P\nneeds: [first-step]\n"
    folder = write_pack(
        {"01-first-step/step.yaml": STEP + "needs: [other]\n", "02-other/step.yaml": other}
    )

    [told] = problems(folder)

    assert "needs: goes in a circle: " in told
    assert "first-step needs other" in told


def test_an_old_fact_is_a_warning(write_pack: WritePack) -> None:
    source = "  source: {title: T, publisher: P, url: 'https://example.org/'}\n"
    facts = FACTS.replace("  check: kv\n", "  as_of: 2026-01\n  review_by: 2026-10\n" + source)
    outcome = read_folder(write_pack({"facts.yaml": facts}))
    assert outcome.pack is not None

    [told] = problems_of(outcome.pack, today=date(2026, 11, 1))

    assert told.is_warning
    assert str(told) == (
        "facts.yaml:6: 0.review_by: kv.bytes was due for review by 2026-10. Read its source again."
    )
    assert problems_of(outcome.pack, today=date(2026, 10, 31)) == []


def test_a_broken_file_is_not_blamed_on_those_that_name_it(write_pack: WritePack) -> None:
    told = problems(write_pack({LESSON_PATH: LESSON.replace("minutes: 12\n", "")}))

    assert told == [
        f"{LESSON_PATH}:2: minutes: missing. Write how long it takes, such as minutes: 12.",
        "01-first-step/img/loop.svg: is not shown anywhere.",
    ]


def test_broken_facts_and_pictures_are_told_once(write_pack: WritePack) -> None:
    told = problems(write_pack({"facts.yaml": "- key: 1\n", "01-first-step/img/loop.svg": "x"}))

    assert {one.partition(":")[0] for one in told} == {
        "facts.yaml",
        "01-first-step/img/loop.svg",
    }
