import pytest
import torch

from neural_texture_addon.engine.losses import value_range
from neural_texture_addon.job.description import ValueRange


def test_only_what_lies_outside_costs_and_its_square() -> None:
    maps = torch.tensor([0.0, 0.5, 1.0, 1.2, -0.4], dtype=torch.float64, requires_grad=True)
    loss = value_range.compare(value_range.summarise(maps, ValueRange()), None, ValueRange())
    loss.backward()
    assert float(loss.detach()) == pytest.approx((0.04 + 0.16) / 5)
    torch.testing.assert_close(maps.grad, torch.tensor([0, 0, 0, 0.08, -0.16], dtype=torch.float64))
