"""What a person asks of a job under way: to rest, to go on, to be done. Knows neither the job nor how it is asked."""

import threading


class Control:
    """Set from any thread; the job looks at it between two iterations."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self._finishing = threading.Event()

    def pause(self) -> None:
        """Let it rest from its next iteration on."""
        self._going.clear()

    def resume(self) -> None:
        """Let it go on."""
        self._going.set()

    def finish(self) -> None:
        """Let it end now, with what it has got; from a pause, too."""
        self._finishing.set()
        self._going.set()

    @property
    def paused(self) -> bool:
        """Whether it is to rest."""
        return not (self._going.is_set() or self.finishing)

    @property
    def finishing(self) -> bool:
        """Whether it is to end."""
        return self._finishing.is_set()

    def rest(self) -> None:
        """Returns when the pause is over, and costs nothing until then."""
        self._going.wait()
