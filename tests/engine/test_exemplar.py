from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from neural_texture_addon.engine import exemplar as exemplars
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job.description import Crop, Exemplar, Green, MapKind

COLOUR = (MapKind.COLOUR,)
ALL = (MapKind.COLOUR, MapKind.HEIGHT, MapKind.ROUGHNESS)
Describe = Callable[..., Exemplar]


def load(described: Exemplar, maps: tuple[MapKind, ...] = COLOUR) -> exemplars.Exemplar:
    return exemplars.load([described], maps, torch.device("cpu"))[0]


def refusal(described: Exemplar, maps: tuple[MapKind, ...] = COLOUR) -> str:
    with pytest.raises(InputError) as caught:
        load(described, maps)
    message = str(caught.value)
    assert len(message.splitlines()) == 1
    assert next(iter(described.maps.values())) in message
    return message


def test_the_maps_are_stacked_in_the_canvass_order(exemplar_file: Describe) -> None:
    described = exemplar_file(20, 30, maps=ALL)
    stacked = load(described, ALL).texels
    assert stacked.shape == (1, 5, 20, 30)
    other = load(described, (MapKind.ROUGHNESS, MapKind.COLOUR)).texels
    assert torch.equal(other, stacked[:, [4, 0, 1, 2]])


def test_maps_that_the_canvas_does_not_ask_for_are_not_even_opened(exemplar_file: Describe) -> None:
    described = exemplar_file(20, 30)
    wider = Exemplar(maps={**described.maps, MapKind.HEIGHT: "missing.png"})
    assert torch.equal(load(wider).texels, load(described).texels)


def test_a_map_that_is_not_there_is_named(exemplar_file: Describe) -> None:
    assert "no height map" in refusal(exemplar_file(20, 30), (MapKind.COLOUR, MapKind.HEIGHT))


def test_maps_of_different_sizes_are_refused_with_their_sizes(exemplar_file: Describe, tmp_path: Path) -> None:
    described = exemplar_file(20, 30)
    Image.new("L", (30, 21)).save(tmp_path / "h.png")
    both = Exemplar(maps={**described.maps, MapKind.HEIGHT: str(tmp_path / "h.png")})
    assert "colour 30x20, height 30x21" in refusal(both, (MapKind.COLOUR, MapKind.HEIGHT))


@given(st.from_type(Crop))
def test_any_crop_is_cut_or_refused_in_one_line(exemplar_file: Describe, crop: Crop) -> None:
    described = exemplar_file(60, 80, crop=crop)
    inside = crop.left + crop.width <= 1 and crop.top + crop.height <= 1
    try:
        texels = load(described).texels
    except InputError:
        assert not inside or min(crop.height * 60, crop.width * 80) < 17
        refusal(described)
    else:
        assert inside or max(crop.left + crop.width, crop.top + crop.height) < 1.001
        assert abs(texels.shape[2] - crop.height * 60) <= 1
        assert abs(texels.shape[3] - crop.width * 80) <= 1


def test_a_crop_is_cut_where_it_says(exemplar_file: Describe) -> None:
    whole = load(exemplar_file(40, 80)).texels
    part = load(exemplar_file(40, 80, crop=Crop(left=0.25, top=0.5, width=0.5, height=0.5))).texels
    assert torch.equal(part, whole[:, :, 20:40, 20:60])


def test_the_crop_is_the_whole_unless_told(exemplar_file: Describe) -> None:
    assert torch.equal(load(exemplar_file(crop=Crop())).texels, load(exemplar_file()).texels)


@pytest.mark.parametrize(("scale", "height", "width"), [(0.5, 20, 32), (2.0, 80, 128), (1 / 3, 13, 21), (1.0, 40, 64)])
def test_a_scale_makes_its_features_larger(exemplar_file: Describe, scale: float, height: int, width: int) -> None:
    if height < exemplars.SHORTEST_SIDE:
        assert f"is {width}x{height} px" in refusal(exemplar_file(40, 64, scale=scale))
        return
    scaled, plain = load(exemplar_file(40, 64, scale=scale)).texels, load(exemplar_file(40, 64)).texels
    assert scaled.shape == (1, 3, height, width)
    assert 0 <= float(scaled.min()) <= float(scaled.max()) <= 1
    torch.testing.assert_close(scaled.mean((2, 3)), plain.mean((2, 3)), atol=0.01, rtol=0)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (15, 15), (15, 400), (400, 15), (1, 2000)])
def test_too_small_a_picture_is_refused_with_its_size(exemplar_file: Describe, height: int, width: int) -> None:
    assert f"is {width}x{height} px" in refusal(exemplar_file(height, width))


def test_the_smallest_allowed_is_read(exemplar_file: Describe) -> None:
    assert load(exemplar_file(16, 16)).side == 16


def test_at_an_octave_it_is_smaller_but_never_empty(exemplar_file: Describe) -> None:
    loaded = load(exemplar_file(20, 300))
    assert loaded.side == 20
    assert loaded.at(0.5).shape == (1, 3, 10, 150)
    assert loaded.at(0.001).shape == (1, 3, 1, 1)
    assert loaded.at(1.0) is loaded.texels


def test_the_notes_of_all_maps_are_passed_on(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGBA", (20, 20), (1, 2, 3, 128)).save(tmp_path / name)
    described = Exemplar(maps={MapKind.COLOUR: str(tmp_path / "a.png"), MapKind.NORMAL: str(tmp_path / "b.png")})
    assert len(load(described, (MapKind.COLOUR, MapKind.NORMAL)).notes) == 2


def test_a_packed_file_is_read_channel_by_channel(exemplar_file: Describe, tmp_path: Path) -> None:
    described = exemplar_file(20, 30, maps=(MapKind.COLOUR, MapKind.ROUGHNESS))
    Image.new("RGB", (30, 20), (51, 102, 204)).save(tmp_path / "arm.png")
    packed = replace(described, packed=str(tmp_path / "arm.png"))
    kinds = (MapKind.METALNESS, MapKind.OCCLUSION)
    assert load(packed, kinds).texels[0, :, 0, 0].tolist() == pytest.approx([0.8, 0.2])
    only_packed = replace(packed, maps={MapKind.COLOUR: described.maps[MapKind.COLOUR]})
    assert float(load(only_packed, (MapKind.ROUGHNESS,)).texels[0, 0, 0, 0]) == pytest.approx(0.4)
    own = load(packed, (MapKind.ROUGHNESS,)).texels
    assert torch.equal(own, load(described, (MapKind.ROUGHNESS,)).texels)


def test_normals_are_unit_vectors_at_each_scale_whatever_the_file_holds(exemplar_file: Describe) -> None:
    described = exemplar_file(40, 48, maps=(MapKind.COLOUR, MapKind.NORMAL), scale=0.7)
    loaded = load(described, (MapKind.COLOUR, MapKind.NORMAL))
    for texels in (loaded.texels, loaded.at(0.5), loaded.at(1.5)):
        length = torch.linalg.vector_norm(2 * texels[:, 3:] - 1, dim=1)
        torch.testing.assert_close(length, torch.ones_like(length), atol=1e-4, rtol=0)


def test_a_normal_map_is_scaled_as_vectors_are_averaged(tmp_path: Path) -> None:
    """Stripes that lean left and right are, from further away, a flat surface: not one that is nowhere steep."""
    stripes = np.full((32, 32, 3), 128, np.uint8)
    stripes[:, :, 0] = np.where(np.arange(32) % 2, 128 + 110, 128 - 110)
    stripes[:, :, 2] = 128 + 64
    Image.fromarray(stripes).save(tmp_path / "n.png")
    described = Exemplar(maps={MapKind.COLOUR: str(tmp_path / "n.png"), MapKind.NORMAL: str(tmp_path / "n.png")})
    half = load(described, (MapKind.NORMAL,)).at(0.5)[0, :, 4:-4, 4:-4]
    torch.testing.assert_close(half.mean((1, 2)), torch.tensor([0.5, 0.5, 1.0]), atol=0.01, rtol=0)


def test_directx_normals_are_turned_on_reading(exemplar_file: Describe) -> None:
    described = exemplar_file(20, 30, maps=(MapKind.COLOUR, MapKind.NORMAL))
    ours = load(described, (MapKind.NORMAL,)).texels
    theirs = load(replace(described, green=Green.DIRECTX), (MapKind.NORMAL,)).texels
    torch.testing.assert_close(theirs[:, 1], 1 - ours[:, 1])
    torch.testing.assert_close(theirs[:, [0, 2]], ours[:, [0, 2]])


def load_all(*described: Exemplar) -> list[exemplars.Exemplar]:
    return exemplars.load(described, COLOUR, torch.device("cpu"))


def test_magnifications_share_the_weight_and_the_place_in_the_job(exemplar_file: Describe) -> None:
    plain, many = exemplar_file(40, 64, seed=1), exemplar_file(40, 64, weight=6.0, scale=0.5, magnifications=(1, 2, 4))
    loaded = load_all(plain, many)
    assert [e.index for e in loaded] == [0, 1, 1, 1]
    assert [e.weight for e in loaded] == [1, 2, 2, 2]
    assert [tuple(e.texels.shape[2:]) for e in loaded] == [(40, 64), (20, 32), (40, 64), (80, 128)]
    assert {e.name for e in loaded[1:]} == {many.maps[MapKind.COLOUR]}


def test_each_magnification_is_resampled_from_the_file_itself(exemplar_file: Describe) -> None:
    """Scale and magnification in one go: half of it doubled is as sharp as it was."""
    plain, halved = exemplar_file(40, 64), exemplar_file(40, 64, scale=0.5, magnifications=(2.0,))
    assert torch.equal(load_all(halved)[0].texels, load_all(plain)[0].texels)


def test_a_magnification_that_makes_nothing_of_it_is_refused(exemplar_file: Describe) -> None:
    assert "is 16x10 px" in refusal(exemplar_file(40, 64, magnifications=(1.0, 0.25)))


def test_its_notes_are_passed_on_once(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 40), (1, 2, 3, 128)).save(tmp_path / "a.png")
    loaded = load_all(Exemplar(maps={MapKind.COLOUR: str(tmp_path / "a.png")}, magnifications=(1.0, 0.5)))
    assert [len(e.notes) for e in loaded] == [1, 0]


def test_one_without_weight_is_not_even_opened_and_moves_no_others_place(exemplar_file: Describe) -> None:
    missing = Exemplar(maps={MapKind.COLOUR: "missing.png"}, weight=0.0)
    assert [e.index for e in load_all(exemplar_file(20, 20), missing, exemplar_file(20, 20, seed=2))] == [0, 2]
