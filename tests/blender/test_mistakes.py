import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_each_mistake_is_one_line_that_says_what_to_do(blender, style, tmp_path):
    found = blender.run("mistakes", style, tmp_path)
    said = {
        "no image": "There is no style image: add one in the Neural Texture panel",
        "no file named": "A style image names no file: choose one or remove it",
        "missing file": "The style image is not there: /nowhere/brick.png",
        "no picture": "text.png",
        "no folder": f"No texture can be saved in {tmp_path / 'file' / 'sub'}: Not a directory",
        "no engine": "The engine is not set up: press Set Up Engine, or name a Python 3.11 or later that has torch",
        "missing engine": "NEURAL_TEXTURE_PYTHON is /nowhere/python, but there is no such file",
        "no Python": "/bin/false does not answer like a Python",
    }
    for mistake, words in said.items():
        assert found[mistake].startswith("Error: "), mistake
        assert words in found[mistake], mistake
        assert len(found[mistake].strip().splitlines()) == 1, mistake
    assert "not set up" in found["the panel says"]
    assert "Traceback" not in found["output"]
    assert found["a camera"] == ["FINISHED"]
    assert found["is kept"]
    assert "The material speckles waits in the material list, since Camera can't wear a material" in found["output"]
    assert found["folders"] == ["speckles"], "a failed job leaves an empty folder"
