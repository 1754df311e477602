"""Texts over time: redactions, disclosures, and what was sealed."""
from __future__ import annotations

from typing import Any, Callable, Dict

from . import later, world
from .story import Story, withheld
from .world import PROXY

SERVED = {"puid": "served", "decision_facts": "served"}


def add_texts(tell: Callable[..., None]) -> None:
    """Every way of a text."""
    add_redactions(tell)
    add_ranges_over_withheld(tell)
    add_sealed(tell)


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
    tell("disclosed", "Withheld, then told.", story, {2: {"texts": {**SERVED, "decision_facts": "disclosed"}}})
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
    tell("sealed-disclosed", "What was sealed comes with the disclosure.", sealed_and_opened(), {2: {"texts": {"sealed_statement": "disclosed"}}}, embargoes={"open": 0, "overdue": 0, "kept": 1, "late": 0})
    story = sealed_and_opened()
    story.say(later.redaction, [leaf], "sealed_statement")
    tell("sealed-disclosed-and-redacted", "And erased.", story, {2: {"texts": {"sealed_statement": "redacted"}}})
