"""A checkpoint comes back as it was saved, is written whole or not at all, and a bad one is named."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from lm.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from lm.errors import LMError


def test_round_trip(tiny, tmp_path):
    path = tmp_path / "new" / "folder" / "model.safetensors"
    save_checkpoint(tiny, path)
    loaded = load_checkpoint(path)
    assert (loaded.config, loaded.vocabulary, loaded.training) == (tiny.config, tiny.vocabulary, tiny.training)
    assert loaded.parameters.keys() == tiny.parameters.keys()
    for name, p in tiny.parameters.items():
        assert loaded.parameters[name].dtype == np.float32
        np.testing.assert_array_equal(loaded.parameters[name], p)
    np.testing.assert_array_equal(loaded.bigrams, tiny.bigrams)
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"]


def test_the_same_checkpoint_gives_the_same_bytes(tiny, tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    save_checkpoint(tiny, first)
    save_checkpoint(tiny, second)
    assert first.read_bytes() == second.read_bytes()


def test_others_can_read_it(tiny_file):
    with safe_open(tiny_file, framework="pt") as file:
        assert file.get_tensor("blocks.1.mlp.w2").shape == (120, 30)


def test_a_failed_write_leaves_the_old_file(tiny, tiny_file, monkeypatch):
    before = tiny_file.read_bytes()

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lm.files.os.replace", fail)
    with pytest.raises(LMError, match="cannot be written: No space left"):
        save_checkpoint(tiny, tiny_file)
    assert tiny_file.read_bytes() == before
    assert list(tiny_file.parent.iterdir()) == [tiny_file]


def test_a_missing_checkpoint(tmp_path):
    with pytest.raises(LMError, match=r"no checkpoint .*nowhere.*lm train"):
        load_checkpoint(tmp_path / "nowhere.safetensors")


def test_a_file_that_is_no_safetensors_file(tmp_path):
    path = tmp_path / "x.safetensors"
    path.write_bytes(b"hello, this is not a model")
    with pytest.raises(LMError, match=r"x\.safetensors is not a safetensors file"):
        load_checkpoint(path)


@pytest.mark.parametrize("metadata", [None, {"lm": "{"}, {"lm": "[]"}, {"lm": '{"format": 99}'}])
def test_a_safetensors_file_of_someone_else(tmp_path, metadata):
    path = tmp_path / "x.safetensors"
    save_file({"w": np.zeros(3, np.float32)}, path, metadata)
    with pytest.raises(LMError, match="was not written by"):
        load_checkpoint(path)


def test_a_checkpoint_without_a_parameter_or_with_a_wrong_shape(tiny, tmp_path):
    for wrong, message in (({}, "found nothing"), ({"head.w": np.zeros((2, 2), np.float32)}, r"found \(2, 2\)")):
        parameters = {name: p for name, p in tiny.parameters.items() if name != "head.w"} | wrong
        path = tmp_path / "x.safetensors"
        save_checkpoint(Checkpoint(tiny.config, tiny.vocabulary, parameters, tiny.bigrams), path)
        with pytest.raises(LMError, match=rf"head\.w should have shape .*{message}"):
            load_checkpoint(path)
