import os
from unittest import mock

import pytest

from neural_texture_addon.supervisor import exit_status
from neural_texture_addon.supervisor.exit_status import in_words


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "exit status 1"),
        (-9, "killed, perhaps because memory ran out, SIGKILL"),
        (-11, "crashed, SIGSEGV"),
        (-2, "ended, SIGINT"),
        (-77, "ended by signal 77"),
    ],
)
def test_a_status_in_words(status, words):
    assert in_words(status) == words


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "exit status 1"),
        (0xC0000005, "crashed, status 0xc0000005"),
        (-1073741819, "crashed, status 0xc0000005"),
        (15, "exit status 15"),
    ],
)
def test_a_status_in_words_on_windows(monkeypatch, status, words):
    monkeypatch.setattr(exit_status, "os", mock.Mock(spec=["name"]))
    monkeypatch.setattr(exit_status.os, "name", "nt")
    assert in_words(status) == words
