import pytest

pytestmark = pytest.mark.blender


def test_normals_lean_the_way_the_texture_runs_in_every_projection(blender, tmp_path):
    found = blender.run("normal_map", tmp_path)
    assert len(found["box"]) == 6
    for kind in ("box", "object", "uv"):
        for side, seen in found[kind].items():
            for way, leaning in zip(seen["runs"], (seen["right leans"], seen["top leans"]), strict=True):
                *sideways, towards = leaning
                assert sideways == pytest.approx([found["lean"] * step for step in way], abs=0.02), (kind, side)
                assert towards == pytest.approx(0.8, abs=0.02), (kind, side)
    for kind, (weaker, none) in found["strength"].items():
        half = found["lean"] / 2 / (0.5**2 * found["lean"] ** 2 + 0.9**2) ** 0.5
        assert abs(weaker) == pytest.approx(half, abs=0.02), kind
        assert none == pytest.approx(0, abs=0.02), kind
    own = ["NORMAL_MAP > Normal"]
    ours = [[f"Neural Texture {kind} Normal Map > Normal"] for kind in ("Box", "Object")]
    assert found["readers"] == [own, *ours, own], "it changes with the projection"
