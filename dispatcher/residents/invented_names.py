"""Common first names and surnames, by language of the household, for invented residents."""

from typing import NamedTuple


class Names(NamedTuple):
    """What a household of one language draws from."""

    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


FRENCH = Names(
    women=(
        "Marie", "Camille", "Léa", "Manon", "Chloé", "Emma", "Sarah", "Nathalie", "Sandrine",
        "Monique", "Huguette", "Yvette", "Solange", "Maëlle", "Anaïs", "Océane", "Zoé", "Jade",
        "Fatima", "Khadija", "Nadia", "Leïla", "Aïcha", "Aminata", "Fatou", "Thu", "Mei",
        "Élodie", "Hélène", "Françoise",
    ),
    men=(
        "Jean", "Pierre", "Michel", "André", "Nicolas", "Julien", "Thomas", "Hugo", "Lucas",
        "Léo", "Enzo", "Théo", "Mathis", "Gérard", "Roger", "Marcel", "Raymond", "Loïc", "Yann",
        "Mohamed", "Karim", "Youssef", "Mamadou", "Ibrahima", "Ousmane", "Minh", "Joël", "Noël",
        "Jérôme", "François",
    ),
    families=(
        "Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois",
        "Moreau", "Laurent", "Simon", "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand",
        "Morel", "Fournier", "Girard", "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau",
        "Vincent", "Muller", "Faure", "Mercier", "Blanc", "Guérin", "Boyer", "Garnier",
        "Chevalier", "Legrand", "Gauthier", "Perrin", "Robin", "Clément", "Morin", "Nicolas",
        "Henry", "Roussel", "Mathieu", "Gautier", "Masson", "Marchand", "Duval", "Denis",
        "Le Gall", "Le Goff", "L'Hostis", "Schmitt", "Klein", "Weber", "Etcheverry", "Casanova",
        "Benali", "Haddad", "Bensaïd", "El Amrani", "Diallo", "Traoré", "Diop", "Nguyen",
        "Tran", "Chen", "Kowalski", "Nowak", "Rossi", "Demir", "Da Costa",
    ),
)  # fmt: skip

ENGLISH = Names(
    women=("Alice", "Emily", "Grace", "Helen", "Olivia", "Ruth", "Susan", "Fiona"),
    men=("David", "George", "Harry", "James", "Oliver", "Peter", "Stephen", "Angus"),
    families=("Smith", "Jones", "Taylor", "Brown", "Wilson", "Evans", "Walker", "O'Neill"),
)

SPANISH = Names(
    women=("Ana", "Carmen", "Lucía", "Pilar", "Rosa", "Elena"),
    men=("Antonio", "Javier", "José", "Manuel", "Pablo", "Ramón"),
    families=("García", "López", "Martínez", "Muñoz", "Sánchez", "Ibáñez"),
)

PORTUGUESE = Names(
    women=("Ana", "Beatriz", "Conceição", "Fátima", "Inês", "Maria"),
    men=("António", "Carlos", "João", "Luís", "Nuno", "Tiago"),
    families=("Silva", "Santos", "Ferreira", "Pereira", "Gonçalves", "Conceição"),
)

GERMAN = Names(
    women=("Anke", "Greta", "Heike", "Jutta", "Sabine", "Ursula"),
    men=("Dieter", "Hans", "Jürgen", "Klaus", "Sören", "Uwe"),
    families=("Müller", "Schäfer", "Fischer", "Becker", "Groß", "Krüger"),
)

BY_LANGUAGE = {
    "fr": FRENCH,
    "en": ENGLISH,
    "es": SPANISH,
    "pt": PORTUGUESE,
    "de": GERMAN,
}
