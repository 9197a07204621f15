"""Start values: heads that look a fixed distance back, and heads that find a key again.

Copying from the context needs such heads, and finding them by chance costs most of the training
time of a small model. Training is free to change or drop them.
"""

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

CONSTANT = 0.06  # one embedding dimension is the same for every token: it carries the position
SHARPNESS = 5.0  # size of a head's query and key on that dimension, before the dot product
WRITTEN, COPIED = 0.03, 0.06  # how strongly heads write, where embeddings have size 0.02
MATCH = 3.0  # size of queries and keys that compare symbols


@torch.no_grad()
def look_back(model: LlamaForCausalLM, distances: tuple[int, ...]) -> None:
    """Let head h of layer 0 attend `distances[h]` tokens back.

    With rotary positions a constant query turned by -d and a constant key agree best at distance
    d: their product is the sum over frequencies f of cos((t - s - d) f).
    """
    config = model.config
    half = head_size(model) // 2
    frequencies = model.model.rotary_emb.inv_freq.float()  # (half,)
    model.model.embed_tokens.weight[:, 0] = CONSTANT  # of (vocab, width)
    spread = config.initializer_range
    size = (((config.hidden_size - 1) * spread**2 + CONSTANT**2) / config.hidden_size) ** 0.5
    strength = SHARPNESS / (CONSTANT / size)  # the norm layer divides by `size`
    attention = model.model.layers[0].self_attn
    for head, distance in enumerate(distances):
        low, middle, high = (head * 2 * half + offset for offset in (0, half, 2 * half))
        for projection in (attention.q_proj.weight, attention.k_proj.weight):
            projection[low:high] *= 0.1
        attention.q_proj.weight[low:middle, 0] = strength * torch.cos(distance * frequencies)
        attention.q_proj.weight[middle:high, 0] = -strength * torch.sin(distance * frequencies)
        attention.k_proj.weight[low:middle, 0] = strength


@torch.no_grad()
def find_again(model: LlamaForCausalLM, seed: int) -> None:
    """Let layer 1 look for the place where the same two symbols came before.

    Wanted: heads 0 and 1 of layer 0 that look 1 and 2 back. They write down what they see, in
    directions of their own. At the second symbol of a question, layer 1 compares that symbol with
    what stood 1 back, and what stands 1 back with what stood 2 back; it copies the value it finds.
    """
    size, dice = head_size(model), torch.Generator().manual_seed(seed)
    seen, one, two = (directions(model, dice) for _ in range(3))  # each (size, width)
    first, second = (model.model.layers[number].self_attn for number in (0, 1))
    for head, written in enumerate((one, two)):
        rows = slice(head * size, (head + 1) * size)
        first.v_proj.weight[rows] = seen
        first.o_proj.weight[:, rows] = WRITTEN * written.T
    second.q_proj.weight *= 0.1
    second.k_proj.weight *= 0.1
    half = size // 2
    slow = [*range(half // 2, half)]  # pairs of dimensions that position hardly turns
    for head in range(model.config.num_attention_heads):
        for offset, query, key in ((0, seen, one), (half, one, two)):
            places = torch.tensor([head * size + offset + place for place in slow])
            picked = torch.randperm(size, generator=dice)[: len(slow)]
            second.q_proj.weight[places] = MATCH * query[picked]
            second.k_proj.weight[places] = MATCH * key[picked]
        rows = slice(head * size, (head + 1) * size)
        copied = directions(model, dice)
        second.v_proj.weight[rows] = copied
        second.o_proj.weight[:, rows] = COPIED * copied.T


def head_size(model: LlamaForCausalLM) -> int:
    return int(model.config.hidden_size // model.config.num_attention_heads)


def directions(model: LlamaForCausalLM, dice: torch.Generator) -> Tensor:
    """Draw one head's worth of orthogonal directions, none along the constant dimension."""
    width, size = model.config.hidden_size, head_size(model)
    drawn = torch.linalg.qr(torch.randn(width - 1, size, generator=dice))[0].T
    scale: float = 0.5 * (width / size) ** 0.5
    return torch.cat([torch.zeros(size, 1), drawn], dim=1) * scale
