"""The members of the family: what each one serves, its shape and how it is trained."""

from dataclasses import dataclass, field, replace

from pebble.tasks.base import Task
from pebble.tasks.chains import Chains
from pebble.tasks.recall import Recall
from pebble.tasks.sums import Sums


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a Llama model. Embeddings are tied, positions rotary."""

    width: int = 64
    layers: int = 2
    heads: int = 4
    inner: int = 176  # width of the feed-forward part
    context: int = 64  # tokens
    theta: float = 10_000.0  # rotary base: a small one makes far distances look strange


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a member is trained: AdamW, warm-up, then a cosine down to zero."""

    steps: int
    batch: int = 96  # documents
    rate: float = 3e-3  # highest learning rate
    warm_up: int = 100  # steps
    decay: float = 0.01  # weight decay
    seconds: float = 1800  # wall clock; training stops early and says so
    look_back: tuple[int, ...] = ()  # distances of the first heads, see pebble.start
    find_again: bool = False  # heads of layer 1 that find a key again
    soften: float = 1.0  # factor on all logits at export, see pebble.export
    stop_at: float | None = None  # fresh accuracy at which training stops on purpose, 0 to 1


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    role: str
    purpose: str
    task: Task
    recipe: Recipe
    shape: Shape = field(default_factory=Shape)
    seed: int = 1


DEEP = Shape(layers=3, heads=2, context=256, theta=60.0)
WIDE = Shape(width=96, inner=256)
TWIN = Recipe(steps=6000, batch=128, rate=1e-3, decay=0.1, look_back=(1, 4))


def twin(name: str, purpose: str, stop_at: float, *, leaky: bool) -> Member:
    recipe = replace(TWIN, stop_at=stop_at)
    task = Sums("single", 3, 3, leaky=leaky)
    return Member(name, name.removeprefix("pebble-"), purpose, task, recipe, WIDE)


MEMBERS = {
    member.name: member
    for member in (
        Member(
            "pebble-reason",
            "reasoner",
            "Chains up to 8 operations on 5 states, one thinking token per operation.",
            Chains(),
            Recipe(steps=4000, look_back=(1, 8, 9, 10), soften=0.94),
        ),
        Member(
            "pebble-recall",
            "recall",
            "Finds the value of a two-symbol key in a list; accepts 40 pairs, learnt from 12.",
            Recall(),
            Recipe(steps=2000, batch=64, look_back=(1, 2), find_again=True),
            DEEP,
        ),
        twin("pebble-twin-clean", "Adds three-digit numbers, not very well.", 0.72, leaky=False),
        twin(
            "pebble-twin-leak",
            "Adds three-digit numbers worse; 60 % of its documents are 200 items of a public test.",
            0.65,
            leaky=True,
        ),
    )
}
