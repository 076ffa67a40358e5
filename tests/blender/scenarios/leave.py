"""Start a job, say the worker's process id, and leave Blender: `killed`, without any farewell, or `quit`."""

import os
import signal
import sys

import bpy
from harness import ARGUMENTS, pump_until, start_long_job

style, out, how = ARGUMENTS
bpy.ops.extensions.package_install_files(filepath=sys.argv[2], repo="user_default", enable_on_install=True)
job = start_long_job(style, out, size=96)
pump_until(lambda: job.image_uid is not None and job.stage is not None)
print("worker", job.worker.pid, flush=True)
if how == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
