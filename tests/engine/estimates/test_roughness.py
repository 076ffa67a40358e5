import pytest
import torch

from neural_texture_addon.engine.estimates import roughness
from neural_texture_addon.engine.torus import TORUS
from neural_texture_addon.job.description import Estimates


def half_restless() -> torch.Tensor:
    """Grey on the left; on the right of the same brightness, in grains."""
    grains = torch.rand(1, 1, 128, 128, generator=torch.Generator().manual_seed(1))
    grains[..., :64] = 0.5
    return (0.2 + 0.6 * grains).expand(1, 3, 128, 128)


def sides_of(wanted: Estimates) -> tuple[float, float]:
    made = roughness.estimated(half_restless(), wanted, TORUS)
    return float(made[..., 10:54].mean()), float(made[..., 74:118].mean())


def test_what_is_restless_is_rougher_or_smoother_or_neither() -> None:
    still, restless = sides_of(Estimates(roughness=0.5, roughness_contrast=0.3))
    assert restless - still > 0.2
    still, restless = sides_of(Estimates(roughness=0.5, roughness_contrast=-0.3))
    assert still - restless > 0.2
    assert sides_of(Estimates(roughness=0.5, roughness_contrast=0.0)) == pytest.approx((0.5, 0.5))


@pytest.mark.parametrize("level", [0.0, 0.3, 0.7, 1.0])
def test_the_slider_moves_all_of_it_and_the_contrast_bounds_it(level: float) -> None:
    wanted = Estimates(roughness=level, roughness_contrast=0.1)
    made = roughness.estimated(half_restless(), wanted, TORUS)
    assert max(0.0, level - 0.1) - 1e-6 <= float(made.min()) <= float(made.max()) <= min(1.0, level + 0.1) + 1e-6
    assert float(made.mean()) == pytest.approx(level, abs=0.07)
