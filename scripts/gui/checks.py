"""What is found true, a line each; and what must hold after whatever happens."""

import re
import time
from dataclasses import dataclass, field

from . import processes
from .artist import Artist

_FAULT = re.compile(r"^(Traceback|\w+Error: )", re.MULTILINE)
"""Of Python in Blender's log: what goes wrong in a property's callback has no traceback."""


@dataclass
class Checks:
    """Prints ``ok`` or ``FAILED`` and what was checked."""

    artist: Artist
    failed: list[str] = field(default_factory=list)
    _heard: int = 0

    def __call__(self, what: str, holds: object) -> None:
        """Note whether it holds; where it doesn't, the screen is kept too."""
        print(f"{'ok    ' if holds else 'FAILED'} {what}", flush=True)
        if not holds:
            self.failed.append(what)
            if self.artist.alive:
                self.artist.picture("failed")

    def equal(self, what: str, found: object, expected: object) -> None:
        """Note whether something is as expected."""
        self(what if found == expected else f"{what}: {found!r} is not {expected!r}", found == expected)

    def calm(self, after: str, *, alive: bool = True, status: int | None = 0) -> None:
        """Nobody works for us any more (one may wait), Blender lives or ended in order, no traceback was written."""
        end = time.monotonic() + 8.0
        while (left := self._orphans(alive)) and time.monotonic() < end:
            time.sleep(0.2)
        self.equal(f"{after}: no process is left over", left, {})
        self.in_order(after, alive=alive, status=status)

    def in_order(self, after: str, *, alive: bool = True, status: int | None = 0) -> None:
        """Blender lives or ended in order, and no traceback was written."""
        if alive:
            self(f"{after}: Blender is alive", self.artist.alive and self.artist.ask("True"))
        else:
            self.equal(f"{after}: Blender ended in order", self.artist.ended_with(), status)
        text = self.artist.log.read_text(errors="replace")[self._heard :]
        self._heard += len(text)
        fault = _FAULT.search(text)
        self.equal(f"{after}: no traceback", text[fault.start() :] if fault else "", "")

    def _orphans(self, alive: bool) -> dict[int, str]:
        known = [self.artist.pid, self.artist.ask("session().spare.pid") if alive else None]
        return {pid: line for pid, line in processes.ours().items() if pid not in known}
