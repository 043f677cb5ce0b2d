"""The words of a message go onto the line as any form's do, escaped once for all its readers."""

from dataclasses import replace
from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from channels.sms import escaped_text
from tests.channel_accounts import message


@given(
    parts=st.lists(st.text(st.characters(codec="utf-8"))),
    page=st.text("abcXYZ09-_/:.é&", min_size=1),
)
def test_a_text_is_escaped_as_the_standard_library_does(parts: list[str], page: str) -> None:
    sent = replace(message(text=page.join(parts)), answer_url=page)
    assert escaped_text(sent) == quote_plus(sent.text)
