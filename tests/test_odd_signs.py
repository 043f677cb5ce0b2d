"""Signs that cost: named, replaced on request, and never in the name of a place unasked."""

from hypothesis import example, given
from hypothesis import strategies as st

from channels.segments import measure, pieces, plain_twin
from dispatcher.alerts.odd_signs import name_of, odd_signs, plainer, respelled

NAMES = ("Fontaine-aux-Chênes", "L'Île", "Bas-Bourg", "Forêt")
MIXED = st.text(st.sampled_from("aeêçéœŒ’«»…–\u00a0\u202f€^{}[]~|\\\n🌊°x 1"), max_size=400)


@given(MIXED)
@example("a" * 161)
@example("a" * 307)
@example("ê" * 135)
@example("a" * 152 + "€" + "a" * 10)
@example("ê" * 66 + "🌊" + "ê" * 20)
def test_pieces_are_the_text_itself_and_as_many_as_the_segments_counted(text: str) -> None:
    cut = pieces(text)
    assert "".join(cut) == text
    assert len(cut) == measure(text).segments
    room = {"GSM-7": 153, "UCS-2": 67}[measure(text).encoding]
    for piece in cut if len(cut) > 1 else ():
        widths = [2 if c in "\f^{}\\[~]|€" else 1 for c in piece]
        units = (
            sum(widths)
            if measure(text).encoding == "GSM-7"
            else len(piece.encode("utf-16-be")) // 2
        )
        assert units <= room


@given(MIXED)
def test_all_replaced_at_once_costs_no_more_and_leaves_only_what_has_no_twin(text: str) -> None:
    after = measure(plainer(text, names=()))
    assert all(plain_twin(sign) is None for sign in after.offending)
    if not after.offending:
        assert after.segments <= measure(text).segments


@given(MIXED)
def test_the_letters_of_a_place_never_change_with_the_rest(text: str) -> None:
    typed = f"{text} Fontaine-aux-Chênes, "
    assert "Fontaine-aux-Chênes" in plainer(typed, names=NAMES)
    assert "Fontaine-aux-Chênes" in plainer(typed, names=NAMES, only="ê")


def test_one_sign_is_replaced_and_the_others_wait() -> None:
    assert plainer("Fenêtres… où ça ?", names=(), only="ê") == "Fenetres… où ça ?"


def test_quotes_are_plain_in_names_too_since_they_say_the_same() -> None:
    assert plainer("Évacuez L’Île, fenêtres", names=NAMES) == "Évacuez L'Île, fenetres"


def test_a_name_is_respelled_when_somebody_asks_for_it() -> None:
    typed = "Évacuez Fontaine-aux-Chênes, fenêtres fermées"
    assert respelled(typed, "Fontaine-aux-Chênes") == (
        "Évacuez Fontaine-aux-Chenes, fenêtres fermées"
    )


def test_each_sign_says_where_it_comes_from() -> None:
    typed = "Évacuez {secteur} et Fontaine-aux-Chênes, fenêtres fermées…"
    filled = typed.replace("{secteur}", "Bois du Chêne")
    found = {one.sign: one for one in odd_signs(
        typed, filled, {"secteur": "Bois du Chêne"}, names=NAMES
    )}  # fmt: skip
    assert set(found) == {"ê", "…"}
    assert (found["ê"].free, found["ê"].places) == (1, ("Fontaine-aux-Chênes",))
    assert (found["ê"].blanks, found["ê"].twin) == (("secteur",), "e")
    assert (found["…"].free, found["…"].twin) == (1, "...")


def test_signs_are_named_as_people_name_them() -> None:
    assert [name_of(sign, "fr") for sign in "êÊç’…\u202fœ"] == [
        "e accent circonflexe", "e majuscule accent circonflexe", "c cédille",
        "apostrophe courbe", "points de suspension", "espace fine insécable", "e dans l'o",
    ]  # fmt: skip
    assert name_of("ê", "en") == "e with circumflex"
    assert name_of("🌊", "fr") == "water wave"


def test_a_sign_without_a_twin_has_none() -> None:
    assert [plain_twin(sign) for sign in "é🌊中êŒ"] == [None, None, None, "e", "OE"]


def test_letters_typed_in_two_parts_are_found_as_one() -> None:
    typed = "Fene\u0302tres, Fontaine-aux-Che\u0302nes"
    assert plainer(typed, names=NAMES) == "Fenetres, Fontaine-aux-Chênes"
