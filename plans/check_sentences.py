"""What a reader is told about a plan that reads well but would not hold, in two languages."""

from plans.faults import Sentence

NO_DOS = Sentence(
    "Il manque la fonction DOS (directeur des opérations) : personne ne pourrait décider.",
    "The role DOS (director of operations) is missing: nobody could decide.",
)
NO_DEPUTY = Sentence(
    "Le DOS n'a pas de suppléant : donnez-en au moins un, autre que le titulaire.",
    "The DOS has no deputy: give at least one, other than the holder.",
)
NO_CELL_DEPUTY = Sentence(
    "La cellule {code} n'a pas de suppléant : personne ne prend la relève.",
    "The cell {code} has no deputy: nobody takes over.",
)
NO_CELL_LEAD = Sentence(
    "La cellule {code} n'a pas de responsable : ses étapes n'ont personne.",
    "The cell {code} has no lead: its steps have nobody.",
)
NO_CELLS = Sentence(
    "Aucune cellule : les étapes des fiches ne peuvent être confiées à personne.",
    "No cell: the steps of the cards can be given to nobody.",
)
SMALL_TEAM = Sentence(
    "Équipe {ident} : effectif {people}, il en faut {minimum} pour partir. Ajoutez des membres.",
    "The team {ident} has {people} people and needs {minimum} to leave: add members.",
)
LATE_WARNING = Sentence(
    "Surveillance « {kind} » : le rappel ({news} min) viendrait après l'alarme ({critical} min). "
    "Écrivez aussi critique_min, au moins {news}.",
    "Watch of “{kind}”: the warning ({news} min) would come after the alarm ({critical} min). "
    "Write critique_min too, {news} at least.",
)
NO_LEADER = Sentence(
    "L'équipe {ident} n'a pas de chef : aucun ordre ne peut lui être donné par son nom.",
    "The team {ident} has no leader: no order can be given to anyone by name.",
)
NOBODY_ON_CALL = Sentence(
    "Personne n'est d'astreinte la semaine {week} : hors des heures ouvrables, l'alerte reçue "
    "n'a pas de destinataire.",
    "Nobody is on call in week {week}: out of hours, an alert received reaches nobody.",
)
UNREACHABLE = Sentence(
    "Le contact {ident} n'a ni téléphone, ni e-mail, ni webhook : il ne peut pas être joint.",
    "The contact {ident} has no phone, no e-mail and no webhook: it cannot be reached.",
)
ASSET_ALONE = Sentence(
    "Le site {ident} n'a pas de contact : il ne sera pas alerté.",
    "The site {ident} has no contact: it will not be alerted.",
)
NO_TEMPLATES = Sentence(
    "Le scénario {ident} n'a pas de modèle de message : il faudra tout écrire en pleine crise.",
    "The scenario {ident} has no message template: all has to be written during the crisis.",
)
NO_CARDS = Sentence(
    "Le scénario {ident} n'a pas de fiche : aucune étape ne sera proposée.",
    "The scenario {ident} has no card: no step will be proposed.",
)
NO_SECTORS = Sentence(
    "Le scénario {ident} n'a pas de secteur : la zone sera à dessiner à la main.",
    "The scenario {ident} has no sector: the area has to be drawn by hand.",
)
NO_HAZARD = Sentence(
    "Le scénario {ident} n'a pas de risque : rien ne vérifie que ses centres d'accueil sont hors "
    "de danger.",
    "The scenario {ident} has no hazard: nothing checks that its reception centres are safe.",
)
NO_CARD = Sentence(
    "Aucune fiche (fiches/*.yaml) : aucune étape ne sera proposée pendant la crise.",
    "No card (fiches/*.yaml): no step will be proposed during the crisis.",
)
TWIN_STEP = Sentence(
    "La fiche {ident} a plusieurs étapes de même numéro ({numbers}) : l'ordre n'est pas sûr.",
    "The card {ident} has several steps with the same number ({numbers}): their order is unsure.",
)
TWIN_WEEK = Sentence(
    "La semaine {week} a déjà une astreinte plus haut : on ne saura pas qui appeler.",
    "The week {week} has people on call above already: nobody will know whom to call.",
)
TWIN_RANK = Sentence(
    "Les contacts {first} et {second} ont le même rang {rank} : la préfecture ne saura pas lequel "
    "appeler d'abord.",
    "The contacts {first} and {second} have the same rank {rank}: the prefecture will not know "
    "which one to call first.",
)
BEYOND_VIGICRUES = Sentence(
    "Ce déclencheur (vigicrues_troncon) ne partirait jamais : niveau_min va de 1 (vert) à {most} "
    "(rouge).",
    "This trigger (vigicrues_troncon) would never fire: niveau_min goes from 1 (green) to {most} "
    "(red).",
)
FUTURE_DATE = Sentence(
    "« {key} » porte une date à venir ({day}) : l'échéance légale en est faussée.",
    "'{key}' bears a date to come ({day}): the legal deadline counted from it is wrong.",
)
OTHER_DEPARTMENT = Sentence(
    "Le département {found} n'est pas celui du code INSEE {insee} ({own}) : la vigilance météo "
    "suivie serait celle d'un autre.",
    "The department {found} is not that of the INSEE code {insee} ({own}): the weather warnings "
    "followed would be those of another.",
)
PLACE_OUTSIDE = Sentence(
    "« {label} » est hors de la commune : vérifiez ses coordonnées, la longitude d'abord.",
    "'{label}' is outside the commune: check its coordinates, longitude first.",
)
OWN_FALLBACK = Sentence(
    "Le centre « {label} » est son propre repli : nommez-en un autre.",
    "The centre '{label}' is its own fall-back: name another one.",
)
NO_SCENARIOS = Sentence(
    "Aucun scénario : ni déclencheur, ni secteurs proposés ; tout est à choisir à la main.",
    "No scenario: no trigger, no sectors proposed; everything is to be chosen by hand.",
)
NO_STEPS = Sentence(
    "La fiche {ident} n'a pas d'étape : elle ne dit rien à faire.",
    "The card {ident} has no step: it says nothing to do.",
)
DUMB_TRIGGER = Sentence(
    "Ce déclencheur ({source}) ne partirait jamais : il lui manque {keys}.",
    "This trigger ({source}) would never fire: it lacks {keys}.",
)
WRONG_UNIT = Sentence(
    "La grandeur {quantity} se mesure en {unit}.",
    "The quantity {quantity} is measured in {unit}.",
)
NO_LEVELS = Sentence(
    "Aucun niveau : les niveaux veille, vigilance, pre_alerte et alerte sont employés.",
    "No level: the levels veille, vigilance, pre_alerte and alerte are used.",
)
TWIN_ORDER = Sentence(
    "Les niveaux {first} et {second} ont le même ordre : on ne sait lequel est le plus grave.",
    "The levels {first} and {second} have the same order: which one is worse?",
)
UNDESCRIBED = Sentence(
    "Risques recensés, non décrits dans risques.yaml : {codes} ; aucun scénario ne les prépare.",
    "Hazards listed but not described in risques.yaml: {codes}; no scenario prepares them.",
)
UNSEEN_KIND = Sentence(
    "La cible {ident} ne désigne ni enjeux ni secteurs : elle n'atteint personne.",
    "The target {ident} names no assets and no sectors: it reaches nobody.",
)
IDLE_MEDIUM = Sentence(
    "La cible {ident} n'a aucun canal actif : elle n'atteint personne.",
    "The target {ident} has no active medium: it reaches nobody.",
)
REVISION_DUE = Sentence(
    "Le plan devait être révisé avant le {due} (R731-8 CSI).",
    "The plan was to be revised before {due} (R731-8 CSI).",
)
EXERCISE_DUE = Sentence(
    "Un exercice était dû avant le {due} (D731-9 CSI).",
    "An exercise was due before {due} (D731-9 CSI).",
)
ADOPTION_DUE = Sentence(
    "L'arrêté d'adoption était dû avant le {due} (L731-3 CSI).",
    "The order of adoption was due before {due} (L731-3 CSI).",
)
NO_DATE = Sentence(
    "« {key} » n'est pas donné : l'échéance légale ne peut pas être suivie.",
    "'{key}' is not given: the legal deadline cannot be watched.",
)
NO_VERSION = Sentence(
    "Le plan n'a pas de version : on ne saura pas laquelle a servi.",
    "The plan has no version: nobody will know which one was used.",
)
SECTOR_OUTSIDE = Sentence(
    "Le secteur « {name} » est tout entier hors de la commune : longitude et latitude inversées, "
    "ou mauvais système de coordonnées ?",
    "The sector '{name}' is wholly outside the commune: longitude and latitude swapped, or a "
    "wrong coordinate reference system?",
)
SECTOR_BEYOND = Sentence(
    "Le secteur « {name} » dépasse de la commune ({share} % de sa surface).",
    "The sector '{name}' reaches beyond the commune ({share} % of its surface).",
)
SECTOR_OVERLAP = Sentence(
    "Les secteurs « {first} » et « {second} » se recouvrent ({share} % du plus petit) : leurs "
    "habitants communs reçoivent un seul message.",
    "The sectors '{first}' and '{second}' overlap ({share} % of the smaller one): the people in "
    "both get one message.",
)
ZONE_OUTSIDE = Sentence(
    "La zone d'aléa {ident} est tout entière hors de la commune : aucun centre n'y sera jugé en "
    "danger. Longitude et latitude inversées ?",
    "The hazard zone {ident} is wholly outside the commune: no centre will be judged in danger "
    "there. Longitude and latitude swapped?",
)
TOO_FINE = Sentence(
    "Trop de points ({count}) pour vérifier les recouvrements : simplifiez le tracé.",
    "The outline has too many points ({count}) for overlaps to be checked: simplify it.",
)
ASSET_OUTSIDE = Sentence(
    "Le site « {name} » est hors de la commune : vérifiez ses coordonnées.",
    "The site '{name}' is outside the commune: check its coordinates.",
)
OTHER_COMMUNE = Sentence(
    "Le contour est celui de {found}, et le plan celui de {expected} : vérifiez la couche.",
    "The outline is that of {found}, and the plan that of {expected}: check the layer.",
)
CARE_FULL = Sentence(
    "Le centre « {label} » annonce {capacity} personnes, et ses {surface_m2} m2 en reçoivent "
    "{most} ({each} m2 par personne).",
    "The centre '{label}' announces {capacity} people, and its {surface_m2} m2 take in {most} "
    "({each} m2 a person).",
)
CARE_UNMEASURED = Sentence(
    "Le centre « {label} » n'a pas de surface : sa capacité ne peut pas être vérifiée.",
    "The centre '{label}' has no surface: its capacity cannot be checked.",
)
CARE_IN_ZONE = Sentence(
    "Le centre « {label} » est dans la zone d'aléa « {zone} » alors que le scénario « {scenario} » "
    "y accueille des gens : choisissez-en un autre.",
    "The centre '{label}' is in the hazard zone '{zone}' while the scenario '{scenario}' takes "
    "people there: choose another one.",
)
CENTRE_IN_ZONE = Sentence(
    "Le centre « {label} » est dit à l'abri de « {hazard} » mais est dans la zone « {zone} ».",
    "The centre '{label}' is said safe from '{hazard}' but stands in the zone '{zone}'.",
)
CENTRE_UNPLACED = Sentence(
    "Le centre « {label} » n'a pas de point : il n'est pas sur la carte et sa sûreté n'est pas "
    "vérifiée.",
    "The centre '{label}' has no point: it is not on the map and its safety is not checked.",
)
