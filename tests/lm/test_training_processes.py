"""Training from the command line: killed and resumed, in two processes, with a rate that is far too high."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from lm.checkpoint import load_checkpoint

TINY = ("--context", "16", "--width", "16", "--layers", "1", "--heads", "2", "--batch", "4")


def lm(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lm", *map(str, arguments)]


def test_a_killed_run_resumes_to_the_same_weights(text_file, tmp_path):
    """With states saved at every step (a patched interval), a kill -9 in the middle, and --resume."""
    command = ("--text", text_file, *TINY, "--steps", "120", "--report", "40", "--dropout", "0.1")
    whole, broken = tmp_path / "whole.safetensors", tmp_path / "broken.safetensors"
    assert subprocess.run(lm("train", *command, "--out", whole), capture_output=True, check=False).returncode == 0

    often = (
        "import sys; import lm.training.state as s; s.EVERY = 0\n"
        "from lm.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    arguments = [sys.executable, "-c", often, "train", *map(str, command), "--out", str(broken)]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    unfinished = tmp_path / "broken.safetensors.unfinished"
    deadline = time.monotonic() + 60
    while not unfinished.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait()
    assert unfinished.exists()
    assert not broken.exists()

    again = lm("train", *command, "--out", broken, "--resume")
    done = subprocess.run(again, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not unfinished.exists()
    a, b = load_checkpoint(whole), load_checkpoint(broken)
    for name, p in a.parameters.items():
        assert p.tobytes() == b.parameters[name].tobytes(), name
    assert a.training["validation_loss"] == b.training["validation_loss"]


def test_two_processes_train_as_one(text_file, tmp_path):
    """torchrun with gloo: the losses of one process, up to the order of sums."""
    command = ("train", "--text", text_file, *TINY, "--steps", "6", "--report", "2", "--dropout", "0.1", "--json")
    tables = ("--ngrams", "3", "--ngram-rows", "50")
    one = subprocess.run(lm(*command, *tables, "--out", tmp_path / "one"), capture_output=True, text=True, check=False)
    assert one.returncode == 0, one.stderr
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "lm"]
    arguments = [*torchrun, *map(str, command), *tables, "--out", str(tmp_path / "two")]
    two = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert two.returncode == 0, two.stderr
    curves = [json.loads(run.stdout)["history"] for run in (one, two)]
    assert len(curves[0]) == len(curves[1]) == 3
    for a, b in zip(*curves, strict=True):
        assert a["train_loss"] == pytest.approx(b["train_loss"], rel=1e-4)
        assert a["validation_loss"] == pytest.approx(b["validation_loss"], rel=1e-4)
    a, b = load_checkpoint(tmp_path / "one"), load_checkpoint(tmp_path / "two")
    assert b.training["processes"] == 2
    for name, p in a.parameters.items():
        np.testing.assert_allclose(p, b.parameters[name], atol=5e-3, err_msg=name)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_rate_that_is_far_too_high_overwrites_nothing(cli, text_file, tmp_path, optimizer):
    out = tmp_path / "model.safetensors"
    out.write_bytes(b"precious")
    rates = ("--rate", "1e30", "--muon-rate", "1e30", "--optimizer", optimizer)
    status, printed, err = cli("train", "--text", text_file, "--out", out, *TINY, "--steps", 40, *rates)
    assert (status, printed) == (1, "")
    assert "lower --rate" in err.splitlines()[-1]
    assert out.read_bytes() == b"precious"
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("model")] == ["model.safetensors"]


def test_an_interrupted_run_is_not_lost_by_starting_again(cli, text_file, tmp_path):
    unfinished = tmp_path / "x.unfinished"
    unfinished.write_bytes(b"hours of work")
    status, _, err = cli("train", "--text", text_file, "--out", tmp_path / "x", *TINY)
    assert status == 1
    assert "give --resume, or delete it" in err
    assert unfinished.read_bytes() == b"hours of work"


def test_resuming_nothing(cli, text_file, tmp_path):
    status, _, err = cli("train", "--text", text_file, "--out", tmp_path / "x", *TINY, "--resume")
    assert status == 1
    assert "no unfinished training" in err
