"""The command line (命令行): its verbs in order, from `scenarios.commands`, and its exit codes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from scenarios.commands import BAD_INPUT, GOOD, INTERNAL_FAULT, INTERRUPTED
from scenarios.commands.about_scenarios import check, list_, schema, show
from scenarios.commands.calibrations import calibrate
from scenarios.commands.comparisons import compare, price, run
from scenarios.commands.explorations import seek, sensitivity, sweep
from scenarios.commands.guards import report, selftest, suite, verify
from scenarios.commands.one_person import award, explain, statement
from scenarios.commands.shared_options import LANGUAGES

VERBS = (
    *(list_, schema, show, check, run, compare, price, sweep, seek, sensitivity),
    *(award, explain, statement, calibrate, suite, report, verify, selftest),
)


class _Verbs(click.Group):
    """Lists the verbs in the order of `VERBS` and tells the nearest one."""

    def list_commands(self, ctx):
        return list(self.commands)

    def resolve_command(self, ctx, args):
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from simulate.strict_yaml import nearest

            hint = nearest(args[0], self.commands) or f" Known are {', '.join(self.commands)}."
            raise click.UsageError(f"{args[0]} is no verb of {ctx.info_name}.{hint}", ctx) from None


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flexpension")
def cli() -> None:
    """Pensions of flexible and platform workers in China, under current law and under reforms."""


for _verb in VERBS:
    cli.add_command(_verb)


def _language() -> str:
    """The language asked for, wherever an error came from: errors carry none."""
    words = [word for argument in sys.argv[1:] for word in argument.split("=", 1)]
    asked = words[words.index("--lang") + 1 :][:1] if "--lang" in words else []
    return asked[0] if asked and asked[0] in LANGUAGES else LANGUAGES[0]


def _report_fault() -> str:
    """Write what happened into the working folder, or the temporary one, and return the file's path."""
    import hashlib
    import tempfile
    import traceback

    from scenarios.store import versions

    text = traceback.format_exc()
    name = f"flexpension-fault-{hashlib.sha256(text.encode()).hexdigest()[:8]}.txt"
    told = "\n".join(f"{key} {value}" for key, value in versions().items())
    content = f"command: {' '.join(['flexpension', *sys.argv[1:]])}\n{told}\n\n{text}"
    for folder in (Path(), Path(tempfile.gettempdir())):
        try:
            (folder / name).write_text(content, "utf-8")
        except OSError:
            continue
        return str(folder / name)
    return content


def main() -> None:
    """Run the command line and leave with its exit code (主程序)."""
    try:
        code = cli.main(prog_name="flexpension", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leave:
        code = leave.exit_code
    except click.ClickException as error:
        error.show()
        code = BAD_INPUT
    except (KeyboardInterrupt, click.Abort):
        click.echo("stopped", err=True)
        code = INTERRUPTED
    except BrokenPipeError:  # the reader of a pipe has left: nothing more to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = GOOD
    except Exception as error:
        from simulate.groups import UnknownNameError
        from simulate.strict_yaml import FaultsError

        if isinstance(error, (FaultsError, UnknownNameError)):
            from scenarios.error_texts import told_error

            click.echo(told_error(error, _language()), err=True)
            code = BAD_INPUT
        else:
            path = _report_fault()
            click.echo(
                f"internal fault: {type(error).__name__}: {error}\nPlease send the report {path}", err=True
            )
            code = INTERNAL_FAULT
    sys.exit(code if isinstance(code, int) else GOOD)


if __name__ == "__main__":
    main()
