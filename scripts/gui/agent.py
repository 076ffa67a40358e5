"""Inside Blender: does what it is asked for over a socket, on the main thread, and says where things are in the window.

blender --python scripts/gui/agent.py -- SOCKET
"""

import ast
import contextlib
import importlib
import json
import socket
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

PACKAGE = "bl_ext.user_default.neural_texture"
_INTERVAL = 0.01
_LISTENING = socket.socket(socket.AF_UNIX)
_connections: list[socket.socket] = []
ticks: list[tuple[float, float, str]] = []


def module(name: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"{PACKAGE}.blender.{name}")


def settings() -> Any:
    """The panel's."""
    return bpy.context.window_manager.windows[0].scene.neural_texture


def choice() -> Any:
    """What the settings mean."""
    return module("job_from_scene").Choice.of(settings())


def session() -> Any:
    """What the extension knows of its jobs."""
    return module("session")


def job() -> Any:
    """The texture that is being made, or was the last."""
    return session().texture.last


def said() -> str:
    """What the artist reads about the texture."""
    return session().texture.message.text if session().texture.message else ""


def said_of_engine() -> str:
    """What the artist reads about the engine."""
    return session().engine.message.text if session().engine.message else ""


def fraction() -> float:
    """How far the texture is."""
    return job().progress.fraction if job() and job().progress else 0.0


def worn() -> str:
    """The material of the cube."""
    slots = bpy.data.objects["Cube"].material_slots
    return slots[0].material.name if slots and slots[0].material else ""


def area_of(editor: str) -> tuple[Any, Any]:
    """The largest editor of a `ui_type`, and its window."""
    windows = bpy.context.window_manager.windows
    found = [(window, area) for window in windows for area in window.screen.areas if area.ui_type == editor]
    return max(found, key=lambda pair: pair[1].width * pair[1].height)


def place(editor: str, kind: str) -> tuple[int, int, int, int] | None:
    """Where a region of an editor is on the desktop: left, bottom, width, height in px. None if it isn't."""
    with contextlib.suppress(ValueError, StopIteration):
        window, area = area_of(editor)
        part = next(part for part in area.regions if part.type == kind)
        return (window.x + part.x, window.y + part.y, part.width, part.height) if part.width > 1 else None
    return None


def tab() -> str:
    """The sidebar's tab that is in front in the 3D View."""
    return next(part for part in area_of("VIEW_3D")[1].regions if part.type == "UI").active_panel_category


def under_mouse(editor: str, kind: str) -> str:
    """The button under the mouse: its operator's call, or its property's path; empty if there is none."""
    window, area = area_of(editor)
    part = next(part for part in area.regions if part.type == kind)
    manager: Any = bpy.context.window_manager
    with bpy.context.temp_override(window=window, area=area, region=part):
        before, manager.clipboard = manager.clipboard, ""
        with contextlib.suppress(RuntimeError):
            bpy.ops.ui.copy_python_command_button()
        if not manager.clipboard:
            with contextlib.suppress(RuntimeError):
                bpy.ops.ui.copy_data_path_button(full_path=True)
        found, manager.clipboard = manager.clipboard, before
    return found


def measure_ticks() -> None:
    """From now on note how long our timer holds the main thread, and what for.

    In seconds by the clock and of processor time (the clock goes on while other programs have the processor), and
    ``listening``, ``preview`` (what a preview needs), ``trying on`` (what the first needs besides) or ``ending``.
    """
    pump, live_preview, try_on = module("event_pump"), module("live_preview"), module("try_on")
    tick, seen = pump.tick, []

    def noting(function: Callable[..., Any], what: str) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            seen.append(what)
            return function(*arguments)

        return noted

    def measured() -> float | None:
        before = job().ending
        seen.clear()
        clock, thread = time.perf_counter(), time.thread_time()
        again = tick()
        took = time.perf_counter() - clock, time.thread_time() - thread
        ticks.append((*took, "ending" if job().ending is not before else seen[0] if seen else "listening"))
        return again

    pump.tick = measured
    for name in ("_make_room", "_show"):
        setattr(live_preview, name, noting(getattr(live_preview, name), "preview"))
    try_on.put_on = noting(try_on.put_on, "trying on")


def _answer(code: str) -> Any:
    """The value of the last expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "asked", "exec"), globals())
    return eval(compile(ast.Expression(last.value), "asked", "eval"), globals()) if last else None


def _serve() -> float:
    with contextlib.suppress(BlockingIOError):
        _connections.append(_LISTENING.accept()[0])
    for connection in list(_connections):
        try:
            asked = connection.recv(1 << 20, socket.MSG_DONTWAIT)
        except BlockingIOError:
            continue
        if not asked:
            _connections.remove(connection)
            continue
        try:
            answer = {"value": _answer(asked.decode())}
        except Exception:
            answer = {"fault": traceback.format_exc()}
        with contextlib.suppress(OSError):
            connection.sendall(json.dumps(answer, default=str).encode() + b"\n")
    return _INTERVAL


_path = Path(sys.argv[-1])
_path.unlink(missing_ok=True)
_LISTENING.bind(str(_path))
_LISTENING.listen()
_LISTENING.setblocking(False)
bpy.context.preferences.view.show_splash = False
bpy.app.timers.register(_serve, persistent=True)
