import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings

from authoring.models import Asset, Publication
from authoring.publish import Broken, publish
from authoring.publish.publishing import Press
from authoring.reader import read_folder
from authoring.services import publish_pack
from labs.models import Calibration
from roadmap.models import Activity, LabVersion, LessonVersion, Question, QuestionVersion, Step
from roadmap.models.keys import AnswerKey, LabKey
from roadmap.registry import draw_variant
from roadmap.scoring import credit
from tests.authoring.conftest import LESSON, PACK, QUIZ, STEP, WritePack
from tests.authoring.test_validator import LAB, SEEDED

pytestmark = pytest.mark.django_db
LESSON_PATH = "01-first-step/01-first-lesson.lesson.md"
QUIZ_PATH = "01-first-step/02-first-quiz.quiz.yaml"
LAB_PATH = "01-first-step/03-first-lab.lab.yaml"
SHIPPED = Path(settings.BASE_DIR) / "content" / "cairn"


def dump() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the site."""
    return {
        model._meta.db_table: sorted(model._default_manager.values_list(), key=repr)
        for model in apps.get_models(include_auto_created=True)
    }


def publish_folder(folder: Path, **words: str) -> Publication | None:
    return publish_pack(path=folder, **words)


def question(key: str) -> tuple[QuestionVersion, AnswerKey]:
    version = Question.objects.get(key=key).live
    assert version is not None
    return version, AnswerKey.objects.get(version=version)


def test_the_dump_sees_every_row_that_publishing_writes(write_pack: WritePack) -> None:
    before = dump()

    publish_folder(write_pack({LAB_PATH: LAB}))

    after = dump()
    changed = {name for name in after if after[name] != before[name]}
    assert len(changed) == 10


def test_a_pack_becomes_steps_activities_versions_and_keys(write_pack: WritePack) -> None:
    publication = publish_folder(write_pack({LAB_PATH: LAB}), by="Ada", note="First.")

    assert publication is not None
    assert (publication.by, publication.note, publication.pack) == ("Ada", "First.", "small")
    step = Step.objects.get(key="first-step")
    assert (step.pack, step.position, step.is_complete) == ("small", 1, True)
    assert [(one.key, one.kind) for one in step.activities.order_by("position")] == [
        ("first-lesson", "lesson"),
        ("first-quiz", "quiz"),
        ("first-lab", "lab"),
    ]
    lab = Activity.objects.get(key="first-lab").live_lab
    assert lab is not None
    assert lab.exercise == "bill-shock"
    assert lab.html["brief"] == "Cut the text."
    assert LabKey.objects.get(version=lab).hidden == {}
    assert Activity.objects.get(key="first-quiz").policy["draw"] == 2


def test_a_lesson_is_stored_as_blocks_with_its_check(write_pack: WritePack) -> None:
    publish_folder(write_pack())

    lesson = Activity.objects.get(key="first-lesson").live_lesson
    assert lesson is not None
    assert [next(iter(block)) for block in lesson.html] == ["html", "check", "html"]
    assert lesson.html[1] == {"check": "which-one"}
    assert "131,072 bytes" in lesson.html[0]["html"]
    asset = Asset.objects.get()
    assert f'src="/assets/{asset.sha256}/"' in lesson.html[0]["html"]
    assert lesson.content["toc"][0]["id"] == "s-a-worked-example"
    assert lesson.content["sources"][0]["read"] == "2026-11"
    assert Question.objects.get(key="which-one").activity.key == "first-lesson"


def test_the_key_is_beside_the_version_and_never_in_it(write_pack: WritePack) -> None:
    publish_folder(write_pack())

    version, key = question("one")
    assert version.content["options"] == [
        {"id": "a", "text": "a piece"},
        {"id": "b", "text": "a word"},
    ]
    shown = json.dumps([version.content, version.html])
    assert "right" not in shown
    assert "Words may be cut" not in shown
    assert "2000" not in json.dumps(question("two")[0].content)
    assert key.key == {"right": ["a"]}
    assert key.explanations == {
        "right": "Pieces are tokens.",
        "options": {"a": "It is a piece.", "b": "Words may be cut."},
        "traps": [],
        "misconceptions": {"b": "first-step:token-is-word"},
        "remedies": {
            "first-step:token-is-word": {
                "title": "The first lesson",
                "url_name": "roadmap:lesson-detail",
                "key": "first-lesson",
            }
        },
    }


OTHERS = """\
  - {id: q-order, type: order, lesson: first-lesson, prompt: P, why_right: W, order: [b, a],
     items: [{id: a, text: A}, {id: b, text: B}]}
  - {id: q-match, type: match, lesson: first-lesson, prompt: P, why_right: W,
     left: [{id: a, text: A}, {id: b, text: B}], right: [{id: a, text: X}, {id: b, text: Y}],
     pairs: {a: b, b: a}, why: {a: WA, b: WB}}
  - {id: q-cloze, type: cloze, lesson: first-lesson, prompt: "A [[1]].", why_right: W,
     blanks: [{id: 1, accept: [one, uno], why: WB}]}
  - {id: q-predict, type: predict, lesson: first-lesson, prompt: P, why_right: W, accept: [ab],
     traps: [{value: ba, why: WT, misconception: token-is-word}]}
  - {id: q-mark, type: mark, lesson: first-lesson, prompt: P, why_right: W,
     tokens: [to, ken], accept: [1], why: {0: W0}}
  - {id: q-many, type: multiple, lesson: first-lesson, prompt: P, why_right: W, options: [
     {id: a, text: A, right: true, why: W}, {id: b, text: B, right: true, why: W}]}
"""
RIGHT: dict[str, dict[str, Any]] = {
    "one": {"choice": "a"},
    "two": {"value": 2000},
    "q-order": {"order": ["b", "a"]},
    "q-match": {"pairs": {"a": "b", "b": "a"}},
    "q-cloze": {"blanks": {"1": "Uno"}},
    "q-predict": {"text": "ab "},
    "q-mark": {"tokens": [1]},
    "q-many": {"choices": ["a", "b"]},
}


def test_every_type_of_question_is_stored_so_that_it_can_be_graded(write_pack: WritePack) -> None:
    publish_folder(write_pack({QUIZ_PATH: QUIZ + OTHERS}))

    for name, payload in RIGHT.items():
        version, key = question(name)
        kind = version.content["type"]
        assert credit(kind, version.content, key.key, payload, {}) == 1, name
    assert question("q-match")[0].html["options"]["left:a"] == "A"
    assert question("q-match")[0].html["options"]["right:a"] == "X"
    assert question("q-mark")[1].explanations["options"] == {"0": "W0"}
    assert question("q-cloze")[1].explanations["options"] == {"1": "WB"}
    assert question("q-predict")[1].key["traps"][0]["misconception"] == "first-step:token-is-word"


def test_a_seeded_question_names_its_generator_and_keeps_no_answer(write_pack: WritePack) -> None:
    publish_folder(write_pack({QUIZ_PATH: QUIZ + SEEDED}))

    version, key = question("three")
    seeded = version.content["seeded"]
    variant = draw_variant(seeded["generator"], seeded["args"], 7).model_dump()
    assert key.key["seeded"] is True
    assert credit("numeric", version.content, key.key, {"value": variant["answer"]}, variant) == 1


def test_publishing_twice_changes_nothing(write_pack: WritePack) -> None:
    folder = write_pack({LAB_PATH: LAB, QUIZ_PATH: QUIZ + OTHERS + SEEDED})
    publish_folder(folder)
    before = dump()

    assert publish_folder(folder) is None
    assert dump() == before


def test_an_edited_lesson_gets_a_new_version_and_the_old_one_stays(write_pack: WritePack) -> None:
    publish_folder(write_pack())
    old = Activity.objects.get(key="first-lesson").live_lesson

    publication = publish_folder(write_pack({LESSON_PATH: LESSON + "One more line.\n"}))

    assert publication is not None
    assert publication.moved == {"moved": ["first-lesson"]}
    assert LessonVersion.objects.count() == 2
    assert Activity.objects.get(key="first-lesson").live_lesson != old


def test_going_back_finds_the_old_versions_again(write_pack: WritePack) -> None:
    publish_folder(write_pack())
    old = Activity.objects.get(key="first-lesson").live_lesson
    publish_folder(write_pack({LESSON_PATH: LESSON + "One more line.\n"}))

    publish_folder(write_pack())

    assert Activity.objects.get(key="first-lesson").live_lesson == old
    assert LessonVersion.objects.count() == 2


def test_a_corrected_key_or_explanation_is_a_new_version(write_pack: WritePack) -> None:
    publish_folder(write_pack())

    publish_folder(write_pack({QUIZ_PATH: QUIZ.replace("answer: 2000", "answer: 2001")}))
    publish_folder(write_pack({QUIZ_PATH: QUIZ.replace("Words may be cut", "Words can be cut")}))

    assert QuestionVersion.objects.filter(question__key="two").count() == 2
    assert QuestionVersion.objects.filter(question__key="one").count() == 2
    assert AnswerKey.objects.count() == QuestionVersion.objects.count()


def test_a_changed_fact_reaches_the_texts_that_show_it(write_pack: WritePack) -> None:
    publish_folder(write_pack())
    facts = "- {key: kv.bytes, value: 1, text: one byte, kind: computed, check: kv}\n"

    publication = publish_folder(write_pack({"facts.yaml": facts}))

    assert publication is not None
    assert publication.moved == {"moved": ["first-lesson"]}
    lesson = Activity.objects.get(key="first-lesson").live_lesson
    assert lesson is not None
    assert "one byte" in lesson.html[0]["html"]


def test_a_new_pipeline_renders_again_without_new_versions(write_pack: WritePack) -> None:
    folder = write_pack()
    publish_folder(folder)
    QuestionVersion.objects.filter(question__key="one").update(html={"prompt": "<old>"})
    LessonVersion.objects.update(html=[])
    versions = QuestionVersion.objects.count()

    publication = publish_folder(folder)

    assert publication is not None
    assert publication.moved == {"rendered": ["first-lesson", "first-quiz/one"]}
    assert QuestionVersion.objects.count() == versions
    assert question("one")[0].html["prompt"] == "Which is a token?"


def test_what_left_the_pack_is_retired_and_can_come_back(write_pack: WritePack) -> None:
    publish_folder(write_pack({LAB_PATH: LAB}))
    shorter = QUIZ[: QUIZ.index("  - id: two")].replace("draw: 2", "draw: 1")

    publish_folder(write_pack({QUIZ_PATH: shorter}, name="later"))

    assert Activity.objects.get(key="first-lab").retired_at is not None
    assert Question.objects.get(key="two").retired_at is not None
    assert LabVersion.objects.count() == 1
    publish_folder(write_pack({LAB_PATH: LAB}))
    assert Activity.objects.get(key="first-lab").retired_at is None
    assert Question.objects.get(key="two").retired_at is None


def test_another_pack_is_not_touched(write_pack: WritePack) -> None:
    publish_folder(write_pack())
    other = {
        "pack.yaml": PACK.replace("slug: small", "slug: acme"),
        "09-theirs/step.yaml": "title: Theirs\npromise: You can.\n",
        **dict.fromkeys([LESSON_PATH, QUIZ_PATH, "01-first-step/step.yaml"]),
        "01-first-step/img/loop.svg": None,
    }

    publish_folder(write_pack(other, name="acme"))

    assert Activity.objects.filter(retired_at=None).count() == 2
    assert set(Step.objects.live().values_list("key", "pack")) == {
        ("first-step", "small"),
        ("theirs", "acme"),
    }


def test_the_key_of_another_pack_stops_everything(write_pack: WritePack) -> None:
    publish_folder(write_pack())
    before = dump()

    with pytest.raises(Broken, match="belongs to the pack 'small'"):
        publish_folder(write_pack({"pack.yaml": PACK.replace("small", "acme")}, name="acme"))

    assert dump() == before


def test_an_activity_keeps_its_row_when_it_moves_to_another_step(write_pack: WritePack) -> None:
    publish_folder(write_pack())
    row = Activity.objects.get(key="first-lesson")
    moved = {
        LESSON_PATH: None,
        "02-next/step.yaml": STEP.replace("complete: true\n", "needs: [first-step]\n"),
        "02-next/07-first-lesson.lesson.md": LESSON,
        "02-next/img/loop.svg": (SHIPPED / "01-fundamentals/img/one-draw.svg").read_bytes(),
    }

    publish_folder(write_pack(moved, name="later"))

    row.refresh_from_db()
    assert (row.step.key, row.position, row.retired_at) == ("next", 7, None)
    assert [step.key for step in row.step.needs.all()] == ["first-step"]


def test_changed_needs_are_told_for_old_steps_only(write_pack: WritePack) -> None:
    other = "title: T\npromise: P\nneeds: [first-step]\n"

    first = publish_folder(write_pack({"02-other/step.yaml": other}))
    second = publish_folder(write_pack({"02-other/step.yaml": other.replace("needs", "#")}))

    assert first is not None
    assert second is not None
    assert "changed" not in first.moved
    assert second.moved == {"changed": ["other"]}
    assert not Step.objects.get(key="other").needs.exists()


def test_calibrations_of_the_pack_are_stored_once(write_pack: WritePack) -> None:
    record = '{"sources": {"tekken": "ab"}, "values": {"counts": [1, 2]}}'
    folder = write_pack({"calibrations/token-surgeon.json": record})

    publish_folder(folder)
    publish_folder(folder)

    stored = Calibration.objects.get()
    assert (stored.exercise, stored.values) == ("token-surgeon", {"counts": [1, 2]})


BROKEN = {
    "no pack file": {"pack.yaml": None},
    "a quiz that is no YAML": {QUIZ_PATH: "a: [b"},
    "an unknown fact": {LESSON_PATH: LESSON + "{{ fact:gone }}"},
    "an unknown exercise": {LAB_PATH: LAB.replace("bill-shock", "gone")},
    "a hostile picture": {"01-first-step/img/loop.svg": "<svg onload='x'/>"},
    "a stray file": {"notes.txt": "x"},
    "an alias": {QUIZ_PATH: QUIZ + "x: &a b\ny: *a\n"},
    "bad bytes": {LESSON_PATH: b"\xff\xfe"},
    "two right": {QUIZ_PATH: QUIZ.replace("text: a word", "text: a word\n        right: true")},
    "a missing step": {"01-first-step/step.yaml": None},
    "an empty step": {"02-b/step.yaml": ""},
    "a circle": {"01-first-step/step.yaml": STEP + "needs: [first-step]\n"},
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("is_first", [True, False])
def test_a_broken_pack_changes_nothing_at_all(
    write_pack: WritePack, name: str, *, is_first: bool
) -> None:
    if not is_first:
        publish_folder(write_pack(name="before"))
    before = dump()

    with pytest.raises(Broken) as caught:
        publish_folder(write_pack(BROKEN[name]))

    assert caught.value.problems
    assert dump() == before


def test_a_pack_that_was_read_in_part_is_refused(write_pack: WritePack) -> None:
    outcome = read_folder(write_pack({QUIZ_PATH: "a: [b"}))
    assert outcome.pack is not None

    with pytest.raises(Broken, match="first-quiz: could not be read"):
        publish(pack=outcome.pack)


@pytest.mark.parametrize("moment", ["assets", "step", "needs", "lesson", "question", "retire"])
def test_a_crash_at_any_moment_leaves_the_old_content(
    write_pack: WritePack, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    publish_folder(write_pack())
    before = dump()
    real = getattr(Press, moment)

    def crash(*args: Any, **kwargs: Any) -> Any:
        real(*args, **kwargs)
        raise MemoryError

    monkeypatch.setattr(Press, moment, crash)
    changes: dict[str, str | bytes | None] = {
        LESSON_PATH: LESSON.replace("A loop of", "A ring of"),
        QUIZ_PATH: QUIZ.replace("answer: 2000", "answer: 2001"),
        LAB_PATH: LAB,
        "02-next/step.yaml": "title: T\npromise: P\nneeds: [first-step]\n",
    }

    with pytest.raises(MemoryError):
        publish_folder(write_pack(changes))

    assert dump() == before


def test_the_shipped_pack_is_published_and_the_second_time_changes_nothing() -> None:
    assert publish_folder(SHIPPED) is not None
    before = dump()

    assert publish_folder(SHIPPED) is None
    assert dump() == before
    assert Step.objects.live().count() == 12
