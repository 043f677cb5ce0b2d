"""Messages as communes might write them, good and bad, with what a careful reader would tell."""

from dataclasses import dataclass
from typing import NamedTuple


class Written(NamedTuple):
    """One text of a medium; `told` are the kinds of findings that it deserves, no more no less."""

    text: str
    told: frozenset[str] = frozenset()
    medium: str = "sms"
    language: str = "fr"
    response: str = "Execute"


@dataclass(frozen=True)
class Case:
    """Whether answers come back and help is taken, where it differs from the example commune."""

    written: Written
    two_way: bool = False
    offers_help: bool = True


def of(text: str, *told: str, medium: str = "sms", en: bool = False, cap: str = "Execute") -> Case:
    return Case(Written(text, frozenset(told), medium, "en" if en else "fr", cap))


GOOD = (
    of("Mairie de Vaubrenne: crue de la Sérolle. Bas-Bourg: montez à l'étage jusqu'à demain 8h. "
       "Infos: {lien}"),
    of("Vaubrenne: fuite de gaz rue de la Halle. Quittez la rue à pied, restez au gymnase du "
       "Plateau jusqu'à nouvel avis. Infos 03 53 01 00 02"),
    of("Mairie de Vaubrenne : ne buvez pas l'eau du robinet dans toute la commune jusqu'à "
       "nouvel ordre. Infos : {lien}"),
    of("Mairie de Vaubrenne: vents violents cette nuit. Toute la commune: restez chez vous, "
       "rentrez ce qui peut s'envoler. Écoutez la radio"),
    of("Mairie de Vaubrenne: feu de foret aux Moulins. Évacuez par la route du bourg, attendez "
       "l'ordre pour rentrer. Urgence 112, infos {lien}"),
    of("Mairie de Vaubrenne: coupure d'eau rue des Moulins de 9h à 14h. Faites une réserve. "
       "{lien}"),
    of("VAUBRENNE: RUPTURE DE DIGUE. Prairie: partez tout de suite vers les hauteurs, un autre "
       "message vous dira quand rentrer. {lien}"),
    of("Mairie de Vaubrenne: deminage d'une bombe place de la Gare dimanche de 8h à 12h. "
       "Quittez votre logement avant 8h. Infos: {lien}"),
    of("Mairie de Vaubrenne: verglas. Ne prenez pas la route du col avant 10 heures demain. "
       "Plus d'infos: www.vaubrenne.example"),
    of("Mairie de Vaubrenne: pollution de la Sérolle. Secteur Prairie: ne pas se baigner ni "
       "pecher pendant 3 jours. {lien}"),
    of("Vaubrenne town hall: flood. Bas-Bourg: go upstairs, wait for our next message. {lien}",
       en=True),
    of("Vaubrenne town hall: gas leak in Prairie. Leave on foot now, do not drive. A new message "
       "will tell you when to return. Info 03 53 01 00 02", en=True),
    of("Vaubrenne town hall: do not drink tap water in the whole town until further notice. "
       "Info: {lien}", en=True),
    of("La Sérolle déborde dans le secteur Prairie. Montez à l'étage et attendez notre prochain "
       "message.", medium="voice"),
    of("Un nuage toxique vient vers les Moulins. Entrez, fermez tout, écoutez la radio. Un "
       "second message vous dira quand sortir.", medium="voice"),
    of("The river is flooding Bas-Bourg. Go upstairs and stay there until six in the morning.",
       medium="voice", en=True),
    of("Orages violents ce soir sur toute la commune. Restez à l'abri, ne vous garez pas sous "
       "les arbres. Suivi : {lien}", medium="email"),
    of("Vaubrenne: fin de l'alerte crue, Bas-Bourg. Infos {lien}", cap="AllClear"),
    of("Vaubrenne: essai de l'alerte, Bas-Bourg. Aucun danger. {lien}", cap="None"),
    of("Mairie de Vaubrenne: canicule, toute la commune. Buvez, restez au frais jusqu'à samedi. "
       "Ne répondez pas à ce SMS. Infos {lien}"),
    of("Mairie de Vaubrenne: crue. Prairie: préparez un sac, ne partez pas encore, un second "
       "message vous dira quand. {lien}", cap="Prepare"),
    of("Mairie de Vaubrenne: éboulement route du Plateau. Évitez ce secteur aujourd'hui. "
       "Répondez: {lien} ou 03 53 01 00 02"),
    of("Mairie de Vaubrenne: crue éclair, Moulins. Montez à l'étage, quittez caves et sous-sols. "
       "Attendez notre accord pour descendre. {lien}", cap="Shelter"),
)  # fmt: skip

BAD = (
    of("Attention, montez à l'étage ! Crue au Bas-Bourg jusqu'à demain. {lien}", "who"),
    of("Mairie de Vaubrenne: quittez le Bas-Bourg avant demain midi. {lien}", "what"),
    of("Mairie de Vaubrenne: crue. Montez à l'étage jusqu'à nouvel avis. {lien}", "where"),
    of("Mairie de Vaubrenne-sur-Sérolle: crue. Montez à l'étage jusqu'à nouvel avis. {lien}",
       "where"),
    of("Mairie de Vaubrenne: crue au Bas-Bourg cette nuit. {lien}", "act"),
    of("Mairie de Vaubrenne: crue au Bas-Bourg. Montez à l'étage. {lien}", "until"),
    of("Mairie de Vaubrenne: crue au Bas-Bourg. Montez à l'étage jusqu'à demain.", "verify"),
    of("Mairie de Vaubrenne: vous avez un message important. Cliquez ici: {lien}",
       "what", "where", "act", "until"),
    of("Vaubrenne: la crue monte au Bas-Bourg, soyez prudents ce soir. Repondez OK", "verify",
       "reply_one_way"),
    of("Mairie de Vaubrenne: crue, Prairie. Montez jusqu'à demain. Tapez 1 si compris. {lien}",
       "reply_one_way"),
    of("Mairie de Vaubrenne: crue, Prairie. Montez jusqu'à demain. STOP au 36200. {lien}",
       "reply_one_way"),
    of("MAIRIE DE VAUBRENNE: CRUE AU BAS-BOURG. MONTEZ A L'ETAGE JUSQU'A DEMAIN. {lien}",
       "capitals"),
    of("Mairie de Vaubrenne: crue, Prairie. Montez jusqu'à demain. Infos https://bit.ly/3xYz",
       "shortened"),
    of("Mairie de Vaubrenne: crue au Bas-Bourg. Partez avant 18h. {lien}", "past"),
    of("Mairie de Vaubrenne: crue au Bas-Bourg. Partez avant dix-huit heures trente. {lien}",
       "past"),
    of("Vaubrenne town hall: flood in Bas-Bourg. Leave before 7:15 pm. {lien}", "past", en=True),
    of("Mairie de Vaubrenne: crue, Bas-Bourg. Évacuez, retour demain. {lien}", "contradicts",
       cap="Shelter"),
    of("Mairie de Vaubrenne: crue, Bas-Bourg. Restez chez vous jusqu'à demain. {lien}",
       "contradicts", cap="Evacuate"),
    of("Mairie de Vaubrenne: crue, Bas-Bourg. Évacuez maintenant, retour demain. {lien}",
       "contradicts", cap="Prepare"),
    of("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Appelez la mairie.",
       "verify", "no_number"),
    of("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Rappelez ce numéro.",
       "verify", "no_call_back"),
    of("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Cliquez sur le lien.",
       "verify", "no_link"),
    of("Vaubrenne town hall: flood, Bas-Bourg. Go upstairs until tomorrow. Reply YES. {lien}",
       "reply_one_way", en=True),
    of("Vaubrenne town hall: flood, Bas-Bourg. Go upstairs until tomorrow. Call us.",
       "verify", "no_number", en=True),
    of("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Infos {lien}. Paul Roy: "
       "06 39 98 00 01", "personal"),
    of("La Sérolle déborde à Prairie. Montez jusqu'à demain. Cliquez sur le lien reçu.",
       "click_in_voice", medium="voice"),
    of("La Sérolle déborde à Prairie. Montez jusqu'à demain. Allez sur www.vaubrenne.example",
       "link_in_voice", medium="voice"),
    of("La Sérolle déborde à Prairie. Montez jusqu'à demain. Tapez 5 pour un conseiller.",
       "dead_key", medium="voice"),
    of("La Sérolle déborde à Prairie. Montez jusqu'à demain. Répondez : .", "nothing_after",
       medium="voice"),
    of("La Sérolle déborde à Prairie. Montez jusqu'à demain. Renvoyez OUI par SMS.",
       "reply_one_way", medium="voice"),
    of("The river floods Prairie. Go upstairs until tomorrow. Press 9 to talk to us.",
       "dead_key", medium="voice", en=True),
    of("Crue au Bas-Bourg. Montez jusqu'à demain. Tapez 1 si vous avez compris. {lien}",
       "key_in_mail", medium="email"),
    of("Crue au Bas-Bourg. Montez jusqu'à demain. Ouvrez le lien ci-dessous.", "no_link", "verify",
       medium="email"),
    Case(Written("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Envoyez 2 pour de "
                 "l'aide. {lien}", frozenset({"help_not_taken"})), two_way=True, offers_help=False),
    Case(Written("La Sérolle déborde à Prairie. Montez jusqu'à demain. Si besoin d'aide, tapez 2.",
                 frozenset({"help_not_taken"}), "voice"), offers_help=False),
    Case(Written("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Aide: {lien}",
                 frozenset({"help_not_taken"})), offers_help=False),
    Case(Written("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Aide: {lien} ou "
                 "03 53 01 00 02", frozenset({"help_by_link"})), offers_help=False),
    Case(Written("Mairie de Vaubrenne: crue, Bas-Bourg. Montez jusqu'à demain. Répondez OUI. "
                 "{lien}", frozenset()), two_way=True),
)  # fmt: skip

# Written before the judge had read them, then kept: what it was wrong about was mended since.
UNSEEN = (
    of("Vaubrenne alerte : suite aux fortes pluies, le ru de la Fontenelle sort de son lit. "
       "Habitants de la rue des Lavandières : gagnez les étages et n'utilisez pas votre "
       "véhicule. Prochain point à 22h. {lien}"),
    of("Mairie de Vaubrenne. Episode de grand froid jusqu'au 3 décembre. Signalez les "
       "personnes isolées au 03 53 01 00 02. Salle des fêtes chauffée, ouverte à tous.", "where"),
    of("Mairie de Vaubrenne : alerte rouge pluie-inondation. Reportez tous vos "
       "déplacements, ne descendez pas dans les sous-sols. Ecoutez France Bleu.", "where","until"),
    of("Mairie de Vaubrenne: incendie dans un entrepôt zone des Moulins. Confinez-vous, "
       "fermez fenêtres et volets, n'allez pas chercher vos enfants. {lien}", "until"),
    of("Mairie de Vaubrenne : levée du confinement, quartier Prairie. Aérez vos logements. "
       "Merci de votre calme. {lien}", cap="AllClear"),
    of("Mairie de Vaubrenne: l'eau est de nouveau potable dans toute la commune. Laissez "
       "couler 5 minutes. {lien}", cap="AllClear"),
    of("Mairie de Vaubrenne: panne électrique au Bas-Bourg, retour prévu vers 21h30. "
       "Débranchez les appareils sensibles. Infos 03 53 01 00 02"),
    of("Mairie de Vaubrenne: nid de frelons. Passage déconseillé chemin de la Croix demain "
       "matin. {lien}", "what"),
    of("Mairie de Vaubrenne: recherche d'une personne disparue, Jean, 80 ans, manteau bleu, "
       "secteur Moulins. Si vous le voyez, appelez le 17. {lien}", "until"),
    of("Mairie de Vaubrenne: risque de crue cette nuit, secteur Prairie. Surélevez vos "
       "meubles, garez les voitures place de la Halle. {lien}"),
    of("Mairie de Vaubrenne : distribution d'eau en bouteilles au gymnase du Plateau de 14h "
       "à 18h. Venez avec vos sacs. {lien}", "what"),
    of("Mairie de Vaubrenne: ATTENTION crue. Bas-Bourg: on évacue maintenant ! "
       "Rassemblement parvis de la Halle. {lien}", "until", cap="Evacuate"),
    of("Mairie de Vaubrenne: tempête Ciaran. Ne sortez sous aucun prétexte entre 22h et 6h, "
       "Bas-Bourg et Prairie. Site: vaubrenne.example"),
    of("Mairie de Vaubrenne: les écoles du Plateau sont fermées demain à cause de la neige. "
       "Gardez vos enfants à la maison. {lien}"),
    of("Vaubrenne town hall: storm warning tonight for the whole town. Tie down loose "
       "objects and remain indoors. {lien}", en=True),
    of("Vaubrenne town hall: chemical fire in Prairie. Shelter indoors, ventilation off, "
       "until we text again. {lien}", en=True),
    of("Vaubrenne town hall: landslide on Route du Plateau. Road closed until Sunday, use "
       "the bypass. {lien}", en=True),
    of("Vaubrenne town hall: evacuation of Bas-Bourg. Everyone must leave by 10 pm because "
       "of the flood. {lien}", en=True),
    of("Ici la mairie. La Sérolle monte rapidement à Prairie. Gagnez immédiatement un "
       "étage. Nous vous rappellerons dans une heure.", medium="voice"),
    of("Attention aux arbres : vents forts attendus cet après-midi. Évitez le parc et la "
       "forêt de la Charmaie.\nLa mairie vous informera par SMS à 18h. {lien}", medium="email"),
)  # fmt: skip
