"""In which precision a device runs a network. What is measured of its features is single precision on every device."""

from __future__ import annotations

import torch

_FIRST_WITH_BFLOAT16 = (8, 0)
"""Compute capability (Ampere). Older cards emulate it, and GTX 16xx compute the other half precision wrongly."""


def of_network(device: torch.device) -> torch.dtype:
    """bfloat16 where the processor multiplies matrices of it, which is twice as fast on a CPU; else single precision.

    It has the range of single precision, so that gradients need no scaling, and eight bits.
    """
    match device.type:
        case "cuda":
            fast = torch.cuda.get_device_capability(device) >= _FIRST_WITH_BFLOAT16
        case "cpu":
            can = torch.cpu.get_capabilities()
            fast = bool(can.get("avx512_bf16") or can.get("amx_bf16"))
        case _:
            fast = False
    return torch.bfloat16 if fast else torch.float32
