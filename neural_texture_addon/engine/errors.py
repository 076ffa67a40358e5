"""The engine's errors. Each message is one line for the user: what was wrong, where, what would be right.

EngineError         ends the job as a failure (exit status 1)
└── InputError      the user can mend it (exit status 2)
"""


class EngineError(Exception):
    """The job can't go on."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.splitlines()))  # a path or a library may bring line breaks


class InputError(EngineError):
    """What the user gave can't be used."""
