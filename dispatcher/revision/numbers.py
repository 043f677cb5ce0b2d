"""Telephone numbers as the plan writes them, from the way people do."""

from dispatcher.residents.phones import PhoneRefused, read_phone, region_of
from plans.typed import Phone


def reader_of(commune: str) -> Phone:
    """Return what reads a number as it is dialled in this commune: 06 39… → +33639….

    What it cannot read, such as a short number, comes back without its spaces: the plan's own
    check says what is wrong with it.
    """
    region = region_of(commune)

    def read(text: str) -> str:
        try:
            return read_phone(text, region=region).e164
        except PhoneRefused:
            return text.replace(" ", "").replace(".", "")

    return read
