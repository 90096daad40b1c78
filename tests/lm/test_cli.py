"""The command line: results, JSON, and one sentence for bad input."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gpusim.host.gpu import find_gpu
from lm.__main__ import main
from lm.checkpoint import load_checkpoint

TINY = ("--context", 16, "--width", 8, "--layers", 1, "--heads", 2, "--steps", 3, "--batch", 2)


def refused(result) -> str:
    """The one sentence on stderr of a command that failed."""
    status, out, err = result
    assert status == 1
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def test_ngram(cli, text_file):
    status, out, _ = cli("ngram", "--text", text_file, "--json")
    result = json.loads(out)["perplexity"]
    assert status == 0
    assert result["uniform"] == pytest.approx(len(set(text_file.read_text())))
    assert result["bigram"] < result["unigram"] < result["uniform"]
    assert "bigram" in cli("ngram", "--text", text_file)[1]


def test_train_then_eval_then_generate(cli, text_file, tmp_path):
    path = tmp_path / "model.safetensors"
    status, out, err = cli("train", "--text", text_file, "--out", path, *TINY, "--json")
    assert status == 0
    assert "step      3/3" in err
    assert json.loads(out)["checkpoint"] == str(path)
    training = load_checkpoint(path).training
    assert training["command"].endswith("--batch 2 --json")
    assert training["source"] == str(text_file)

    perplexities = {}
    for device in ("torch", "sim"):
        status, out, _ = cli(
            "eval", "--checkpoint", path, "--text", text_file, "--device", device, "--chars", 40, "--json"
        )
        assert status == 0
        perplexities[device] = json.loads(out)["perplexity"]["transformer"]
    assert perplexities["sim"] == pytest.approx(perplexities["torch"], rel=1e-5)

    texts = []
    for device in ("torch", "sim"):
        status, out, _ = cli(
            "generate", "--checkpoint", path, "--prompt", "the", "--chars", 5, "--device", device, "--json"
        )
        assert status == 0
        texts.append(json.loads(out)["text"])
    assert texts[0] == texts[1]
    assert len(texts[0]) == 5
    assert cli("generate", "--checkpoint", path, "--prompt", "the", "--chars", 5)[1] == f"the{texts[0]}\n"


def test_training_twice_gives_the_same_file(cli, text_file, tmp_path):
    path = tmp_path / "model.safetensors"
    files = []
    for _ in range(2):
        assert cli("train", "--text", text_file, "--out", path, *TINY, "--seed", 4)[0] == 0
        files.append(path.read_bytes())
    assert files[0] == files[1]


def test_the_table_names_the_kernels(cli, tiny_file, text_file):
    arguments = ("eval", "--checkpoint", tiny_file, "--text", text_file, "--chars", 25, "--device", "sim")
    out = cli(*arguments)[1]
    for word in ("perplexity", "uniform", "bigram", "matmul_register_tiled", "cross_entropy", "global loads"):
        assert word in out
    assert "attention_scores" in cli(*arguments, "--attention", "materialised")[1]
    assert "layer_norm_naive" in cli(*arguments, "--kernels", "naive")[1]


@pytest.mark.parametrize("command", ["eval", "generate"])
def test_a_missing_checkpoint(cli, tmp_path, command):
    assert "no checkpoint" in refused(cli(command, "--checkpoint", tmp_path / "none"))


@pytest.mark.parametrize("command", ["ngram", "train", "eval"])
@pytest.mark.parametrize(("content", "message"), [(None, "no text file"), (b"", "is empty"), (b"\xff\xfe", "not text")])
def test_a_bad_text_file(cli, tmp_path, command, content, message):
    text, out = tmp_path / "text.txt", tmp_path / "model.safetensors"
    out.write_bytes(b"precious")
    if content is not None:
        text.write_bytes(content)
    arguments = ("--out", out) if command == "train" else ()
    assert message in refused(cli(command, "--text", text, *arguments))
    assert out.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--heads", 3), "multiple of the number of heads"),
        (("--steps", 0), "steps >= 1"),
        (("--threads", 0), "--threads"),
        (("--context", 5000), "smaller --context"),
        (("--dropout", 1), "dropout"),
    ],
)
def test_impossible_training_overwrites_nothing(cli, text_file, tmp_path, options, message):
    out = tmp_path / "model.safetensors"
    out.write_bytes(b"precious")
    status, _, err = cli("train", "--text", text_file, "--out", out, *TINY, *options)
    assert status == 1
    assert message in err
    assert out.read_bytes() == b"precious"


def test_a_directory_as_output(cli, text_file, tmp_path):
    assert "is a directory" in refused(cli("train", "--text", text_file, "--out", tmp_path))


def test_characters_that_the_model_has_never_seen(cli, tiny_file, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the cat\nsat on the Ünit", encoding="utf-8")
    err = refused(cli("eval", "--checkpoint", tiny_file, "--text", text))
    assert "'Ü'" in err
    assert "line 2, column 12" in err
    assert "'?'" in refused(cli("generate", "--checkpoint", tiny_file, "--prompt", "the?"))


def test_other_bad_options(cli, tiny_file, text_file):
    assert "prompt is empty" in refused(cli("generate", "--checkpoint", tiny_file, "--prompt", ""))
    assert "temperature" in refused(cli("generate", "--checkpoint", tiny_file, "--prompt", "t", "--temperature", "-1"))
    assert "--alpha" in refused(cli("ngram", "--text", text_file, "--alpha", 0))


@pytest.mark.parametrize("command", ["attend", "generate", "guess", "language", "ngram", "train"])
@pytest.mark.parametrize("seed", ["-1", "1.5", str(2**32)])
def test_seeds_that_no_generator_takes(capsys, command, seed):
    with pytest.raises(SystemExit) as stop:
        main([command, f"--seed={seed}"])
    assert stop.value.code == 2
    assert f"a seed is a whole number from 0 to 4294967295, not '{seed}'" in capsys.readouterr().err


@pytest.mark.skipif(find_gpu() is not None, reason="there is a GPU")
@pytest.mark.parametrize("command", ["eval", "generate"])
def test_without_a_gpu_a_sentence_says_so(cli, tiny_file, text_file, command):
    options = ("--text", text_file) if command == "eval" else ("--prompt", "the")
    err = refused(cli(command, "--checkpoint", tiny_file, *options, "--device", "gpu"))
    assert "no NVIDIA driver" in err or "GPU" in err


def test_it_runs_as_a_module(tmp_path):
    command = [sys.executable, "-m", "lm", "eval", "--checkpoint", str(tmp_path / "none")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("lm eval: there is no checkpoint")
    assert "Traceback" not in done.stderr


def test_the_simulator_does_not_need_torch(tiny_file, text_file):
    """A process in which torch cannot be imported evaluates on the simulator, and says what torch would need."""
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "from lm.__main__ import main\n"
        f"arguments = ['eval', '--checkpoint', {str(tiny_file)!r}, '--text', {str(text_file)!r}, '--chars', '9']\n"
        "assert main([*arguments, '--device', 'sim']) == 0\n"
        "sys.exit(main(arguments))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "transformer" in done.stdout
    assert "torch, which is not installed" in done.stderr
