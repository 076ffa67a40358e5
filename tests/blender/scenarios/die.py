"""Start a job, say the worker's process id, and die without any farewell."""

import os
import signal

from harness import ARGUMENTS, extension, pump_until, start_long_job

with extension():
    job = start_long_job(*ARGUMENTS)
    pump_until(lambda: job.started is not None)
    print("worker", job.worker.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
