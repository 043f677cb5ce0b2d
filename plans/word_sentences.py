"""What a reader is told about the words of a message and who sends them, in two languages."""

from plans.faults import Sentence

NO_TEMPLATE = Sentence(
    "Aucun modèle de message (alerte/modeles/*.yaml) : donnez-en au moins un.",
    "No message template (alerte/modeles/*.yaml): give at least one.",
)
NO_TEXT = Sentence(
    "Le modèle {ident} n'a aucun texte : écrivez au moins sms, voix ou email.",
    "The template {ident} has no text: write at least sms, voix or email.",
)
NO_WORDS_FOR = Sentence(
    "Le modèle {ident} n'a pas de texte pour {medium}, que le règlement emploie : rien ne partira "
    "par ce canal.",
    "The template {ident} has no text for {medium}, which the policy uses: nothing will leave by "
    "this medium.",
)
TYPED_FALSE_ALARM = Sentence(
    "Le modèle de fausse alerte {ident} attend {blanks}, que personne ne tapera : un texte de base "
    "partirait à sa place.",
    "The false-alarm template {ident} asks for {blanks}, which nobody will type: a plain text "
    "would leave in its place.",
)
STRAY_BRACE = Sentence(
    "Une accolade n'ouvre aucun blanc (signe {position}) : un blanc s'écrit {{secteur}}, et une "
    "accolade se double.",
    "A brace opens no blank (sign {position}): a blank is written {{secteur}}, and a brace is "
    "doubled.",
)
UNDECLARED_BLANK = Sentence(
    "Le blanc « {name} » n'est pas dans variables{near} : personne ne le remplirait. Corrigez-le, "
    "ou ajoutez-le à variables.",
    "The blank '{name}' is not in variables{near}: nobody would fill it. Correct it, or add it to "
    "variables.",
)
UNUSED_BLANK = Sentence(
    "La variable « {name} » ne sert dans aucun texte : retirez-la.",
    "The variable '{name}' is used in no text: remove it.",
)
FOREIGN_LANGUAGE = Sentence(
    "La traduction « {language} » est la langue du modèle lui-même et n'est pas lue.",
    "The translation '{language}' is the language of the template itself and is not read.",
)
LONG_SMS = Sentence(
    "Le SMS ({language}) prend {segments} envois avec les noms les plus longs, {most} au plus sont "
    "prévus : raccourcissez-le.",
    "The SMS ({language}) takes {segments} segments with the longest names, at most {most} are "
    "planned: shorten it.",
)
COSTLY_SMS = Sentence(
    "Le SMS ({language}) sort de l'alphabet simple (GSM-7) à cause de {signs} : {segments} envois. "
    "Écrivez autrement si vous le pouvez.",
    "The SMS ({language}) leaves the plain alphabet (GSM-7) because of {signs}: {segments} "
    "segments. Write it otherwise if you can.",
)
COSTLY_NAMES = Sentence(
    "Avec certains noms ({signs}), le SMS ({language}) sort de l'alphabet simple (GSM-7) : "
    "{segments} envois.",
    "With some names ({signs}), the SMS ({language}) leaves the plain alphabet (GSM-7): "
    "{segments} segments.",
)
INVITES_REPLY = Sentence(
    "Le SMS ({language}) invite à répondre (« {words} ») alors que l'émetteur ne reçoit rien : "
    "donnez un lien {{lien}} ou un numéro {{tel}}.",
    "The SMS ({language}) invites an answer ('{words}') while the sender receives nothing: give "
    "a link {{lien}} or a number {{tel}}.",
)
BAD_SENDER = Sentence(
    "L'émetteur « {sender} » serait refusé : {reason}",
    "The sender '{sender}' would be refused: {reason}",
)
MOBILE_SENDER = Sentence(
    "Un numéro en 06 ou 07 ne peut pas envoyer d'alertes (Arcep, conditions des opérateurs) : "
    "prenez le nom de la commune.",
    "An 06 or 07 number cannot send alerts (Arcep, operators' terms): use the commune's name.",
)
NUMBER_SENDER = Sentence(
    "Un numéro comme émetteur demande emetteur_bidirectionnel: true ; sinon, prenez le nom de la "
    "commune.",
    "A number as the sender needs emetteur_bidirectionnel: true; else use the commune's name.",
)
NO_SENDER = Sentence(
    "L'émetteur des SMS n'est pas donné (emetteur_sms) : « {sender} » est employé.",
    "The SMS sender is not given (emetteur_sms): '{sender}' is used.",
)
NO_LEGAL_SENDER = Sentence(
    "Aucun émetteur légal ne se tire du nom de la commune : donnez emetteur_sms.",
    "No legal sender can be made of the commune's name: give emetteur_sms.",
)
MOBILE_CALLER = Sentence(
    "Un numéro en 06 ou 07 est interdit aux appels automatiques : donnez un fixe de la mairie.",
    "An 06 or 07 number is forbidden to automated calls: give a landline of the town hall.",
)
NO_CALLER = Sentence(
    "Le numéro affiché lors des appels n'est pas donné (numero_appelant) : celui du compte "
    "d'envoi sera montré.",
    "The number that calls show is not given (numero_appelant): the account's own is shown.",
)
NO_POLICY_APPROVER = Sentence(
    "Aucune des fonctions qui approuvent n'est pourvue : aucune alerte ne partirait.",
    "None of the approving roles is filled: no alert would leave.",
)
PLAIN_WEBHOOK = Sentence(
    "Cette adresse est en http, sans chiffrement : elle est refusée en service réel.",
    "This address is plain http, without encryption: it is refused in production.",
)
OFFERS_HELP = Sentence(
    "{words} propose de demander de l'aide, alors que le règlement dit demande_aide: false : "
    "retirez ces mots.",
    "{words} offers to ask for help, while the policy says demande_aide: false: remove them.",
)
