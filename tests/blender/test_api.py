import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_a_script_makes_textures_and_lays_them_on(blender, style, tmp_path):
    found = blender.run("api", style, tmp_path)
    assert found["begun"] == [["speckles", "running", False], ["again", "waiting", False], ["never", "waiting", False]]
    assert found["preset"] == "draft"
    assert found["too early"] == "Error: again is waiting: wait for its end first"
    assert found["never"] == ["cancelled", False, "CancelledError: never was cancelled"]

    assert found["waited"]
    assert found["shown"]
    assert found["after"] == [["speckles: finished", 1.0, [32, 24]], ["again: finished", 1.0, [32, 24]]]
    assert found["then"] == [True]
    assert found["the same"]
    assert found["figures"] == [True, True]
    assert found["images"] == {"colour": ["again", [32, 24]]}
    assert found["no material yet"] == ["Material"]
    assert found["width noted before"] is None

    assert found["worn"] == [True, "again", [0.5, 0.5, 0.666667]]
    assert found["packed"]
    assert found["width noted"] == 2.0
    assert found["swapped"]
    assert found["kept"] == ["speckles", True, True]

    assert found["finished early"]
    assert found["its inputs"] == ["painted.png", "painted_002.png"]
    assert found["generate"] == ["FINISHED"]
    assert found["generated"] == [32, 24, 4]


def test_what_is_wrong_is_said_in_a_line(blender, style, tmp_path):
    found = blender.run("api_faults", style, tmp_path)
    broken, one_line, state = found["broken"]
    assert broken.startswith("Error: ")
    assert "text.png" in broken
    assert one_line
    assert state == "failed"
    assert not found["broken: left"]
    assert found["faults"] == {
        "name": "Error: hieght is unknown: is height meant?",
        "own name": "Error: presett is unknown: is preset meant?",
        "value": "Error: canvas.width is 7; allowed: a whole number from 16 to 16384; "
        'output.format is "gif"; allowed: png, tiff, webp, exr',
        "seed": "Error: seed is 3, but is what the picture starts from; random_seed is the number",
        "preset": "Error: preset regluar is unknown: is regular meant?",
        "features": 'Error: features is "eyes"; allowed: patches, vgg19, both',
        "device": 'Error: device is "gpu"; allowed: auto, cpu, cuda, mps',
        "file": "Error: The style image is not there: /nowhere/brick.png",
        "thing": "Error: exemplars[1].maps.colour is 3; allowed: a text",
        "two": "Error: A job has steps of its own: leave out preset and features, or the job",
        "job": f"Error: {tmp_path}/job.json is not a job that can be read: canvas.widht is unknown; "
        "allowed: width, height, maps, map_weights, colour, tiling, seed, random_seed",
        "no job": "Error: /nowhere/job.json: the job file can't be read (No such file or directory)",
        "folder": f"Error: No texture can be saved in {tmp_path}/text.png/sub: Not a directory",
    }
    assert found["camera"] == "Error: Camera can't wear a material"
    assert found["placement"] == (
        'Error: projection is "bx"; allowed: uv, object, box; '
        "texture_width is 0.0; allowed: a number from 0.0001 to 1000000.0"
    )
    assert found["thread"].startswith("Error: Textures are made from Blender's main thread")
    assert found["thread waits"] == found["thread"]
    assert found["image removed"] == "Error: The images of speckles are no longer in Blender"
    assert "canvas.width is 7; allowed: " in found["text"]
    assert found["file load"] == "CancelledError: speckles_002 was cancelled"
