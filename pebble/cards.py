"""The model card: written from what was measured, never by hand."""

from collections.abc import Iterable, Mapping
from typing import Any

from pebble.members import MEMBERS
from pebble.tasks.base import HELD_OUT

Result = Mapping[str, Any]

NOT_INTENDED = """\
Anything outside the labs. It knows one artificial task, no language and no facts. What it does
well or badly says nothing about the strength or the safety of any product."""


LOOKED = """\
Some settings of this recipe were chosen after looking at rows of the table below on held-out
problems: for the reasoner the scaling of its logits, for the recall model its positions and the
questions per list, for the twins the share of leaked items and where training stopped. The table
flatters the member by as much as that choice could gain."""


def card(result: Result, config: Result) -> str:
    """Write the card of one member from its `eval.json` and its `config.json`."""
    member = MEMBERS[result["member"]]
    parts = [
        f"# {member.name}",
        f"{member.purpose} Role: `{member.role}`. Trained by this project on text it generates.",
        "## Not intended for",
        NOT_INTENDED,
        "## Architecture",
        architecture(config),
        "## Data",
        data(result),
        "## Training",
        training(result["training"]),
        LOOKED,
        "## Abilities",
        abilities(result["rows"]),
        *findings(result["findings"]),
        "## Known failures",
        failures(result["samples"]),
        "## Fixed prompt, greedy text",
        greedy(result["greedy"]),
        "## Bias and licence",
        "The task has no people and no words. Text, code and weights are this project's own (MIT).",
        "## Files",
        files(result),
        "## Rebuild",
        f"`python -m pebble train {member.name}`, then `python -m pebble evaluate {member.name}`.",
    ]
    return "\n\n".join(parts) + "\n"


def architecture(config: Result) -> str:
    return (
        f"Llama, {config['parameters']:,} parameters: {config['num_hidden_layers']} layers, width "
        f"{config['hidden_size']}, {config['num_attention_heads']} heads, feed-forward "
        f"{config['intermediate_size']}, {config['vocab_size']} symbols, tied embeddings, rotary "
        f"positions, context {config['max_position_embeddings']} tokens. Weights are stored in "
        "half precision and computed in float32."
    )


def data(result: Result) -> str:
    task = MEMBERS[result["member"]].task
    about = type(task).__module__
    return (
        f"Generator `{about}`, version {result['corpus_version']}; sha256 of 1,000 training "
        f"documents `{result['corpus_sha256']}`. Held out by a hash of the content: "
        f"{100 * HELD_OUT:.0f} % of all problems. All rows below ask held-out problems."
    )


def training(record: Result) -> str:
    recipe, progress = record["recipe"], record["progress"]
    lines = [
        f"{progress['step']:,} steps of {recipe['batch']} documents, {progress['tokens']:,} "
        f"tokens; AdamW, highest rate {recipe['rate']}, {recipe['warm_up']} steps of warm-up, "
        f"cosine to 0 over {recipe['steps']:,} steps, weight decay {recipe['decay']}, seed "
        f"{recipe['seed']}. Ended: {progress['ended']}.",
        f"{progress['seconds']:.0f} s on the clock, {progress['cpu_seconds']:.0f} s of CPU, on "
        f"{record['hardware']}. Energy: not measured.",
    ]
    if recipe["look_back"]:
        heads = ", ".join(map(str, recipe["look_back"]))
        lines.append(f"The first heads began by looking {heads} tokens back (`pebble/start.py`).")
    if recipe["find_again"]:
        lines.append("The second layer began by looking for an earlier pair of the same symbols.")
    if recipe["soften"] != 1:
        lines.append(
            f"After training all logits were scaled by {recipe['soften']}, so that temperatures up "
            "to 2 show doubt. Greedy text does not change."
        )
    return "\n".join(lines)


def abilities(rows: Iterable[Result]) -> str:
    """Draw the table. A missed target is called missed."""
    lines = [
        "Shares with Wilson 95 % intervals. A target with one bound is met when the interval's end "
        "reaches it. `distinct`: different problems among the n, where fewer exist.",
        "",
        "| Ability | Share | 95 % | k of n | Distinct | Target | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        verdict = {True: "met", False: "**missed**", None: "reported"}[row["met"]]
        share, target = f"{row['share']:.3f}", row["target"] or "none"
        interval = f"{row['low']:.3f} to {row['high']:.3f}"
        counts = f"{row['k']} of {row['n']} | {row['distinct']}"
        lines.append(
            f"| {row['ability']} | {share} | {interval} | {counts} | {target} | {verdict} |"
        )
    return "\n".join(lines)


def findings(found: Iterable[Result]) -> list[str]:
    return [
        f"{one['text']}: {one['found']}. Target: {one['target']}: "
        f"{'met' if one['met'] else '**missed**'}."
        for one in found
    ]


def failures(samples: Iterable[Result]) -> str:
    """Show failures unedited, or say that there were none."""
    blocks = [
        f"```\n{one['prompt']}\nwanted: {one['wanted']}\ngiven:  {one['given']}\n```"
        for one in samples
    ]
    none = "None among the first 100 problems of the hardest row."
    return "\n\n".join(
        ["First failures of its hardest row, unedited.", *blocks] if blocks else [none]
    )


def greedy(fixed: Result) -> str:
    return (
        f"`generate(max_new_tokens={fixed['max_new_tokens']}, do_sample=False)`\n\n"
        f"```\nprompt: {fixed['prompt']}\ntext:   {fixed['text']}\n```"
    )


def files(result: Result) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return f"`model.safetensors` sha256 `{result['checkpoint_sha256']}`. Made with {versions}."
