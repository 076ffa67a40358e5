import pytest
import torch

from neural_texture_addon.engine import device as devices
from neural_texture_addon.engine.errors import InputError
from neural_texture_addon.job.description import Device


def test_the_cpu_is_always_there_and_the_last_choice() -> None:
    assert devices.available()[-1] is Device.CPU
    assert devices.choose(Device.CPU) == torch.device("cpu")


def test_left_to_itself_it_takes_the_best() -> None:
    assert devices.choose(Device.AUTO).type == devices.available()[0].value


def test_a_device_that_is_not_there_is_bad_input_that_names_those_that_are() -> None:
    missing = [device for device in Device if device is not Device.AUTO and device not in devices.available()]
    for device in missing:
        with pytest.raises(InputError, match=f"device is {device.value}, .*; allowed: auto, .*cpu"):
            devices.choose(device)


def test_its_name_is_in_words() -> None:
    assert devices.name(torch.device("cpu")).startswith("CPU, ")


def test_an_error_is_the_devices_if_torch_says_so_or_if_it_answers_no_more() -> None:
    """A meta device never does."""
    cpu, silent = torch.device("cpu"), torch.device("meta")
    assert devices.failure(cpu, RuntimeError("a mistake of ours")) is None
    said = "CUDA error: unspecified launch failure"
    for device, kind in ((cpu, torch.AcceleratorError), (silent, RuntimeError)):
        assert devices.failure(device, kind(f"{said}\nmore")) == f"the device {device} failed ({said})"


@pytest.mark.gpu
def test_a_graphics_card_is_preferred_and_named() -> None:
    chosen = devices.choose(Device.AUTO)
    assert chosen.type == "cuda"
    assert "GB" in devices.name(chosen)
