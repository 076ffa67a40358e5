"""Files of pretrained VGG-19 weights: where they lie, how deep they reach, reading them. Fetches nothing.

Keys are torchvision's (``features.N.weight``, ``features.N.bias``). A file may end after any convolution.
What is read can't be trusted: nothing in it is run.
"""

from __future__ import annotations

import math
import pickle
import re
import struct
import warnings
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

BLOCKS = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))
"""Responses and number of the convolutions between two poolings: configuration E of Simonyan & Zisserman 2014."""
_FETCH = "neural-texture weights fetch"
_FAULTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    ImportError,
    LookupError,
    MemoryError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
    struct.error,
    zipfile.BadZipFile,
)
"""What torch.load raises at a file that is none, or one that was made to deceive."""


@dataclass(frozen=True, kw_only=True)
class Convolution:
    """One of the sixteen."""

    name: str
    """conv1_1 to conv5_4."""
    index: int
    """Its place in torchvision's ``features``."""
    inputs: int
    outputs: int

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Its tensors by their keys."""
        weight = (self.outputs, self.inputs, 3, 3)
        return {f"features.{self.index}.weight": weight, f"features.{self.index}.bias": (self.outputs,)}


def _lay_out() -> tuple[Convolution, ...]:
    laid, index, inputs = [], 0, 3
    for block, (outputs, count) in enumerate(BLOCKS, 1):
        for number in range(1, count + 1):
            laid.append(Convolution(name=f"conv{block}_{number}", index=index, inputs=inputs, outputs=outputs))
            index, inputs = index + 2, outputs  # a ReLU follows each
        index += 1  # a pooling follows the block
    return tuple(laid)


CONVOLUTIONS = _lay_out()
LAYERS = tuple(c.name.replace("conv", "relu") for c in CONVOLUTIONS)
"""relu1_1 to relu5_4."""
USUAL = "relu3_4"
"""As deep as the usual jobs look."""


def convolution_of(layer: str) -> Convolution:
    """The deepest convolution that a layer (relu3_1, pool3, conv3_1) needs. Raises InputError."""
    if pooled := re.fullmatch(r"pool([1-5])", layer):
        layer = f"conv{pooled[1]}_{BLOCKS[int(pooled[1]) - 1][1]}"
    for convolution in CONVOLUTIONS:
        if layer.replace("relu", "conv") == convolution.name:
            return convolution
    raise InputError(f"layer is {layer!r}; allowed: {LAYERS[0]} to {LAYERS[-1]}, pool1 to pool5")


def shapes_up_to(layer: str) -> dict[str, tuple[int, ...]]:
    """The tensors that `layer` needs, by their keys."""
    last = convolution_of(layer).index
    return {key: shape for c in CONVOLUTIONS if c.index <= last for key, shape in c.shapes.items()}


def bytes_up_to(layer: str) -> int:
    """Of the float32 numbers that `layer` needs."""
    return 4 * sum(math.prod(shape) for shape in shapes_up_to(layer).values())


def default_path() -> Path:
    """Where fetched weights go when nothing else is said."""
    import platformdirs

    return Path(platformdirs.user_data_dir("neural-texture", appauthor=False)) / "vgg19.safetensors"


def locate(path: str = "") -> Path | None:
    """The file that was named, there or not; else the default one, if it is there."""
    if path:
        return Path(path).expanduser()
    return default_path() if default_path().is_file() else None


def load(path: str | Path, deepest: str) -> dict[str, Tensor]:
    """The tensors up to a layer or convolution, float32, by torchvision's keys. Raises InputError."""
    shapes = shapes_up_to(deepest)
    tensors, names = _read(Path(path), shapes)
    held = _check_names(Path(path), names)
    if held.index < convolution_of(deepest).index:
        layer = deepest.replace("conv", "relu")
        need = f"{layer} needs {convolution_of(deepest).name}"
        raise InputError(f"{path}: reaches only {held.name}; {need}: {_FETCH} --up-to {_as_relu(deepest)}")
    return checked(tensors, deepest, str(path))


def depth(path: str | Path) -> str:
    """The deepest convolution that a file holds, with all before it. Raises InputError."""
    tensors, names = _read(Path(path), shapes_up_to(LAYERS[-1]))
    held = _check_names(Path(path), names).name
    _check_shapes(tensors, held, str(path))
    return held


def checked(tensors: Mapping[str, Tensor], deepest: str, origin: str) -> dict[str, Tensor]:
    """The tensors up to `deepest` as float32, if each is what VGG-19 needs there. Raises InputError."""
    import torch

    _check_shapes(tensors, deepest, origin)
    # cloned: a mapped file that someone cuts short would take the process along
    chosen = {key: tensors[key].detach().to(torch.float32).clone() for key in shapes_up_to(deepest)}
    for key, tensor in chosen.items():
        if not tensor.isfinite().all():
            raise InputError(f"{origin}: {key} holds numbers that are not finite; {_FETCH} brings good ones")
        if not tensor.any():  # what a crash leaves of a file that was being written
            raise InputError(f"{origin}: {key} holds nothing but zeros; {_FETCH} brings good numbers")
    return chosen


def _as_relu(layer: str) -> str:
    return convolution_of(layer).name.replace("conv", "relu")


def _check_names(path: Path, names: Collection[str]) -> Convolution:
    """The deepest convolution that is held without a gap."""
    ours = shapes_up_to(LAYERS[-1])
    features = [name for name in names if name.startswith("features.")]
    if strange := sorted(set(features) - set(ours)):
        raise InputError(f"{path}: is of another network than VGG-19, which has no {strange[0]}")
    if not features:
        some = ", ".join(sorted(names)[:3]) or "nothing"
        raise InputError(f"{path}: is no state dict of torchvision's VGG-19: it holds {some}, but no features.0.weight")
    whole = [c for c in CONVOLUTIONS if all(key in names for key in c.shapes)]
    held = whole[: sum(c == d for c, d in zip(whole, CONVOLUTIONS, strict=False))]
    beyond = [key for key in ours if key not in names][:1] if len(features) > 2 * len(held) else []
    if beyond:
        raise InputError(f"{path}: lacks {beyond[0]}, though it holds deeper layers")
    return held[-1]


def _check_shapes(tensors: Mapping[str, Tensor], deepest: str, origin: str) -> None:
    import torch

    floats = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    for key, shape in shapes_up_to(deepest).items():
        tensor = tensors[key]
        if not isinstance(tensor, torch.Tensor):
            raise InputError(f"{origin}: {key} is no tensor but a {type(tensor).__name__}")
        if tuple(tensor.shape) != shape:
            sizes = f"has the shape {tuple(tensor.shape)}; VGG-19's is {shape}"
            raise InputError(f"{origin}: is of another network: {key} {sizes}")
        if tensor.dtype not in floats or tensor.layout is not torch.strided or tensor.device.type != "cpu":
            raise InputError(f"{origin}: {key} is {tensor.dtype}, {tensor.layout}; allowed: plain tensors of floats")


def _read(path: Path, wanted: Collection[str]) -> tuple[dict[str, Tensor], list[str]]:
    """The tensors among `wanted` that a file has, and the names of all that it has."""
    try:
        with path.open("rb") as file:
            start = file.read(2)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"weights are {path}, which can't be read ({reason}); {_FETCH} brings some") from None
    if path.suffix == ".safetensors":
        return _read_safetensors(path, wanted)
    return _read_torch(path, wanted, zipped=start == b"PK")


def _read_safetensors(path: Path, wanted: Collection[str]) -> tuple[dict[str, Tensor], list[str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            return {name: file.get_tensor(name) for name in names if name in wanted}, names
    except (SafetensorError, OSError, *_FAULTS) as error:
        raise InputError(f"{path}: is no whole safetensors file ({error}); {_FETCH} brings one") from None


def _read_torch(path: Path, wanted: Collection[str], *, zipped: bool) -> tuple[dict[str, Tensor], list[str]]:
    import torch

    if zipped and not zipfile.is_zipfile(path):
        raise InputError(f"{path}: is cut short; {_FETCH} brings a whole file")
    try:  # a file of the old format (torchvision's own is one) can't be mapped
        with warnings.catch_warnings(action="ignore"):
            state = torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except (OSError, *_FAULTS):
        raise InputError(
            f"{path}: is damaged, or holds more than plain tensors; nothing in it was run. "
            "Allowed: safetensors, or what torch.save(model.state_dict(), FILE) writes"
        ) from None
    if not isinstance(state, Mapping):
        raise InputError(f"{path}: is no state dict but a {type(state).__name__}")
    return {name: state[name] for name in state if name in wanted}, [name for name in state if isinstance(name, str)]
