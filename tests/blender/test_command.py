import signal
import time

import psutil
import pytest

pytestmark = [pytest.mark.blender, pytest.mark.long]


def test_synthesize_writes_the_texture_and_a_blend_that_shows_it(blender, style, tmp_path):
    out, blend = tmp_path / "out", tmp_path / "made.blend"
    small = ("--size", "64x48", "--preset", "draft", "--device", "cpu", "--seed", 3)
    output = blender.run("command", "synthesize", style, *small, "--out", out, "--blend", blend)["output"]
    assert output.splitlines()[-2:] == [str(out / "result.png"), str(blend)]
    assert blender.run("look_at_blend", blend) | {"output": ""} == {
        "path": "//out/result.png",
        "size": [64, 48],
        "output": "",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("synthesize", "absent.png", "--out", "out"), "The style image is not there"),
        (("synthesize", "speckles.png", "--out", "out", "--size", "7"), "canvas.width is 7; allowed: "),
        (("synthesize", "speckles.png"), "--out"),
        (("synthesize", "speckles.png", "--out", "out", "--features", "vgg19"), "needs the VGG-19 weights: fetch them"),
        (("synthesize", "speckles.png", "--out", "out", "--features", "eyes"), "invalid choice: 'eyes'"),
        (("synthesize", "speckles.png", "--out", "out", "--content", "a.png"), "The content image is not there"),
        (("synthesize", "speckles.png", "--out", "out", "--blend", "no/folder.blend"), "No .blend can be saved"),
    ],
)
def test_bad_input_is_status_2_and_one_line(blender, style, arguments, words):
    output = blender.run("command", *arguments, status=2)["output"]
    assert words in output
    assert "Traceback" not in output


def test_the_doctor_says_whether_the_engine_is_ready(blender):
    assert "Ready to make textures" in blender.run("command", "doctor")["output"]
    output = blender.run("command", "doctor", status=1, NEURAL_TEXTURE_PYTHON="")["output"]
    assert "The engine is not set up" in output


def test_an_interrupt_cancels_with_status_130(blender, style, tmp_path):
    arguments = ("synthesize", style, "--out", tmp_path / "out", "--size", "512")
    with blender.start("command", *arguments) as process:
        while "Neural Texture:" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    assert "Cancelled" in output


def test_a_worker_that_is_killed_is_said_with_status_1(blender, style, tmp_path):
    arguments = ("synthesize", style, "--out", tmp_path / "out", "--size", "512", "--device", "cpu")
    with blender.start("command", *arguments) as process:
        while not any((tmp_path / "out").glob("stages/*.safetensors")):
            assert process.poll() is None
            time.sleep(0.05)
        (worker,) = psutil.Process(process.pid).children()
        worker.kill()
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1, output
    assert "The engine stopped without a result (killed, perhaps because memory ran out, SIGKILL)" in output
