"""Job files: everything that the panel says, as the JSON that the command line and the worker read."""
# mypy: disable-error-code="valid-type"
# pyright: reportInvalidTypeForm=false

from pathlib import Path
from typing import TYPE_CHECKING, Any

import bpy
from bpy.props import StringProperty
from bpy.types import Context, Operator
from bpy_extras.io_utils import ExportHelper, ImportHelper

from ..job.description import Job, relocated
from ..job.wire import WireError, job_from_file, job_from_json, job_to_json
from . import job_from_scene, preset_in_scene, style_image_files
from .errors import UserError
from .extension import MAY_BE_RELATIVE
from .job_from_scene import AUTO, Choice, absolute
from .properties import settings_of
from .translations import rpt_

if TYPE_CHECKING:
    from bpy.stub_internal.rna_enums import OperatorReturnItems


class SaveJob(Operator, ExportHelper):  # type: ignore[misc]  # both have invoke; Blender takes the helper
    """Write a job file."""

    bl_idname = "neural_texture.save_job"
    bl_label = "Save Job..."
    bl_description = "Write everything that shapes the texture into a file, for the command line or another .blend"

    filepath: StringProperty(subtype="FILE_PATH", options=MAY_BE_RELATIVE)
    filename_ext = ".json"
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Write the job of the panel."""
        try:
            path = Path(bpy.path.abspath(self.filepath))
            job = style_image_files.written(of_panel(settings_of(context)), path.with_name(f"{path.stem}_inputs"))
            path.write_text(job_to_json(job), encoding="utf-8")
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        except OSError as fault:
            self.report(
                {"ERROR"},
                rpt_("{filepath}: the job can't be saved ({strerror})").format(
                    filepath=self.filepath, strerror=fault.strerror
                ),
            )
            return {"CANCELLED"}
        self.report({"INFO"}, rpt_("Saved {filepath}").format(filepath=self.filepath))
        return {"FINISHED"}


class OpenJob(Operator, ImportHelper):  # type: ignore[misc]
    """Read a job file."""

    bl_idname = "neural_texture.open_job"
    bl_label = "Open Job..."
    bl_description = "Set everything in the panel to what a job file says"
    bl_options = {"UNDO"}  # noqa: RUF012  # Blender's own convention

    filepath: StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE", *MAY_BE_RELATIVE})
    filter_glob: StringProperty(default="*.json", options={"HIDDEN"})

    def execute(self, context: Context) -> "set[OperatorReturnItems]":
        """Show the job in the panel."""
        try:
            preset_in_scene.show(read(Path(bpy.path.abspath(self.filepath))), settings_of(context))
        except UserError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        return {"FINISHED"}


CLASSES = (SaveJob, OpenJob)


def of_panel(settings: Any) -> Job:
    """The job of the panel, whether or not its images and weights are there. Raises UserError."""
    choice = Choice.of(settings)
    return job_from_scene.job(choice, preset_in_scene.weights_are_there if choice.features == AUTO else lambda: True)


def given(job: str) -> Job:
    """The job of a file at this path, or of this text, if it is JSON. Raises UserError with every fault."""
    if not job.lstrip().startswith("{"):
        return read(Path(bpy.path.abspath(job)))
    try:
        return relocated(job_from_json(job), absolute)
    except WireError as fault:
        raise UserError("\n".join(["The job can't be read:", *fault.faults])) from None


def read(path: Path) -> Job:
    """The job of a file; its relative paths count from the file's folder. Raises UserError with every fault."""
    try:
        job = job_from_file(path)
    except OSError as fault:
        raise UserError(
            rpt_("{path}: the job file can't be read ({strerror})").format(path=path, strerror=fault.strerror)
        ) from None
    except UnicodeDecodeError:
        raise UserError(rpt_("{path}: is not a job file (not UTF-8 text)").format(path=path)) from None
    except WireError as fault:
        raise UserError(
            "\n".join([rpt_("{path} is not a job that can be read:").format(path=path), *fault.faults])
        ) from None
    folder = path.absolute().parent
    return relocated(job, lambda named: str(folder / named))
