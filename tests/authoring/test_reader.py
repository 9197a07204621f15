import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authoring.pack import QuizFile, Source, StepFile
from authoring.reader import read_folder
from authoring.reader.plain_yaml import parse
from authoring.reader.shapes import fit
from tests.authoring.conftest import FILES, LESSON, PACK, QUIZ, STEP, WritePack, png

LESSON_PATH = "01-first-step/01-first-lesson.lesson.md"
QUIZ_PATH = "01-first-step/02-first-quiz.quiz.yaml"


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in read_folder(folder).problems]


def test_a_whole_pack_is_read_without_a_word(write_pack: WritePack) -> None:
    outcome = read_folder(write_pack())

    assert outcome.problems == []
    assert outcome.pack is not None
    [step] = outcome.pack.steps
    assert [(one.key, one.kind, one.position) for one in step.activities] == [
        ("first-lesson", "lesson", 1),
        ("first-quiz", "quiz", 2),
    ]
    assert list(outcome.pack.pictures) == ["01-first-step/img/loop.svg"]
    assert outcome.pack.facts["kv.bytes"].shown == "131,072 bytes"


def test_a_missing_explanation_is_found_with_its_line(write_pack: WritePack) -> None:
    folder = write_pack({QUIZ_PATH: QUIZ.replace("        why: It is a piece.\n", "")})

    assert problems(folder) == [
        f"{QUIZ_PATH}:12: bank.0.options.0.why: missing. "
        "Every option explains itself, the right one too."
    ]


def test_two_right_options_are_found(write_pack: WritePack) -> None:
    text = QUIZ.replace("        text: a word\n", "        text: a word\n        right: true\n")

    assert problems(write_pack({QUIZ_PATH: text})) == [
        f"{QUIZ_PATH}:11: bank.0.options: two are marked right, but type is single. "
        "Write type: multiple, or mark one."
    ]


def test_a_stray_file_is_named(write_pack: WritePack) -> None:
    assert problems(write_pack({"01-first-step/notes.txt": "buy milk"})) == [
        "01-first-step/notes.txt: not a content file. Name it NN-slug.lesson.md, "
        "NN-slug.quiz.yaml or NN-slug.lab.yaml, or move it to img/."
    ]


def test_all_problems_are_told_at_once(write_pack: WritePack) -> None:
    folder = write_pack(
        {
            "pack.yaml": PACK.replace("slug: small", "slug: Small Pack"),
            "01-first-step/step.yaml": STEP.replace("title:", "titles:"),
            QUIZ_PATH: QUIZ.replace("type: numeric", "type: number"),
            LESSON_PATH: LESSON.replace("minutes: 12", "minutes: soon"),
        }
    )

    told = "\n".join(problems(folder))

    assert "pack.yaml:1: slug: 'Small Pack' has the wrong form. Use small letters" in told
    assert "step.yaml:1: titles: not a key that is known here. Did you mean title?" in told
    assert "step.yaml:1: title: missing" in told
    assert f"{QUIZ_PATH}:20: bank.1: type: no question type is called 'number'" in told
    assert f"{LESSON_PATH}:4: minutes: 'soon' is not a whole number" in told


CHANGES: list[tuple[str, str | bytes | None, str]] = [
    ("pack.yaml", None, "pack.yaml: missing"),
    ("pack.yaml", "", "is empty"),
    ("pack.yaml", "- a\n- b\n", "is not keys with values"),
    ("pack.yaml", PACK + "slug: again\n", "pack.yaml:7: slug: stands there twice, first in line 1"),
    ("pack.yaml", PACK.replace('"1"', "1"), 'Put it in quotes: "1"'),
    ("pack.yaml", PACK + "---\nslug: two\n", "a second document starts here"),
    ("pack.yaml", PACK.replace("Ada", "&who Ada, *who"), "anchor or an alias"),
    ("pack.yaml", PACK.replace("Ada", "!!python/name:os.system Ada"), "has a tag"),
    ("pack.yaml", "a: " + "[" * 30 + "]" * 30, "nested deeper than 20 levels"),
    ("pack.yaml", "? [a]\n: b\n", "a key is wanted here"),
    ("pack.yaml", "a: b: c\n", "pack.yaml:1: not YAML"),
    ("pack.yaml", "a: 'open\n", "not YAML"),
    ("pack.yaml", 'title: "a\\0b"\n', "holds a NUL"),
    ("pack.yaml", b"title: \xff\n", "pack.yaml:1: is not UTF-8 here"),
    ("pack.yaml", b"title: a\n\0", "pack.yaml:2: holds a NUL"),
    ("pack.yaml", "a: " + "x" * 1_000_001, "larger than 1,000,000 bytes"),
    ("facts.yaml", FILES["facts.yaml"] * 2, "the key 'kv.bytes' stands there twice"),
    ("01-first-step/step.yaml", None, "01-first-step/step.yaml: missing"),
    (LESSON_PATH, "## No front matter\n", "has no front matter"),
    (LESSON_PATH, LESSON + "x" * 200_000, "larger than 200,000 bytes"),
    (QUIZ_PATH, QUIZ.replace("policy: {draw: 2}", "policy: {draw: 9}"), "the bank has 2 questions"),
    (QUIZ_PATH, QUIZ.replace("draw: 2", "draw: 2, wait_minutes: 10081"), "policy.wait_minutes: "),
    (QUIZ_PATH, QUIZ.replace("id: two", "id: one"), "the id 'one' stands there twice"),
    (QUIZ_PATH, QUIZ.replace("answer: 2000", "answer: .nan"), "is not a number"),
    (QUIZ_PATH, QUIZ.replace("answer: 2000", "answer: 1e999"), "is not a number"),
    ("01-first-step/02-other.lab.yaml", "title: x\n", "has the same number as"),
    ("01-first-step/01-First.lesson.md", LESSON, "not a content file"),
    ("01-first-step/more/a.md", "x", "is too deep"),
    ("01-first-step/img/deep/a.svg", "x", "is too deep"),
    ("01-first-step/img/photo.jpg", b"\xff\xd8", "not a picture"),
    ("01-first-step/img/Photo.png", png(), "not a picture"),
    ("01-first-step/img/a.png", b"GIF89a", "img/a.png: is named .png but is none"),
    ("01-first-step/img/a.svg", "<svg", "is not SVG that can be read"),
    ("first/01-a.lesson.md", "x", "is in first/, which is no step"),
    ("notes.md", "x", "not a file of a pack"),
    (".DS_Store", "x", "is hidden"),
    ("calibrations/a.json", "{", "is not JSON"),
    ("calibrations/a.json", "[" * 100_000, "is not JSON"),
    ("calibrations/a.json", '{"values": {"a": NaN}}', "NaN is no number"),
    ("calibrations/a.json", '{"values": {"a": -Infinity}}', "-Infinity is no number"),
    ("calibrations/a.json", '{"values": {"a": "\\ud800"}}', "surrogates not allowed"),
    ("calibrations/a.json", '{"values": {"a": "\\u0000"}}', "holds a NUL"),
    ("calibrations/a.json", '{"values": {}}', "sources: missing"),
    ("calibrations/a.txt", "x", "not a calibration"),
]


@pytest.mark.parametrize(("path", "content", "text"), CHANGES)
def test_a_broken_file_is_a_problem(
    write_pack: WritePack, path: str, content: str | bytes | None, text: str
) -> None:
    assert text in "\n".join(problems(write_pack({path: content})))


def test_a_missing_folder_is_a_problem(tmp_path: Path) -> None:
    assert problems(tmp_path / "gone") == ["gone: is not a folder. Name the folder of a pack."]


def test_links_are_not_followed(write_pack: WritePack, tmp_path: Path) -> None:
    folder = write_pack()
    secret = tmp_path / "secret.svg"
    secret.write_text("<svg/>")
    (folder / "01-first-step" / "img" / "link.svg").symlink_to(secret)
    (folder / "02-linked").symlink_to(folder / "01-first-step")

    assert problems(folder) == [
        "01-first-step/img/link.svg: is a link. Put the file itself there.",
        "02-linked: is a link. Put the file itself there.",
    ]


def test_pipes_and_sockets_are_not_opened(write_pack: WritePack) -> None:
    folder = write_pack()
    os.mkfifo(folder / "01-first-step" / "01-pipe.lesson.md")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "s"))

        told = problems(folder)

    assert [one.partition(": ")[0] for one in told] == ["01-first-step/01-pipe.lesson.md", "s"]


def test_a_file_that_cannot_be_read_is_a_problem(
    write_pack: WritePack, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_pack()
    opened = Path.open

    def refuse(self: Path, *args: Any, **kwargs: Any) -> Any:
        if self.name == "facts.yaml":
            raise PermissionError(13, "Permission denied")
        return opened(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)

    assert problems(folder) == [
        "facts.yaml: cannot be read: Permission denied. Check its permissions."
    ]


def test_names_that_differ_in_accents_only_are_refused(write_pack: WritePack) -> None:
    told = problems(write_pack({"n\u00e9": "x", "ne\u0301": "x", "Ne\u0301": "x"}))

    assert sum("in case or accents only" in one for one in told) == 2


def test_odd_names_are_shown_escaped(write_pack: WritePack) -> None:
    folder = write_pack()
    (folder / "a\nb\x1b[31m").write_text("x")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text("x")

    told = problems(folder)

    assert [one.partition(": ")[0] for one in told] == ["\\udcff", "a\\nb\\x1b[31m"]
    "\n".join(told).encode()


def test_two_thousand_files_are_enough(write_pack: WritePack) -> None:
    folder = write_pack()
    for number in range(2_001):
        (folder / "01-first-step" / "img" / f"p{number}.svg").touch()

    assert "is file number 2,001" in "\n".join(problems(folder))


def test_unquoted_words_mean_what_they_say() -> None:
    text = "- yes\n- no\n- true\n- null\n- 2026-11\n- 2026-11-23\n"
    text += "- 1_000\n- 0o7\n- 007\n- '3'\n- 1.5\n"

    parsed = parse(text, "a.yaml")

    assert parsed.data == [
        "yes", "no", True, None, "2026-11", "2026-11-23", "1_000", "0o7", 7, "3", 1.5,
    ]  # fmt: skip


def test_every_field_knows_its_line() -> None:
    parsed = parse("a: 1\nb:\n  - c: 2\n\n    d: [3,\n 4]\n", "a.yaml", first_line=11)

    assert parsed.lines == {
        "": 11, "a": 11, "b": 12, "b.0": 13, "b.0.c": 13, "b.0.d": 15, "b.0.d.0": 15, "b.0.d.1": 16,
    }  # fmt: skip


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=12,
)
KEYS = sorted(QuizFile.model_fields) + sorted(StepFile.model_fields) + ["id", "type", "options"]
near = st.dictionaries(st.sampled_from(KEYS), values | st.lists(st.fixed_dictionaries({
    "type": st.sampled_from(["single", "numeric", "order", "match", "cloze", "mark", "predict"]),
    "prompt": values, "order": values, "items": values, "options": values, "answer": values,
}), max_size=3))  # fmt: skip


@given(values | near)
@settings(max_examples=200, deadline=None)
def test_any_data_fits_or_is_explained(data: Any) -> None:
    for shape in (QuizFile, StepFile):
        value, told = fit(shape, data, Source("a.yaml"))

        assert (value is None) == bool(told)


@given(st.text() | st.text(alphabet="[]{}:,-&*!|>'\"%@`#? \n\tab0", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_explained(text: str) -> None:
    parsed = parse(text.replace("\ud800", ""), "a.yaml")

    assert isinstance(parsed.problems, list)


@given(
    st.binary(max_size=80) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace"))
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_bytes_in_any_file_are_problems(write_pack: WritePack, data: bytes) -> None:
    paths = [*FILES, "calibrations/a.json", "01-first-step/img/b.png"]

    outcome = read_folder(write_pack(dict.fromkeys(paths, data)))

    assert outcome.pack is None
    assert len(outcome.problems) >= 3
