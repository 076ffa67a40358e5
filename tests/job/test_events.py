import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_texture_addon.job.events import Cancelled, Event, Failed, FailureReason, Finished, Started
from neural_texture_addon.job.wire import WireError, from_line, to_line


@given(st.from_type(Event))
def test_an_event_survives_the_pipe(event: Event) -> None:
    assert from_line(Event, to_line(event)) == event


@given(st.from_type(Event))
def test_an_event_is_one_line_of_ascii(event: Event) -> None:
    line = to_line(event)
    assert line.isascii()
    assert line.endswith("\n")
    assert len(line.splitlines()) == 1


def test_an_event_says_what_it_is() -> None:
    assert json.loads(to_line(Cancelled())) == {"type": "cancelled"}
    failed = json.loads(to_line(Failed(message="no", reason=FailureReason.INPUT)))
    assert failed == {"type": "failed", "message": "no", "reason": "input"}


@pytest.mark.parametrize("line", ["", "\n", "hello", "3", "[]", "{}", '{"type": "job"}', '{"type": "finished"}'])
def test_what_is_no_event_is_refused(line: str) -> None:
    with pytest.raises(WireError):
        from_line(Event, line)


def test_a_cut_event_is_refused() -> None:
    line = to_line(Finished(maps={}, seconds=1.0, width=8, height=8, seam=None, peak_memory=None))
    for length in range(len(line) - 1):
        with pytest.raises(WireError):
            from_line(Event, line[:length])


def test_an_octave_is_a_pair() -> None:
    line = to_line(Started(device="CPU", octaves=((3, 4),))).replace("[3, 4]", "[3, 4, 5]")
    with pytest.raises(WireError, match=r"octaves\[0\] has 3 entries; allowed: 2"):
        from_line(Event, line)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", '"1"', "true", "null"])
def test_what_is_no_number_is_refused_where_any_number_is_allowed(number: str) -> None:
    line = to_line(Finished(maps={}, seconds=1.5, width=8, height=8, seam=None, peak_memory=None)).replace(
        "1.5", number
    )
    with pytest.raises(WireError, match=r"^seconds is .*; allowed: a number$"):
        from_line(Event, line)
