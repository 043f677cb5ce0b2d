"""What is said to people whose sign-in by a provider does not work; « %(label)s » is its name."""


class ProviderSignInRefused(Exception):
    """Nobody was signed in, linked or confirmed; the sentence says what to do instead.

    `label` is filled in after the sentence was put into the reader's language.
    """


class ProviderDown(ProviderSignInRefused):
    """The provider is silent, or says what cannot be: nothing that the person did.

    When `oidc.provider` is logged: `kind` says what failed. Is its address right and reachable
    from this server, is its certificate trusted (TOCSIN_OIDC_CA_FILE), did it change its keys?
    People sign in by their passkey or password meanwhile.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(DOWN)
        self.kind = kind


class NotConfirmed(ProviderSignInRefused):
    """The provider says that she is not, or does not want to be, the one she came as."""

    def __init__(self) -> None:
        super().__init__(CANCELLED)


DOWN = "%(label)s ne répond pas : connectez-vous avec votre clé d'accès ou votre mot de passe."
DOWN_MEANWHILE = (  # to somebody who is signed in
    "%(label)s ne répond pas : rien n'a été changé, votre session reste ouverte. Réessayez plus"
    " tard."
)
EXPIRED = (
    "Cette connexion a trop attendu, a déjà servi, ou a commencé dans un autre navigateur :"
    " recommencez."
)
CANCELLED = (
    "%(label)s n'a pas confirmé votre identité : recommencez, ou connectez-vous avec votre clé"
    " d'accès ou votre mot de passe."
)
NOT_PROVEN = (
    "La réponse de %(label)s n'est pas sûre : personne n'est connecté. Recommencez, ou"
    " connectez-vous avec votre clé d'accès ou votre mot de passe."
)
TOO_WEAK = (
    "%(label)s n'a pas vérifié votre identité au niveau demandé ici : recommencez avec un moyen"
    " plus sûr, ou connectez-vous avec votre clé d'accès ou votre mot de passe."
)
NOBODY = (
    "Ce compte %(label)s n'est relié à aucun accès de cette commune : rien n'a été créé. Demandez"
    " à l'administrateur de Tocsin ou à votre maire une invitation ; si vous avez déjà un accès,"
    " connectez-vous et reliez-le à la page « Mon compte »."
)
WAIT = "Trop d'essais par %(label)s : attendez une minute, ou connectez-vous autrement."
TAKEN = "Ce compte %(label)s est déjà relié à un autre accès : rien n'a été changé."
ALREADY = "Votre accès est déjà relié à un compte %(label)s : déliez-le d'abord."
SPENT = "Ce lien a déjà servi, ou son heure est passée : demandez-en un autre."
GONE = "Cet accès n'existe plus : demandez à l'administrateur de Tocsin."
OTHER_ACCOUNT = (
    "Ce compte %(label)s n'est pas celui qui est relié à votre accès : rien n'est confirmé."
)
OTHER_SESSION = "Votre session a changé pendant ce temps : recommencez depuis cette page."
NOT_FRESH = "%(label)s ne vous a pas redemandé qui vous êtes : rien n'est confirmé. Recommencez."
LAST_WAY = (
    "Ce compte %(label)s est votre seule façon d'entrer : ajoutez d'abord une clé d'accès ou un"
    " mot de passe."
)
NOT_LINKED = "Votre accès n'est relié à aucun compte %(label)s."
WRONG_CODE = "Ce code est faux, ou a déjà servi : attendez le suivant."
NO_SECOND_FACTOR = (
    "%(label)s ne suffit pas ici à confirmer votre identité : utilisez votre clé d'accès ou votre"
    " code."
)
SENTENCES = (
    DOWN, DOWN_MEANWHILE, EXPIRED, CANCELLED, NOT_PROVEN, TOO_WEAK, NOBODY, WAIT, TAKEN, ALREADY,
    SPENT, GONE,
    OTHER_ACCOUNT, OTHER_SESSION, NOT_FRESH, LAST_WAY, NOT_LINKED, WRONG_CODE, NO_SECOND_FACTOR,
)  # fmt: skip
