"""Training one tiny transformer on fresh documents, one pass, and measuring how far it is from the language's entropy.

The loss is measured on held-out documents as H + mean(model's nats - true nats): both sides see the same words, so the
luck of the draw cancels and the measurement is far sharper than the mean of the model's nats (a control variate).
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict

import numpy as np

from lm.config import parameter_count
from lm.language import exact_entropy
from lm.scaling.sweep.plan import BATCH, LANGUAGE, TOKENS, WARMUP, Trial, parameters_without_embeddings

HELD_OUT_SEED = 1_000_000_007
HELD_OUT = 2048  # documents
DRAWN = 64  # steps whose documents are drawn together


def learning_rate(step: int, trial: Trial) -> float:
    """Linear warm-up; with a schedule of its own a half cosine to zero at the trial's end (Loshchilov & Hutter 2017,
    equation 5), with a shared one the highest rate from then on."""
    rate = trial.rate * min(1.0, (step + 1) / max(1.0, WARMUP[trial.schedule] * trial.steps))
    return rate * 0.5 * (1 + math.cos(math.pi * step / trial.steps)) if trial.schedule == "own" else rate


def train(trial: Trial) -> dict:
    """Train it on one CPU thread; the same trial gives the same losses on the same machine.

    Returns the record: the trial, one row a measurement (N, D, loss in nats a token, parameters without embeddings,
    nats above the entropy), and the seconds of CPU time.
    """
    import torch

    from lm.transformer import cross_entropy, forward, initial

    began = time.process_time()
    torch.set_num_threads(1)
    config = trial.config
    parameters = {}
    for name, value in initial(config, torch.Generator().manual_seed(trial.seed)).items():
        if name.startswith("blocks.") and value.ndim == 2:
            value *= 1 / (0.02 * math.sqrt(value.shape[0]))  # N(0, 1/inputs): 0.02 is for widths of a thousand
        parameters[name] = value.requires_grad_()
    optimizer = torch.optim.AdamW(list(parameters.values()), betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    rows = []
    for step in range(trial.steps):
        if step % DRAWN == 0:
            count = BATCH * min(DRAWN, trial.steps - step)
            documents = torch.from_numpy(LANGUAGE.documents(_seed(trial, step), count).astype(np.int64))
        batch = documents[step % DRAWN * BATCH :][:BATCH]
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, trial)
        loss = cross_entropy(forward(parameters, batch[:, :-1], config), batch[:, 1:]).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step + 1 in trial.records:
            excess = _excess(parameters, trial)
            rows.append({
                "N": parameter_count(config),
                "D": (step + 1) * TOKENS,
                "loss": exact_entropy(LANGUAGE).nats_per_token + excess,
                "N_without_embeddings": parameters_without_embeddings(config),
                "excess": excess,
            })  # fmt: skip
    return {"trial": asdict(trial), "rows": rows, "cpu_seconds": time.process_time() - began}


def _seed(trial: Trial, step: int) -> int:
    """The same documents for all sizes and rates; others for another seed."""
    return trial.seed * 1_000_003 + step


def _excess(parameters: dict, trial: Trial) -> float:
    """Mean over held-out tokens, all but the mark, of the model's nats above the true ones."""
    import torch

    from lm.transformer import cross_entropy, forward

    documents = LANGUAGE.documents(HELD_OUT_SEED, HELD_OUT)
    truth = LANGUAGE.information(documents)[:, 1:]
    total = 0.0
    with torch.no_grad():
        for start in range(0, HELD_OUT, 128):
            tokens = torch.from_numpy(documents[start : start + 128].astype(np.int64))
            nats = cross_entropy(forward(parameters, tokens[:, :-1], trial.config), tokens[:, 1:])
            total += float((nats.double().numpy() - truth[start : start + 128]).sum())
    return total / truth.size
