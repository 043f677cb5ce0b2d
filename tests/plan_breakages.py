"""Ways to break the model plan: what is changed, where it must be seen, a word of what is said."""

DOS_LINE = "titulaire: maire, suppleants: [adj1, adj2], approuve_alertes: true"
CARE_LINE = "surface_m2: 600, capacite_accueil: 150"
FIN = "alerte/modeles/crue_fin.yaml"
EVACUATION = "alerte/modeles/crue_evacuation.yaml"
POLICY = "alerte/reglement.yaml"

# What is changed (file, old, new), where the fault is seen (path), a word of its message.
FAULTS = {
    "a reference to nobody": (
        ("equipes.yaml", "chef: pm1", "chef: pm2"), "equipes[0].chef", "vouliez-vous dire pm1"
    ),
    "a role held by nobody": (
        ("organisation.yaml", "titulaire: dgs", "titulaire: personne"),
        "fonctions[1].titulaire", "« personne »",
    ),
    "a scenario in an unknown sector": (
        ("risques.yaml", "[bas_bourg, prairie]", "[bas_bourg, prairies]"),
        "scenarios[0].secteurs[1]", "prairie ?",
    ),
    "a scenario with an unknown card": (
        ("risques.yaml", "[FA-ALERTE, FA-EVACUATION]", "[FA-ALERTE, FA-EVAC]"),
        "scenarios[0].fiches[1]", "les fiches",
    ),
    "a scenario with an unknown template": (
        ("risques.yaml", "crue_evacuation, crue_fin]", "crue_evacuation, fin]"),
        "scenarios[0].modeles[2]", "les modèles",
    ),
    "a trigger to an unknown level": (
        ("risques.yaml", "niveau_pcs: pre_alerte}", "niveau_pcs: prealerte}"),
        "scenarios[0].declencheurs[2].niveau_pcs", "pre_alerte",
    ),
    "a step with an unknown resource": (
        ("fiches/FA-EVACUATION.yaml", "[car_sotra]", "[bus]"), "etapes[2].moyens[0]", "les moyens"
    ),
    "a step that an unknown role approves": (
        (
            "fiches/FA-EVACUATION.yaml",
            "crue_preparation, validation: DOS", "crue_preparation, validation: D0S",
        ),
        "etapes[4].validation", "DOS",
    ),
    "an unknown fall-back centre": (
        ("centres.yaml", "repli: ctm", "repli: cmt"), "centres[0].repli", "ctm"
    ),
    "an id given twice": (
        ("annuaire.yaml", "id: adj2,", "id: adj1,"), "contacts[2].id", "ligne 3"
    ),
    "no DOS": (("organisation.yaml", "code: DOS", "code: MAIRE"), "fonctions", "DOS"),
    "no deputy of the DOS": (
        ("organisation.yaml", DOS_LINE, "titulaire: maire"), "fonctions[0].suppleants", "suppléant"
    ),
    "the DOS as the only deputy": (
        ("organisation.yaml", "suppleants: [adj1, adj2]", "suppleants: [maire]"),
        "fonctions[0].suppleants", "autre que le titulaire",
    ),
    "a team smaller than its minimum": (
        ("equipes.yaml", "membres: [pm1, dst]", "membres: [pm1]"), "equipes[0].membres", "EQ1"
    ),
    "a team that may leave alone": (
        ("equipes.yaml", "fourgon1], effectif_min: 2", "fourgon1], effectif_min: 1"),
        "equipes[0].effectif_min", "2",
    ),
    "a team's warning after its alarm": (
        ("equipes.yaml", "equipes:", "surveillance: {evacuer: {nouvelles_min: 60}}\nequipes:"),
        "surveillance", "60",
    ),
    "a watch of no kind of team": (
        ("equipes.yaml", "equipes:", "surveillance: {pompiers: {nouvelles_min: 9}}\nequipes:"),
        "surveillance.pompiers", "pompiers",
    ),
    "a centre fuller than its surface": (
        ("centres.yaml", CARE_LINE, "surface_m2: 599, capacite_accueil: 150"),
        "centres[2].capacite_accueil", "149",
    ),
    "a centre in a zone it is said safe from": (
        ("centres.yaml", "point: [4.6060, 45.5275], surface", "point: [4.5960, 45.5200], surface"),
        "centres[2].hors_zone", "ppri_rouge",
    ),
    "a trigger that would never fire": (
        ("risques.yaml", "grandeur: H, seuil: 3.40, unite: m", "grandeur: H"),
        "scenarios[0].declencheurs[3]", "seuil",
    ),
    "a threshold with a comma": (
        ("risques.yaml", "seuil: 3.40", "seuil: 3,40"),
        "scenarios[0].declencheurs[3].40", "avec un point",
    ),
    "a flow measured in metres": (
        ("risques.yaml", "H, seuil: 3.40, unite: m", "Q, seuil: 3.40, unite: m"),
        "scenarios[0].declencheurs[3]", "m3/s",
    ),
    "two levels of one order": (
        ("pcs.yaml", "ordre: 2", "ordre: 1"), "niveaux[2].ordre", "pre_alerte"
    ),
    "a sender that is a common word": (
        (POLICY, "emetteur_sms: Valombre", "emetteur_sms: ALERTE"), "emetteur_sms", "ALERTE"
    ),
    "a sender with a space": (
        (POLICY, "emetteur_sms: Valombre", "emetteur_sms: Val ombre"), "emetteur_sms", "refusé"
    ),
    "a mobile number as sender": (
        (POLICY, "emetteur_sms: Valombre ", 'emetteur_sms: "+33639980001" '),
        "emetteur_sms", "06 ou 07",
    ),
    "a one-way number as sender": (
        (POLICY, "emetteur_sms: Valombre ", 'emetteur_sms: "38123" '),
        "emetteur_sms", "emetteur_bidirectionnel",
    ),
    "a mobile number on calls": (
        (POLICY, "langue: fr", 'numero_appelant: "+33639980001"'),
        "numero_appelant", "appels automatiques",
    ),
    "a target of nobody": (
        (POLICY, "selection: {secteurs: tous}", "selection: {}"), "cibles[2]", "commune"
    ),
    "a target by an unknown medium": (
        (POLICY, "canaux: [voix, sms]", "canaux: [voix, pigeon]"), "cibles[0].canaux[1]", "pigeon"
    ),
    "approvers of an unknown role": (
        (POLICY, "qui: [DOS]", "qui: [PREFET]"), "decision.qui[0]", "PREFET"
    ),
    "a text that invites an answer": (
        (FIN, "avant de rentrer. Infos", "avant de rentrer. Répondez OUI. Infos"), "sms", "Répondez"
    ),
    "a blank nobody fills": (
        (FIN, 'voix: "Fin de l\'alerte crue', 'voix: "{secter} Fin de l\'alerte crue'),
        "voix", "vouliez-vous dire secteur",
    ),
    "a blank nobody fills in a text message": (
        (FIN, 'sms: "', 'sms: "{secter} '), "sms", "vouliez-vous dire secteur"
    ),
    "a stray brace": (
        (FIN, 'corps: "Fin de', 'corps: "} Fin de'), "email.corps", "signe 1"
    ),
    "a subject on two lines": (
        (FIN, 'objet: "Fin d\'alerte"', 'objet: "Fin\\nBcc: a@b.example"'),
        "email.objet", "retour à la ligne",
    ),
    "a CAP word that does not exist": (
        (FIN, "urgency: Past", "urgency: Now"), "cap.urgency", "Immediate"
    ),
    "a date that does not exist": (
        ("pcs.yaml", "derniere_revision: 2026-02-10", "derniere_revision: 2026-02-30"),
        "plan.derniere_revision", "AAAA-MM-JJ",
    ),
    "a time zone that does not exist": (
        ("pcs.yaml", "fuseau: Europe/Paris", "fuseau: Europe/Pari"),
        "commune.fuseau", "Europe/Paris",
    ),
    "a phone in national form": (
        ("annuaire.yaml", '"+33639980004"', '"0639980004"'), "contacts[3].tel[0]", "+33"
    ),
    "a phone one digit short": (
        ("annuaire.yaml", '"+33639980004"', '"+3363998000"'), "contacts[3].tel[0]", "9 chiffres"
    ),
    "a phone with its zero": (
        ("annuaire.yaml", '"+33639980004"', '"+330639980004"'), "contacts[3].tel[0]", "9 chiffres"
    ),
    "a language in capitals": (
        (POLICY, "langue: fr", "langue: français"), "langue", "code de langue"
    ),
    "a SIREN one digit short": (
        ("pcs.yaml", '"200000000"', '"20000000"'), "commune.epci.siren", "9 chiffres"
    ),
    "an INSEE code of no department": (
        ("pcs.yaml", '"99042"', "00042"), "commune.code_insee", "2A004"
    ),
    "a colour in words": (
        ("risques.yaml", "couleur_min: 3", "couleur_min: orange"),
        "scenarios[0].declencheurs[0].couleur_min", "de 1 à 4",
    ),
    "a level that Vigicrues has not": (
        ("risques.yaml", "LN5, niveau_min: 3", "LN5, niveau_min: 5"),
        "scenarios[0].declencheurs[1]", "de 1 (vert) à 4",
    ),
    "a centre that falls back on itself": (
        ("centres.yaml", "repli: ctm", "repli: pcc_mairie"), "centres[0].repli", "son propre repli"
    ),
    "a year with a slip": (
        ("pcs.yaml", "derniere_revision: 2026", "derniere_revision: 0026"),
        "plan.derniere_revision", "AAAA-MM-JJ",
    ),
    "a mail without a domain": (
        ("annuaire.yaml", "maire@valombre.example", "maire"), "contacts[0].email", "e-mail"
    ),
    "a week the year has not": (
        ("annuaire.yaml", "2026-W08", "2026-W54"), "astreinte[0].semaine", "semaine ISO"
    ),
    "a point with latitude first": (
        ("centres.yaml", "point: [4.6000, 45.5250]", "point: [4.6000, 145.5250]"),
        "centres[0].point", "longitude",
    ),
    "a number out of range": (
        ("annuaire.yaml", "rang_prefecture: 3", "rang_prefecture: 7"),
        "contacts[2].rang_prefecture", "de 1 à 6",
    ),
    "a word for yes or no": (
        (POLICY, "email: {actif: true}", "email: {actif: peut-être}"), "canaux.email.actif", "true"
    ),
    "a missing name": (("annuaire.yaml", "nom: LEROY, ", ""), "contacts[5].nom", "manque"),
    "one value instead of a list": (
        ("equipes.yaml", "membres: [pm1, dst]", "membres: pm1"), "equipes[0].membres", "liste"
    ),
    "a list instead of one value": (
        ("equipes.yaml", "chef: pm1", "chef: [pm1]"), "equipes[0].chef", "une seule valeur"
    ),
}  # fmt: skip

WARNINGS = {
    "no lead of a cell": (
        ("organisation.yaml", "responsable: adj2, ", ""), "cellules[5].responsable", "COM"
    ),
    "a team without a leader": (("equipes.yaml", "chef: pm1, ", ""), "equipes[0].chef", "EQ1"),
    "a contact without any address": (
        ("annuaire.yaml", ', tel: ["+33639980008"]', ""), "contacts[7]", "etat_civil"
    ),
    "a scenario without templates": (
        ("risques.yaml", "modeles: [crue_preparation, crue_evacuation, crue_fin]", "modeles: []"),
        "scenarios[0].modeles", "lerne_q100",
    ),
    "a scenario without cards": (
        ("risques.yaml", "fiches: [FA-ALERTE, FA-EVACUATION]", "fiches: []"),
        "scenarios[0].fiches", "lerne_q100",
    ),
    "a scenario without sectors": (
        ("risques.yaml", "secteurs: [bas_bourg, prairie]", "secteurs: []"),
        "scenarios[0].secteurs", "lerne_q100",
    ),
    "a centre whose surface is unknown": (
        ("centres.yaml", CARE_LINE, "capacite_accueil: 150"),
        "centres[2].capacite_accueil", "surface",
    ),
    "a centre without a point": (
        ("centres.yaml", ", point: [4.6080, 45.5290]", ""), "centres[1].point", "Centre technique"
    ),
    "no sender": ((POLICY, "emetteur_sms: Valombre", ""), "emetteur_sms", "« Valombre »"),
    "a text too long": (
        (FIN, "Attendez l'accord", "Attendez chez vous l'accord " + "clair et net " * 40),
        "sms", "envois",
    ),
    "a sign that costs a segment": (
        (FIN, "fin d'alerte crue", "fin d\u2019alerte crue"), "sms", "« \u2019 »"
    ),
    "a blank that is not used": (
        (FIN, "[secteur, tel]", "[secteur, tel, point]"), "variables", "« point »"
    ),
    "no words for a medium in use": (
        (FIN, 'voix: "Fin de l\'alerte crue pour le secteur {secteur}."', ""), "voix", "voix"
    ),
    "no version": (("pcs.yaml", '  version: "2026.1"', ""), "plan.version", "version"),
    "an unknown date of revision": (
        ("pcs.yaml", "derniere_revision: 2026-02-10", ""), "plan.derniere_revision", "échéance"
    ),
    "a hazard listed and not described": (
        ("pcs.yaml", "canicule, tmd]", "canicule, tmd, seisme]"), "risques_recenses", "seisme"
    ),
    "a date to come": (
        ("pcs.yaml", "derniere_revision: 2026", "derniere_revision: 2062"),
        "plan.derniere_revision", "à venir",
    ),
    "two duties in one week": (
        ("annuaire.yaml", "technique: dst}", "technique: dst}\n  - {semaine: 2026-W08, elu: adj2}"),
        "astreinte[1]", "2026-W08",
    ),
    "two contacts of one rank": (
        ("annuaire.yaml", "rang_prefecture: 2", "rang_prefecture: 1"),
        "contacts[1].rang_prefecture", "adj1",
    ),
    "a scenario without a hazard": (
        ("risques.yaml", "    risque: inondation\n", ""), "scenarios[0].risque", "hors de danger"
    ),
    "a centre outside the commune": (
        ("centres.yaml", "point: [4.6080, 45.5290]", "point: [45.5290, 4.6080]"),
        "centres[1].point", "longitude d'abord",
    ),
    "an assembly point outside the commune": (
        ("centres.yaml", "point: [4.6015, 45.5255]", "point: [45.5255, 4.6015]"),
        "points_rassemblement[0].point", "église",
    ),
    "two steps of one number": (
        ("fiches/FA-EVACUATION.yaml", "n: 2,", "n: 1,"), "etapes", "(1)"
    ),
    "a plain http webhook": (
        ("annuaire.yaml", "email: maire@valombre.example", "webhook: http://maire.example/"),
        "contacts[0].webhook", "http",
    ),
}  # fmt: skip


# What else is rightly blamed, beside the place that was broken.
ALSO: dict[str, set[str]] = {
    "no DOS": {"decision", "decision.qui[0]", "etapes[4].validation", "etapes[5].validation"},
    "an id given twice": {
        "fonctions[0].suppleants[1]", "cellules[5].responsable",
    },
    "approvers of an unknown role": {"decision"},
    "a centre in a zone it is said safe from": {"centres[2].point"},
}  # fmt: skip
