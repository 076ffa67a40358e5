import torch

from neural_texture_addon.engine.kept import KeptForGradient

FLOAT = 4


def kept_by(compute) -> int:
    leaf, counting = torch.rand(1000, requires_grad=True), KeptForGradient()
    with counting.counted():
        compute(leaf)
    return counting.bytes


def test_each_piece_is_counted_once_however_often_it_is_kept() -> None:
    assert kept_by(lambda x: (x * x * x.view(10, 100).flatten()).sum().backward()) == 2 * 1000 * FLOAT


def test_what_nobody_needs_again_is_not_counted() -> None:
    assert kept_by(lambda x: (2 * x + 1).sum().backward()) == 0


def test_of_several_passes_the_largest_counts() -> None:
    def passes(x: torch.Tensor) -> None:
        for length in (10, 1000, 100):
            x[:length].exp().sum().backward()

    assert kept_by(passes) == 1000 * FLOAT


def test_it_changes_no_gradient() -> None:
    leaf = torch.rand(8, requires_grad=True)
    (plain,) = torch.autograd.grad(leaf.exp().square().sum(), leaf)
    with KeptForGradient().counted():
        (counted,) = torch.autograd.grad(leaf.exp().square().sum(), leaf)
    assert torch.equal(plain, counted)
