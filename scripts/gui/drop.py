"""drop.py X Y FILE...: let files go at that place of the screen, as a file manager does (XDND 5, freedesktop.org)."""

import sys
import time
from pathlib import Path
from typing import Any

from Xlib import X, Xatom, display
from Xlib.protocol import event

_PATIENCE = 10.0


class Drag:
    """A drag of files from a window of our own to the one that takes drops."""

    def __init__(self, files: list[str]) -> None:
        self._display = display.Display()
        root = self._display.screen().root
        self._atom = self._display.intern_atom
        self._kind = self._atom("text/uri-list")
        self._content = "".join(f"{Path(file).as_uri()}\r\n" for file in files).encode()
        self._window = root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
        self._window.set_selection_owner(self._atom("XdndSelection"), X.CurrentTime)
        self._target = self._taker(root)

    def to(self, x: int, y: int) -> None:
        """Enter, move, let go, and wait until it was taken. Raises TimeoutError."""
        self._say("XdndEnter", 5 << 24, self._kind)
        for step in range(4):  # its boxes take notice of a move only
            self._say("XdndPosition", 0, x << 16 | (y - step), X.CurrentTime, self._atom("XdndActionCopy"))
            self._wait_for("XdndStatus")
        self._say("XdndDrop", 0, X.CurrentTime)
        self._wait_for("XdndFinished")

    def _taker(self, window: Any) -> Any:
        if window.get_full_property(self._atom("XdndAware"), X.AnyPropertyType):
            return window
        return next(filter(None, map(self._taker, window.query_tree().children)), None)

    def _say(self, what: str, *numbers: int) -> None:
        data = [self._window.id, *numbers, 0, 0, 0, 0][:5]
        self._target.send_event(event.ClientMessage(window=self._target, client_type=self._atom(what), data=(32, data)))
        self._display.flush()

    def _wait_for(self, what: str) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            while self._display.pending_events():
                come = self._display.next_event()
                if come.type == X.SelectionRequest:
                    self._hand_over(come)
                elif come.type == X.ClientMessage and come.client_type == self._atom(what):
                    return
            time.sleep(0.02)
        raise TimeoutError(what)

    def _hand_over(self, asked: Any) -> None:
        if asked.target == self._atom("TARGETS"):
            asked.requestor.change_property(asked.property, Xatom.ATOM, 32, [self._kind])
        else:
            asked.requestor.change_property(asked.property, asked.target, 8, self._content)
        names = ("time", "requestor", "selection", "target", "property")
        asked.requestor.send_event(event.SelectionNotify(**{name: getattr(asked, name) for name in names}))
        self._display.flush()


if __name__ == "__main__":
    Drag(sys.argv[3:]).to(int(sys.argv[1]), int(sys.argv[2]))
