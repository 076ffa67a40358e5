from collections.abc import Iterable
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import network

from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.engine.features import vgg
from neural_texture_addon.engine.features.convolution import Kernel
from neural_texture_addon.engine.features.vgg import BLOCKS, PLACES, Network
from neural_texture_addon.engine.torus import HEIGHT, PLANE, TORUS, WIDTH, Wrap, roll
from neural_texture_addon.job.description import Layer, MapKind, Pooling

WEIGHTS = Path(__file__).parents[4] / "shared" / "weights" / "vgg19_features_conv1_1_to_conv3_4.pth"
ACROSS, DOWN = Wrap(x=True, y=False), Wrap(x=False, y=True)
CPU = torch.device("cpu")


def image(height: int, width: int, channels: int = 3, seed: int = 5) -> torch.Tensor:
    return torch.rand(1, channels, height, width, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def canvas_features(
    canvas: torch.Tensor, layers: Iterable[Layer], wrap: Wrap = TORUS, pooling: Pooling = Pooling.AVERAGE, **fields
) -> dict[str, torch.Tensor]:
    return network(vgg.deepest(layers), **fields).on_canvas(canvas, layers, pooling, wrap)


@pytest.mark.parametrize(("pooling", "most"), [(Pooling.AVERAGE, 0.02), (Pooling.MAXIMUM, 0.15)])
def test_in_bfloat16_the_features_and_the_gradient_are_nearly_those_of_single_precision(
    pooling: Pooling, most: float
) -> None:
    """And they are in single precision, whatever the network runs in. Of two values that are nearly equal, rounding
    may choose the other for the maximum: then its gradient goes elsewhere.
    """
    layers, picture = [Layer.RELU1_1, Layer.RELU3_1], image(48, 64).float()
    exact = network(Layer.RELU3_1, width=16)
    found = []
    for number in (torch.float32, torch.bfloat16):
        kernels = tuple(kernel.to(torch.empty(0, dtype=number)) for kernel in exact.kernels)
        canvas = picture.clone().requires_grad_()
        seen = Network(kernels=kernels, maps=(3,)).on_canvas(canvas, layers, pooling, TORUS)
        sum(maps.square().mean() for maps in seen.values()).backward()
        found.append([*(seen[layer].detach() for layer in layers), canvas.grad])
    for single, half in zip(*found, strict=True):
        assert half.dtype == torch.float32
        assert float((half - single).norm()) <= most * float(single.norm())
        assert not torch.equal(half, single)


@pytest.mark.gpu
@pytest.mark.parametrize("pooling", Pooling)
@pytest.mark.parametrize("wrap", [TORUS, PLANE], ids=["torus", "plane"])
@pytest.mark.parametrize(
    ("size", "between"), [((48, 64), Layer.RELU1_2), ((48, 64), Layer.POOL1), ((2, 6), Layer.POOL1)]
)
def test_on_a_card_in_bfloat16_it_is_nearly_that_of_the_cpu(
    pooling: Pooling, wrap: Wrap, size: tuple[int, int], between: Layer
) -> None:
    """Whether its tasks are fused, as they are without a layer of a pooling, or not."""
    layers, exact, found = [Layer.RELU1_1, between, Layer.RELU2_1], network(Layer.RELU2_1, width=16), []
    for like in (torch.empty(0, dtype=torch.float64), torch.empty(0, dtype=torch.bfloat16, device="cuda")):
        net = Network(kernels=tuple(kernel.to(like) for kernel in exact.kernels), maps=(3,))
        canvas = image(*size).to(like.device, torch.float64 if like.device.type == "cpu" else torch.float32)
        seen = net.on_canvas(canvas.requires_grad_(), layers, pooling, wrap)
        sum(maps.double().square().mean() for maps in seen.values()).backward()
        found.append([*(seen[layer].detach().cpu().double() for layer in layers), canvas.grad.cpu().double()])
    most = 0.02 if pooling is Pooling.AVERAGE else 0.15
    for expected, half in zip(*found, strict=True):
        assert float((half - expected).norm()) <= most * float(expected.norm())


@pytest.fixture
def theirs() -> torch.nn.Sequential:
    """torchvision's VGG-19 with weights of its own, in double precision; narrower, which is faster."""
    models = pytest.importorskip("torchvision").models.vgg
    torch.manual_seed(1)
    narrow = [outputs if outputs == "M" else outputs // 16 for outputs in models.cfgs["E"]]
    return models.make_layers(narrow).double().requires_grad_(False)


def steps_of_theirs(theirs: torch.nn.Sequential, x: torch.Tensor, pooling: Pooling) -> dict[str, torch.Tensor]:
    """The output of each of their modules by our names, in the order of `Layer`."""
    outputs = []
    for module in theirs:
        if isinstance(module, torch.nn.MaxPool2d) and pooling is Pooling.AVERAGE:
            module = torch.nn.AvgPool2d(2)
        x = module(x)
        if not isinstance(module, torch.nn.Conv2d):
            outputs.append(x[0])
    return {layer.value: output for layer, output in zip(Layer, outputs, strict=True)}


@pytest.mark.parametrize("pooling", Pooling)
def test_every_layer_is_torchvisions_inside(theirs: torch.nn.Sequential, pooling: Pooling) -> None:
    """At the border torchvision sees zeros; so only the middle of a picture is compared."""
    convolutions = [module for module in theirs if isinstance(module, torch.nn.Conv2d)]
    ours = Network(kernels=tuple(Kernel.of(c.weight, c.bias) for c in convolutions), maps=(3,))
    side = 288
    picture = image(side, side + 32)
    mean, deviation = (torch.tensor(v, dtype=torch.float64).view(3, 1, 1) for v in (vgg._MEAN, vgg._DEVIATION))
    expected = steps_of_theirs(theirs, (picture - mean) / deviation, pooling)
    seen = ours.on_canvas(picture, list(Layer), pooling, TORUS)
    assert seen.keys() == expected.keys()
    for layer, place in PLACES.items():
        far = place.reach
        inner = slice(far, side // place.stride - far)
        assert inner.stop > inner.start
        assert seen[layer].shape == expected[layer].shape
        torch.testing.assert_close(seen[layer][:, inner, inner], expected[layer][:, inner, inner])
        assert not torch.allclose(seen[layer][:, 0], expected[layer][:, 0])


@given(st.integers(-9, 9), st.integers(-9, 9), st.sampled_from(list(Layer)), st.sampled_from(Pooling))
@settings(max_examples=30)
def test_rolling_the_canvas_rolls_the_features(dy: int, dx: int, layer: Layer, pooling: Pooling) -> None:
    stride = PLACES[layer].stride
    canvas = image(3 * stride, 2 * stride)
    before = canvas_features(canvas, [layer], pooling=pooling)[layer]
    rolled_first = canvas_features(roll(canvas, dy * stride, dx * stride), [layer], pooling=pooling)[layer]
    assert before.shape[1:] == (3, 2)
    torch.testing.assert_close(rolled_first, roll(before[None], dy, dx)[0], rtol=0, atol=1e-14)


def test_no_average_over_rolled_views_is_needed() -> None:
    """Half a canvas further the border lies elsewhere, and nothing changes: one look is as good as many."""
    canvas = image(16, 24)
    plain = canvas_features(canvas, [Layer.RELU3_1])[Layer.RELU3_1]
    halfway = canvas_features(roll(canvas, 8, 12), [Layer.RELU3_1])[Layer.RELU3_1]
    torch.testing.assert_close(roll(halfway[None], 2, 3)[0], plain, rtol=0, atol=1e-14)


@pytest.mark.parametrize(("wrap", "dim"), [(ACROSS, WIDTH), (DOWN, HEIGHT)])
def test_along_a_single_wrapped_axis_the_features_roll_too(wrap: Wrap, dim: int) -> None:
    canvas, layer = image(16, 16), Layer.POOL2
    before = canvas_features(canvas, [layer], wrap)[layer]
    rolled, across = (
        canvas_features(canvas.roll(4, axis), [layer], wrap)[layer] for axis in (dim, HEIGHT + WIDTH - dim)
    )
    torch.testing.assert_close(rolled, before.roll(1, dim - 1), rtol=0, atol=1e-14)
    assert not torch.allclose(across, before.roll(1, HEIGHT + WIDTH - dim - 1))


def test_a_canvas_that_must_be_resized_first_rolls_too() -> None:
    """From 12 px to 16 for a stride of 8; half of either is a whole number of texels, and of places."""
    canvas, layer = image(12, 12), Layer.POOL3
    before = canvas_features(canvas, [layer])[layer]
    rolled = canvas_features(roll(canvas, 6, 6), [layer])[layer]
    assert before.shape[1:] == (2, 2)
    torch.testing.assert_close(rolled, roll(before[None], 1, 1)[0], rtol=0, atol=1e-13)


@given(st.integers(8, 40), st.integers(8, 40), st.sampled_from([TORUS, ACROSS, PLANE]), st.sampled_from(Pooling))
@settings(max_examples=30)
def test_no_texel_of_the_canvas_goes_unseen(height: int, width: int, wrap: Wrap, pooling: Pooling) -> None:
    """Also where the stride doesn't divide its sides."""
    canvas = image(height, width).requires_grad_()
    canvas_features(canvas, [Layer.RELU4_1], wrap, pooling, width=24)[Layer.RELU4_1].square().sum().backward()
    strength = canvas.grad.abs().sum((0, 1))
    assert float(strength.sum(0).min()) > 0
    assert float(strength.sum(1).min()) > 0
    if pooling is Pooling.AVERAGE:
        assert float(strength.min()) > 0


@pytest.mark.parametrize("side", [24, 27, 29, 31, 33])
def test_no_line_of_the_canvas_counts_more_than_another(side: int) -> None:
    """Else the optimiser would draw the border, or the seams of a resizing, into the picture."""
    total = torch.zeros(side, side, dtype=torch.float64)
    for seed in range(12):
        canvas = image(side, side, seed=seed).requires_grad_()
        canvas_features(canvas, [Layer.RELU3_1], width=16)[Layer.RELU3_1].square().sum().backward()
        total += canvas.grad.square().sum((0, 1))
    for lines in (total.mean(0), total.mean(1)):
        assert float(lines[[0, -1]].mean()) < 1.25 * float(lines.max())
        assert float(lines.min()) > 0.4 * float(lines.mean())
        assert float(lines.max()) < 2 * float(lines.mean())


@pytest.mark.parametrize("layer", [layer for layer, place in PLACES.items() if 4 * place.reach * place.stride <= 128])
@pytest.mark.parametrize("pooling", Pooling)
@pytest.mark.parametrize(("height", "width"), [(128, 136), (129, 143)])
def test_what_lies_beyond_an_exemplars_border_changes_nothing(
    layer: Layer, pooling: Pooling, height: int, width: int
) -> None:
    whole, seen = image(192, 192), network(layer)
    part = whole[:, :, 32 : 32 + height, 32 : 32 + width]
    reach, stride = PLACES[layer].reach, PLACES[layer].stride
    inside = seen.on_exemplar(part, [layer], pooling)[layer]
    around = seen.on_canvas(whole, [layer], pooling, TORUS)[layer]
    first = 32 // stride + reach
    assert inside.shape[1:] == (height // stride - 2 * reach, width // stride - 2 * reach)
    torch.testing.assert_close(inside, around[:, first : first + inside.shape[1], first : first + inside.shape[2]])


@given(st.integers(1, 64), st.integers(1, 64), st.sampled_from(list(Layer)), st.sampled_from(Pooling))
def test_any_exemplar_shows_something(height: int, width: int, layer: Layer, pooling: Pooling) -> None:
    """In the coarse octaves it may be smaller than what a place of a deep layer stands for."""
    seen = network(layer).on_exemplar(image(height, width), [layer], pooling)[layer]
    assert seen.shape[0] == 4
    assert min(seen.shape) >= 1
    assert seen.isfinite().all()


@pytest.mark.parametrize("side", [16, 32, 64])
def test_of_a_small_exemplar_the_middle_half_is_kept_at_least(side: int) -> None:
    seen = network(Layer.RELU4_1).on_exemplar(image(side, side), [Layer.RELU4_1], Pooling.AVERAGE)[Layer.RELU4_1]
    assert seen.shape[1] * 8 >= side / 2


@pytest.mark.parametrize("layer", Layer)
def test_a_network_need_be_no_deeper_than_its_deepest_layer(layer: Layer) -> None:
    canvas = image(32, 32)
    shallow, deep = network(layer), network()
    assert len(shallow.kernels) == PLACES[layer].convolutions
    one, other = (net.on_canvas(canvas, [layer], Pooling.AVERAGE, TORUS) for net in (shallow, deep))
    assert set(one) == {layer}
    assert torch.equal(one[layer], other[layer])


def test_a_network_that_is_too_shallow_says_so() -> None:
    with pytest.raises(ValueError, match="relu3_2"):
        network(Layer.RELU3_1).on_canvas(image(8, 8), [Layer.RELU1_1, Layer.RELU3_2], Pooling.AVERAGE, TORUS)


def test_layers_can_be_asked_for_in_any_order() -> None:
    canvas, layers = image(16, 16), [Layer.POOL2, Layer.RELU1_1, Layer.RELU3_4, Layer.RELU2_2]
    seen = canvas_features(canvas, layers)
    assert set(seen) == set(layers)
    for layer, map_ in canvas_features(canvas, layers[::-1]).items():
        assert torch.equal(seen[layer], map_)


def test_each_map_is_a_picture_of_its_own() -> None:
    """A single channel as grey; the features stand side by side."""
    canvas, layer = image(12, 12, channels=4), Layer.RELU2_1
    both = network(layer, maps=(3, 1)).on_canvas(canvas, [layer], Pooling.AVERAGE, TORUS)[layer]
    parts = [canvas[:, :3], canvas[:, 3:].expand(-1, 3, -1, -1)]
    alone = [network(layer).on_canvas(part, [layer], Pooling.AVERAGE, TORUS)[layer] for part in parts]
    torch.testing.assert_close(both, torch.cat(alone))


@pytest.mark.parametrize("wrap", [TORUS, ACROSS, PLANE])
@pytest.mark.parametrize(("height", "width"), [(4, 8), (5, 7)])
def test_the_gradient_is_that_of_finite_differences(wrap: Wrap, height: int, width: int) -> None:
    def features(canvas: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(canvas_features(canvas, [Layer.RELU1_1, Layer.RELU2_1], wrap, width=2).values())

    assert torch.autograd.gradcheck(features, image(height, width).requires_grad_())


def test_places_follow_from_the_blocks() -> None:
    assert list(PLACES) == list(Layer)
    assert PLACES[Layer.POOL5].convolutions == sum(BLOCKS) == 16
    assert [PLACES[Layer(f"pool{block}")].stride for block in range(1, 6)] == [2, 4, 8, 16, 32]
    assert vgg.deepest([Layer.RELU2_1, Layer.POOL4, Layer.RELU4_4]) is Layer.POOL4


@pytest.fixture
def real_weights() -> str:
    if not WEIGHTS.is_file():
        pytest.skip(f"{WEIGHTS.name} is not in the folder beside the repository's")
    return str(WEIGHTS)


@pytest.mark.weights
def test_the_trained_network_is_torchvisions(real_weights: str) -> None:
    models = pytest.importorskip("torchvision").models.vgg
    ours = vgg.load(real_weights, [Layer.RELU1_1, Layer.RELU3_4], (MapKind.COLOUR,), CPU)
    theirs = models.make_layers(models.cfgs["E"][:10]).requires_grad_(False)
    state = torch.load(real_weights, weights_only=True)
    theirs.load_state_dict({key.removeprefix("features."): tensor for key, tensor in state.items()})
    picture = image(96, 96).float()
    normalised = (picture - torch.tensor(vgg._MEAN).view(3, 1, 1)) / torch.tensor(vgg._DEVIATION).view(3, 1, 1)
    expected = theirs(normalised)[0]
    seen = ours.on_canvas(picture, [Layer.RELU3_4], Pooling.MAXIMUM, TORUS)[Layer.RELU3_4]
    far = PLACES[Layer.RELU3_4].reach
    torch.testing.assert_close(seen[:, far:-far, far:-far], expected[:, far:-far, far:-far], rtol=1e-4, atol=5e-3)


@pytest.mark.weights
def test_no_more_of_the_trained_network_is_loaded_than_needed(real_weights: str) -> None:
    shallow = vgg.load(real_weights, [Layer.POOL2, Layer.RELU1_2], (MapKind.COLOUR, MapKind.HEIGHT), CPU)
    assert [tuple(kernel.weight.shape[:2]) for kernel in shallow.kernels] == [(64, 3), (64, 64), (128, 64), (128, 128)]
    assert shallow.maps == (3, 1)


@pytest.mark.weights
def test_weights_that_end_too_soon_are_bad_input(real_weights: str) -> None:
    with pytest.raises(InputError, match="relu4_1 needs conv4_1") as said:
        vgg.load(real_weights, [Layer.RELU4_1], (MapKind.COLOUR,), CPU)
    assert len(str(said.value).splitlines()) == 1
