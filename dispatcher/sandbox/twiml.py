"""TwiML read and lived: what is heard, which key is pressed, where a call goes, what is texted."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin
from xml.parsers import expat

MAX_DOCUMENTS = 30  # a redirect to itself must end
SPOKEN = ("Say", "Play", "Pause")

# Fetches the next document: url, method, more form fields.
Fetch = Callable[[str, str, Mapping[str, str]], Awaitable[str]]


class BadTwiml(ValueError):
    """The document is not TwiML (Twilio's error 12100)."""


class Unreachable(Exception):
    """The next document could not be had (Twilio's error 11200)."""


@dataclass
class Verb:
    """One element of a document."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list["Verb"] = field(default_factory=list)


@dataclass(frozen=True)
class Jump:
    """Where the call goes: a relative `url` is resolved against the document it came from."""

    url: str
    method: str
    fields: Mapping[str, str]


@dataclass
class Talk:
    """One answered call: the keys still to press, what was said and pressed so far."""

    keys: list[str]
    fetch: Fetch
    pause: Callable[[], Awaitable[None]]
    heard: list[dict[str, str]] = field(default_factory=list)


def read_twiml(text: str) -> list[Verb]:
    """Read a document into its verbs. Raises BadTwiml; entities of its own are refused."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = _no_entities
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as problem:
        raise BadTwiml(f"Document parse failure: {problem}") from problem
    if reader.root.name != "Response":
        raise BadTwiml(f"The root element is {reader.root.name!r}, not 'Response'")
    return reader.root.children


def spoken_words(document: Sequence[Verb]) -> str:
    """Give all words a document can speak, in its order, with single spaces."""
    return " ".join(" ".join(verb.text.split()) for verb in _all(document) if verb.name == "Say")


def read_answers(text: str) -> list[dict[str, str]]:
    """Read the document that answers an SMS: each message to send back, or why it is none.

    Raises BadTwiml.
    """
    return [_message(verb) for verb in read_twiml(text)]


def _message(verb: Verb) -> dict[str, str]:
    if verb.name != "Message":
        return {"problem": f"12200 the verb {verb.name} answers no message here"}
    bodies = [inner.text for inner in verb.children if inner.name == "Body"]
    words = " ".join((bodies[0] if bodies else verb.text).split())
    return {"said": words} if words else {"problem": "14103 a message without words"}


async def converse(talk: Talk, document: list[Verb], *, url: str) -> None:
    """Live the call from this document, fetched at `url` (empty: inline), to its end.

    What goes wrong with a later document ends the call, as at Twilio, and is written in `heard`.
    """
    for _ in range(MAX_DOCUMENTS):
        jump = await _play(talk, document)
        if jump is None:
            return
        url = urljoin(url, jump.url)
        try:
            document = read_twiml(await talk.fetch(url, jump.method, jump.fields))
        except BadTwiml as problem:
            talk.heard.append({"problem": f"12100 {problem}"})
            return
        except Unreachable as problem:
            talk.heard.append({"problem": f"11200 {problem}"})
            return
    talk.heard.append({"problem": f"the call went through {MAX_DOCUMENTS} documents: hung up"})


async def _play(talk: Talk, document: Sequence[Verb]) -> Jump | None:
    for verb in document:
        if verb.name in SPOKEN:
            await _speak(talk, verb)
        elif verb.name == "Gather":
            jump = await _gather(talk, verb)
            if jump is not None:
                return jump
        elif verb.name == "Redirect":
            return Jump(verb.text.strip(), verb.attributes.get("method", "POST"), {})
        elif verb.name in ("Hangup", "Reject"):
            return None
        else:
            talk.heard.append({"problem": f"12200 the verb {verb.name} is not known here"})
    return None


async def _speak(talk: Talk, verb: Verb) -> None:
    await talk.pause()
    if verb.name == "Say":
        talk.heard.append({"said": " ".join(verb.text.split())})
    elif verb.name == "Play":
        talk.heard.append({"played": verb.text.strip()})


async def _gather(talk: Talk, verb: Verb) -> Jump | None:
    """Play what is inside, then press a key if the callee has one left; else wait and go on."""
    for inner in verb.children:
        if inner.name in SPOKEN:
            await _speak(talk, inner)
    await talk.pause()
    if not talk.keys and verb.attributes.get("actionOnEmptyResult") != "true":
        return None
    key = talk.keys.pop(0) if talk.keys else ""
    if key:
        talk.heard.append({"pressed": key})
    fields = {"Digits": key, "FinishedOnKey": "", "msg": "Gather"}
    return Jump(verb.attributes.get("action", ""), verb.attributes.get("method", "POST"), fields)


def _all(document: Sequence[Verb]) -> Iterator[Verb]:
    for verb in document:
        yield verb
        yield from _all(verb.children)


def _no_entities(name: str, *_: object) -> None:
    raise BadTwiml(f"The document declares the entity {name!r}, which TwiML has no use for")


class _Reader:
    """Builds the tree of verbs; text directly inside Say keeps that of its inline children."""

    def __init__(self) -> None:
        self.root = Verb("", {})
        self._open: list[Verb] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        verb = Verb(name, attributes)
        if self._open:
            self._open[-1].children.append(verb)
        else:
            self.root = verb
        self._open.append(verb)

    def end(self, _name: str) -> None:
        closed = self._open.pop()
        # <Say>flood <break/> <prosody>now</prosody></Say>: the words of SSML belong to the Say.
        if any(verb.name == "Say" for verb in self._open):
            self._open[-1].text += closed.text

    def characters(self, text: str) -> None:
        self._open[-1].text += text
