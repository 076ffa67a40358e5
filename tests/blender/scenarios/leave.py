"""Start a job, let a worker wait, say both process ids, and leave Blender: `killed`, with no farewell, or `quit`."""

import os
import signal
import sys

import bpy
from harness import ARGUMENTS, module, pump_until, start_long_job

style, out, how = ARGUMENTS
bpy.ops.extensions.package_install_files(filepath=sys.argv[2], repo="user_default", enable_on_install=True)
job = start_long_job(style, out, size=96)
pump_until(lambda: job.image_uid is not None and job.stage is not None)
spare = module("session").spare
spare.keep(job.python)
print("workers", job.worker.pid, spare.pid, flush=True)
if how == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
