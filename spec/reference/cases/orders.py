"""The rules of order for statements about earlier ones: each broken once, and what they allow."""
from __future__ import annotations

from typing import Any, Callable

from . import later, world
from .story import Story, other_decision, withheld
from .world import PROXY, REGISTRAR, SHIELD

KEYWORD = ["KEYWORD_TERRORIST_CONTENT"]
LOCATOR = {"content_url": {"ground": "illegal_content_locator"}}


def located(number: int, *names: str, **more: Any) -> Any:
    """A decision with withheld texts of these names."""
    fields = world.with_texts(world.decision(number, **more), *names)
    return {**fields, "withheld": withheld(*names)}


def add(good: Callable[..., None], bad: Callable[..., None]) -> None:
    """Every rule of order."""
    add_unknown(bad)
    add_types(bad)
    add_depth(bad)
    add_texts(bad)
    add_states(bad)
    add_locators(bad)
    add_allowed(good)


def one(bad: Callable[..., None], name: str, rule: str, why: str, first: Any, builder: Any, *args: Any, iss: str = PROXY,
        first_iss: str = PROXY, **more: Any) -> None:
    """A statement, and another about it that is refused. Where an argument is None, the leaf hash stands."""
    story = Story()
    leaf = story.say(first, iss=first_iss)
    story.say(builder, *[[leaf] if value is None else value for value in args], iss=iss, **more)
    bad(name, rule, why, story.statements)


def add_unknown(bad: Callable[..., None]) -> None:
    """Rules 1, 2, 4 and 5."""
    for name, builder, args in (("amendment", later.amendment, ([later.LEAF], "decision_facts")), ("withdrawal", later.withdrawal, ([later.LEAF],)), ("disclosure", later.disclosure, (later.LEAF, "decision_facts"))):
        story = Story()
        story.say(builder, *args)
        bad(f"target-unknown-{name}", "target-unknown", "No entry has that leaf hash.", story.statements)
    story = Story()
    story.enrol_second()
    leaf = story.say(other_decision, iss=SHIELD)
    story.say(later.lifted, [leaf])
    bad("target-owner-lifted", "target-owner", "Somebody else's decision.", story.statements)
    story = Story()
    story.enrol_second()
    leaf = story.say(world.decision)
    story.order(later.redaction, [leaf], "decision_facts", provider=SHIELD)
    bad("target-owner-redaction", "target-owner", "Of another provider than the registrar says.", story.statements)
    story = Story()
    story.enrol_second()
    leaf = story.say(world.decision)
    story.order(later.conflict, leaf, world.sign(world.PROXY_SEED, world.no_action(1)), SHIELD)
    bad("target-owner-conflict", "target-owner", "Of another provider than the registrar says.", story.statements)
    story = Story()
    leaf = story.order(world.void, 9, 9)
    story.order(later.conflict, leaf, b"\xd2", REGISTRAR)
    bad("target-owner-conflict-registrar", "target-owner", "The registrar's own number.", story.statements)
    one(bad, "target-sub-lifted", "target-sub", "Another subject than the target's.", world.decision, later.lifted, None, sub="domain:site.example")
    one(bad, "target-sub-withdrawal", "target-sub", "A provider where the target has a subject.", world.decision, later.withdrawal, None, sub=f"provider:{PROXY}")
    one(bad, "target-sub-redaction", "target-sub", "The registrar's too.", world.decision, later.redaction, None, "decision_facts", iss=REGISTRAR, provider=PROXY, sub=f"provider:{PROXY}")
    one(bad, "target-number-hole", "target-number", "3 was never given out.", world.decision, later.lifted, [(1, 3)])
    one(bad, "target-number-itself", "target-number", "Its own number is not taken before.", world.decision, later.withdrawal, [(1, 2)])
    one(bad, "target-number-redaction", "target-number", "Numbers that the provider has not reached.", world.decision, later.redaction, [(1, 2)], "puid", iss=REGISTRAR, provider=PROXY)


def add_types(bad: Callable[..., None]) -> None:
    """Rule 3."""
    def wrong(name: str, first: Any, builder: Any, *args: Any, **more: Any) -> None:
        one(bad, f"target-type-{name}", "target-type", "Not what this type may name.", first, builder, *args, **more)

    def heartbeat(number: int) -> Any:
        return later.declaration(number)

    wrong("amendment-of-a-void", lambda number: world.void(number, 9, 9), later.amendment, None, "decision_facts")
    wrong("outcome-of-a-declaration", heartbeat, later.outcome, None)
    wrong("lifted-of-a-refusal", world.no_action, later.lifted, None)
    wrong("withdrawal-of-a-void", lambda number: world.void(number, 9, 9), later.withdrawal, None)
    wrong("redaction-of-an-enrolment-key", lambda number: later.keys(number, world.NEXT_2), later.redaction, None, "contact", iss=REGISTRAR, first_iss=REGISTRAR, provider=REGISTRAR)
    story = Story()
    leaf = story.say(later.outcome, [story.say(world.decision)])
    story.say(later.disclosure, leaf, "outcome_explanation")
    bad("target-type-disclosure-of-an-outcome", "target-type", "It withholds nothing that could be opened.", story.statements)
    story = Story()
    leaf = story.say(later.amendment, [story.say(world.decision)], "decision_facts")
    story.say(later.amendment, [leaf], "decision_facts")
    bad("target-type-amendment-of-an-amendment", "target-type", "The decision is amended again instead.", story.statements)
    story = Story()
    leaf = story.say(located, "content_url")
    opened = story.say(later.disclosure, leaf, "content_url")
    story.say(later.withdrawal, [opened])
    bad("target-type-withdrawal-of-a-disclosure", "target-type", "What was told stays told.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    retired = story.say(lambda number: world.retire(number, retirement_reason="left"), seed=world.PROXY_SEED)
    story.order(later.conflict, leaf, world.sign(world.PROXY_SEED, world.no_action(1)))
    story.order(later.redaction, [retired], "contact", provider=PROXY)
    bad("target-text-of-a-retirement", "target-text", "A type with texts, an entry with none.", story.statements)


def add_depth(bad: Callable[..., None]) -> None:
    """How deep withdrawals of withdrawals go."""
    story = Story()
    leaf = story.say(world.decision)
    for _ in range(10):
        leaf = story.say(later.withdrawal, [leaf])
    bad("target-type-withdrawal-of-depth-8", "target-type", "The ninth withdrawal is of depth 8.", story.statements)


def add_texts(bad: Callable[..., None]) -> None:
    """Rule 6."""
    one(bad, "target-text-disclosure-of-a-served-text", "target-text", "It is public already.", world.decision, lambda number, leaves: later.disclosure(number, leaves[0], "decision_facts"), None)
    one(bad, "target-text-disclosure-of-no-text", "target-text", "The target has no such text.", world.decision, lambda number, leaves: later.disclosure(number, leaves[0], "contact"), None)
    one(bad, "target-text-disclosure-of-one-too-many", "target-text", "One of two is not withheld.", lambda number: located(number, "contact"),
        lambda number, leaves: later.disclosure(number, leaves[0], "contact", "decision_facts"), None)
    one(bad, "target-text-redaction", "target-text", "The target has none of these.", world.decision, later.redaction, None, "contact", "instrument")


def add_states(bad: Callable[..., None]) -> None:
    """Rule 7."""
    def after(name: str, why: str, builder: Any, *more: Any, first: Any = world.decision) -> None:
        story = Story()
        leaf = story.say(first)
        story.say(later.withdrawal, [leaf])
        story.say(builder, [leaf], *more)
        bad(f"target-state-{name}", "target-state", why, story.statements)

    after("amendment-of-a-withdrawn", "What was never ours is not corrected.", later.amendment, "decision_facts")
    after("outcome-of-a-withdrawn", "Nor complained about.", later.outcome)
    after("lifted-of-a-withdrawn", "Nor ended.", later.lifted)
    after("withdrawal-of-a-withdrawn", "Once.", later.withdrawal)
    for name, builder, args in (("lifted", later.lifted, ()), ("redaction", later.redaction, ("decision_facts",))):
        story = Story()
        leaf = story.say(world.decision)
        story.say(builder, [leaf], *args)
        story.say(builder, [leaf], *args)
        bad(f"target-state-{name}-twice", "target-state", "Once.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    story.say(later.lifted, [(1, 1)])
    story.say(later.lifted, [leaf])
    bad("target-state-lifted-by-range-before", "target-state", "A range ended it before.", story.statements)
    for name, second in (("redacted", later.redaction), ("disclosed", None)):
        story = Story()
        leaf = story.say(located, "contact")
        if second is None:
            story.say(later.disclosure, leaf, "contact")
        else:
            story.say(second, [leaf], "contact")
        story.say(later.disclosure, leaf, "contact")
        bad(f"target-state-disclosure-of-{name}", "target-state", "Each text once.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    for refused in (world.no_action(1), world.decision(1, acted_at=1)):
        story.order(later.conflict, leaf, world.sign(world.PROXY_SEED, refused))
    bad("target-state-conflict-twice", "target-state", "Two are proof enough.", story.statements)
    story = Story()
    story.say(world.decision)
    refusal = story.say(world.no_action)
    story.say(later.lifted, [refusal, (1, 9)])
    bad("target-first-broken", "target-type", "The first target breaks rule 3, the second one rule 5: the first is the answer.", story.statements)


def add_locators(bad: Callable[..., None]) -> None:
    """Rule 8."""
    def sensitive(number: int) -> Any:
        return located(number, "content_url", "subject", "contact", category_specification=KEYWORD)

    for field in ("content_url", "subject"):
        one(bad, f"disclosure-of-{field.replace('_', '-')}", "must-be-withheld", "A locator under the target's own keyword.", sensitive, lambda number, leaves, opened=field: later.disclosure(number, leaves[0], opened), None)
    story = Story()
    leaf = story.say(located, "content_url")
    story.say(later.amendment, [(1, 1)], category_specification=KEYWORD)
    story.say(later.disclosure, leaf, "content_url")
    bad("disclosure-under-an-amended-keyword", "must-be-withheld", "A locator under the keyword that an amendment brought.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    amended = story.say(later.amendment, [leaf], "content_url", withheld=LOCATOR)
    story.say(later.disclosure, amended, "content_url")
    bad("disclosure-of-an-amendments-locator", "must-be-withheld", "Always withheld in an amendment.", story.statements)


def add_allowed(good: Callable[..., None]) -> None:
    """What the rules of order allow."""
    story = Story()
    leaf = story.say(world.decision)
    story.say(later.amendment, [leaf], "decision_facts")
    story.say(later.amendment, [leaf], items=2)
    story.say(later.outcome, [leaf])
    story.say(later.outcome, [leaf], procedure="court", result="reversed")
    story.say(later.lifted, [leaf])
    good("order-of-a-life", "Two amendments, two outcomes, and an end.", story.statements)
    story = Story()
    story.say(world.decision)
    story.say(world.void, 3, 4)
    refusal = story.say(world.no_action, number=5)
    story.say(later.lifted, [(1, 1)])
    story.say(later.lifted, [(1, 5)])
    story.say(later.withdrawal, [refusal, (1, 7)])
    good("order-of-ranges", "Over a void, a refusal, and what was ended before.", story.statements)
    story = Story()
    leaf = story.say(located, "content_url", "subject", category_specification=KEYWORD, sub="")
    domain = story.say(located, "content_url", "subject", category_specification=KEYWORD, sub="domain:site.example")
    plain = story.say(located, "content_url", "contact")
    story.say(later.disclosure, domain, "subject")
    story.say(later.disclosure, plain, "content_url")
    story.say(later.disclosure, plain, "contact")
    story.say(later.redaction, [leaf], "content_url", "subject")
    story.say(later.redaction, sorted([domain, plain]), "contact", "subject")
    good("order-of-texts", "Opened one by one, redacted, and a field that only one target has.", story.statements)
    story = Story()
    leaf = story.say(located, "contact")
    story.say(later.withdrawal, [leaf])
    story.say(later.disclosure, leaf, "contact")
    story.say(later.redaction, [leaf], "contact")
    story.order(later.conflict, leaf, world.sign(world.PROXY_SEED, world.no_action(1)))
    good("order-after-a-withdrawal", "Texts are opened and redacted, and a conflict is filed.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    first = story.say(later.lifted, [leaf])
    story.say(later.withdrawal, [first])
    story.say(later.lifted, [leaf])
    good("order-lifted-again", "The first end was not theirs.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    stolen = story.say(later.withdrawal, [leaf])
    story.say(later.withdrawal, [stolen])
    story.say(later.outcome, [leaf])
    story.say(later.withdrawal, [leaf])
    good("order-withdrawal-withdrawn", "It counts again, and can be withdrawn again.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    erased = story.say(later.redaction, [leaf], "decision_facts")
    story.say(later.withdrawal, [erased])
    story.say(later.redaction, [leaf], "decision_facts")
    good("order-redaction-withdrawn", "While it was held; then it is redacted after all.", story.statements)
    story = Story()
    leaf = story.say(world.decision)
    story.say(world.decision)
    story.order(later.redaction, [leaf], "puid", provider=PROXY)
    story.order(later.redaction, [(1, 2)], "puid", provider=PROXY)
    story.order(later.redaction, [world.tree.leaf_hash(world.entry.encode(story.statements[0]))], "policy", provider=REGISTRAR)
    good("order-redaction-by-the-registrar", "Of a provider's texts, by entry and by range, and of its own.", story.statements)
