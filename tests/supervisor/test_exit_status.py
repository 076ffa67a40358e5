import os

import pytest

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
