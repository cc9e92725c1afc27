"""The command `claira-usage`."""

from app.runtime.cli.commands import main

__all__ = ["main"]
