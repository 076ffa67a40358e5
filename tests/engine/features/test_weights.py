import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.features import weights

Tensors = dict[str, torch.Tensor]
Vgg = Callable[[str], Tensors]
WRITERS = {
    "vgg.safetensors": safetensors.torch.save_file,
    "vgg.pth": torch.save,
    "old.pt": lambda state, path: torch.save(state, path, _use_new_zipfile_serialization=False),
}


def complaint(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as said:
        call()
    (line,) = str(said.value).splitlines()
    return line


def save(tensors: Tensors, path: Path) -> Path:
    WRITERS[path.name](tensors, path)
    return path


def test_the_layout_is_torchvisions() -> None:
    torchvision = pytest.importorskip("torchvision")
    features = torchvision.models.vgg19(weights=None).features.state_dict()
    theirs = {f"features.{key}": tuple(tensor.shape) for key, tensor in features.items()}
    assert theirs == weights.shapes_up_to("relu5_4")


@pytest.mark.parametrize(
    ("layer", "convolution"), [("relu1_1", "conv1_1"), ("pool2", "conv2_2"), ("pool5", "conv5_4"), ("conv4_2",) * 2]
)
def test_a_layer_needs_the_convolutions_before_it(layer: str, convolution: str) -> None:
    assert weights.convolution_of(layer).name == convolution


@pytest.mark.parametrize("layer", ["relu3_5", "pool6", "pool0", "conv", "", "relu2_3", "RELU1_1"])
def test_a_layer_that_does_not_exist_is_named(layer: str) -> None:
    assert complaint(lambda: weights.convolution_of(layer)).startswith(f"layer is {layer!r}; allowed: relu1_1 to")


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("beside", [{}, {"classifier.0.weight": torch.zeros(5, 3)}])
def test_what_was_saved_is_read_as_deep_as_asked(name: str, beside: Tensors, vgg: Vgg, tmp_path: Path) -> None:
    path = save(vgg("relu2_2") | beside, tmp_path / name)
    assert weights.depth(path) == "conv2_2"
    read = weights.load(path, "relu2_1")
    assert read.keys() == weights.shapes_up_to("relu2_1").keys()
    assert all(tensor.equal(vgg("relu2_2")[key]) for key, tensor in read.items())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", WRITERS)
def test_other_floats_become_float32(name: str, dtype: torch.dtype, vgg: Vgg, tmp_path: Path) -> None:
    path = save({key: tensor.to(dtype) for key, tensor in vgg("relu1_2").items()}, tmp_path / name)
    read = weights.load(path, "relu1_2")
    assert {tensor.dtype for tensor in read.values()} == {torch.float32}
    torch.testing.assert_close(read, vgg("relu1_2"), atol=2e-3, rtol=1e-2)


@pytest.mark.skipif(os.name != "posix", reason="Windows locks a mapped file")
@pytest.mark.parametrize("name", WRITERS)
def test_what_was_read_outlives_its_file(name: str, vgg: Vgg, tmp_path: Path) -> None:
    """A mapped file that is cut short ends the process at the next look."""
    path = save(vgg("relu1_2"), tmp_path / name)
    read = weights.load(path, "relu1_2")
    os.truncate(path, 0)
    assert read["features.2.weight"].equal(vgg("relu1_2")["features.2.weight"])


def test_a_file_that_ends_too_early_says_what_to_do(vgg: Vgg, tmp_path: Path) -> None:
    path = save(vgg("relu2_1"), tmp_path / "vgg.pth")
    said = complaint(lambda: weights.load(path, "relu4_2"))
    fetch = "neural-texture weights fetch --up-to"
    assert said == f"{path}: reaches only conv2_1; relu4_2 needs conv4_2: {fetch} relu4_2"
    assert complaint(lambda: weights.load(path, "pool3")).endswith(f"pool3 needs conv3_4: {fetch} relu3_4")


WRONG = {
    "a hole": (lambda s: s.pop("features.2.bias"), "lacks features.2.bias, though it holds deeper layers"),
    "no beginning": (lambda s: s.pop("features.0.weight"), "lacks features.0.weight, though it holds deeper layers"),
    "VGG-16": (lambda s: s.update({"features.17.weight": torch.ones(1)}), "which has no features.17.weight"),
    "batch norm": (lambda s: s.update({"features.1.running_mean": torch.ones(1)}), "has no features.1.running_mean"),
    "a shape": (lambda s: s.update({"features.0.weight": torch.ones(64, 3, 7, 7)}), "features.0.weight has the shape"),
    "whole numbers": (lambda s: s.update({"features.0.bias": torch.ones(64, dtype=torch.int32)}), "torch.int32"),
    "NaN": (
        lambda s: s["features.2.weight"].view(-1)[-1:].fill_(torch.nan),
        "features.2.weight holds numbers that are not",
    ),
    "infinity": (
        lambda s: s["features.0.bias"][:1].fill_(torch.inf),
        "features.0.bias holds numbers that are not",
    ),
    "zeros": (lambda s: s["features.2.weight"].zero_(), "features.2.weight holds nothing but zeros"),
    "nothing of ours": (lambda s: (s.clear(), s.update({"a": torch.ones(1)})), "it holds a, but no features.0.weight"),
}


@pytest.mark.parametrize("name", ["vgg.safetensors", "vgg.pth"])
@pytest.mark.parametrize("fault", WRONG)
def test_wrong_weights_are_named(name: str, fault: str, vgg: Vgg, tmp_path: Path) -> None:
    spoil, words = WRONG[fault]
    tensors = vgg("relu2_1")
    spoil(tensors)
    path = save(tensors, tmp_path / name)
    said = complaint(lambda: weights.load(path, "relu2_1"))
    assert words in said
    assert said.startswith(str(path))


@pytest.mark.parametrize(
    "state", [[1, 2], torch.ones(3), {"features.0.weight": "x", "features.0.bias": 3}, {1: torch.ones(1)}]
)
def test_what_is_no_state_dict_is_refused(state: object, tmp_path: Path) -> None:
    torch.save(state, tmp_path / "odd.pth")
    complaint(lambda: weights.load(tmp_path / "odd.pth", "relu1_1"))
    complaint(lambda: weights.depth(tmp_path / "odd.pth"))


def test_sparse_tensors_are_refused(vgg: Vgg, tmp_path: Path) -> None:
    path = save(vgg("relu1_1") | {"features.0.bias": torch.ones(64).to_sparse()}, tmp_path / "vgg.pth")
    assert "allowed: plain tensors of floats" in complaint(lambda: weights.load(path, "relu1_1"))


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (self.path, "w"))


@pytest.mark.parametrize("name", ["vgg.pth", "old.pt", "bare.pkl", "vgg.safetensors"])
def test_code_in_a_file_is_not_run(name: str, vgg: Vgg, tmp_path: Path) -> None:
    state = vgg("relu1_1") | {"trap": Trap(tmp_path / "sprung")}
    path, legacy = tmp_path / name, name == "old.pt"
    if name == "bare.pkl":
        path.write_bytes(pickle.dumps(state))
    else:
        torch.save(state, path, _use_new_zipfile_serialization=not legacy)
    for read in (lambda: weights.load(path, "relu1_1"), lambda: weights.depth(path)):
        said = complaint(read)
        assert "nothing in it was run" in said or "is no whole safetensors file" in said
    assert not (tmp_path / "sprung").exists()
    pickle.loads(pickle.dumps(Trap(tmp_path / "sprung"))).close()
    assert (tmp_path / "sprung").exists(), "the trap does not work"


@pytest.mark.parametrize("name", WRITERS)
def test_a_cut_file_is_refused_wherever_it_ends(name: str, vgg: Vgg, tmp_path: Path) -> None:
    whole = save(vgg("relu1_1"), tmp_path / name).read_bytes()
    for length in [0, 1, 2, 7, 8, 9, *range(50, len(whole), len(whole) // 40), len(whole) - 1]:
        (tmp_path / name).write_bytes(whole[:length])
        complaint(lambda: weights.load(tmp_path / name, "relu1_1"))


@given(st.binary(max_size=200), st.sampled_from(list(WRITERS)))
def test_any_bytes_are_refused_in_one_line(content: bytes, name: str) -> None:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"{os.getpid()}_{name}"
    path.write_bytes(content)
    try:
        complaint(lambda: weights.load(path, "relu1_1"))
    finally:
        path.unlink()


def test_a_damaged_pickle_is_refused_in_one_line(vgg: Vgg, tmp_path: Path) -> None:
    """Bytes of the pickle itself are changed, in both formats."""
    old = save(vgg("relu1_1"), tmp_path / "old.pt").read_bytes()
    generator = torch.Generator().manual_seed(2)
    refused = 0
    for _ in range(150):
        place = int(torch.randint(0, 900, (), generator=generator))
        (tmp_path / "old.pt").write_bytes(old[:place] + bytes([(old[place] * 7 + 13) % 256]) + old[place + 1 :])
        try:
            weights.load(tmp_path / "old.pt", "relu1_1")
        except InputError:
            refused += 1
    assert refused > 50
    with zipfile.ZipFile(tmp_path / "vgg.pth", "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"features.0.weight": 1}))
    complaint(lambda: weights.load(tmp_path / "vgg.pth", "relu1_1"))


@pytest.mark.parametrize("name", ["missing.safetensors", "missing.pth", ".", "no\0path.pth"])
def test_a_file_that_can_not_be_opened_is_named(name: str, tmp_path: Path) -> None:
    said = complaint(lambda: weights.load(tmp_path / name, "relu1_1"))
    assert said.startswith("weights are ")
    assert "neural-texture weights fetch" in said


def test_a_named_file_goes_before_the_usual_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "default_path", lambda: tmp_path / "vgg19.safetensors")
    assert weights.locate() is None
    (tmp_path / "vgg19.safetensors").touch()
    assert weights.locate() == tmp_path / "vgg19.safetensors"
    assert weights.locate("other.pth") == Path("other.pth")


@pytest.mark.weights
def test_real_weights_are_read(real_weights: Path) -> None:
    assert weights.depth(real_weights) == "conv3_4"
    read = weights.load(real_weights, "relu3_4")
    assert list(read) == list(weights.shapes_up_to("relu3_4"))
    assert sum(4 * tensor.numel() for tensor in read.values()) == weights.bytes_up_to("pool3")
    assert "reaches only conv3_4; relu4_1 needs conv4_1" in complaint(lambda: weights.load(real_weights, "relu4_1"))
