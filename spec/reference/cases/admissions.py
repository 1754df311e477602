"""What has to come with a statement: its own texts, and those that a disclosure opens."""
from __future__ import annotations

from typing import Any, Dict, List

from .. import addendum
from . import later, world
from .case import Cases
from .story import Story, withheld
from .world import PROXY, REGISTRAR


def cases() -> Cases:
    """The family `admission`."""
    made = Cases("admission")
    add_good(made)
    add_texts(made)
    add_disclosures(made)
    add_conflicts(made)
    return made


def given(story: Story) -> Dict[str, Any]:
    """The entries, each with what comes with it."""
    return {"origin": world.ORIGIN, "entries": [data.hex() for data in world.entries(story.statements)],
            "texts": [[text.hex() for text in texts] for texts in story.texts]}


def bad(made: Cases, name: str, rule: str, why: str, story: Story, *texts: bytes) -> None:
    """A story whose last statement comes with these texts, which are wrong."""
    story.texts[-1] = list(texts)
    made.invalid(name, rule, why, {"index": story.index}, **given(story))


def hidden(number: int) -> Dict[str, Any]:
    """A decision that withholds a text."""
    return {**world.decision(number), "withheld": withheld("decision_facts")}


def add_good(made: Cases) -> None:
    """Everything comes as it should."""
    story = Story()
    leaf = story.say(hidden)
    story.say(later.amendment, [leaf], "contact")
    story.say(later.disclosure, leaf, "decision_facts")
    made.valid("disclosed", "A text comes later, with the disclosure.", **given(story))
    story = Story()
    story.say(later.disclosure, story.say(later.sealed), "sealed_statement")
    made.valid("sealed-disclosed", "What was sealed comes with the disclosure.", **given(story))
    story = Story()
    leaf = story.say(world.decision)
    refused = world.sign(world.PROXY_SEED, world.no_action(1))
    story.order(later.conflict, leaf, refused, texts=[later.refused_addendum(story.numbers[REGISTRAR] + 1, refused)])
    story.order(later.redaction, [leaf], "puid", provider=PROXY)
    story.say(later.redaction, [leaf], "decision_facts")
    made.valid("conflict", "The refused statement is a text; then the decision's texts are redacted.", **given(story))


def add_texts(made: Cases) -> None:
    """A statement's own texts."""
    outside = {"relation": "follows"}
    uris = ["https://a.example/1", "https://a.example/2"]
    for count, rule in ((1, "addendum-invalid"), (2, ""), (3, "addendum-invalid")):
        texts = [world.text(PROXY, 1, "relates_to_uri", uris)]
        story = Story()
        fields = world.decision(1, relates_to=[outside] * count)
        fields["addenda"]["relates_to_uri"] = addendum.digest(texts[0])
        story.say(lambda number, said=fields: said)
        texts = [world.text(PROXY, 1, field) for field in ("puid", "decision_facts")] + texts
        if rule:
            bad(made, f"two-uris-for-{count}", rule, "Two URIs.", story, *texts)
        else:
            story.texts[-1] = texts
            made.valid("two-uris-for-two", "One for each relation without an entry.", **given(story))
    text = world.text(PROXY, 2, "relates_to_uri", uris)
    story = Story()
    leaf = story.say(world.decision)
    story.say(lambda number: {**later.amendment(number, [leaf]), "addenda": {"relates_to_uri": addendum.digest(text)}}, texts=[text])
    made.valid("uris-of-an-amendment", "The relations stand in what it amends.", **given(story))
    facts, puid = (world.text(PROXY, 1, field) for field in ("decision_facts", "puid"))
    for name, rule, why, builder, texts in (
            ("served-text-missing", "addendum-missing", "A text that is served.", world.decision, [puid]), ("withheld-text-brought", "addendum-withheld", "A text that is withheld.", hidden, [puid, facts]),
            ("text-twice", "addendum-mismatch", "A text twice.", world.decision, [puid, facts, facts]), ("text-of-no-field", "addendum-mismatch", "A text that the statement does not name.", world.decision, [puid, facts, world.text(PROXY, 1, "contact")]),
            ("other-words", "addendum-mismatch", "Not what the digest says.", world.decision, [puid, world.text(PROXY, 1, "decision_facts", "Other words.")]), ("text-of-another-number", "addendum-mismatch", "The text of another statement.", world.decision, [puid, facts, world.text(PROXY, 2, "puid")]),
            ("not-an-addendum", "addendum-invalid", "An array of none.", world.decision, [puid, b"\x80"])):
        story = Story()
        story.say(builder)
        bad(made, name, rule, why, story, *texts)
    story = Story()
    story.say(later.sealed)
    bad(made, "sealed-text-brought", "addendum-withheld", "What is sealed is not sent.", story, later.sealed_addendum(1))


def add_disclosures(made: Cases) -> None:
    """The texts of a target."""
    def opened() -> Story:
        story = Story()
        story.say(later.disclosure, story.say(hidden), "decision_facts")
        return story

    facts, other = world.text(PROXY, 1, "decision_facts"), world.text(PROXY, 1, "decision_facts", "Other words.")
    bad(made, "disclosed-without-the-text", "addendum-missing", "The text has to come with it.", opened())
    bad(made, "disclosed-other-words", "addendum-mismatch", "Not what was withheld.", opened(), other)
    bad(made, "disclosed-and-one-more", "addendum-mismatch", "A text that is public already.", opened(), facts, world.text(PROXY, 1, "puid"))
    bad(made, "disclosed-twice-over", "addendum-mismatch", "The text twice.", opened(), facts, facts)
    wrong: List[Any] = [later.sealed_value(2).encode(), later.sealed_value(1)._replace(addenda=[]).encode()]
    for name, value in zip(("of-another-number", "without-its-texts"), wrong):
        text = later.sealed_addendum(1, value=value)
        story = Story()
        story.say(later.disclosure, story.say(later.sealed, text=text), "sealed_statement")
        bad(made, f"sealed-{name}", "addendum-invalid", "What was sealed follows no rules.", story, text)


def add_conflicts(made: Cases) -> None:
    """The refused statement of a conflict."""
    decision, good = world.decision(1), world.sign(world.PROXY_SEED, world.no_action(1))
    for name, why, refused in (
            ("cut", "The last byte is missing.", good[:-1]), ("entry", "An entry: the index belongs to the log.", world.entries([good])[0]), ("payload-wrong", "A decision without its category.", world.sign(world.PROXY_SEED, world.without(decision, "category"))),
            ("type-unknown", "A type of a later version.", world.sign(world.PROXY_SEED, {**decision, "type": "verdict"})),
            ("the-same", "The statement on record again, signed a second later.", world.sign(world.PROXY_SEED, decision, iat=world.TIME + 1)), ("another-number", "Of another number.", world.sign(world.PROXY_SEED, world.no_action(2))),
            ("another-log", "Made for another log.", world.sign(world.PROXY_SEED, world.no_action(1), aud="other.example/log")), ("another-issuer", "Of another provider.", world.sign(world.SHIELD_SEED, world.no_action(1, world.SHIELD), world.SHIELD)),
            ("unknown-key", "By a key that was never enrolled.", world.sign(world.SHIELD_SEED, world.no_action(1))), ("registrars-key", "By a key of another owner.", world.sign(world.REGISTRAR_SEED, world.no_action(1))),
            ("bad-signature", "Its signature does not hold.", good[:-64] + bytes(64)), ("not-a-statement", "Not a statement.", b"\xd2\x84")):
        story = Story()
        story.order(later.conflict, story.say(world.decision), refused)
        rule = "not-understood" if name == "type-unknown" else "addendum-invalid"
        bad(made, f"refused-{name}", rule, why, story, later.refused_addendum(story.numbers[REGISTRAR], refused))
