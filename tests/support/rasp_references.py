"""What each program of the library computes, in plain Python: input tokens to output values."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

KINDS = ("()", "[]", "{}")


def depth(tokens, kinds):
    """Opened minus closed, after each token."""
    depths, now = [], 0
    for token in tokens:
        now += 1 if token in kinds[::2] else -1 if token in kinds[1::2] else 0
        depths.append(now)
    return depths


def well_nested(tokens):
    stack = []
    partner = {")": "(", "]": "[", "}": "{"}
    for token in tokens:
        if token in partner:
            if not stack or stack.pop() != partner[token]:
                return False
        else:
            stack.append(token)
    return not stack


def balanced(tokens, kinds):
    depths = depth(tokens, kinds)
    return min(depths) >= 0 and depths[-1] == 0


def followed(tokens, i):
    """What followed the token at i when it occurred last before i."""
    for j in range(i, 0, -1):
        if tokens[j - 1] == tokens[i]:
            return tokens[j]
    return None


def value_of_key(tokens, i):
    """The same, strictly before i."""
    for j in range(i - 1, 0, -1):
        if tokens[j - 1] == tokens[i]:
            return tokens[j]
    return None


def slide(tokens):
    return [next((t for t in tokens[i:] if t != "<"), "_") for i in range(len(tokens))]


def align_right(tokens):
    blanks = tokens.count("_")
    return [tokens[i - blanks] if i >= blanks else "_" for i in range(len(tokens))]


def prefix_state(tokens):
    states, broken = [], False
    for now in depth(tokens, "()"):
        broken = broken or now < 0
        states.append("F" if broken else "T" if now == 0 else "P")
    return states


def sort_by_frequency(tokens):
    often = Counter(tokens)
    return [tokens[i] for i in sorted(range(len(tokens)), key=lambda i: (-often[tokens[i]], i))]


def knowledge(tokens):
    facts = {
        ("president", "2000"): "Clinton", ("president", "2004"): "Bush", ("president", "2008"): "Bush",
        ("president", "2012"): "Obama", ("president", "2016"): "Obama", ("president", "2020"): "Trump",
        ("capital", "France"): "Paris", ("capital", "Japan"): "Tokyo", ("capital", "Peru"): "Lima",
    }  # fmt: skip
    answers, relation = [], None
    for token in tokens:
        answers.append(facts.get((relation, token)))
        if token in ("president", "capital"):
            relation = token
    return answers


def everywhere(value, tokens):
    return [value] * len(tokens)


REFERENCES = {
    "length": lambda t: everywhere(len(t), t),
    "index": lambda t: list(range(len(t))),
    "count-before": lambda t: [t[:i].count(t[i]) for i in range(len(t))],
    "cumulative-sum": lambda t: [sum(map(int, t[: i + 1])) for i in range(len(t))],
    "histogram": lambda t: [t.count(x) for x in t],
    "histogram-without-begin": lambda t: [t.count(x) for x in t],
    "double-histogram": lambda t: [sum(n == t.count(x) for n in Counter(t).values()) for x in t],
    "fraction-previous": lambda t: [Fraction(t[: i + 1].count("x"), i + 1) for i in range(len(t))],
    "shift": lambda t: ["_", *t[:-1]],
    "flip": lambda t: t[::-1],
    "align-right": align_right,
    "split-left": lambda t: [x if i < t.index("+") else "_" for i, x in enumerate(t)],
    "split-right": lambda t: [x if i > t.index("+") else "_" for i, x in enumerate(t)],
    "slide": slide,
    "first": lambda t: [t.index(x) for x in t],
    "previous-occurrence": lambda t: [max((j for j in range(i) if t[j] == t[i]), default=-1) for i in range(len(t))],
    "pattern": lambda t: ["".join(t[max(0, i - 2) : i + 1]) == "abc" for i in range(len(t))],
    "induction": lambda t: [followed(t, i) for i in range(len(t))],
    "recall": lambda t: [value_of_key(t, i) if i and t[i - 1] == ">" else None for i in range(len(t))],
    "knowledge": knowledge,
    "minimum": lambda t: everywhere(min(t), t),
    "sort": sorted,
    "sort-by-frequency": sort_by_frequency,
    "pair-balance": lambda t: [Fraction(d, i + 1) for i, d in enumerate(depth(t, "()"))],
    "dyck-1-prefix": prefix_state,
    "dyck-1": lambda t: everywhere(well_nested(t), t),
    "dyck-2": lambda t: everywhere(well_nested(t), t),
    "dyck-3": lambda t: everywhere(well_nested(t), t),
    "shuffle-dyck-2": lambda t: everywhere(balanced(t, KINDS[0]) and balanced(t, KINDS[1]), t),
}
