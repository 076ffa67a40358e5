"""Settings that came with a .blend, perhaps a stranger's: what they would read and write is shown first.

Until the artist has said yes, nothing looks for a file that they name. Once is enough for a file; one that was saved
in this session is the artist's own. Scripts are not asked, nor is who lets every file run scripts anyway.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import bpy
from bpy.app.handlers import persistent
from bpy.types import Context, Operator

from ..job.description import Job, images
from . import output_folder, session
from .errors import UserError
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems

_WIDTH = 500
"""Of the question, in px."""


def register() -> None:
    """Listen for files that are opened and saved."""
    bpy.app.handlers.load_post.append(_after_load)
    bpy.app.handlers.save_post.append(_after_save)


def unregister() -> None:
    """Stop listening."""
    bpy.app.handlers.load_post.remove(_after_load)
    bpy.app.handlers.save_post.remove(_after_save)


def is_unseen() -> bool:
    """Whether the file's settings have to be shown before they are used."""
    preferences: Any = bpy.context.preferences
    return session.opened.unseen and not preferences.filepaths.use_scripts_auto_execute


def accept() -> None:
    """Take the file for the artist's own from now on."""
    session.opened.unseen = False
    session.opened.known.add(bpy.data.filepath)


def ask_first(operator: Operator, context: Context) -> "set[OperatorReturnItems]":
    """What `invoke` does of an operator that uses the settings: run it, or show first what it would do."""
    if not is_unseen():
        return operator.execute(context)
    manager = context.window_manager
    assert manager is not None
    return manager.invoke_props_dialog(
        operator, width=_WIDTH, title="These settings came with the file", confirm_text="Generate"
    )


def draw(layout: Any, job: Callable[[], Job], folder: str) -> None:
    """Draw what it would do."""
    try:
        lines = [*reads(job()), writes(folder)]
    except UserError as fault:
        lines = [str(fault)]
    column = layout.column(align=True)
    for line in lines:
        column.label(text=line)


def reads(job: Job) -> Iterator[str]:
    """The files that a job reads, in lines. Looks for none."""
    paths = dict.fromkeys(images(job))
    yield (
        rpt_("It reads {len} image{what}:").format(len=len(paths), what="" if len(paths) == 1 else "s")
        if paths
        else "It reads no image"
    )
    yield from (f"    {path}" for path in paths)


def writes(folder: str) -> str:
    """Where the files would go, in a line."""
    return rpt_("It writes into a new folder in {parent}").format(parent=output_folder.parent(folder))


@persistent
def _after_load(*_: object) -> None:
    path = bpy.data.filepath
    session.opened.unseen = bool(path) and path not in session.opened.known and any(map(_names_files, bpy.data.scenes))


@persistent
def _after_save(*_: object) -> None:
    if not session.opened.unseen:
        session.opened.known.add(bpy.data.filepath)


def _names_files(scene: Any) -> bool:
    settings = scene.neural_texture
    return bool(settings.images or settings.folder or settings.use_content or settings.customised)
