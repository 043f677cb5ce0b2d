"""Words that no provider would take are refused to their author, not to each reader."""

from channels.sms import LONGEST_BODY
from channels.voice import fits_a_call
from dispatcher.alerts.refusals import NotSo
from dispatcher.delivery.content import LINK_BLANK, LINK_CHARS, Content, page_of


def check_lengths(content: Content, *, public_url: str) -> None:
    """Raise NotSo where a text is too long for a medium that the alert takes."""
    page = page_of(public_url, "x" * LINK_CHARS)
    for language, texts in content.texts.items():
        sms = texts.sms.replace(LINK_BLANK, page)
        if "sms" in content.media and len(sms) > LONGEST_BODY:
            raise NotSo(
                "Le SMS ({language}) a {length} caractères : raccourcissez-le, {most} "
                "au plus passent.",
                language=language,
                length=len(sms),
                most=LONGEST_BODY,
            )
        spoken = fits_a_call(
            texts.voice, language=language, issuer=content.issuer, public_url=public_url
        )
        if "voice" in content.media and not spoken:
            raise NotSo(
                "Le texte parlé ({language}, {length} caractères) est trop long pour un"
                " appel : raccourcissez-le.",
                language=language,
                length=len(texts.voice),
            )
