"""The laws that papers have published: constants, errors, the range of runs behind them, and what to know.

Ranges are those of the runs that a law was fitted on; a prediction outside is an extrapolation, and `outside` says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lm.errors import LMError
from lm.scaling.kaplan import KaplanLaw
from lm.scaling.law import Law, Optimum
from lm.scaling.mixture import MixtureLaw
from lm.scaling.repeated import Decay


@dataclass(frozen=True)
class Range:
    """Smallest and largest N, D and C (FLOP) of the runs behind a law; None where the source does not say."""

    parameters: tuple[float, float] | None = None
    tokens: tuple[float, float] | None = None
    compute: tuple[float, float] | None = None

    def to_dict(self) -> dict[str, tuple[float, float] | None]:
        return {"N": self.parameters, "D": self.tokens, "C": self.compute}


@dataclass(frozen=True)
class NamedLaw:
    """A published law.  `errors` are standard errors where the source gives them."""

    name: str
    title: str
    law: Law | KaplanLaw | Decay | MixtureLaw
    source: str
    runs: Range
    note: str
    errors: dict[str, float] = field(default_factory=dict)

    @property
    def dense(self) -> Law | KaplanLaw:
        """The law in N and D alone: of Muennighoff's, that for fresh text.  Raises LMError for mixtures of experts."""
        if isinstance(self.law, Decay):
            return self.law.law
        if isinstance(self.law, MixtureLaw):
            raise LMError(f"{self.name} needs a sparsity: give --sparsity, or one of the laws for dense models")
        return self.law

    def outside(self, optimum: Optimum) -> list[str]:
        """One sentence for each of N, D and C that lies outside the runs behind the law."""
        said = []
        for symbol, unit, value, limits in (
            ("N", "parameters", optimum.parameters, self.runs.parameters),
            ("D", "tokens", optimum.tokens, self.runs.tokens),
            ("C", "FLOP", optimum.compute, self.runs.compute),
        ):
            if limits and not limits[0] <= value <= limits[1]:
                factor = value / limits[1] if value > limits[1] else limits[0] / value
                where = "above" if value > limits[1] else "below"
                said.append(
                    f"{symbol} = {value:.3g} {unit} is {factor:.3g} times {where} the runs that {self.name} was "
                    f"fitted on ({limits[0]:.3g} to {limits[1]:.3g}): an extrapolation"
                )
        return said


HOFFMANN_RUNS = Range((4.4e7, 1.6e10), (5e9, 5e11), (6e18, 3e21))

LAWS = {
    law.name: law
    for law in (
        NamedLaw(
            "kaplan-2020",
            "Kaplan et al. 2020",
            KaplanLaw(),
            "arXiv:2001.08361, equations 1.1 to 1.5, tables 2 and 6",
            Range((768, 1.5e9), (2.2e7, 2.3e10)),
            "N counts no embeddings, which are most of a small model, and all sizes had one warm-up, too long for the "
            "small ones: this puts its exponent of N_opt at 0.73 where later work finds 0.5 (Pearce & Song 2024, "
            "arXiv:2406.12907; Porian et al. 2024, arXiv:2406.19146). C is C_min; 6 N D is 1.8 C_min at 1 PF-day.",
        ),
        NamedLaw(
            "hoffmann-2022",
            "Hoffmann et al. 2022 (Chinchilla), as printed",
            Law(1.69, 406.4, 410.7, 0.34, 0.28),
            "arXiv:2203.15556, equation 10",
            HOFFMANN_RUNS,
            "The exponents are rounded: beta 0.28 for 0.2849 makes the data term 13 % larger at 1e11 tokens, which "
            "alone moves the optimum at 5.88e23 FLOP from 59 to 93 tokens a parameter.",
        ),
        NamedLaw(
            "hoffmann-2022-unrounded",
            "Hoffmann et al. 2022 (Chinchilla), unrounded",
            Law(1.6934, 406.4, 410.7, 0.3392, 0.2849),
            "the TeX source of arXiv:2203.15556, quoted in arXiv:2404.10102, section 2",
            HOFFMANN_RUNS,
            "Not the minimum of its own objective: losses were averaged instead of summed, so the minimiser stopped "
            "early (Besiroglu et al. 2024, section 4). The paper's two other methods give 20 tokens a parameter.",
        ),
        NamedLaw(
            "sardana-2024",
            "Hoffmann et al. 2022 with the digits of Sardana et al. 2024",
            Law(1.69, 406.4, 410.7, 0.336, 0.283),
            "arXiv:2401.00448, section 2",
            HOFFMANN_RUNS,
            "Hoffmann's law as the paper on the cost of inference uses it: alpha and beta with a third digit. Their "
            "own runs of up to 10,000 tokens a parameter (table 1) give smaller exponents, 0.18 and 0.24.",
        ),
        NamedLaw(
            "besiroglu-2024",
            "Besiroglu et al. 2024, replication of Chinchilla",
            Law(1.8172, 482.01, 2085.43, 0.3478, 0.3658),
            "arXiv:2404.10102, equation 3 and table 1",
            HOFFMANN_RUNS,
            "Fitted on 240 of 245 points read off Hoffmann's figure 4, to the minimum. Agrees with Hoffmann's other "
            "two methods and with 20 tokens a parameter; 80 % of its resamples give 4 to 40 at 1e26 FLOP.",
            {"E": 0.03, "A": 124.58, "B": 1293.23, "alpha": 0.02, "beta": 0.02},
        ),
        NamedLaw(
            "muennighoff-2023",
            "Muennighoff et al. 2023, repeated text",
            Decay(
                Law(1.8691436784054858, 520.8249516599187, 1487.716093782861, 0.3526596, 0.3526596),
                tokens_decay=15.387756,
                parameters_decay=5.309743,
            ),
            "arXiv:2305.16264, equations 5, 6, 16 to 20; in logs e = 0.6254804, a = 6.255414, b = 7.3049974",
            Range((7e6, 9e9), (1e8, 9e11)),
            "Text is C4. The first four passes are nearly as good as fresh text; a repetition has lost 1 - 1/e of its "
            "worth after R_D* = 15.4 of them. Runs whose loss rose again with more passes were left out of the fit.",
        ),
        NamedLaw(
            "abnar-2025",
            "Abnar et al. 2025, mixture of experts",
            MixtureLaw(),
            "arXiv:2501.12370, equation 6 and table 3",
            Range(compute=(3e19, 1e21)),
            "Total against active parameters. R^2 = 0.99 on its runs, 0.68 on runs with a sparsity of 0.98 left out.",
        ),
    )
}


@dataclass(frozen=True)
class NamedForm:
    """A published form of law whose constants belong to one recipe of training: users bring their own."""

    name: str
    title: str
    formula: str
    source: str
    runs: Range
    note: str


FORMS = (
    NamedForm(
        "lovelace-2026",
        "Lovelace et al. 2026, repeated text with a price of overfitting",
        "E + A / N^alpha + B / D^beta + P R_D^delta (N / U)^kappa",
        "arXiv:2605.01640",
        Range((1.5e7, 1e9), (5e7, 6e9)),
        "R_D = D / U - 1 repetitions of U different tokens; the range of tokens is that of U, with up to 16 passes. P "
        "depends on the recipe (a weight decay of 1 lowers it by 70 %), so none is given here: `scaling repeat "
        "--overfitting P DELTA KAPPA` takes yours.",
    ),
)

DEFAULT = "besiroglu-2024"


def named(name: str) -> NamedLaw:
    """The law of that name, or of the only name that begins so.  Raises LMError with the names to choose from."""
    if name in LAWS:
        return LAWS[name]
    begun = [known for known in LAWS if known.startswith(name)]
    if len(begun) == 1:
        return LAWS[begun[0]]
    raise LMError(f"there is no law {name}: choose one of {', '.join(begun or LAWS)}")
