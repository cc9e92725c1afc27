"""What a process holds in memory, from the kernel's own page of it (Linux); in MiB."""

from pathlib import Path


def resident(pid: int | str = "self") -> float:
    return _read(pid, "VmRSS")


def peak(pid: int | str = "self") -> float:
    """The most that was resident since the start or the last `forget_peak`."""
    return _read(pid, "VmHWM")


def forget_peak() -> None:
    """The peak of this process begins again at what is resident now."""
    Path("/proc/self/clear_refs").write_text("5")


def _read(pid: int | str, field: str) -> float:
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(field)]
    return int(line.split()[1]) / 1024
