"""`python -m app.runtime.cli`: the command where the project is not installed, as in the image."""

from app.runtime.cli import main

main(prog_name="claira-usage")
