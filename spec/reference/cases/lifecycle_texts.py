"""Texts over time: redactions, disclosures, what was sealed, and what has to come with a statement."""
from __future__ import annotations

from typing import Any, Callable, Dict, List

from . import later, world
from .case import Cases
from .story import Story, withheld
from .world import PROXY, REGISTRAR

SERVED = {"puid": "served", "decision_facts": "served"}


def add_texts(made: Cases, tell: Callable[..., None]) -> None:
    """Every way of a text."""
    add_redactions(tell)
    add_ranges_over_withheld(tell)
    add_sealed(tell)
    add_brought(made)


def add_redactions(tell: Callable[..., None]) -> None:
    """By the author, by the registrar, by range; taken back while held."""
    story = Story()
    leaf = story.say(world.decision)
    erased = story.say(later.redaction, [leaf], "decision_facts")
    tell("redacted-by-the-author", "One of two texts.", story, {2: {"texts": {**SERVED, "decision_facts": "redacted"}, "standing": "in_force"}})
    story.say(later.withdrawal, [erased])
    tell("redaction-withdrawn", "Taken back while it was held.", story, {2: {"texts": SERVED}, 3: {"standing": "withdrawn"}})
    story.say(later.redaction, [leaf], "decision_facts", "puid")
    tell("redacted-again", "And erased after all.", story, {2: {"texts": {"puid": "redacted", "decision_facts": "redacted"}}})
    story = Story()
    leaf = story.say(world.decision)
    story.say(later.redaction, [leaf], "decision_facts")
    story.say(later.withdrawal, [(2, 2), (1, 1)][::-1])
    tell("redaction-in-a-withdrawn-range", "A range passes over redactions.", story, {2: {"standing": "withdrawn", "texts": {**SERVED, "decision_facts": "redacted"}}, 3: {"standing": "stands"}})
    story = Story()
    leaf = story.say(world.decision)
    story.order(later.redaction, [leaf], "puid", provider=PROXY, redaction_ground="court_order", requested_by="court")
    tell("redacted-by-the-registrar", "On a court's order.", story, {2: {"texts": {**SERVED, "puid": "redacted"}}})
    story = Story()
    story.enrol_second()
    story.say(world.decision)
    story.say(world.void, 3, 3)
    story.say(world.no_action, number=4)
    refusal = story.say(later.amendment, [(4, 4)], "decision_facts", number=5)
    story.say(later.redaction, [(1, 5)], "decision_facts", number=6)
    tell("redacted-by-range", "Over a void; an amendment's text too.", story, {3: {"texts": {**SERVED, "decision_facts": "redacted"}}, 5: {"texts": {**SERVED, "decision_facts": "redacted"}}, 6: {"texts": {"decision_facts": "redacted"}}})
    assert refusal
    story = Story()
    story.say(world.decision)
    story.say(world.decision)
    story.order(later.redaction, [(1, 2)], "puid", provider=PROXY)
    story.say(world.decision)
    tell("redacted-by-range-of-the-registrar", "The provider's numbers; what comes later is not named.", story, {2: {"texts": {**SERVED, "puid": "redacted"}}, 3: {"texts": {**SERVED, "puid": "redacted"}}, 5: {"texts": SERVED}})
    story = Story()
    leaf = story.say(lambda number: {**world.decision(number), "withheld": withheld("decision_facts")})
    story.say(later.disclosure, leaf, "decision_facts")
    tell("disclosed", "Withheld, then told.", story, {2: {"texts": {**SERVED, "decision_facts": "disclosed"}}}, brought={"3": [world.text(PROXY, 1, "decision_facts").hex()]})
    story.say(later.redaction, [leaf], "decision_facts")
    tell("disclosed-then-redacted", "Told, then erased.", story, {2: {"texts": {**SERVED, "decision_facts": "redacted"}}})


def add_ranges_over_withheld(tell: Callable[..., None]) -> None:
    """A range erases only what is public by then."""
    def hidden(number: int) -> Dict[str, Any]:
        return {**world.decision(number), "withheld": withheld("decision_facts")}

    story = Story()
    leaf = story.say(hidden)
    story.say(later.redaction, [(1, 1)], "decision_facts")
    tell("redacted-by-range-while-withheld", "The ledger holds no such text.", story, {2: {"texts": {**SERVED, "decision_facts": "withheld"}}})
    story.say(later.disclosure, leaf, "decision_facts")
    tell("disclosed-after-a-range", "The range came before, and erases nothing.", story, {2: {"texts": {**SERVED, "decision_facts": "disclosed"}}})
    story.say(later.redaction, [(1, 1)], "decision_facts")
    tell("redacted-by-range-after-disclosure", "A second range does.", story, {2: {"texts": {**SERVED, "decision_facts": "redacted"}}})
    story = Story()
    leaf = story.say(hidden)
    story.say(later.redaction, [leaf], "decision_facts")
    tell("redacted-while-withheld", "By its leaf hash a withheld text is erased at its author's, and never opened.", story, {2: {"texts": {**SERVED, "decision_facts": "redacted"}}})


def sealed_and_opened(iat: int = world.TIME) -> Story:
    """Something was sealed, and then disclosed."""
    story = Story()
    leaf = story.say(later.sealed)
    story.say(later.disclosure, leaf, "sealed_statement", iat=iat)
    return story


def add_sealed(tell: Callable[..., None]) -> None:
    """Under a gag, and after it."""
    story = Story()
    leaf = story.say(later.sealed)
    tell("sealed", "No more may be said.", story, {2: {"standing": "stands", "texts": {"sealed_statement": "withheld"}}}, embargoes={"open": 1, "overdue": 0, "kept": 0, "late": 0})
    story.say(later.withdrawal, [leaf])
    tell("sealed-withdrawn", "It was not theirs.", story, {2: {"standing": "withdrawn"}})
    tell("sealed-disclosed", "What was sealed comes with the disclosure.", sealed_and_opened(), {2: {"texts": {"sealed_statement": "disclosed"}}}, embargoes={"open": 0, "overdue": 0, "kept": 1, "late": 0},
         brought={"3": [later.sealed_addendum(1).hex()]})
    story = sealed_and_opened()
    story.say(later.redaction, [leaf], "sealed_statement")
    tell("sealed-disclosed-and-redacted", "And erased.", story, {2: {"texts": {"sealed_statement": "redacted"}}})


def add_brought(made: Cases) -> None:
    """Which texts must come with a statement, and which must not."""
    def bad(name: str, rule: str, why: str, story: Story, *texts: bytes) -> None:
        given: Dict[str, Any] = {"origin": world.ORIGIN, "day": "2025-07-01", "entries": [data.hex() for data in world.entries(story.statements)]}
        made.invalid(name, rule, why, {"index": story.index}, **given, brought={str(story.index): [text.hex() for text in texts]})

    def hidden(number: int) -> Dict[str, Any]:
        return {**world.decision(number), "withheld": withheld("decision_facts")}

    def opened() -> Story:
        story = Story()
        story.say(later.disclosure, story.say(hidden), "decision_facts")
        return story

    facts, other = world.text(PROXY, 1, "decision_facts"), world.text(PROXY, 1, "decision_facts", "Other words.")
    bad("disclosed-without-the-text", "addendum-missing", "The text has to come with it.", opened())
    bad("disclosed-other-words", "addendum-mismatch", "Not what was withheld.", opened(), other)
    bad("disclosed-and-one-more", "addendum-mismatch", "A text that is public already.", opened(), facts, world.text(PROXY, 1, "puid"))
    bad("disclosed-twice-over", "addendum-mismatch", "The text twice.", opened(), facts, facts)
    story = Story()
    story.say(hidden)
    bad("withheld-text-brought", "addendum-withheld", "A text that is withheld.", story, world.text(PROXY, 1, "puid"), facts)
    bad("served-text-missing", "addendum-missing", "A text that is served.", story)
    story = Story()
    wrong: List[Any] = [later.sealed_value(2).encode(), later.sealed_value(1)._replace(addenda=[]).encode()]
    for name, value in zip(("of-another-number", "without-its-texts"), wrong):
        text = later.sealed_addendum(1, value=value)
        story = Story()
        leaf = story.say(later.sealed, text=text)
        story.say(later.disclosure, leaf, "sealed_statement")
        bad(f"sealed-{name}", "addendum-invalid", "What was sealed follows no rules.", story, text)
    decision = world.decision(1)
    good = world.sign(world.PROXY_SEED, world.no_action(1))
    for name, why, refused in (
            ("cut", "The last byte is missing.", good[:-1]), ("entry", "An entry: the index belongs to the log.", world.entries([good])[0]), ("payload-wrong", "A decision without its category.", world.sign(world.PROXY_SEED, world.without(decision, "category"))),
            ("type-unknown", "A type of a later version.", world.sign(world.PROXY_SEED, {**decision, "type": "verdict"})),
            ("the-same", "The statement on record again, signed a second later.", world.sign(world.PROXY_SEED, decision, iat=world.TIME + 1)), ("another-number", "Of another number.", world.sign(world.PROXY_SEED, world.no_action(2))),
            ("another-log", "Made for another log.", world.sign(world.PROXY_SEED, world.no_action(1), aud="other.example/log")), ("another-issuer", "Of another provider.", world.sign(world.SHIELD_SEED, world.no_action(1, world.SHIELD), world.SHIELD)),
            ("unknown-key", "By a key that was never enrolled.", world.sign(world.SHIELD_SEED, world.no_action(1))), ("registrars-key", "By a key of another owner.", world.sign(world.REGISTRAR_SEED, world.no_action(1))),
            ("bad-signature", "Its signature does not hold.", world.sign(world.PROXY_SEED, world.no_action(1))[:-64] + bytes(64)), ("not-a-statement", "Not a statement.", b"\xd2\x84")):
        story = Story()
        story.order(later.conflict, story.say(world.decision), refused)
        bad(f"refused-{name}", "not-understood" if name == "type-unknown" else "addendum-invalid", why, story, later.refused_addendum(story.numbers[REGISTRAR], refused))
