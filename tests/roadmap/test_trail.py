"""Landing, about pages, the trail and its steps: what each person sees, and at what cost."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from roadmap.models import Activity, ActivityProgress, LabVersion, LessonVersion, Step
from roadmap.models.trail import Cairn, Stone, cairns_of, listed, next_for
from roadmap.templatetags.trail import percent
from roadmap.views.trail import EXAMPLE

ALL = {"lesson": 2, "quiz": 1, "lab": 1}

Build = Callable[..., Step]


@pytest.fixture
def build(db: None) -> Build:
    def step(position: int, *, counts: dict[str, int] | None = None, **fields: Any) -> Step:
        """A step with so many published activities of each kind."""
        fields = {"is_complete": True, "promise": "You can tell.", **fields}
        made = Step.objects.create(
            key=f"step-{position}",
            pack="test",
            title=f"Title {position}",
            position=position,
            **fields,
        )
        for kind, count in (counts or {}).items():
            for n in range(count):
                publish(made, kind, f"{kind}-{position}-{n}")
        return made

    return step


def publish(step: Step, kind: str, key: str, **fields: Any) -> Activity:
    place = step.activities.count() + 1
    made = Activity.objects.create(
        step=step, kind=kind, key=key, title=f"About {key}", position=place, **fields
    )
    if kind == "lesson":
        made.live_lesson = LessonVersion.objects.create(
            activity=made, digest="0" * 64, content={}, html=[]
        )
    if kind == "lab":
        made.live_lab = LabVersion.objects.create(
            activity=made, digest="0" * 64, content={}, html={}, exercise="bill-shock"
        )
    made.save()
    return made


def give(user: User, *keys: str, passed: bool = True) -> None:
    for key in keys:
        ActivityProgress.objects.create(
            user=user,
            activity=Activity.objects.get(key=key),
            score=1 if passed else 0.4,
            passed_at=now() if passed else None,
        )


def only_cairn(user: User | AnonymousUser) -> Cairn:
    [cairn] = cairns_of(user)
    return cairn


# The rule: which stones lie


def test_stones_are_laid_by_evidence(build: Build, ada: User) -> None:
    build(1, counts=ALL)
    give(ada, "lesson-1-0", "lab-1-0")
    give(ada, "quiz-1-0", passed=False)

    cairn = only_cairn(ada)

    assert [stone.state for stone in cairn.stones] == ["part", "todo", "done"]
    assert cairn.words == "1 of 3 stones: lessons and quiz left"
    assert cairn.minutes_left == 20
    assert not cairn.is_finished


def test_a_step_is_finished_when_all_its_stones_lie(build: Build, ada: User) -> None:
    build(1, counts=ALL)
    give(ada, "lesson-1-0", "lesson-1-1", "quiz-1-0", "lab-1-0")

    assert only_cairn(ada).is_finished
    assert only_cairn(ada).words == "finished"


def test_a_step_in_preparation_is_never_finished(build: Build, ada: User) -> None:
    build(1, counts={"lesson": 1}, is_complete=False)
    give(ada, "lesson-1-0")

    cairn = only_cairn(ada)

    assert not cairn.is_finished
    assert cairn.words == "1 of 1 stones: more is in preparation"


def test_optional_unpublished_and_retired_activities_do_not_count(build: Build, ada: User) -> None:
    step = build(1, counts={"lesson": 1})
    publish(step, "lab", "optional", required=False)
    publish(step, "lesson", "retired", retired_at=now())
    Activity.objects.create(step=step, kind="lesson", key="draft", title="Draft", position=9)

    cairn = only_cairn(ada)

    assert [(stone.word, stone.total) for stone in cairn.stones] == [("lessons", 1)]
    assert cairn.minutes_left == 10


def test_what_others_passed_lays_no_stone(build: Build, ada: User, grace: User) -> None:
    build(1, counts={"lesson": 1})
    give(grace, "lesson-1-0")

    assert only_cairn(ada).laid == 0
    assert only_cairn(AnonymousUser()).laid == 0


def test_the_next_thing_is_the_first_required_one_without_a_pass(build: Build, ada: User) -> None:
    first = build(1)
    build(2, counts={"lesson": 1})
    publish(first, "lesson", "extra", required=False)
    assert str(next_for(ada)) == "About lesson-2-0"

    give(ada, "lesson-2-0")
    assert next_for(ada) is None


def test_a_stone_without_anything_to_lay_it_is_not_done() -> None:
    assert Stone("labs", 0, 0).state == "todo"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_words_are_listed_as_in_a_sentence(words: list[str], sentence: str) -> None:
    assert listed(words) == sentence


@pytest.mark.parametrize(
    ("share", "words"), [(0, "0 %"), (0.001, "1 %"), (0.5, "50 %"), (0.996, "99 %"), (1, "100 %")]
)
def test_nothing_and_all_are_written_only_where_they_are_exact(share: float, words: str) -> None:
    assert percent(share) == words


# Landing and about


def test_a_visitor_sees_the_steps_and_where_they_come_from(build: Build, client: Client) -> None:
    build(1, counts=ALL)
    build(2, is_complete=False)

    page = client.get("/").content.decode()

    assert "Learn how language models behave by running one." in page
    assert "Title 1" in page
    assert "Step 2 · in preparation" in page
    assert "built from a public summary of a 12-step roadmap article" in page
    assert "<script" not in page


def test_an_empty_site_says_so(client: Client, db: None) -> None:
    assert "The trail is being laid." in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("signup", "words", "link"),
    [
        ("open", "Start the trail", True),
        ("invite", "By invitation", False),
        ("closed", "Sign-up is closed", False),
    ],
)
def test_the_landing_page_says_who_may_sign_up(
    db: None, client: Client, settings: Any, signup: str, words: str, *, link: bool
) -> None:
    settings.SIGNUP = signup

    page = client.get("/").content.decode()

    assert words in page
    assert ("/accounts/signup/" in page) is link


def test_who_is_signed_in_starts_at_the_trail(ada_client: Client) -> None:
    assert ada_client.get("/").headers["Location"] == "/trail/"


@pytest.mark.parametrize("page", ["privacy", "accessibility", "licences"])
def test_about_pages_are_public(client: Client, db: None, page: str) -> None:
    assert client.get(f"/about/{page}/").status_code == 200


def test_an_unknown_about_page_is_a_404(client: Client, db: None) -> None:
    assert client.get("/about/nothing/").status_code == 404


def test_the_example_is_what_the_tokenizer_gives() -> None:
    tekken = pytest.importorskip("mistral_common.tokens.tokenizers.tekken")
    data = pytest.importorskip("importlib.resources").files("mistral_common") / "data"
    tokenizer = tekken.Tekkenizer.from_file(str(data / "tekken_240911.json"))

    for pieces in EXAMPLE.values():
        text = "".join(pieces).replace("␣", " ")
        ids = tokenizer.encode(text, bos=False, eos=False)
        assert [tokenizer.decode([one]).replace(" ", "␣") for one in ids] == pieces


# The trail


def test_the_trail_needs_a_person(client: Client, db: None) -> None:
    assert client.get("/trail/").headers["Location"] == "/accounts/login/?next=/trail/"


def test_a_new_person_is_sent_to_the_first_lesson(build: Build, ada_client: Client) -> None:
    build(1, counts=ALL)

    page = ada_client.get("/trail/").content.decode()

    assert "Start at step 1" in page
    assert "/lessons/lesson-1-0/" in page
    assert "0 of 3 stones: lessons, quiz and labs left" in page


def test_a_person_on_the_way_continues(build: Build, ada: User, ada_client: Client) -> None:
    build(1, counts=ALL)
    give(ada, "lesson-1-0")

    page = ada_client.get("/trail/").content.decode()

    assert "Continue: <b>About lesson-1-1</b>" in page
    assert page.count("you are here") == 1


def test_a_step_in_preparation_says_what_is_coming(build: Build, ada_client: Client) -> None:
    outline = {
        "lessons": [{"title": "a"}, {"title": "b"}],
        "labs": [{"title": "c"}],
        "quiz": {"about": "d"},
    }
    build(1, is_complete=False, outline=outline)

    page = ada_client.get("/trail/").content.decode()

    assert "In preparation. Coming: 2 lessons, 1 lab and a quiz." in page


def test_an_empty_trail_says_so(ada_client: Client) -> None:
    assert "The trail is being laid." in ada_client.get("/trail/").content.decode()


def test_when_all_is_passed_the_trail_says_so(build: Build, ada: User, ada_client: Client) -> None:
    build(1, counts={"lesson": 1})
    give(ada, "lesson-1-0")

    page = ada_client.get("/trail/").content.decode()

    assert "All that is published is passed." in page
    assert "1 of 1 steps are finished" in page


@pytest.mark.parametrize("path", ["/trail/", "/steps/step-1/", "/progress/"])
def test_a_page_costs_the_same_with_more_steps(
    build: Build, ada: User, ada_client: Client, django_assert_max_num_queries: Any, path: str
) -> None:
    for position in range(1, 13):
        build(position, counts={"lesson": 3, "quiz": 1, "lab": 3})
    give(ada, "lesson-1-0", "lab-1-0", "quiz-2-0")

    with django_assert_max_num_queries(8):
        answer = ada_client.get(path)

    assert answer.status_code == 200
    assert len(gzip.compress(answer.content)) <= 16_000


def test_the_landing_page_is_light(
    build: Build, client: Client, django_assert_max_num_queries: Any
) -> None:
    for position in range(1, 13):
        build(position, counts=ALL)

    with django_assert_max_num_queries(2):
        answer = client.get("/")

    assert len(gzip.compress(answer.content)) <= 12_000


# A step


def test_a_step_needs_a_person(build: Build, client: Client) -> None:
    build(1)

    assert client.get("/steps/step-1/").status_code == 302


def test_a_step_lists_what_there_is_to_do(build: Build, ada: User, ada_client: Client) -> None:
    step = build(2, counts=ALL, goals=["Say why."])
    step.needs.add(build(1, counts={"lesson": 1}))
    give(ada, "lesson-2-0")
    give(ada, "quiz-2-0", passed=False)

    page = ada_client.get("/steps/step-2/").content.decode()

    assert "Read all 2 lessons, pass the quiz with 80 % and pass the required lab." in page
    assert "Best so far 40 %" in page
    assert "Continue: About lesson-2-1" in page
    assert "/labs/lab-2-0/" in page
    assert "Say why." in page
    assert "Step 1, Title 1" in page


def test_a_step_without_content_says_what_is_coming(build: Build, ada_client: Client) -> None:
    lessons = [{"title": "Later", "about": "<b>bold</b>"}]
    build(1, is_complete=False, outline={"note": "Soon.", "lessons": lessons})

    page = ada_client.get("/steps/step-1/").content.decode()

    assert "Nothing of this step is published yet." in page
    assert "Later" in page
    assert "&lt;b&gt;bold" in page


def test_a_draft_is_not_on_the_checklist(build: Build, ada_client: Client) -> None:
    step = build(1, counts={"lesson": 1})
    Activity.objects.create(step=step, kind="lesson", key="draft", title="A draft", position=9)

    assert "A draft" not in ada_client.get("/steps/step-1/").content.decode()


@pytest.mark.parametrize("path", ["/steps/nothing/", "/steps/step-9/"])
def test_an_unknown_or_retired_step_is_a_404(build: Build, ada_client: Client, path: str) -> None:
    build(9, retired_at=now())

    assert ada_client.get(path).status_code == 404


def test_the_rail_marks_the_step_of_the_page(build: Build, ada_client: Client) -> None:
    build(1)

    assert '<a href="/steps/step-1/" aria-current="page"' in (
        ada_client.get("/steps/step-1/").content.decode()
    )


@pytest.mark.parametrize("path", ["/", "/trail/", "/steps/step-1/", "/progress/"])
def test_pages_are_for_reading(build: Build, ada_client: Client, path: str) -> None:
    build(1)

    assert ada_client.post(path).status_code == 405
