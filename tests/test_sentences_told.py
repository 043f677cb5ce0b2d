"""What refuses an act is said whole in the reader's language: no French word inside English."""

import pytest

from dispatcher.access.passwords import WeakPassword, check_password
from dispatcher.alerts.refusals import NotNow
from dispatcher.crisis import standing_down
from dispatcher.crisis.standing_down import Warning_
from dispatcher.distress import calls
from dispatcher.logbook import copies
from dispatcher.sentences import Sentence, Word
from dispatcher.store.ledger import Ledger
from operator_ui.words import sentence
from tests.crises import opened, town_hall


def test_what_fills_a_blank_is_told_in_the_same_language_as_the_rest() -> None:
    inner = Sentence("{n} tâches restent ouvertes", n=3)
    both = NotNow(
        "Avant de lever, confirmez que vous savez : {known}.",
        known=(inner, Warning_("prefect_directs").sentence),
    )
    assert str(both).endswith("savez : 3 tâches restent ouvertes ; le préfet dirige.")
    assert "3 tasks stay open" in sentence(both, "en")
    assert not {"tâches", "préfet", "dirige"} & set(sentence(both, "en").split())
    by_people = Sentence("« {title} », {state}", title="levé", state=Word("levé"))
    assert sentence(by_people, "en") == "« levé », stood down"  # what people wrote is theirs


@pytest.mark.parametrize("kind", list(standing_down._SAID))
@pytest.mark.parametrize("number", [1, 2])
def test_every_warning_of_a_stand_down_has_its_english(kind: str, number: int) -> None:
    one = Warning_(kind, number)
    assert sentence(one.sentence, "en") != one.said
    assert sentence(one.sentence, "fr") == one.said


@pytest.mark.parametrize("outcome", sorted(calls._SAID.values()))
def test_every_end_of_a_call_for_help_has_its_english(outcome: str) -> None:
    ended = NotNow(
        "Cette demande d'aide est terminée ({said}) : rouvrez-la s'il le faut.",
        said=Word(outcome),
    )
    assert outcome in str(ended)
    assert outcome not in sentence(ended, "en")


def test_a_short_password_and_a_long_copy_say_their_figures() -> None:
    with pytest.raises(WeakPassword) as weak:
        check_password("court", "maire", shortest=16)
    assert str(weak.value) == "Le mot de passe doit avoir au moins 16 caractères."
    assert sentence(weak.value, "en") == "The password must have at least 16 characters."
    assert issubclass(copies.CopyRefused, Sentence)


async def test_a_second_event_is_refused_in_the_reader_s_language(ledger: Ledger) -> None:
    town = await town_hall(ledger)
    first = await opened(town)
    with pytest.raises(NotNow) as refused:
        await opened(town)
    english = sentence(refused.value, "en")
    assert f"« {first.title} », " in str(refused.value)
    assert english.startswith(f"An event is open already: “{first.title}”, ")
    assert not any(word in english for word in ("évaluation", "signalé", "Continuez"))
