"""The engine's errors. Each message is one line for the user: what was wrong, where, what would be right.

EngineError         ends the job as a failure (exit status 1)
└── InputError      the user can mend it (exit status 2)
"""

from ..job.wire import on_one_line


class EngineError(Exception):
    """The job can't go on."""

    def __init__(self, message: str) -> None:
        super().__init__(on_one_line(" ".join(message.splitlines())))  # a path or a library may bring anything


class InputError(EngineError):
    """What the user gave can't be used."""
