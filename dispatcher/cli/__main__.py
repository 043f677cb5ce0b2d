"""The command line: `tocsin VERB …`; each verb's module is loaded only when it is asked for."""

import sys
from importlib import import_module

import typer

from dispatcher.cli.failing import FAILURES, said
from dispatcher.cli.logged import log_plainly
from dispatcher.cli.speaking import refuse

# verb → (module in dispatcher.cli, what it does)
VERBS = {
    "demo": ("demo", "everything on an embedded default: look, or launch one alert with --once"),
    "run": ("run", "a whole small installation under one supervisor"),
    "serve": ("serve", "the web process"),
    "worker": ("worker", "a worker process"),
    "rehearsals": ("rehearsals", "takes rehearsals to their end; knows no provider"),
    "public": ("public", "the page that everybody may read, apart from the console"),
    "migrate": ("migrate", "create or upgrade the ledger's schema"),
    "restored": ("restored", "after a backup was put back: what is held, and letting it go on"),
    "plan": ("plan", "check, load, describe a safeguard plan"),
    "area": ("area", "addresses inside an area"),
    "residents": ("residents", "import, export, erase residents; who is covered, rounds"),
    "alert": ("alert", "draft, preview, submit, approve, launch, show, cancel an alert"),
    "distress": ("distress", "calls for help: taken, handed over, ended, opened again"),
    "team-alarm": ("team_alarm", "alarms of teams: listed, taken, ended"),
    "event": ("event", "a crisis: an alert received, opened, activated, stood down"),
    "centre": ("centre", "reception centres of a crisis: opened, counted, who is there"),
    "means": ("means", "means of a crisis: where they are, lent, brought back"),
    "team": ("team", "teams: what they say, where they are, which is nearest"),
    "mission": (
        "mission",
        "missions: made by hand, of steps, calls, streets; given to a team; doors",
    ),
    "desk": ("desk", "what came under an unknown name: placed, or set aside"),
    "alarm": ("alarm", "does what should leave leave; who is told when it does not"),
    "ready": ("ready", "would an alert leave tonight: each line with its remedy"),
    "sms": ("sms", "measure an SMS"),
    "provider": ("provider", "is each provider account usable"),
    "bounce": ("bounce", "take a bounced mail on standard input"),
    "log": ("log", "verify, export and write the logbook; situation reports"),
    "binder": ("binder", "the crisis binder: made and sealed, opened without the server"),
    "partner": ("partner", "systems of police and fire: asked for, let in, given a new secret"),
    "register": ("register", "the register of vulnerable people: sealed again by a new key"),
    "privacy": ("privacy", "what is kept, why, until when; holds, the evidence, slips"),
    "access": ("access", "users of the console"),
    "test": ("test", "install what the suite needs and run it"),
    "check": ("check", "format, lint, types, import contracts"),
    "bench": ("bench", "benchmarks, ours and the peer in one run"),
    "chaos": ("chaos", "random faults against a running fan-out, judged by the provider"),
}


# Processes that go on for months tell where they failed, not only that they did.
LASTING = ("serve", "worker", "rehearsals", "public")


def main() -> None:
    """Run the verb of the command line; exit 0 done, 1 refused, 2 wrong usage."""
    verb = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if verb in VERBS:
        log_plainly(to=None if verb in LASTING else sys.stderr)  # else stdout is for the answer
        app: typer.Typer = import_module(f"dispatcher.cli.{VERBS[verb][0]}").app
        app.pretty_exceptions_show_locals = False
        try:
            app(args=sys.argv[2:], prog_name=f"tocsin {verb}")
        except _accounts_fault() as fault:
            _refused(str(fault))
        except FAILURES as error:
            if verb in LASTING:
                raise
            _refused(said(error))
        return
    wrong = not verb.startswith("-")
    out = sys.stderr if wrong else sys.stdout
    if wrong:
        out.write(f"There is no verb '{verb}'.\n")
    out.write("tocsin VERB …\n\n" + "".join(f"  {v:<10} {d}\n" for v, (_, d) in VERBS.items()))
    sys.exit(2 if wrong else 0)


def _refused(sentence: str) -> None:
    try:
        refuse(sentence, as_json="--json" in sys.argv)
    except typer.Exit as end:
        sys.exit(end.exit_code)


def _accounts_fault() -> tuple[type[Exception], ...]:
    """Return what a verb meets in a faulty accounts file; nothing where none was read."""
    read = sys.modules.get("dispatcher.delivery.accounts_file")
    return (read.AccountsFault,) if read else ()


if __name__ == "__main__":
    main()
