"""Programs about brackets: pair balance, Dyck languages, shuffled Dyck languages.

A word is in Dyck-k (Chomsky & Schuetzenberger 1963) if its k kinds of brackets are well nested, in shuffle-Dyck-k if
each kind is, without regard to the others.
"""

from __future__ import annotations

from lm.rasp.language import Expression, apply, indices, lookup, tokens, where
from lm.rasp.programs.program import Program
from lm.rasp.selectors import everything, key, query

KINDS = ("()", "[]", "{}")
up_to_here = key(indices) <= query(indices)


def steps(kinds: str) -> Expression:
    """+1 for an opening bracket of these kinds, -1 for a closing one."""
    return lookup({kind: 1 - 2 * (i % 2) for i, kind in enumerate(kinds)}, tokens, 0).named(f"step {kinds}")


def depth(kinds: str) -> Expression:
    """How many more brackets are opened than closed so far."""
    return up_to_here.sum(steps(kinds), count=indices + 1).named(f"depth {kinds}")


def never_below(kinds: str) -> Expression:
    """Whether no position has more brackets closed than opened."""
    return everything.mean(depth(kinds) < 0).named(f"share below {kinds}") == 0


def ends_at_zero(kinds: str) -> Expression:
    """Whether as many brackets are closed as opened, in the whole input."""
    return everything.mean(steps(kinds)).named(f"balance {kinds}") == 0


def shuffle_dyck(kinds: int) -> Expression:
    """Whether the whole input is in shuffle-Dyck-k."""
    fine = never_below(KINDS[0]) & ends_at_zero(KINDS[0])
    for pair in KINDS[1:kinds]:
        fine &= never_below(pair) & ends_at_zero(pair)
    return fine.named(f"shuffle-Dyck-{kinds}")


def dyck(kinds: int) -> Expression:
    """Whether the whole input is in Dyck-k.

    A closing bracket must close the last bracket that was opened at its own depth: of the earlier positions where the
    depth after an opening bracket is one more than the depth here, the last one opened it.
    """
    every = "".join(KINDS[:kinds])
    balanced = never_below(every) & ends_at_zero(every)
    if kinds == 1:
        return balanced.named("Dyck-1")
    opening = lookup({pair[0]: i for i, pair in enumerate(KINDS[:kinds])}, tokens, None).named("kind opened")
    closing = lookup({pair[1]: i for i, pair in enumerate(KINDS[:kinds])}, tokens, None).named("kind closed")
    is_opening = lookup({pair[0]: True for pair in KINDS[:kinds]}, tokens, False)
    opener = (
        key(is_opening) & (key(depth(every)) == query(depth(every)) + 1) & (key(indices) < query(indices))
    ).best(indices)
    kind_here = opener.only(opening, None).named("kind to close")
    wrong = apply(lambda to_close, closed: closed is not None and to_close != closed, kind_here, closing, label="wrong")
    return ((everything.mean(wrong) == 0) & balanced).named(f"Dyck-{kinds}")


# At each position of a prefix: T balanced, P could still become balanced, F cannot (Weiss et al. 2021, figure 6).
def prefix_state(kinds: str) -> Expression:
    so_far = depth(kinds)
    broken = up_to_here.mean(so_far < 0).named("share below so far") > 0
    return where(broken, "F", where(so_far == 0, "T", "P")).named("state")


pair_balance = up_to_here.mean(steps("()")).named("balance")

PROGRAMS = (
    Program("pair-balance", "the share of ( minus the share of ) so far", pair_balance, "(()a)", ("(", ")", "a")),
    Program("dyck-1-prefix", "T balanced, P not yet, F never", prefix_state("()"), "(())(", ("(", ")"), causal=True),
    Program("dyck-1", "whether the brackets are well nested", dyck(1), "(())", tuple("()")),
    Program("dyck-2", "the same with two kinds of brackets", dyck(2), "([])", tuple("()[]")),
    Program("dyck-3", "the same with three kinds of brackets", dyck(3), "([{}])", tuple("()[]{}")),
    Program("shuffle-dyck-2", "each of two kinds well nested by itself", shuffle_dyck(2), "([)]", tuple("()[]")),
)
