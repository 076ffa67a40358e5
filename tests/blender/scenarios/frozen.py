"""Make a texture; somebody else stops this process for a while. Say how it ended."""

import fcntl

from harness import ARGUMENTS, extension, pump_until, start_long_job

style, out = ARGUMENTS
F_SETPIPE_SZ = 1031

with extension() as findings:
    job = start_long_job(style, out, size=96)
    # as full after a moment as a pipe of the usual size after minutes
    fcntl.fcntl(job.worker._process.stdout, F_SETPIPE_SZ, 4096)
    pump_until(lambda: job.stage is not None)
    print("worker", job.worker.pid, flush=True)
    pump_until(lambda: job.ending is not None)
    findings["ending"] = type(job.ending).__name__
