"""Byte-level byte-pair encoding (Sennrich et al. 2016; on bytes: Radford et al. 2019).

Tokens are byte strings.  The first 256 are the single bytes; each further one joins two earlier tokens, the pair that
is most frequent side by side in the training text as it is cut so far.  A text is encoded by joining pairs, the
earliest learned first, inside each of its pieces (`pieces`); so every sequence of bytes can be encoded, and comes back.

The merges, the numbers of the tokens and the file are those of Hugging Face's `tokenizers` with ByteLevel
pre-tokenisation: equally frequent pairs in the order of their tokens' numbers, single bytes in the order of the
printable characters that stand for them in the file.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from lm.errors import LMError
from lm.files import write_file
from lm.text.pieces import pieces

Pair = tuple[int, int]


def _printable() -> dict[int, str]:
    """byte: the character that stands for it in a file (GPT-2's: itself if visible, else from U+0100 on)."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {byte: chr(byte) for byte in visible} | {byte: chr(256 + i) for i, byte in enumerate(hidden)}


SHOWN = _printable()
BYTE = {character: byte for byte, character in SHOWN.items()}
ALPHABET = [bytes([byte]) for byte in sorted(SHOWN, key=SHOWN.__getitem__)]


class BPE:
    """A tokenizer.  tokens: bytes of each number; merges: pairs of numbers in the order in which they were learned."""

    def __init__(self, tokens: list[bytes], merges: list[Pair]) -> None:
        self.tokens = tokens
        self.merges = merges
        self._cut: dict[bytes, list[int]] = {}  # pieces met before

    @cached_property
    def number(self) -> dict[bytes, int]:
        """The number of each token."""
        return {token: i for i, token in enumerate(self.tokens)}

    @cached_property
    def _rank(self) -> dict[Pair, tuple[int, int]]:
        """pair: (when it was learned, the token that it makes)."""
        return {
            (left, right): (rank, self.number[self.tokens[left] + self.tokens[right]])
            for rank, (left, right) in enumerate(self.merges)
        }

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, data: bytes | str) -> list[int]:
        """The numbers of the tokens of a text or of any bytes."""
        text = data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")
        result: list[int] = []
        for piece in pieces(text):
            key = piece.encode("utf-8", "surrogateescape")
            numbers = self._cut.get(key)
            if numbers is None:
                numbers = self._cut[key] = self._join(key)
            result += numbers
        return result

    def decode(self, numbers: Iterable[int]) -> bytes:
        """The bytes of a sequence of tokens."""
        return b"".join(self.tokens[number] for number in numbers)

    def _join(self, piece: bytes) -> list[int]:
        """The tokens of one piece."""
        numbers = [self.number[piece[i : i + 1]] for i in range(len(piece))]
        while len(numbers) > 1:
            known = [(self._rank[pair], pair) for pair in pairwise(numbers) if pair in self._rank]
            if not known:
                break
            (_, joined), pair = min(known)
            numbers = replace(numbers, pair, joined)
        return numbers

    def save(self, path: str | Path) -> None:
        """Write a `tokenizer.json` that Hugging Face's `tokenizers` reads, too."""
        shown = ["".join(SHOWN[byte] for byte in token) for token in self.tokens]
        byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
        model = {
            "type": "BPE",
            "vocab": {token: i for i, token in enumerate(shown)},
            "merges": [[shown[left], shown[right]] for left, right in self.merges],
        }
        content = {"version": "1.0", "pre_tokenizer": byte_level, "decoder": byte_level, "model": model}
        write_file(Path(path), json.dumps(content, ensure_ascii=False, indent=1).encode())

    @classmethod
    def load(cls, path: str | Path) -> BPE:
        """Read what `save` wrote, or another byte-level `tokenizer.json`.

        Raises LMError for a file that is missing or no such tokenizer.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise LMError(f"the tokenizer {path} cannot be read: {error.strerror}") from None
        except ValueError:
            raise LMError(f"{path} is no tokenizer: it is not JSON") from None
        try:
            vocabulary = sorted(content["model"]["vocab"].items(), key=lambda item: item[1])
            tokens = [bytes(BYTE[character] for character in token) for token, _ in vocabulary]
            number = dict(vocabulary)
            pairs = [m.split(" ") if isinstance(m, str) else m for m in content["model"]["merges"]]
            merges = [(number[left], number[right]) for left, right in pairs]
        except (KeyError, TypeError, ValueError):
            raise LMError(f"{path} is no byte-level BPE tokenizer: give a file that `BPE.save` wrote") from None
        if [i for _, i in vocabulary] != list(range(len(vocabulary))) or set(tokens) < set(ALPHABET):
            raise LMError(f"{path} does not number all bytes and tokens 0, 1, 2, ...: give a file of `BPE.save`")
        return cls(tokens, merges)


def replace(numbers: list[int], pair: Pair, joined: int) -> list[int]:
    """`numbers` with each occurrence of the pair, from the left, made one token."""
    result = []
    i = 0
    while i < len(numbers):
        if i + 1 < len(numbers) and (numbers[i], numbers[i + 1]) == pair:
            result.append(joined)
            i += 2
        else:
            result.append(numbers[i])
            i += 1
    return result


def train(text: str | bytes, size: int) -> BPE:
    """The tokenizer with `size` tokens, or fewer when no pair is left.

    Raises LMError for fewer than 256 tokens.
    """
    if size < len(ALPHABET):
        raise LMError(f"byte-level BPE needs at least 256 tokens, one for each byte, got {size}")
    text = text if isinstance(text, str) else text.decode("utf-8", "surrogateescape")
    counts = Counter(pieces(text))
    tokens = list(ALPHABET)
    number = {token: i for i, token in enumerate(tokens)}
    words = [[number[bytes([b])] for b in piece.encode("utf-8", "surrogateescape")] for piece in counts]
    frequency = list(counts.values())

    pairs: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)
    for word, numbers in enumerate(words):
        for pair in pairwise(numbers):
            pairs[pair] += frequency[word]
            where[pair].add(word)
    heap = [(-pairs[pair], pair) for pair in where]
    heapq.heapify(heap)

    merges: list[Pair] = []
    while len(tokens) < size and heap:
        count, pair = heapq.heappop(heap)
        if -count != pairs[pair]:
            if pairs[pair] > 0:
                heapq.heappush(heap, (-pairs[pair], pair))
            continue
        joined_bytes = tokens[pair[0]] + tokens[pair[1]]
        if joined_bytes not in number:
            number[joined_bytes] = len(tokens)
            tokens.append(joined_bytes)
        joined = number[joined_bytes]
        merges.append(pair)
        touched = set()
        for word in where.pop(pair):
            before = words[word]
            after = replace(before, pair, joined)
            for old in pairwise(before):
                pairs[old] -= frequency[word]
            for new in pairwise(after):
                pairs[new] += frequency[word]
                where[new].add(word)
                touched.add(new)
            words[word] = after
        for changed in touched:
            if joined in changed:
                heapq.heappush(heap, (-pairs[changed], changed))
    return BPE(tokens, merges)
