"""What an author is told about the words of an alert, in two languages."""

from typing import Final

from plans.faults import Sentence

MEDIA: Final = {
    "sms": Sentence("le SMS", "the SMS"),
    "voice": Sentence("le message vocal", "the voice message"),
    "email": Sentence("l'e-mail", "the e-mail"),
}
SAYS: Final = {  # whether one text, or none of them, is spoken of
    True: Sentence("ne dit", "says"),
    False: Sentence("ne dit pas", "does not say"),
}
NONE: Final = Sentence("aucun texte", "none of the texts")
ELSEWHERE: Final = Sentence(" ({media} le dit).", " ({media} says so).")

SAID: Final = {
    # What a message lacks. {medium} opens the sentence.
    "who": Sentence(
        "{medium} {says} qui parle : nommez la mairie.",
        "{medium} {says} who speaks: name the town hall.",
    ),
    "what": Sentence("{medium} {says} quel est le danger.", "{medium} {says} what the danger is."),
    "where": Sentence(
        "{medium} {says} où : nommez le secteur, la rue ou le lieu.",
        "{medium} {says} where: name the sector, the street or the place.",
    ),
    "act": Sentence(
        "{medium} {says} que faire : écrivez la consigne (« Montez à l'étage »).",
        "{medium} {says} what to do: write the instruction ('Go upstairs').",
    ),
    "until": Sentence(
        "{medium} {says} jusqu'à quand, ni quand viendra la suite.",
        "{medium} {says} until when, or when more will be known.",
    ),
    "verify": Sentence(
        "{medium} {says} où vérifier : ajoutez {{lien}}, {{tel}} ou une radio.",
        "{medium} {says} where to verify: add {{lien}}, {{tel}} or a radio.",
    ),
    "empty": Sentence(
        "{medium} n'a pas de texte à lui : il reprend celui d'un autre canal.",
        "{medium} has no text of its own: it takes that of another medium.",
    ),
    # What cannot work.
    "reply_one_way": Sentence(
        "« {words} » invite à répondre, et personne ne recevra la réponse : l'émetteur est un nom. "
        "Donnez {{lien}} ou {{tel}}.",
        "'{words}' invites an answer that nobody will receive: the sender is a name. Give {{lien}} "
        "or {{tel}}.",
    ),
    "no_number": Sentence(
        "« {words} » : aucun numéro n'est donné. Ajoutez {{tel}}.",
        "'{words}': no number is given. Add {{tel}}.",
    ),
    "no_call_back": Sentence(
        "« {words} » : qui reçoit ce message ne voit aucun numéro à rappeler. Ajoutez {{tel}}.",
        "'{words}': whoever gets this message sees no number to call back. Add {{tel}}.",
    ),
    "link_in_voice": Sentence(
        "« {words} » : une adresse ne s'écoute pas. Donnez {{tel}}.",
        "'{words}': nobody can listen to an address. Give {{tel}}.",
    ),
    "click_in_voice": Sentence(
        "« {words} » : on ne clique pas dans un appel. Dites une touche (1, 2) ou {{tel}}.",
        "'{words}': nobody clicks in a call. Say a key (1, 2) or {{tel}}.",
    ),
    "nothing_after": Sentence(
        "« {words} » : il n'y a rien après. Un lien ne se dit pas au téléphone.",
        "'{words}': nothing follows. A link cannot be said on the telephone.",
    ),
    "dead_key": Sentence(
        "« {words} » : cette touche ne fait rien. Seules 1, 2 et 0 répondent.",
        "'{words}': this key does nothing. Only 1, 2 and 0 answer.",
    ),
    "key_in_mail": Sentence(
        "« {words} » : un e-mail n'a pas de touches. Donnez {{lien}}.",
        "'{words}': an e-mail has no keys. Give {{lien}}.",
    ),
    "no_link": Sentence(
        "« {words} » : il n'y a pas de lien. Ajoutez {{lien}}.",
        "'{words}': there is no link. Add {{lien}}.",
    ),
    "help_not_taken": Sentence(
        "« {words} » propose de demander de l'aide, et le règlement dit que la mairie ne prend pas "
        "ces demandes. Donnez le 18 ou le 112.",
        "'{words}' offers to ask for help, and the policy says that the town hall takes no such "
        "requests. Give 18 or 112.",
    ),
    "past": Sentence("« {words} » : cette heure est passée.", "'{words}': this hour is past."),
    # Advice.
    "help_by_link": Sentence(
        "« {words} » : la page du lien ne prend pas de demande d'aide (règlement).",
        "'{words}': the page of the link takes no request for help (policy).",
    ),
    "shortened": Sentence(
        "« {words} » : un lien raccourci est souvent bloqué comme frauduleux. Écrivez l'adresse "
        "entière.",
        "'{words}': a shortened link is often blocked as fraud. Write the whole address.",
    ),
    "capitals": Sentence(
        "{medium} est tout en capitales : gardez-les pour le danger.",
        "{medium} is all in capitals: keep them for the danger.",
    ),
    "long": Sentence(
        "Le SMS prend {words} envois ; deux au plus se lisent d'un coup d'œil.",
        "The SMS takes {words} segments; two at most are read at a glance.",
    ),
    "too_long": Sentence(
        "Le SMS prend {words} envois, plus que le règlement n'en prévoit.",
        "The SMS takes {words} segments, more than the policy allows.",
    ),
    "contradicts": Sentence(
        "« {words} » contredit le modèle choisi ({asked}). Changez le texte ou le modèle.",
        "'{words}' contradicts the chosen template ({asked}). Change the text or the template.",
    ),
    "disagrees": Sentence(
        "{medium} dit « {words} » ; la version « {other} » ne le dit pas.",
        "{medium} says '{words}'; the '{other}' version does not.",
    ),
    "personal": Sentence(
        "« {words} » est le numéro d'une personne de l'annuaire : des milliers de gens l'auront.",
        "'{words}' is the number of somebody in the directory: thousands of people will have it.",
    ),
    "unread": Sentence(
        "Tocsin ne sait pas relire cette langue : faites relire ce texte par quelqu'un.",
        "Tocsin cannot read this language over: have somebody read this text.",
    ),
}

RESPONSES: Final = {
    "Shelter": Sentence("se mettre à l'abri", "take shelter"),
    "Evacuate": Sentence("évacuer", "evacuate"),
    "Prepare": Sentence("se préparer", "get ready"),
    "AllClear": Sentence("fin d'alerte", "all clear"),
    "None": Sentence("rien à faire", "nothing to do"),
}
