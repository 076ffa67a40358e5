import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_a_texture_is_made_again_elsewhere_from_what_its_image_remembers_after_that_was_shown(blender, style, tmp_path):
    found = blender.run("regenerate", style, tmp_path)
    assert not found["without a texture"]
    assert found["is on"]
    assert set(found["opened"]) <= {"images", "materials", "uid"}, "what nobody used is gone"
    assert found["again"] == {}, "the same job gives the same picture, in the same image"
    meanwhile, preview = found["meanwhile"], found["meanwhile: preview"]
    assert list(meanwhile) == ["mapping", "images", "shown"], "a preview in its place, and the texture as it was"
    assert meanwhile["mapping"] == [0.25, 0.25, 0.3333]
    assert meanwhile["shown"] == [preview, preview]
    assert found["twice at once"] == "speckles is being made again already: wait for that, or cancel it"
    assert found["cancelled"] == {}
    assert found["result"] == ["FINISHED"]
    assert found["seed"] == {"seed": 8, "pixels": ""}
    assert found["undone"] == {}
    assert found["redone"] == 8
    assert found["more surface"] == {"size": [64, 48], "mapping": [0.25, 0.25, 0.3333], "width": 4.0, "pixels": ""}
    assert "Everything is smaller now in other, which has no Mapping node for the texture alone" in found["output"]
    assert found["more detail"] == {"size": [128, 96], "scale": [2.0], "pixels": ""}

    gone = tmp_path / "second" / "refs" / "speckles.png"
    assert found["shown"] == [
        "128 x 96 px, 4 m wide, seed 8, steps of its own",
        "It reads 1 image:",
        f"    {gone}",
        "The texture is replaced wherever it is used",
    ]
    for name, said in {
        "too large": "Twice as large it would have 32768 x 192 px; at most 16384 can be made",
        "too much detail": "The style images can't be drawn twice as large: their scale ends at 16",
        **dict.fromkeys(
            ("a colour that was given", "a colour that was given: detail"),
            "Its colour was given and would only be stretched: make made.png larger, then its maps from that",
        ),
        "out of range": "What speckles says of its making can't be read: canvas.width is 1000000; allowed: "
        "a whole number from 16 to 16384",
        "missing": f"The style image is not there: {gone}",
        "linked": "speckles comes from another file: make it local first",
    }.items():
        assert found[name].strip() == f"Error: {said}", name
    assert "Traceback" not in found["output"]
