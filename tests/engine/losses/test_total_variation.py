import pytest
import torch
from toys import noise, objective

from neural_texture_addon.engine.losses import total_variation
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap
from neural_texture_addon.job.description import TotalVariation

TERM = TotalVariation()


def test_a_ramp_is_as_rough_as_it_is_steep() -> None:
    ramp = torch.linspace(0, 1, 11, dtype=torch.float64).expand(3, 8, 11)
    assert float(total_variation.summarise(ramp, TERM)) == pytest.approx(0.1, abs=2e-4)


@pytest.mark.parametrize(("wrap", "jumps"), [(PLANE, 0), (Wrap(x=True, y=False), 1), (TORUS, 1)])
def test_the_jump_at_the_border_counts_where_the_canvas_wraps(wrap: Wrap, jumps: int) -> None:
    step = torch.cat((torch.zeros(1, 4, 4), torch.ones(1, 4, 4)), 2).double()
    expected = (1 + jumps) / (7 + jumps)
    assert float(total_variation.summarise(step, TERM, wrap)) == pytest.approx(expected, abs=2e-4)


def test_its_unit_is_the_exemplars_roughness_or_the_starts() -> None:
    start, exemplar = noise(1, 3, 12, 12), 0.5 * noise(1, 3, 12, 12)
    assert float(objective(TERM, exemplars=[exemplar], wrap=PLANE)(start)) == pytest.approx(2, rel=1e-3)
    assert float(objective(TERM, exemplars=[], start=start, wrap=PLANE)(start)) == pytest.approx(1)
    assert float(objective(TERM, exemplars=[], start=start)(start)) == pytest.approx(1, rel=0.01)
