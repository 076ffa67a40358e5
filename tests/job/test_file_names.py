from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.job import file_names

HOSTILE = [
    "",
    ".",
    "..",
    "../up",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:evil",
    "C:\\evil",
    "stream:hidden",
    "a\0b",
    "two\nlines",
    "CON",
    "nul.png",
    "Com1",
    "lpt¹.txt",
    "aux .x",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_leads_elsewhere_is_none(name):
    assert not file_names.is_portable(name)


@pytest.mark.parametrize("name", ["wall", "Mauer ü 木", ".hidden", "console", "common", "com10", "a.b", "aux_Color"])
def test_an_ordinary_name_is_one_and_stays(name):
    assert file_names.is_portable(name)
    assert file_names.portable(name) == name


@given(st.sampled_from(HOSTILE) | st.text())
def test_whatever_it_was_called_the_name_stays_in_its_folder(name):
    made = file_names.portable(name)
    assert file_names.is_portable(made)
    for path in (Path("folder"), PureWindowsPath("C:\\folder")):
        assert (path / made).parent == path
