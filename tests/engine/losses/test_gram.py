import pytest
import torch
from toys import noise

from neural_texture_addon.engine.losses import gram
from neural_texture_addon.job.description import Centring, Gram

EVERY = pytest.mark.parametrize("centring", Centring)


def relative(value: torch.Tensor, wanted: torch.Tensor) -> float:
    return float((value - wanted).square().sum() / wanted.square().sum())


def distance(maps: torch.Tensor, target: torch.Tensor, term: Gram) -> torch.Tensor:
    return gram.compare(gram.summarise(maps, term), target, term)


def products(left: torch.Tensor) -> torch.Tensor:
    return left @ left.T / left.shape[1]


@EVERY
def test_it_compares_the_mean_products_of_what_remains_after_centring(centring: Centring) -> None:
    """Computed directly; of two exemplars, on all their pixels side by side."""
    one, other, canvas = 0.2 * noise(4, 6, 5), 1 - noise(4, 6, 10, seed=1), noise(4, 7, 8, seed=2).square()
    term = Gram(centring=centring)
    target = gram.merge([gram.summarise(maps, term) for maps in (one, other)], [1.0, 2.0])
    exemplar, flat = torch.cat((one, other), 2).flatten(1), canvas.flatten(1)
    mean = exemplar.mean(1, keepdim=True)
    match centring:
        case Centring.ORIGIN:
            expected = relative(products(flat), products(exemplar))
        case Centring.EXEMPLAR:
            expected = relative(products(flat - mean), products(exemplar - mean))
        case Centring.CANVAS:
            expected = relative(products(flat - flat.mean(1, keepdim=True)), products(exemplar - mean))
    assert float(distance(canvas, target, term)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("centring", [Centring.EXEMPLAR, Centring.CANVAS])
def test_the_covariance_of_several_images_keeps_what_varies_between_them(centring: Centring) -> None:
    """Two flat images, a dark and a light one: neither varies, both together do."""
    term = Gram(centring=centring)
    flat = [torch.full((1, 4, 4), value, dtype=torch.float64) for value in (0.2, 0.8)]
    target = gram.merge([gram.summarise(maps, term) for maps in flat], [1.0, 1.0])
    chequered = torch.cat(flat, 1)
    assert float(distance(chequered, target, term)) < 1e-20
    assert float(distance(0.5 + 0 * chequered, target, term)) == pytest.approx(1)


@EVERY
def test_only_the_covariance_is_blind_to_the_mean(centring: Centring) -> None:
    maps, term = noise(3, 8, 8), Gram(centring=centring)
    moved = float(distance(maps + 0.3, gram.summarise(maps, term), term))
    assert (moved < 1e-20) == (centring is Centring.CANVAS)
