"""What a process's exit status means, in words."""

import os
import signal

_MEANINGS = {
    signal.SIGTERM: "ended by another program",
    signal.SIGSEGV: "crashed",
    signal.SIGABRT: "crashed",
} | ({signal.SIGKILL: "killed, perhaps because memory ran out"} if hasattr(signal, "SIGKILL") else {})


def in_words(status: int) -> str:
    """E.g. ``exit status 1`` or ``crashed, SIGSEGV``."""
    if os.name == "nt" and status & 0xC0000000 == 0xC0000000:
        return f"crashed, status {status & 0xFFFFFFFF:#x}"
    if status >= 0:
        return f"exit status {status}"
    try:
        name = signal.Signals(-status)
    except ValueError:
        return f"ended by signal {-status}"
    return f"{_MEANINGS.get(name, 'ended')}, {name.name}"
