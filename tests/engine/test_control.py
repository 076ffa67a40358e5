import threading

from neural_texture_addon.engine.control import Control


def test_a_job_goes_on_until_it_is_asked_to_rest() -> None:
    control = Control()
    assert not control.paused
    assert not control.finishing
    control.rest()
    control.pause()
    assert control.paused
    control.resume()
    assert not control.paused
    control.rest()


def test_a_rest_ends_with_the_word_to_go_on_or_to_finish() -> None:
    for word in ("resume", "finish"):
        control = Control()
        control.pause()
        resting = threading.Thread(target=control.rest)
        resting.start()
        resting.join(0.05)
        assert resting.is_alive()
        getattr(control, word)()
        resting.join(10)
        assert not resting.is_alive()


def test_who_is_to_finish_does_not_rest() -> None:
    control = Control()
    control.finish()
    control.pause()
    assert control.finishing
    assert not control.paused
