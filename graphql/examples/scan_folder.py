"""Scan a folder of documents on a case's tokens, as a scanner beside Claira would, and print the refund receipt.

    python graphql/examples/scan_folder.py FOLDER --case CASE --key KEY

Stop it however you like, even with kill -9, and run the same command again: it goes on with the same task. There is no
state file. The task's key is made of the case, the folder and the names and sizes of its files, so a folder with other
files is another scan.
"""

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click

if not __package__:  # started as a script: its neighbours are found through the folder above
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from examples.bulk_scan import WouldNotRun, count, scan
from examples.claira_api import Api, ApiFailure


class Screen:
    """A progress bar on a terminal; elsewhere a line whenever another tenth is done."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._done = 0

    def progress(self, done: int, total: int) -> None:
        """Show that `done` of `total` documents are reported."""
        if sys.stdout.isatty():
            if self._bar is None:
                self._bar = click.progressbar(length=total, label="Scanning")
            self._bar.update(done - self._done)
        elif done * 10 // total > self._done * 10 // total:
            click.echo(f"{done:,} of {count(total, 'document')} reported")
        self._done = done

    def warn(self, text: str) -> None:
        """Say something beside the results."""
        click.echo(f"\n{text}" if self._bar else text, err=True)

    def close(self) -> None:
        """Leave the line of the bar."""
        if self._bar is not None:
            self._bar.render_finish()


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--url", default="http://127.0.0.1:8000/graphql", show_default=True, help="The GraphQL address.")
@click.option("--key", envvar="CLAIRA_KEY", show_envvar=True, required=True, help="An API key.")
@click.option("--case", required=True, metavar="UUID_OR_ID", help="The case that pays.")
@click.option("--batch", type=click.IntRange(1, 10_000), default=200, show_default=True, help="Documents in a report.")
@click.option("--name", help="Name of the task.  [default: Scan of FOLDER]")
@click.option("--include", multiple=True, metavar="PATTERN", help="Only such files: '*.pdf', 'letters/*'. Repeatable.")
@click.option("--again", metavar="NONCE", help="Make another run over the same files: --again 2, --again 3 ...")
@click.option("--cancel", is_flag=True, help="End the running scan of these files and get its tokens back.")
def main(folder: Path, url: str, key: str, **options: Any) -> None:
    """Scan the documents in FOLDER on a case's tokens and print the refund receipt.

    Stop it and run it again as you like: the same files are the same task, and nothing is charged twice.

    Exit code 0: done. 1: something failed. 2: the scan would not run; nothing was changed. 130: stopped by Ctrl-C; the
    task goes on holding its tokens until it is resumed, cancelled or abandoned.
    """
    try:
        with closing(Screen()) as screen, Api(url, key, say=screen.warn) as api:
            receipt = scan(folder, api, **options, say=click.echo, progress=screen.progress)
    except WouldNotRun as refusal:
        click.echo(f"The scan would not run; nothing was changed. {refusal}", err=True)
        sys.exit(2)
    except (ApiFailure, OSError) as failure:
        raise click.ClickException(str(failure)) from failure
    except KeyboardInterrupt:
        click.echo(
            "\nStopped. The task is still running: the same command goes on, with --cancel it ends it.", err=True
        )
        sys.exit(130)
    click.echo(f"\n{receipt}")
    if receipt.task["status"] != ("CANCELLED" if options["cancel"] else "COMPLETED"):
        sys.exit(1)


if __name__ == "__main__":
    main()
