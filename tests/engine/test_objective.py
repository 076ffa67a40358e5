import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import anew, network, objective, waves

from neural_texture_addon.engine import solver
from neural_texture_addon.engine.exemplar import Exemplar
from neural_texture_addon.engine.objective import Objective, Surroundings
from neural_texture_addon.engine.schedule import Octave
from neural_texture_addon.engine.torus import PLANE, TORUS, Wrap, resize, roll
from neural_texture_addon.job.description import (
    Adam,
    ChannelMean,
    Content,
    Gram,
    Histogram,
    Layer,
    MapKind,
    Patches,
    PatternEnhancement,
    Pooling,
    SlicedWasserstein,
    Texels,
    TotalVariation,
    Vgg19,
)

WRAPS = [Wrap(x=x, y=y) for x in (False, True) for y in (False, True)]
shifts = st.integers(-30, 30)


def term(weight: float = 1.0, stride: int = 1, size: int = 5, filters: int = 6) -> SlicedWasserstein:
    return SlicedWasserstein(weight=weight, features=Patches(size=size, filters=filters, stride=stride, stride_from=0))


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def aim(
    *terms: SlicedWasserstein, exemplars: list[torch.Tensor] | None = None, wrap: Wrap = TORUS, seed: int = 3, **fields
) -> Objective:
    exemplars = [noise(1, 3, 20, 24, seed=7).square()] if exemplars is None else exemplars
    weights = fields.pop("weights", [1.0] * len(exemplars))
    around = Surroundings(
        exemplars=[
            Exemplar(texels=e, weight=w, index=i) for i, (e, w) in enumerate(zip(exemplars, weights, strict=True))
        ],
        content=fields.pop("content", None),
        maps=(MapKind.COLOUR,),
        octave=fields.pop("octave", Octave(width=256, height=256, scale=1.0, fineness=1.0, extent=256)),
        wrap=wrap,
        network=fields.pop("network", None),
        generator=torch.Generator().manual_seed(seed),
    )
    start = fields.pop("start", noise(1, 3, 16, 16))
    assert not fields
    return Objective(terms, start, around)


def loss_and_gradient(canvas: torch.Tensor, *terms: SlicedWasserstein, **fields) -> tuple[torch.Tensor, torch.Tensor]:
    canvas = canvas.clone().requires_grad_()
    loss = aim(*terms, **fields)(canvas)
    loss.backward()
    return loss.detach(), canvas.grad


@given(st.integers(8, 20), st.integers(8, 20), shifts, shifts)
def test_rolling_the_canvas_leaves_the_loss_and_rolls_its_gradient(h: int, w: int, dy: int, dx: int) -> None:
    canvas = noise(1, 3, h, w)
    loss, gradient = loss_and_gradient(canvas, term())
    loss_rolled, gradient_rolled = loss_and_gradient(roll(canvas, dy, dx), term())
    torch.testing.assert_close(loss_rolled, loss)
    torch.testing.assert_close(gradient_rolled, roll(gradient, dy, dx))


@given(st.sampled_from([(True, False), (False, True)]), shifts)
def test_along_a_single_wrapped_axis_the_gradient_rolls_too(axes: tuple[bool, bool], shift: int) -> None:
    canvas, wrap = noise(1, 2, 14, 11), Wrap(x=axes[0], y=axes[1])
    exemplars = [noise(1, 2, 20, 20, seed=7)]
    dy, dx = shift * axes[1], shift * axes[0]
    loss, gradient = loss_and_gradient(canvas, term(), wrap=wrap, exemplars=exemplars)
    loss_rolled, rolled = loss_and_gradient(roll(canvas, dy, dx), term(), wrap=wrap, exemplars=exemplars)
    torch.testing.assert_close(loss_rolled, loss)
    torch.testing.assert_close(rolled, roll(gradient, dy, dx))


def test_along_an_axis_with_an_end_the_loss_changes() -> None:
    canvas = noise(1, 3, 12, 12)
    loss, _ = loss_and_gradient(canvas, term(), wrap=PLANE)
    rolled, _ = loss_and_gradient(roll(canvas, 3, 3), term(), wrap=PLANE)
    assert abs(float(loss - rolled)) > 1e-6


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("wrap", WRAPS)
def test_the_gradient_is_that_of_finite_differences(stride: int, wrap: Wrap) -> None:
    exemplars = [noise(1, 2, 9, 10, seed=7), noise(1, 2, 11, 8, seed=8)]

    def loss(canvas: torch.Tensor) -> torch.Tensor:  # a new objective each time: the same filters
        return aim(term(stride=stride, size=3, filters=3), exemplars=exemplars, wrap=wrap, weights=[1.0, 2.0])(canvas)

    assert torch.autograd.gradcheck(anew(loss), noise(1, 2, 7, 6).requires_grad_())


@given(st.floats(-10, 10), st.floats(-10, 10))
@settings(max_examples=20)
def test_the_loss_is_the_signed_sum_of_its_terms(first: float, second: float) -> None:
    """The second term's filters are drawn after the first's, whatever their weights."""
    canvas = noise(1, 3, 12, 12)
    one, other = (loss_and_gradient(canvas, *terms) for terms in ((term(1), term(0)), (term(0), term(1))))
    loss, gradient = loss_and_gradient(canvas, term(first), term(second))
    torch.testing.assert_close(loss, first * one[0] + second * other[0])
    torch.testing.assert_close(gradient, first * one[1] + second * other[1])


def test_a_negative_weight_turns_the_gradient_around() -> None:
    canvas = noise(1, 3, 12, 12)
    loss, gradient = loss_and_gradient(canvas, term(2.0))
    loss_away, gradient_away = loss_and_gradient(canvas, term(-2.0))
    assert float(loss) > 0
    assert torch.equal(loss_away, -loss)
    assert torch.equal(gradient_away, -gradient)


@pytest.mark.parametrize("channels", [1, 2, 4, 7])
def test_any_number_of_channels_will_do(channels: int) -> None:
    exemplars = [noise(1, channels, 16, 16, seed=7)]
    loss, gradient = loss_and_gradient(noise(1, channels, 12, 12), term(stride=2), exemplars=exemplars)
    assert float(loss) > 0
    assert all(float(gradient[:, c].abs().max()) > 0 for c in range(channels))


def test_an_exemplar_without_weight_leaves_no_trace() -> None:
    canvas, style = noise(1, 3, 12, 12), noise(1, 3, 16, 20, seed=7)
    loss, gradient = loss_and_gradient(canvas, term(), exemplars=[style])
    both = [style, torch.ones_like(style)]
    loss_of_both, gradient_of_both = loss_and_gradient(canvas, term(), exemplars=both, weights=[1.0, 0.0])
    assert torch.equal(loss, loss_of_both)
    assert torch.equal(gradient, gradient_of_both)


@pytest.mark.parametrize("copies", [1, 4])
def test_a_roll_of_a_regular_exemplar_costs_little(copies: int) -> None:
    """Its windows are those of the exemplar, but for how often each occurs at the exemplar's border."""
    tile = torch.tensor([0.1, 0.1, 0.9, 0.9], dtype=torch.float64).repeat(8).expand(1, 1, 32, 32).contiguous()
    exemplars = [tile.repeat(1, 1, copies, copies)]
    perfect, far = (
        sum(float(aim(term(), exemplars=exemplars, seed=seed)(canvas)) for seed in range(10))
        for canvas in (roll(tile, 5, 7), noise(1, 1, 32, 32))
    )
    assert perfect < 0.25 * far


def test_the_stride_waits_for_the_size_it_is_asked_from() -> None:
    spec = SlicedWasserstein(features=Patches(size=3, filters=2, stride=4, stride_from=64))
    canvas, exemplar = noise(1, 1, 16, 16), noise(1, 1, 32, 32)

    def loss(side: int) -> float:
        octave = Octave(width=side, height=side, scale=1.0, fineness=1.0, extent=side)
        return float(aim(spec, exemplars=[exemplar], octave=octave)(canvas))

    assert loss(16) == loss(63)
    assert loss(64) == loss(65)
    assert loss(63) != loss(64)


def test_the_exemplar_is_scaled_with_the_octave() -> None:
    """At half the size, the canvas that equals the halved exemplar is at distance zero."""
    exemplar = noise(1, 3, 40, 60)
    octave = Octave(width=30, height=20, scale=0.5, fineness=0.0, extent=20)
    halved = resize(exemplar, 20, 30, PLANE).clamp(0, 1)
    assert float(aim(Histogram(features=Texels()), exemplars=[exemplar], octave=octave)(halved)) == 0


@given(
    st.integers(1, 8),
    st.integers(1, 7),
    st.tuples(st.integers(8, 40), st.integers(8, 40)),
    st.tuples(st.integers(8, 150), st.integers(8, 150)),
    st.sampled_from(WRAPS),
)
def test_any_canvas_meets_any_exemplar(
    stride: int, size: int, canvas: tuple[int, int], exemplar: tuple[int, int], wrap: Wrap
) -> None:
    """An exemplar much larger, much smaller, or of another shape than the canvas."""
    loss, gradient = loss_and_gradient(
        noise(1, 1, *canvas), term(stride=stride, size=size, filters=2), exemplars=[noise(1, 1, *exemplar)], wrap=wrap
    )
    assert loss.isfinite()
    assert gradient.isfinite().all()


def test_the_loss_falls_by_a_lot_on_a_toy_exemplar() -> None:
    """The windows of an exemplar without wrap show two whole waves."""
    waves = (0.5 + 0.4 * torch.sin(torch.arange(23.0) * 2 * torch.pi / 10)).expand(1, 1, 23, 23)
    canvas = torch.rand(1, 1, 20, 20, generator=torch.Generator().manual_seed(1))
    goal = aim(term(size=4, filters=16), exemplars=[waves.contiguous()])
    losses = [float(loss) for loss in solver.minimise(canvas, goal, Adam(iterations=120))]
    assert sum(losses[-10:]) < 0.2 * sum(losses[:10])


NETWORK = network(Layer.RELU3_1)


def through(*layers: Layer, **weighed: float) -> Vgg19:
    return Vgg19(layers={**dict.fromkeys(layers, 1.0), **{Layer(layer): weight for layer, weight in weighed.items()}})


def test_terms_see_the_exemplars_that_they_name_by_their_places_in_the_job() -> None:
    """A weightless exemplar between them, which is not even loaded, moves no other's place."""
    dark, light, canvas = 0.3 * noise(1, 3, 12, 12), 1 - 0.3 * noise(1, 3, 12, 12), noise(1, 3, 10, 10)
    given = {"exemplars": [dark, light], "indices": [0, 2], "weights": [1.0, 3.0]}

    def loss(*terms: ChannelMean | SlicedWasserstein, **fields) -> float:
        return float(objective(*terms, **(given | fields))(canvas))

    for family in (Texels(), Patches(size=3, filters=4, stride_from=0)):
        first, last, both, all_ = (Histogram(features=family, exemplars=chosen) for chosen in ((0,), (2,), (0, 2), ()))
        assert loss(first) == loss(all_, exemplars=[dark], indices=[0], weights=[1.0])
        assert loss(last) == loss(all_, exemplars=[light], indices=[0], weights=[1.0])
        assert loss(both) == loss(all_)
        assert len({loss(first), loss(last), loss(both)}) == 3
        assert loss(first, last) == pytest.approx(loss(first) + loss(last))


@given(st.floats(0.1, 100))
@settings(max_examples=5)
def test_of_the_layers_weights_only_the_proportions_count(factor: float) -> None:
    canvas, exemplars = noise(1, 3, 8, 8), [waves(16, 16)]

    def loss(**layers: float) -> float:
        return float(objective(Gram(features=through(**layers)), exemplars=exemplars, net=NETWORK)(canvas))

    one, other = loss(relu1_1=1.0), loss(relu2_2=1.0)
    assert loss(relu1_1=factor, relu2_2=3 * factor) == pytest.approx(0.25 * one + 0.75 * other)
    assert loss(relu1_1=factor, relu2_2=-3 * factor) == pytest.approx(0.25 * one - 0.75 * other)
    assert loss(relu1_1=factor, relu3_1=0.0) == pytest.approx(one)


def test_a_layer_without_weight_need_not_be_in_the_network() -> None:
    term = Gram(features=through(relu2_1=1.0, relu5_4=0.0))
    loss = objective(term, exemplars=[waves(16, 16)], net=network(Layer.RELU2_1))(noise(1, 3, 8, 8))
    assert loss.isfinite()


def test_terms_that_share_a_network_cost_what_they_cost_apart() -> None:
    """Each has its own layers, and its own targets, whatever the others look at; those that pool otherwise, too."""
    canvas, exemplars = noise(1, 3, 16, 16), [waves(32, 32)]
    terms = (
        Gram(features=through(Layer.RELU1_1)),
        ChannelMean(weight=2.0, features=through(Layer.RELU2_1)),
        ChannelMean(weight=-1.0, features=Vgg19(layers={Layer.RELU2_1: 1.0}, pooling=Pooling.MAXIMUM)),
        PatternEnhancement(features=through(Layer.RELU2_2)),
    )
    apart = sum(float(objective(term, exemplars=exemplars, net=NETWORK)(canvas)) for term in terms)
    assert float(objective(*terms, exemplars=exemplars, net=NETWORK)(canvas)) == pytest.approx(apart)


def test_the_network_pools_as_the_term_says() -> None:
    canvas, content = noise(1, 3, 8, 8), noise(1, 3, 8, 8, seed=4)
    for pooling in Pooling:
        term = Content(features=Vgg19(layers={Layer.POOL1: 1.0}, pooling=pooling))
        goal = objective(term, exemplars=[], content=content, start=canvas, net=NETWORK)
        seen, wanted = (NETWORK.on_canvas(c, [Layer.POOL1], pooling, TORUS)["pool1"] for c in (canvas, content))
        expected = (seen - wanted).square().sum() / wanted.square().sum()
        assert float(goal(canvas)) == pytest.approx(float(expected))


def test_without_an_exemplar_the_start_is_the_unit() -> None:
    start = noise(1, 3, 16, 16)
    for term in (PatternEnhancement(features=through(Layer.RELU1_1)), PatternEnhancement(features=Texels())):
        goal = objective(term, exemplars=[], start=start, net=NETWORK)
        assert float(goal(start)) == pytest.approx(-1)
    twice = objective(PatternEnhancement(features=Texels()), exemplars=[], start=start)
    assert float(twice(2 * start)) == pytest.approx(-2)
    assert float(objective(TotalVariation(), exemplars=[], start=start)(0.5 * start)) == pytest.approx(0.5, rel=0.02)


MAPS = (MapKind.HEIGHT, MapKind.COLOUR, MapKind.ROUGHNESS)


@pytest.mark.parametrize("family", [Texels(), through(Layer.RELU1_1, Layer.RELU2_1)])
def test_a_content_image_is_followed_by_the_colour_and_leaves_the_other_maps_alone(family: Texels | Vgg19) -> None:
    content = noise(1, 3, 8, 8, seed=4)
    canvas = torch.cat((noise(1, 1, 8, 8), content, noise(1, 1, 8, 8, seed=1)), 1)

    def loss_and_slope(canvas: torch.Tensor) -> tuple[float, torch.Tensor]:
        net = network(Layer.RELU2_1, maps=(1, 3, 1))
        canvas = canvas.clone().requires_grad_()
        goal = objective(
            Content(features=family), exemplars=[], content=content, start=0 * canvas.detach(), net=net, maps=MAPS
        )
        loss = goal(canvas)
        loss.backward()
        return float(loss.detach()), canvas.grad[0].abs().sum((1, 2))

    assert loss_and_slope(canvas)[0] == 0
    loss, slopes = loss_and_slope(1 - canvas)
    assert loss > 0.1
    assert [float(slope) > 0 for slope in slopes] == [False, True, True, True, False]


def test_content_is_brought_to_the_size_of_the_octave() -> None:
    goal = objective(Content(features=Texels()), exemplars=[], content=noise(1, 3, 32, 48), start=noise(1, 3, 8, 12))
    smaller = resize(noise(1, 3, 32, 48), 8, 12, TORUS)
    assert float(goal(smaller)) == 0
    with pytest.raises(ValueError, match="content of shape"):
        goal(noise(1, 3, 8, 10))
