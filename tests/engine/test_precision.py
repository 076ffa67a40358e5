import pytest
import torch

from neural_texture_addon.engine import precision

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("capability", "expected"),
    [((7, 5), torch.float32), ((8, 0), torch.bfloat16), ((8, 9), torch.bfloat16), ((9, 0), torch.bfloat16)],
)
def test_a_graphics_card_computes_in_half_only_where_it_has_the_units_for_it(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], expected: torch.dtype
) -> None:
    """7.5 is also that of the GTX 16xx, whose half precision is wrong."""
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: capability)
    assert precision.of_network(torch.device("cuda")) is expected


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx2": True}, torch.float32),
        ({"avx512_f": True, "avx512_bf16": False}, torch.float32),
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({}, torch.float32),
    ],
)
def test_so_does_a_processor(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], expected: torch.dtype
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert precision.of_network(CPU) is expected


def test_an_apple_gpu_computes_in_single_precision() -> None:
    assert precision.of_network(torch.device("mps")) is torch.float32


def test_this_processor_is_asked() -> None:
    assert precision.of_network(CPU) in (torch.float32, torch.bfloat16)
