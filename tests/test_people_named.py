"""Lines of the logbook name people: ids of the plan and owners of calls, never a word by chance."""

import pytest

from dispatcher.store.logbook import Line
from operator_ui.people_named import told as named_in

NAMES = {"contact:maire": "Lucie Fabre (maire)", "user:rac": "Camille (RAC)", "maire": "Lucie"}


def line(text: str, kind: str = "event.answer", **data: object) -> Line:
    return Line("99117", 1, 0.0, 0.0, "worker", kind, text, data, "", "")


@pytest.mark.parametrize(
    ("line_of", "said"),
    [
        (line("contact:maire : vient"), "Lucie Fabre (maire) : vient"),
        (line("Relève : user:rac, contact:maire."), "Relève : Camille (RAC), Lucie Fabre (maire)."),
        (line("contact:autre : vient"), "contact:autre : vient"),
        (line("Appelé le maire"), "Appelé le maire"),
        (line("Demande d'aide confiée à maire", "help.handed_over", owner="maire"),
         "Demande d'aide confiée à Lucie"),
        (line("Demande d'aide prise", "help.taken", owner="maire"), "Demande d'aide prise"),
        (line("contact:maire : vient", "logbook.line"), "contact:maire : vient"),
    ],
)  # fmt: skip
def test_a_line_says_who_is_meant(line_of: Line, said: str) -> None:
    assert named_in(line_of, lambda ident: NAMES.get(ident, ident)) == said
