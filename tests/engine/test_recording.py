"""A graphics card that replays an iteration does what it does when it is asked step by step."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from toys import around, network, noise

from neural_texture_addon.engine import recording, solver, step
from neural_texture_addon.engine.features.view import CROWD
from neural_texture_addon.engine.plan import WHOLE
from neural_texture_addon.engine.pyramid import Pyramid
from neural_texture_addon.engine.torus import PLANE, TORUS
from neural_texture_addon.job.description import (
    Adam,
    Autocorrelation,
    Layer,
    Lbfgs,
    Moments,
    NearestPatches,
    Optimise,
    Patches,
    PowerSpectrum,
    SlicedWasserstein,
    Solver,
    Texels,
    TotalVariation,
    Vgg19,
)

pytestmark = pytest.mark.gpu
SIDE = 46
NETWORK = Vgg19(layers={Layer.RELU1_1: 1.0, Layer.RELU2_1: 1.0})
DRAWN = (
    SlicedWasserstein(features=Patches(size=4, filters=5, stride=3, stride_from=0), levels=2),
    SlicedWasserstein(features=Texels(), projections=4),
    SlicedWasserstein(features=NETWORK, projections=4),
    NearestPatches(size=3, stride=4, candidates=200, levels=2),
)
FIXED = (
    Moments(features=NETWORK, levels=2),
    PowerSpectrum(features=NETWORK),
    Autocorrelation(features=NETWORK),
    TotalVariation(),
)
LBFGS = Lbfgs(iterations=4, coarse_iterations=4)
ADAM = Adam(iterations=6, coarse_iterations=6, average_from=1.0)


def made(
    terms: tuple[Any, ...], how: Solver = ADAM, exemplar: int = 30, wrap: Any = TORUS
) -> tuple[torch.Tensor, list[float]]:
    canvas = noise(1, 3, SIDE, SIDE).cuda()
    texels = noise(1, 3, exemplar, exemplar + 5, seed=7).cuda()
    asked = Optimise(terms=terms, solver=how)
    net = network(Layer.RELU2_1)
    net = type(net)(kernels=tuple(kernel.to(canvas) for kernel in net.kernels), maps=net.maps)
    descent = step.Descent(asked, canvas, around([texels], SIDE, net=net, wrap=wrap), WHOLE)
    losses: Iterator[torch.Tensor] = step.optimise(asked, canvas, descent, how.iterations)
    return canvas, [float(loss) for loss in losses]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was recorded; nothing while it says so."""
    made_recordings: list[Any] = []
    original = recording._Recording

    def record(*given: Any) -> Any:
        made_recordings.append(original(*given))
        return made_recordings[-1]

    monkeypatch.setattr(recording, "_Recording", record)
    return made_recordings


@pytest.mark.parametrize("wrap", [TORUS, PLANE], ids=["torus", "plane"])
@pytest.mark.parametrize("exemplar", [30, round(2 * SIDE * CROWD)], ids=["as a whole", "sampled"])
def test_with_new_random_numbers_each_time(
    monkeypatch: pytest.MonkeyPatch, recorded: list[Any], exemplar: int, wrap: Any
) -> None:
    canvas, losses = made(DRAWN, exemplar=exemplar, wrap=wrap)
    assert len(recorded) == 1
    assert len(set(losses)) == len(losses)
    monkeypatch.setattr(recording, "_MOST_TEXELS", 0)
    again, same = made(DRAWN, exemplar=exemplar, wrap=wrap)
    assert len(recorded) == 1
    assert losses == pytest.approx(same, rel=1e-6)
    torch.testing.assert_close(canvas, again, rtol=0, atol=1e-5)


@pytest.mark.parametrize("how", [ADAM, LBFGS], ids=lambda how: type(how).__name__)
def test_with_each_solver(monkeypatch: pytest.MonkeyPatch, recorded: list[Any], how: Solver) -> None:
    canvas, losses = made(FIXED, how)
    assert len(recorded) == 1
    monkeypatch.setattr(recording, "_MOST_TEXELS", 0)
    again, same = made(FIXED, how)
    assert losses == pytest.approx(same, rel=1e-6)
    torch.testing.assert_close(canvas, again, rtol=0, atol=1e-5)


def test_what_cannot_be_recorded_is_done_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that is asked for in the midst of it has to be waited for, which no recording can do."""
    canvas, losses = made(FIXED)
    original = Pyramid.__call__
    monkeypatch.setattr(Pyramid, "__call__", lambda *given: original(*given) * (1 + 0 * float(given[1].detach().sum())))
    again, same = made(FIXED)
    assert losses == pytest.approx(same, rel=1e-6)
    torch.testing.assert_close(canvas, again, rtol=0, atol=1e-5)


def test_a_card_comes_to_the_processors_gradient() -> None:
    """The same numbers are drawn on the CPU, whatever computes."""
    found = []
    for where in ("cpu", "cuda"):
        canvas = noise(1, 3, SIDE, SIDE).to(where)
        net = network(Layer.RELU2_1)
        net = type(net)(kernels=tuple(kernel.to(canvas) for kernel in net.kernels), maps=net.maps)
        goal = Pyramid(DRAWN + FIXED, canvas, around([noise(1, 3, 30, 35, seed=7).to(where)], SIDE, net=net))
        iterate = canvas.clone().requires_grad_()
        loss = solver.descend(goal, iterate, 1.0)
        found.append((loss.cpu(), iterate.grad.cpu()))
    torch.testing.assert_close(found[0], found[1], rtol=1e-6, atol=1e-9)
