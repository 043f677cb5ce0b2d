"""Which function may do what: deny by default, one table to read.

A function is what a user holds in the commune: the DOS and her deputies, the RAC, a cell's chief,
an operator, an observer, the data protection officer, the administrator. Nobody launches alone: who
approves is never the author, and the RAC approves only what the mayor or a deputy submitted, where
the alert policy names it (dispatcher/alerts/two_people.py), whatever this table says.
"""

READ = frozenset(
    {
        "account.own",
        "alert.read",
        "plan.read",
        "logbook.read",
        "sandbox.read",
        "event.read",
        "team.read",
    }
)
WRITE = READ | {
    "alert.draft",
    "alert.submit",
    "alert.withdraw",
    "alert.unreached",
    "alert.replies",
    "alert.stop_override",
    "centre.people",
    "event.open",
    "event.task",
    "team.order",
    "logbook.write",
    "ready.check",
    "vulnerable.keep",  # of whom the mayor names one by one (dispatcher/vulnerable/agents.py)
}
LEAD = WRITE | {
    "event.pre_alert",
    "event.relieve",
    "access.grant_crisis",
    "access.read",
    "alert.launch",
    "alert.cancel",
    "alert.take_back",
    "residents.read",
    "residents.keep",
    "provider.pace",
    "ready.trial",
}

GRANTED: dict[str, frozenset[str]] = {
    "dos": LEAD
    | {
        "alert.approve",
        "alert.override",
        "plan.load",
        "logbook.export",
        "access.manage",
        "event.activate",
        "event.stand_down",
        "privacy.keep",
        "service.open",
        "vulnerable.journal",
        "vulnerable.name",
        "vulnerable.open",
    },
    "deputy": LEAD
    | {
        "alert.approve",
        "alert.override",
        "logbook.export",
        "event.activate",
        "event.stand_down",
        "privacy.keep",
        "service.open",
        "vulnerable.journal",
        "vulnerable.name",
        "vulnerable.open",
    },
    "rac": LEAD | {"alert.approve", "plan.load", "residents.import", "logbook.export"},
    "cell_chief": WRITE | {"event.relieve"},
    "operator": WRITE | {"residents.read", "residents.keep"},
    "observer": READ,
    "dpo": READ | {"privacy.keep", "privacy.rule", "vulnerable.journal", "vulnerable.rule"},
    "administrator": READ
    | {
        "plan.load",
        "residents.import",
        "access.manage",
        "access.read",
        "provider.pace",
        "ready.check",
        "ready.trial",
        "service.open",
    },
}
FUNCTIONS = tuple(GRANTED)
IN_WORDS = {  # as the logbook and announcements name them; a plan may have its own words
    "dos": "DOS (maire)",
    "deputy": "suppléant",
    "rac": "RAC",
    "operator": "opérateur",
    "cell_chief": "chef de cellule",
    "observer": "observateur",
    "dpo": "délégué à la protection des données",
    "administrator": "administrateur",
}
PERMISSIONS = frozenset().union(*GRANTED.values())


def allowed(function: str, permission: str) -> bool:
    """Tell whether a function holds a permission; an unknown one of either holds nothing."""
    return permission in GRANTED.get(function, frozenset())
