import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_maps_from_colour_are_put_beside_it_and_say_that_they_are_estimates(blender, style, tmp_path):
    found = blender.run("estimates", style, tmp_path)
    assert "The active object wears no image" in found["nothing worn"]
    assert found["made"] == ["FINISHED"]
    assert found["said"] == (
        "normal, height, roughness, occlusion, metalness: estimates, guessed from the colour alone"
    )
    colour = found["maps"].pop("colour")
    assert not colour["estimate"]
    assert set(found["maps"]) == {"normal", "height", "roughness", "occlusion", "metalness"}
    for kind, each in found["maps"].items():
        assert each["name"] == each["label"] == f"speckles {kind.capitalize()} (Estimate)"
        assert each["estimate"]
        assert each["there"]
        assert each["space"] == "Non-Color"
        assert each["size"] == [64, 64]
        assert each["differs"] == (kind != "metalness")
        assert each["coordinates"] == colour["coordinates"], "one mapping for all"

    assert found["method"] == "BOTH"
    assert found["scales"] == pytest.approx([0.03 * 2.0], rel=0.1)
    assert found["scales at 4 m"] == pytest.approx([2 * found["scales"][0]])
    assert found["again"] == ["FINISHED"]
    assert found["again: nodes"] == 6
    assert found["again: size"] == ["FINISHED"]
    names = sorted(each["name"] for each in found["maps"].values())
    assert found["again: images"] == names, "new ones stand in place of the old"
    assert found["again: scales"] == pytest.approx([0.06 * 4.0], rel=0.1)

    assert found["regenerated"] == ["FINISHED"]
    assert found["regenerated: said"].endswith(
        ". Its estimates are of the colour as it was: make them again by Maps From Colour "
        "(height, metalness, normal, occlusion, roughness)"
    )

    assert found["an image"] == ["FINISHED"]
    assert found["an image: said"] == (
        "height: estimates, guessed from the colour alone. plain has maps of its own, which stay: roughness"
    )
    assert found["an image: maps"] == {"colour": False, "height": True, "roughness": False}
    assert found["gone"] == "Error: The image is not there: /nowhere/stones.png\n"
    assert found["none chosen"] == "Error: No map is chosen: choose one\n"
    assert found["broken"].startswith("Error: The maps could not be made: ")
    assert len(found["broken"].strip().splitlines()) == 1
    assert found["left"] == [
        *("speckles", "speckles_002", "speckles_maps", "speckles_maps_002", "speckles_maps_003", "user")
    ]

    assert "Maps are being made already" in found["a second one"]
    assert found["by the timer"]
    assert found["by the timer: said"] == "height: estimates, guessed from the colour alone"
    assert found["cancelled"] == "Cancelled: no map was made"
    assert found["file load"] == ["CANCELLED", True]
    assert found["disabled"] == "CANCELLED"
    assert "Traceback" not in found["output"]
