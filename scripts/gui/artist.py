"""An artist before a Blender that has a window: hands on mouse and keyboard (xdotool), eyes on the screen.

Widgets are found as an artist finds them, by looking at one after the other: the mouse moves over a region, and Blender
says what is under it. So a panel that changes its layout breaks nothing here.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import processes

PANEL = "VIEW_3D", "UI"
VIEW = "VIEW_3D", "WINDOW"
PREFERENCES = "PREFERENCES", "WINDOW"
IMAGE = "IMAGE_EDITOR", "WINDOW"
FILE_PATH, FILE_NAME, FILES = ("FILES", "UI"), ("FILES", "EXECUTE"), ("FILES", "WINDOW")
SCREEN = 1400, 1000
_PATIENCE = 90.0
_COLUMNS = 0.7, 0.45, 0.2, 0.87, 0.95, 0.07
"""Where to look in a region, as shares of its width."""
_ROW = 13
"""Px from one look to the next; a button is 20 high."""
_PLACES = {
    "neural_texture.pause": 0.2,
    "neural_texture.finish": 0.45,
    "_style_image": 0.87,
    "discard_variations": 0.815,
    "variations(": 0.8,
}
"""Columns of what stands beside others."""


class LostError(Exception):
    """What the artist was looking for isn't there, or never comes."""


class Artist:
    """Before one Blender after the other; `folder` takes sockets, logs and pictures."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "blender.log"
        self._blender: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._places: dict[tuple[tuple[str, str], str], tuple[int, int]] = {}
        self._pictures = 0

    # Blender

    def start(self, *arguments: str, **environ: str) -> None:
        """Start Blender and wait until it answers."""
        listening = self.folder / "agent.socket"
        listening.unlink(missing_ok=True)
        window = ["--no-window-focus", "--window-geometry", "0", "0", *map(str, SCREEN), "-noaudio"]
        agent = ["--python", str(Path(__file__).with_name("agent.py")), "--", str(listening)]
        with self.log.open("ab") as log:
            self._blender = subprocess.Popen(
                ["blender", *window, *arguments, *agent],
                stdout=log,
                stderr=log,
                env=os.environ | processes.MARK | environ,
            )
        end = time.monotonic() + _PATIENCE
        while True:
            self._connection = socket.socket(socket.AF_UNIX)
            try:
                self._connection.connect(str(listening))
                break
            except OSError:
                if time.monotonic() > end or self._blender.poll() is not None:
                    raise LostError("Blender does not start") from None
                time.sleep(0.2)
        self._answers = self._connection.makefile()
        self.ask("bpy.context.preferences.view.filebrowser_display_type = 'SCREEN'")
        self.ask("bpy.context.preferences.view.smooth_view = 0")
        self.ask("bpy.context.preferences.system.viewport_aa = 'OFF'")
        self.ask("bpy.context.preferences.view.use_save_prompt = False")
        time.sleep(1.0)

    @property
    def pid(self) -> int:
        """Blender's."""
        assert self._blender is not None
        return self._blender.pid

    @property
    def alive(self) -> bool:
        """Whether Blender is."""
        return self._blender is not None and self._blender.poll() is None

    def ended_with(self, seconds: float = 30.0) -> int | None:
        """Blender's exit status, once it has ended by itself; None if it doesn't."""
        assert self._blender is not None
        try:
            return self._blender.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def quit(self) -> None:
        """Ctrl+Q."""
        self.hover(VIEW, 0.3)
        _keys("key", "ctrl+q")

    def kill(self) -> None:
        """As the system does it when memory runs out: no farewell."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
            self.ended_with()

    def ask(self, code: str) -> Any:
        """Run code within Blender (see agent.py); the value of its last expression."""
        assert self._connection is not None
        self._connection.sendall(code.encode())
        try:
            line = self._answers.readline()
        except OSError:
            line = ""
        if not line:
            raise LostError(f"Blender is gone (status {self.ended_with()}): {code}")
        answer = json.loads(line)
        if "fault" in answer:
            raise LostError(answer["fault"])
        return answer["value"]

    def until(self, code: str, seconds: float = _PATIENCE) -> bool:
        """Wait until that is true in Blender; whether it came so."""
        end = time.monotonic() + seconds
        while not (come := bool(self.ask(code))) and time.monotonic() < end:
            time.sleep(0.05)
        return come

    # Hands

    def move(self, x: float, y: float) -> None:
        """The mouse, px from the lower left of the screen. Returns when Blender has taken notice."""
        _xdotool("mousemove", round(x), SCREEN[1] - round(y))
        self.settle()

    def settle(self) -> None:
        """Let Blender answer what was done."""
        for _ in range(2):
            self.ask("None")

    def hover(self, region: tuple[str, str], x: float = 0.5, y: float = 0.5) -> None:
        """Over a region, at shares of its width and height."""
        left, bottom, width, height = self.place(region)
        self.move(left + x * width, bottom + y * height)

    def press(self, *keys: str) -> None:
        """Keys, by xdotool's names, one after the other."""
        for key in keys:
            _keys("key", key)
            self.settle()

    def write(self, text: str) -> None:
        """Text into what is being edited, in place of what stands there."""
        self.press("ctrl+a")
        _keys("type", "--delay", "15", text)
        self.press("Return")

    def click(self, region: tuple[str, str], widget: str) -> None:
        """Press a button or box."""
        self.find(region, widget)
        _xdotool("click", 1)
        self.settle()

    def fill(self, region: tuple[str, str], widget: str, text: str, *, left_by: float = 0, above_by: float = 0) -> None:
        """Write into a field, or into that to the left of a widget or above it, by so many px.

        (Blender doesn't say which field of an extension's preferences is under the mouse.)
        """
        self.find(region, widget)
        _xdotool("mousemove_relative", "--", -left_by, -above_by)
        self.settle()  # a field that does not know yet that the mouse is over it misses the click
        _xdotool("click", 1)
        self.settle()
        self.write(text)

    def turn(self, region: tuple[str, str], widget: str, until: str) -> None:
        """Turn the wheel with Ctrl over a menu until it shows what is meant."""
        self.find(region, widget)
        for _ in range(20):
            if self.ask(until):
                return
            _xdotool("keydown", "ctrl", "click", 5, "keyup", "ctrl")
            self.settle()
        raise LostError(f"{widget} never came to {until}")

    def click_tab(self, name: str) -> None:
        """Bring a tab of the 3D View's sidebar to the front."""
        left, bottom, width, height = self.place(PANEL)
        for y in range(30, height, 30):
            self.move(left + width - 8, bottom + height - y)
            _xdotool("click", 1)
            self.settle()
            if self.ask("tab()") == name:
                return
        raise LostError(f"there is no tab {name}")

    def open_file(self, path: Path) -> None:
        """In a file browser: its folder, its name, and the button at the lower right."""
        self.until("place('FILES', 'EXECUTE')")
        self.fill(FILE_PATH, ".directory", f"{path.parent}/")
        self.fill(FILE_NAME, ".filename", path.name)
        self.click(FILE_NAME, "file.execute")

    def close_other_windows(self) -> None:
        """All but the main one."""
        self.ask(
            "for window in bpy.context.window_manager.windows[1:]:\n"
            "    with bpy.context.temp_override(window=window): bpy.ops.wm.window_close()"
        )

    def arrange_window(self, width: int, height: int) -> None:
        """The newest one: where no window manager runs, windows open anywhere."""
        window = max(map(int, _xdotool("search", "--onlyvisible", "--class", "Blender").split()))
        _xdotool("windowsize", "--sync", window, width, height, "windowmove", "--sync", window, 40, 40)
        self.until(f"bpy.context.window_manager.windows[-1].height == {height}")
        self.settle()

    def drag(self, region: tuple[str, str], start: tuple[float, float], end: tuple[float, float]) -> None:
        """With the left button, between two places of a region, as shares of its width and height."""
        self.hover(region, *start)
        _xdotool("mousedown", 1)
        for share in (0.3, 0.7, 1.0):
            self.hover(region, *(a + share * (b - a) for a, b in zip(start, end, strict=True)))
        _xdotool("mouseup", 1)
        self.settle()

    def drop(self, region: tuple[str, str], *files: Path) -> None:
        """Let files go over a region, as a file manager does."""
        left, bottom, width, height = self.place(region)
        at = str(left + width // 2), str(SCREEN[1] - bottom - height // 3)
        self.move(left + width // 2, bottom + height // 3)
        subprocess.run([sys.executable, Path(__file__).with_name("drop.py"), *at, *files], check=True)
        self.settle()

    # Eyes

    def place(self, region: tuple[str, str]) -> tuple[int, int, int, int]:
        """Left, bottom, width, height of a region."""
        found = self.ask(f"place{region}")
        if found is None:
            raise LostError(f"there is no {region}")
        return tuple(found)

    def find(self, region: tuple[str, str], widget: str) -> None:
        """Lay the mouse over a widget, named by a part of its operator's call or of its property's path."""
        left, bottom, width, height = self.place(region)
        known = self._places.get((region, widget))
        # From the top: above a widget, a panel grows less often than below.
        for x, y in ([known] if known else []) + list(_looks(width, height, widget)):
            self.move(left + x, bottom + height - y)
            if widget in self._seen(region):
                self.settle()
                if widget not in self._seen(region):
                    continue
                self._places[region, widget] = x, y
                return
        raise LostError(f"there is no {widget} in {region}")

    def sees(self, region: tuple[str, str], widget: str) -> bool:
        """Whether there is such a widget."""
        try:
            self.find(region, widget)
        except LostError:
            return False
        return True

    def _seen(self, region: tuple[str, str]) -> str:
        return self.ask(f"under_mouse{region}")

    def picture(self, name: str, region: tuple[str, str] | None = None) -> Path:
        """Of the screen, or of a region."""
        self._pictures += 1
        path = self.folder / "pictures" / f"{self._pictures:02}_{name}.png"
        path.parent.mkdir(exist_ok=True)
        crop = []
        if region:
            left, bottom, width, height = self.place(region)
            crop = ["-crop", f"{width}x{height}+{left}+{SCREEN[1] - bottom - height}", "+repage"]
        subprocess.run(["import", "-window", "root", *crop, str(path)], check=True)
        return path


def _looks(width: int, height: int, widget: str) -> Iterator[tuple[int, int]]:
    first = [share for name, share in _PLACES.items() if name in widget]
    return ((int(share * width), y) for share in (*first, *_COLUMNS) for y in range(6, height, _ROW))


def _keys(*arguments: object) -> None:
    """To the window under the mouse, as a window manager has it; none runs here."""
    _xdotool("windowfocus", _xdotool("getmouselocation", "--shell").rpartition("WINDOW=")[2].strip())
    _xdotool(*arguments)


def _xdotool(*arguments: object) -> str:
    return subprocess.run(
        ["xdotool", *map(str, arguments)], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout
