import dataclasses
import sys
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from toys import filters, network, noise, objective

from neural_texture_addon.engine import tiles
from neural_texture_addon.engine.features.patches import PatchLens
from neural_texture_addon.engine.features.vgg import PLACES, Network, NetworkLens
from neural_texture_addon.engine.features.view import TexelLens
from neural_texture_addon.engine.tiles import Plan
from neural_texture_addon.engine.torus import TORUS, Wrap
from neural_texture_addon.job.description import (
    Autocorrelation,
    Centring,
    ChannelMean,
    Content,
    Gram,
    Histogram,
    Layer,
    MapKind,
    Moments,
    NearestPatches,
    Patches,
    PatternAlignment,
    PatternEnhancement,
    Pooling,
    PowerSpectrum,
    SlicedWasserstein,
    Term,
    Texels,
    TotalVariation,
    ValueRange,
    Vgg19,
)

WRAPS = st.sampled_from([Wrap(x=x, y=y) for x in (False, True) for y in (False, True)])
SHAPES = st.tuples(st.integers(9, 44), st.integers(9, 44))
PLANS = st.builds(Plan, side=st.integers(3, 40), room=st.sampled_from([0, 9000, 2**40]))
NETWORK = network(Layer.RELU3_2)
PATCHES = st.builds(
    Patches, size=st.integers(2, 9), filters=st.just(5), stride=st.integers(1, 4), stride_from=st.just(0)
)
VGG = st.builds(
    Vgg19,
    layers=st.dictionaries(
        st.sampled_from([Layer.RELU1_1, Layer.POOL1, Layer.RELU2_1, Layer.RELU3_1, Layer.RELU3_2]),
        st.sampled_from([1.0, 0.3, -0.5]),
        min_size=1,
    ),
    pooling=st.sampled_from(Pooling),
)
PLACED, ANYWHERE = st.just(Texels()) | VGG, st.just(Texels()) | VGG | PATCHES
ANY = SlicedWasserstein, ChannelMean, Moments, Gram, Histogram
"""Terms of any features."""
KINDS: dict[type, st.SearchStrategy[Any]] = {
    SlicedWasserstein: st.builds(SlicedWasserstein, features=ANYWHERE, projections=st.just(6)),
    ChannelMean: st.builds(ChannelMean, features=ANYWHERE),
    Moments: st.builds(Moments, features=ANYWHERE),
    Gram: st.builds(Gram, features=ANYWHERE, centring=st.sampled_from(Centring)),
    Histogram: st.builds(Histogram, features=ANYWHERE),
    PowerSpectrum: st.builds(PowerSpectrum, features=PLACED),
    Autocorrelation: st.builds(Autocorrelation, features=PLACED),
    NearestPatches: st.builds(
        NearestPatches, size=st.integers(2, 9), components=st.just(6), stride=st.integers(1, 4), candidates=st.just(99)
    ),
    PatternEnhancement: st.builds(PatternEnhancement, features=PLACED),
    PatternAlignment: st.builds(PatternAlignment, features=PLACED),
    Content: st.builds(Content, features=PLACED),
    TotalVariation: st.just(TotalVariation()),
    ValueRange: st.just(ValueRange()),
}
TERMS = st.one_of(*KINDS.values())


def sloped(
    canvas: torch.Tensor, *terms: Term, plan: Plan | None, net: Network = NETWORK, **fields: Any
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss and its gradient."""
    like = {"dtype": canvas.dtype}
    exemplars = fields.pop("exemplars", [noise(1, canvas.shape[1], 30, 26, seed=7), noise(1, canvas.shape[1], 21, 28)])
    net = dataclasses.replace(net, kernels=tuple(kernel.to(canvas) for kernel in net.kernels))
    canvas = canvas.clone().requires_grad_()
    goal = objective(
        *terms,
        exemplars=[exemplar.to(**like) for exemplar in exemplars],
        content=noise(1, 3, 24, 24, seed=8).to(**like),
        start=noise(*canvas.shape, seed=9).to(**like),
        net=net,
        plan=plan,
        **fields,
    )
    loss = goal(canvas)
    loss.backward()
    return loss.detach(), canvas.grad


def check_in_pieces(canvas: torch.Tensor, *terms: Term, plan: Plan, **fields: Any) -> None:
    """No difference, or ten times that of each texel's last bit, and 1e-8 at most: features that hardly vary."""
    whole, pieces = (sloped(canvas, *terms, plan=p, **fields) for p in (None, plan))
    moved = sloped(canvas * (1 + torch.finfo(canvas.dtype).eps), *terms, plan=None, **fields)
    assert float(whole[1].norm()) > 0
    for mine, theirs, beside in zip(pieces, whole, moved, strict=True):
        size, last_bit = float(theirs.norm()), float((beside - theirs).norm())
        assert float((mine - theirs).norm()) <= 1e-13 + max(1e-11 * size, min(10 * last_bit, 1e-8 * size))


@pytest.mark.parametrize("kind", KINDS)
@given(st.data(), SHAPES, WRAPS, PLANS)
@settings(max_examples=40)
def test_in_pieces_the_gradient_is_that_of_the_whole(
    kind: type, data: st.DataObject, shape: tuple[int, int], wrap: Wrap, plan: Plan
) -> None:
    """Of any term, features, canvas and pieces."""
    canvas, term = 1.4 * noise(1, 3, *shape) - 0.2, data.draw(KINDS[kind])
    assume(sloped(canvas, term, plan=None, wrap=wrap)[1].any())  # the little network may see nothing in a few texels
    check_in_pieces(canvas, term, plan=plan, wrap=wrap)


@pytest.mark.parametrize("kind", KINDS)
@given(st.data(), SHAPES, WRAPS, PLANS)
@settings(max_examples=25)
def test_in_the_precision_of_a_canvas_it_is_as_near_as_that_allows(
    kind: type, data: st.DataObject, shape: tuple[int, int], wrap: Wrap, plan: Plan
) -> None:
    """A canvas far from its target: near it, rounding is all that there is. The whole has its own, so what is as near
    to the gradient in double precision is near enough."""
    canvas, term = 1.9 * noise(1, 3, *shape).float() - 0.9, data.draw(KINDS[kind])
    whole, pieces = (sloped(canvas, term, plan=p, wrap=wrap)[1] for p in (None, plan))
    is_wrong = differ(pieces, whole) and differ(pieces, sloped(canvas.double(), term, plan=None, wrap=wrap)[1])
    if is_wrong:
        assume(not is_at_a_tie(canvas, term, wrap))
    assert not is_wrong


@pytest.mark.parametrize("kind", [SlicedWasserstein, Histogram])
@given(PATCHES, SHAPES, WRAPS, st.integers(3, 50))
@settings(max_examples=40)
def test_in_place_the_gradient_is_that_of_autograd(
    kind: type[Any], patches: Patches, shape: tuple[int, int], wrap: Wrap, side: int
) -> None:
    """Which is asked for where two terms share what is seen: here the same one twice, with half of its weight each."""
    canvas, term = 1.4 * noise(1, 3, *shape) - 0.2, kind(features=patches)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tiles, "IN_PLACE", Plan(side=side, room=sys.maxsize))
        found = sloped(canvas, term, plan=None, wrap=wrap)
        expected = sloped(canvas, *2 * [dataclasses.replace(term, weight=0.5)], plan=None, wrap=wrap)
    for mine, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-11, atol=1e-13)


@pytest.mark.gpu
@pytest.mark.parametrize("room", [0, 2**20, sys.maxsize])
def test_on_a_card_the_gradient_in_pieces_is_that_of_the_whole(room: int) -> None:
    term, canvas = SlicedWasserstein(features=Patches(size=5, filters=6)), noise(1, 3, 90, 70).float().cuda()
    exemplars = [noise(1, 3, 80, 60, seed=7).float().cuda()]
    whole, pieces = (sloped(canvas, term, plan=plan, exemplars=exemplars) for plan in (None, Plan(side=32, room=room)))
    for mine, theirs in zip(pieces, whole, strict=True):
        assert not differ(mine, theirs)


def test_in_place_there_is_but_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Any] = []
    original = PatchLens.look_at
    monkeypatch.setattr(PatchLens, "look_at", lambda self, *of: looks.append(of) or original(self, *of))
    term = SlicedWasserstein(features=Patches(size=3, filters=6, stride=1, stride_from=0))
    for plan, pieces in ((None, 1), (Plan(side=8, room=sys.maxsize), 4), (Plan(side=8, room=2 * 16 * 16 * 8), 4 * 3)):
        looks.clear()
        sloped(noise(1, 3, 16, 16), term, plan=plan)
        assert len(looks) == pieces


def differ(one: torch.Tensor, other: torch.Tensor) -> bool:
    return float((one - other).norm()) > 1e-5 * float(other.norm())


def is_at_a_tie(canvas: torch.Tensor, term: Term, wrap: Wrap) -> bool:
    """Whether it hangs on rounding which of two values is the larger, and with it where the gradient goes.

    Told from the gradient in double precision: it jumps when the canvas is moved by a few units of single precision.
    """
    move = 1e-6 * (noise(*canvas.shape, seed=11) - 0.5)
    exact, *moved = (sloped(canvas.double() + by * move, term, plan=None, wrap=wrap)[1] for by in (0, 1, -1))
    return any(differ(each, exact) for each in moved)


FAMILIES = Texels(), Patches(size=4, filters=5, stride=2, stride_from=0), Vgg19(layers={Layer.RELU2_1: 1.0})


@given(SHAPES, WRAPS, PLANS)
@settings(max_examples=10)
def test_all_terms_and_maps_together(shape: tuple[int, int], wrap: Wrap, plan: Plan) -> None:
    maps = MapKind.HEIGHT, MapKind.COLOUR, MapKind.ROUGHNESS
    terms = [
        kind(weight=1 - 0.1 * number, features=family)
        for number, family in enumerate(FAMILIES)
        for kind in KINDS
        if kind not in (NearestPatches, TotalVariation, ValueRange) and (kind in ANY or number != 1)
    ]
    fields = {"maps": maps, "net": network(Layer.RELU2_1, maps=(1, 3, 1)), "wrap": wrap, "plan": plan}
    check_in_pieces(1.4 * noise(1, 5, *shape) - 0.2, *terms, NearestPatches(), TotalVariation(), ValueRange(), **fields)


@pytest.mark.parametrize("layer", Layer)
@pytest.mark.parametrize("pooling", Pooling)
def test_a_piece_sees_as_far_as_the_layer_does(layer: Layer, pooling: Pooling) -> None:
    stride = PLACES[layer].stride
    canvas, term = noise(1, 3, 3 * stride, 4 * stride), Gram(features=Vgg19(layers={layer: 1.0}, pooling=pooling))
    for wrap in (TORUS, Wrap(x=False, y=True)):
        check_in_pieces(canvas, term, net=network(layer, width=12), plan=Plan(side=stride, room=0), wrap=wrap)


@pytest.mark.parametrize("features", [Texels(), Vgg19(layers={Layer.RELU1_1: 1.0, Layer.RELU2_2: 0.5})])
@given(SHAPES, WRAPS, PLANS)
@settings(max_examples=10)
def test_the_start_is_looked_at_in_pieces_too(
    features: Texels | Vgg19, shape: tuple[int, int], wrap: Wrap, plan: Plan
) -> None:
    terms = PatternEnhancement(features=features), TotalVariation(weight=0.5)
    check_in_pieces(noise(1, 3, *shape), *terms, exemplars=[], wrap=wrap, plan=plan)


@given(SHAPES, WRAPS, st.integers(1, 50), st.sampled_from(list(Layer)[:12]))
def test_each_place_is_in_one_piece(shape: tuple[int, int], wrap: Wrap, side: int, layer: Layer) -> None:
    lenses = [
        (TexelLens(wrap=wrap), "all"),
        (PatchLens(filters=filters(3, 5, (side % 7 / 7, side % 11 / 11)), wrap=wrap, apart=3), "all"),
        (NetworkLens(network=NETWORK, layers=(layer,), pooling=Pooling.AVERAGE, wrap=wrap), layer.value),
    ]
    for lens, name in lenses:
        image, stride = lens.fitted(noise(1, 3, *shape)), lens.stride(name)
        pieces = lens.pieces((image.shape[2], image.shape[3]), side, [name])
        count = torch.zeros(1, *(length // stride for length in pieces[0].of))
        for piece in pieces:
            count[piece.places(stride)] += 1
            assert max(piece.size) <= max(2 * stride, side + stride)
        assert torch.equal(count, torch.ones_like(count))
        assert sum(piece.share for piece in pieces) == pytest.approx(1)


def test_gathered_features_take_no_more_room_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The more rounds; a single feature is held in any case."""
    rounds: list[int] = []
    original = tiles._round

    def counted(image: torch.Tensor, lens: Any, chosen: Any, *rest: Any) -> torch.Tensor:
        held = [few.stop - few.start for (_, part), few in chosen if isinstance(part, tiles.Gathered)]
        rounds.append(sum(held))
        return original(image, lens, chosen, *rest)

    monkeypatch.setattr(tiles, "_round", counted)
    canvas, term = noise(1, 3, 16, 16), SlicedWasserstein(features=Texels(), projections=10)
    plane = 16 * 16 * 8
    for room, expected in ((0, [1] * 10), (3 * plane, [3, 3, 3, 1]), (10 * plane, [10])):
        rounds.clear()
        sloped(canvas, term, plan=Plan(side=8, room=room))
        assert rounds == expected
