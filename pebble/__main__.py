"""`python -m pebble`: build the specialists, train one member, measure what there is."""

import argparse
import json
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import LlamaForCausalLM

from pebble.cards import card
from pebble.decode import Answerer, Way
from pebble.evaluate import evaluate, load, recipe_of, write
from pebble.export import export
from pebble.members import MEMBERS, Member
from pebble.train import Trainer

SHIPPED = Path(__file__).parent / "model"
WORK = Path(tempfile.gettempdir()) / "pebble"  # outside the tree
PROBED, FAR = 500, 1_000_000  # problems per look, and their first number: never those of a row
FULL = 8  # times larger batches where there is a GPU


def main(arguments: Sequence[str] | None = None) -> None:
    options = parser().parse_args(arguments)
    torch.set_num_threads(options.threads)
    for name in options.member or list(MEMBERS):
        member = chosen(MEMBERS[name], options)
        if options.command != "evaluate":
            train(member, options)
        folder = SHIPPED if options.command == "evaluate" and not options.work else work(options)
        measure(member, folder / "model" / name if folder != SHIPPED else folder / name, options)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m pebble", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    for name, text, count in (
        ("build", "train and measure all members, or those named", "*"),
        ("train", "train and measure one member", 1),
        ("evaluate", "measure the committed members, or those of a work folder", "*"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("member", nargs=count, type=known, metavar="MEMBER")
        command.add_argument("--work", type=Path, help=f"work folder (default {WORK})")
        command.add_argument("--device", default="cpu", help="cpu or cuda")
        command.add_argument("--profile", choices=("quick", "full"), default="quick")
        command.add_argument("--seed", type=int, default=1)
        command.add_argument("--threads", type=int, default=1, help="CPU threads")
        command.add_argument("--accept", action="store_true", help="write to pebble/model")
    return made


def known(name: str) -> str:
    if name not in MEMBERS:
        raise argparse.ArgumentTypeError(f"no member {name!r}. There are: {', '.join(MEMBERS)}.")
    return name


def work(options: argparse.Namespace) -> Path:
    folder: Path = options.work or WORK
    return folder


def chosen(member: Member, options: argparse.Namespace) -> Member:
    larger = FULL if options.profile == "full" else 1
    recipe = replace(member.recipe, batch=member.recipe.batch * larger)
    return replace(member, recipe=recipe, seed=options.seed)


def train(member: Member, options: argparse.Namespace) -> None:
    """Train or resume, then write the files and the record of the training."""
    say(f"{member.name}: training in {work(options) / member.name}")
    trainer = Trainer(member, work(options) / member.name, options.device)
    progress = trainer.run(lambda model: fresh_accuracy(model, member))
    say(f"{member.name}: {progress.ended}, {progress.step} steps, {progress.seconds:.0f} s")
    folder = work(options) / "model" / member.name
    export(trainer.model.cpu(), member, folder)
    device = "one CUDA GPU" if options.device != "cpu" else f"CPU threads: {options.threads}"
    record = {
        "recipe": recipe_of(member),
        "progress": {name: getattr(progress, name) for name in progress.__slots__},
        "hardware": f"{device}, {platform.machine()}",
    }
    write({"training": record}, folder)


def fresh_accuracy(model: LlamaForCausalLM, member: Member) -> float:
    """Look at sums that are neither trained on nor in any row, for stopping early on purpose."""
    knobs = {"digits": 3}
    problems = [member.task.problem("test", FAR + n, knobs) for n in range(PROBED)]
    texts = Answerer(model, member.task, Way()).texts(problems)
    model.train()
    return sum(map(member.task.check, problems, texts)) / PROBED


def measure(member: Member, folder: Path, options: argparse.Namespace) -> None:
    """Measure a folder, compare with what is committed, and write only where that was asked."""
    before = json.loads((folder / "eval.json").read_text())
    result = evaluate(member, folder) | {"training": before["training"]}
    compare(result, SHIPPED / member.name / "eval.json")
    if folder.parent == SHIPPED and not options.accept:
        return
    model = load(folder)
    config = json.loads((folder / "config.json").read_text())
    config["parameters"] = sum(parameter.numel() for parameter in model.parameters())
    write(result, folder)
    (folder / "MODEL_CARD.md").write_text(card(result, config))
    (folder / "MODEL_CARD.md").chmod(0o644)
    if options.accept and folder.parent != SHIPPED:
        shutil.copytree(folder, SHIPPED / member.name, dirs_exist_ok=True)


def compare(result: dict[str, Any], shipped: Path) -> None:
    """Print every row with a target, beside the committed one."""
    old = json.loads(shipped.read_text())["rows"] if shipped.exists() else []
    shares = {row["id"]: f"{row['share']:.3f}" for row in old}
    say(f"{result['member']} ({result['cpu_seconds']} s of CPU)")
    for row in result["rows"]:
        met = {True: "met", False: "MISSED", None: ""}[row["met"]]
        interval = f"{row['share']:.3f} [{row['low']:.3f}, {row['high']:.3f}] n={row['n']}"
        committed = shares.get(row["id"], "none")
        say(f"  {row['id']:24} {interval:32} committed {committed}  {met}")
    for one in result["findings"]:
        say(
            f"  {one['text']}: {one['found']} ({one['target']}) {'met' if one['met'] else 'MISSED'}"
        )


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
