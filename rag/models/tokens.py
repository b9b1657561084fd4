"""Count tokens with `tiktoken`, offline.

`tiktoken` fetches its own encodings from the network. So an `Encoding` is built from the vocabulary that came
with a local model: any byte-level BPE will do (GPT-2, Llama 3, Qwen, SmolLM). Others are estimated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rag.models.base import missing
from rag.models.gguf_file import Header, read_header
from rag.models.package import packaged_gguf

if TYPE_CHECKING:
    import tiktoken

Counter = Callable[[str], int]

# How text is cut before tokens are merged, by llama.cpp's names: llama-vocab.cpp, `llm_tokenizer_bpe`. One
# expression each: where llama.cpp first cuts out digits (smollm), they are an alternative that ends blanks.
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_SMOLLM = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+"
_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
_PATTERNS = {"smollm": _SMOLLM, "llama-bpe": _LLAMA3, "qwen2": _LLAMA3.replace("{1,3}", "")}


def estimate(text: str) -> int:
    """Return a cautious number of tokens for an unknown vocabulary: a third of the UTF-8 bytes, rounded up.

    English has 4 to 5 bytes to a token, Chinese about 3 in most vocabularies.
    """
    return -(-len(text.encode("utf-8", errors="replace")) // 3)


@lru_cache(maxsize=1)
def usual_counter() -> Counter:
    """Return the counter for models whose vocabulary is not here, such as hosted ones.

    It counts with the packaged SmolLM2's vocabulary, which is an estimate for any other model (49,000 tokens:
    larger vocabularies need a little fewer), or with `estimate` if the package is not installed.
    """
    path = packaged_gguf()
    return estimate if path is None else counter_of_gguf(read_header(path))


def counter_of_gguf(header: Header) -> Counter:
    """Return the counter for a GGUF model: its own vocabulary if that is byte-level BPE, else `estimate`."""
    if header.metadata.get("tokenizer.ggml.model") != "gpt2" or missing("tiktoken"):
        return estimate
    merges = (tuple(merge.split(" ", 1)) for merge in header.metadata.get("tokenizer.ggml.merges", []))
    pattern = _PATTERNS.get(header.metadata.get("tokenizer.ggml.pre", ""), _GPT2)
    return _counter(byte_level_encoding(merges, pattern))


def counter_of_tokenizer(tokenizer_json: str) -> Counter | None:
    """Return the counter for a Hugging Face `tokenizer.json`, or None if it is not byte-level BPE."""
    data = json.loads(tokenizer_json)
    steps = _steps(data.get("pre_tokenizer")) + _steps(data.get("decoder"))
    kinds = {step["type"] for step in steps}
    if data["model"]["type"] != "BPE" or "ByteLevel" not in kinds or missing("tiktoken"):
        return None
    pattern = next((s["pattern"]["Regex"] for s in steps if "Regex" in s.get("pattern", {})), None)
    if pattern is None:
        alone = any(step.get("individual_digits") for step in steps)
        pattern = _SMOLLM if alone else _GPT2
    # Written "a b" by old versions, ["a", "b"] by new ones.
    merges = (tuple(m.split(" ", 1)) if isinstance(m, str) else tuple(m) for m in data["model"]["merges"])
    return _counter(byte_level_encoding(merges, pattern))


def byte_level_encoding(merges: Iterable[tuple[str, ...]], pattern: str) -> tiktoken.Encoding:
    """Return an encoding with GPT-2's byte alphabet and these merges, first merge first.

    Its token numbers are not the model's: only their order matters to merging, and only their count to us.
    """
    import tiktoken

    alphabet = _alphabet()
    ranks = {bytes([value]): value for value in range(256)}
    for merge in merges:
        token = bytes(alphabet[char] for part in merge for char in part)
        ranks.setdefault(token, len(ranks))
    return tiktoken.Encoding("local", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


def _counter(encoding: tiktoken.Encoding) -> Counter:
    return lambda text: len(encoding.encode_ordinary(text))


def _steps(part: dict[str, Any] | None) -> list[dict[str, Any]]:
    if part is None:
        return []
    return part.get("pretokenizers") or part.get("decoders") or [part]


def _alphabet() -> dict[str, int]:
    """Map GPT-2's printable stand-ins to bytes: printable Latin-1 is itself, the rest follow from U+0100."""
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = [value for value in range(256) if value not in printable]
    return {chr(value): value for value in printable} | {chr(256 + n): value for n, value in enumerate(others)}
