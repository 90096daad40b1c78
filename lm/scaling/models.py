"""Known models: parameters, tokens, compute, each with its source, and why 6 N D differs from what was quoted."""

from __future__ import annotations

from dataclasses import dataclass

from lm.scaling.law import Law, Optimum


@dataclass(frozen=True)
class Model:
    """N parameters, D training tokens, C in FLOP as the source has it; None where nobody has published it.

    For a mixture of experts `parameters` are the active ones, which a token passes, and `total` all of them.
    """

    name: str
    year: int
    parameters: float
    tokens: float | None
    compute: float | None
    source: str
    note: str
    total: float | None = None

    @property
    def six_nd(self) -> float | None:
        """6 N D in FLOP."""
        return None if self.tokens is None else 6 * self.parameters * self.tokens

    def optimum(self, law: Law) -> Optimum | None:
        """What a law would have made of 6 N D."""
        return None if self.six_nd is None else law.optimum(self.six_nd)

    def to_dict(self) -> dict[str, object]:
        return {"name": self.name, "year": self.year, "N": self.parameters, "total": self.total, "D": self.tokens,
                "C": self.compute, "6ND": self.six_nd, "source": self.source, "note": self.note}  # fmt: skip


GPT3_TABLE = "Brown et al. 2020 (arXiv:2005.14165), table D.1"

MODELS = (
    Model("BERT-Base", 2018, 1.09e8, 2.5e11, 1.64e20, GPT3_TABLE,
          "Quoted is 6 N D: the table counts 6 FLOP a parameter and token."),
    Model("BERT-Large", 2018, 3.55e8, 2.5e11, 5.33e20, GPT3_TABLE,
          "Quoted is 6 N D. Devlin et al. 2018 (arXiv:1810.04805) give 340M parameters and 1M steps of 128,000 "
          "tokens, about half of these tokens."),
    Model("GPT-2", 2019, 1.5e9, 2.13e11, 1.92e21, "Epoch AI, database of models: 20 passes assumed over 40 GB of text",
          "Radford et al. 2019 publish neither steps nor tokens; D and C are Epoch's guess, not a measurement."),
    Model("GPT-3", 2020, 1.75e11, 3e11, 3.14e23, GPT3_TABLE,
          "Quoted with 174.6e9 parameters, which is 0.2 % less than 175e9."),
    Model("Gopher", 2021, 2.8e11, 3e11, 6.31e23,
          "Rae et al. 2021 (arXiv:2112.11446), tables 1 and A26; Hoffmann et al. 2022 quote 5.76e23",
          "They count every operation: attention over the context and embeddings, which 6 N D leaves out."),
    Model("Megatron-Turing NLG", 2022, 5.3e11, 2.7e11, 1.17e24,
          "Smith et al. 2022 (arXiv:2201.11990) for N and D; Epoch AI's database of models for C",
          "C is estimated from hardware time: 1.36 times 6 N D. Computing the activations again in the backward pass, "
          "as they did to save memory, costs 8 N D, which is 1.33 times."),
    Model("PaLM", 2022, 5.4e11, 7.8e11, 2.53e24, "Chowdhery et al. 2022 (arXiv:2204.02311), tables 1 and 3",
          "Quoted is 6 N D; attention adds under 2 % at this width."),
    Model("Chinchilla", 2022, 7e10, 1.4e12, 5.76e23, "Hoffmann et al. 2022 (arXiv:2203.15556), table 3 and section 4",
          "Quoted is the budget of Gopher that it was given; 6 N D is 2 % more."),
    Model("LLaMA 65B", 2023, 6.52e10, 1.4e12, None, "Touvron et al. 2023 (arXiv:2302.13971), tables 2 and 15",
          "No C is quoted: 1,022,362 hours of A100 at 312 TFLOP/s would be 1.15e24, of which 6 N D is 48 %."),
    Model("Llama 2 70B", 2023, 6.9e10, 2e12, None, "Touvron et al. 2023 (arXiv:2307.09288), tables 1 and 2",
          "No C is quoted: 1,720,320 hours of A100 at 312 TFLOP/s would be 1.93e24, of which 6 N D is 43 %."),
    Model("Llama 3.1 405B", 2024, 4.05e11, 1.56e13, 3.8e25, "Grattafiori et al. 2024 (arXiv:2407.21783), section 3.2",
          "Quoted is 6 N D. Their own law asked for 402B parameters on 16.55e12 tokens."),
    Model("Mistral 7B", 2023, 7.24e9, None, None, "Jiang et al. 2023 (arXiv:2310.06825)",
          "Neither tokens nor compute are published, so it has no place on the line of optima."),
    Model("Mixtral 8x7B", 2024, 1.29e10, None, None, "Jiang et al. 2024 (arXiv:2401.04088), section 2",
          "Tokens and compute are not published. Two of eight experts a token: 12.9e9 of 46.7e9 parameters are active, "
          "and 6 N D would count those.", total=4.67e10),
)  # fmt: skip
