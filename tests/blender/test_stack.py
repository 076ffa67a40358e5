import pytest

pytestmark = pytest.mark.blender


@pytest.fixture
def found(blender, style, tmp_path):
    return blender.run("stack", style, tmp_path)


def test_the_artists_own_steps(found, style):
    """One Blender for all of it: starting one takes longer than what is asked of it."""
    _square_at_first(found)
    _simple_at_first(found)
    _rearranged(found)
    _refused(found)
    _generated(found)
    _job_files(found, style)
    _presets_again(found)


def _square_at_first(found):
    assert found["square"] == [[96, 96], [96, 96], [96, 32], [96, 96]]
    assert found["square: a side by keyword"] == [[64, 64], [80, 80], [64, 32]]


def _simple_at_first(found):
    shown = found["simple: drawn"]
    assert {"preset", "features", "seed", "neural_texture.customise", "use_content", "Octaves"} <= set(shown)
    assert "Add Step" not in shown
    assert found["octaves of the preset"] == [23, pytest.approx(2**0.5)]


def _rearranged(found):
    assert found["customised"]
    assert found["customised says the same"]
    assert found["added"] == ["optimise", "sharpen", "optimise"]
    assert found["moved"] == ["optimise", "optimise", "sharpen"]
    assert found["terms"] == ["total_variation", "sliced_wasserstein", "gram"]
    assert found["duplicated"] == [found["terms"], found["terms"], [False, True, True]]
    assert found["layers"] == ["relu1_1", "relu2_1", "relu2_2", "relu3_1", "relu3_4"]
    assert found["switched to the network"] == ["relu1_1", "relu2_1", "relu3_1", "relu3_4"]
    assert found["one less"] == ["relu2_1", "relu2_2", "relu3_1", "relu3_4"]
    assert {"Add Step", "Add Term", "Gram Matrix", "centring", "relu2_2", "Solver"} <= set(found["customised: drawn"])
    assert "preset" not in found["customised: drawn"]
    assert found["undone"] == [["optimise"], True]
    assert found["redone"] == ["optimise", "optimise", "optimise", "sharpen"]


def _refused(found):
    said = {
        "a layer twice": "relu2_2 is looked at already",
        "at neural_texture.steps[77]": "There is nothing at 'neural_texture.steps[77]'",
        "at neural_texture.nothing[0]": "There is nothing at 'neural_texture.nothing'",
        "at steps": "There is nothing at 'steps'",
        "no weights": "The steps look through a trained network, and its VGG-19 weights are not there: fetch them in",
        "no weights for the preset": "needs the VGG-19 weights: fetch them in the extension's preferences (9 MB)",
        "all steps off": "No step is switched on",
        "all terms off": "An Optimise step has no term that is switched on",
        "looks at none": "A term looks only at style images that are switched off",
    }
    for mistake, words in said.items():
        assert found[mistake].startswith("Error: "), mistake
        assert words in found[mistake], mistake
        assert len(found[mistake].strip().splitlines()) == 1, mistake
    assert "Traceback" not in found["output"]


def _generated(found):
    assert found["made"] == ["FINISHED"]
    assert found["made by"] == {
        "steps": ["optimise", "blur"],
        "filters": 8,
        "crop": {"left": 0.0, "top": 0.0, "width": 0.9, "height": 1.0},
        "magnifications": [1.0, 2.0],
        "seed": {"type": "flat", "colour": [0.5, 0.5, 0.5]},
        "tiling": "x",
    }
    assert found["with the first off it looks at"] == [0]
    assert found["with the first gone it looks at"] == [0]
    assert "second" in found["two images: drawn"]


def _job_files(found, style):
    assert found["saved"] == found["opened"] == ["FINISHED"]
    assert found["back"] == [False, False, False]
    assert found["opened says"] == [True, ["optimise", "blur"], str(style), "x"]
    assert "the job can't be saved (No such file or directory)" in found["saved nowhere"]
    assert "the job file can't be read (No such file or directory)" in found["opened nowhere"]
    for fault in ("canvas.width is 7", 'canvas.tiling is "torus"', 'steps[0].terms[0].type is "grams"'):
        assert fault in found["three faults"]
    assert "canvas.random_seed is 4294967295" in found["too large a seed"]
    assert found["faults change nothing"]


def _presets_again(found):
    assert found["a preset by keyword"] == [1, "plasma"]
    assert found["would gain"]
    assert any("9 MB" in text for text in found["would gain: drawn"])
    assert "/nowhere.png" in found["content"] or "VGG-19" in found["content"]
