"""Whole lives of decisions: what state follows for each entry."""
from __future__ import annotations

from typing import Any, Callable, Dict, List

from .. import judge
from . import later, world
from .case import Cases
from .lifecycle_texts import add_texts
from .registrar_orders import rotate
from .story import Story, other_decision, withheld
from .world import PROXY, SHIELD

DAY = "2025-07-01"
"""On which embargoes are looked at, where a case names no other day. Statements are of 15 June 2025."""

Tell = Callable[..., None]


def cases() -> Cases:
    """The family `lifecycle`."""
    made = Cases("lifecycle")

    def tell(name: str, why: str, story: Story, wanted: Dict[int, Dict[str, Any]], day: str = DAY, **parts: Any) -> None:
        """A life that holds. `wanted` and `parts` are what must follow at least, written down by hand."""
        given = {"origin": world.ORIGIN, "day": day, "entries": [data.hex() for data in world.entries(story.statements)]}
        found = judge.judge("lifecycle", given)
        assert found["ok"], f"lifecycle/{name}: {found}"
        for index, state in wanted.items():
            for part, value in state.items():
                assert found["states"][index].get(part) == value, f"lifecycle/{name}: {index} {part}: {found['states'][index]}"
        for part, value in parts.items():
            assert found[part] == value, f"lifecycle/{name}: {found[part]}"
        made.valid(name, why, **given)

    add_outcomes(tell)
    add_ends(tell)
    add_withdrawals(tell)
    add_amendments(tell)
    add_completeness(tell)
    add_embargoes(tell)
    add_registrar(tell)
    add_texts(tell)
    return made


def life(*steps: Any) -> Story:
    """A decision at index 2, and statements about it: each a builder and its named arguments."""
    story = Story()
    leaf = story.say(world.decision)
    for builder, more in steps:
        story.say(builder, [leaf], **more)
    return story


def add_outcomes(tell: Tell) -> None:
    """What complaints and courts do to a decision."""
    def ended(result: str) -> Any:
        return later.outcome, {"result": result}

    tell("decision-alone", "Nothing was said about it.", life(), {2: {"standing": "in_force"}, 0: {"standing": "stands"}})
    for result, standing in (("upheld", "in_force"), ("omitted", "in_force"), ("reversed", "reversed"), ("partially_reversed", "partially_reversed")):
        tell(f"outcome-{result.replace('_', '-')}", "One complaint.", life(ended(result)), {2: {"standing": standing, "outcomes": [3]}})
    tell("outcome-reversed-then-upheld", "A court reversed what the complaint had reached: the last one says.", life(ended("reversed"), ended("upheld")), {2: {"standing": "in_force", "outcomes": [3, 4]}})
    tell("outcome-upheld-then-reversed", "A court found otherwise.", life(ended("upheld"), ended("reversed")), {2: {"standing": "reversed"}})
    tell("lifted-and-reversed", "Reversed says more than lifted.", life((later.lifted, {}), ended("reversed")), {2: {"standing": "reversed", "lifted": 3}})
    tell("lifted-and-partially-reversed", "Lifted says more than partially reversed.", life(ended("partially_reversed"), (later.lifted, {})), {2: {"standing": "lifted"}})
    story = Story()
    refusal = story.say(world.no_action)
    tell("refusal-alone", "A refusal stands.", story, {2: {"standing": "stands"}})
    story.say(later.outcome, [refusal], result="partially_reversed")
    tell("refusal-partially-reversed", "And can be reversed in part.", story, {2: {"standing": "partially_reversed"}})
    story.say(later.outcome, [refusal], result="reversed")
    tell("refusal-reversed", "And wholly.", story, {2: {"standing": "reversed", "outcomes": [3, 4]}})


def add_ends(tell: Tell) -> None:
    """Ends, one by one and by range."""
    tell("lifted", "The restriction ended.", life((later.lifted, {})), {2: {"standing": "lifted", "lifted": 3}, 3: {"standing": "stands"}})
    story = Story()
    story.enrol_second()
    first = story.say(world.decision)
    story.say(other_decision, iss=SHIELD)
    story.say(world.void, 3, 4)
    story.say(world.no_action, number=5)
    story.say(world.decision, number=6)
    story.say(later.lifted, [first], number=7)
    story.say(later.lifted, [(1, 5)], number=8)
    tell("lifted-by-range", "Over a void, a refusal, and one that was lifted before; another provider's number 1 is not meant, and 6 lies outside.", story,
         {3: {"standing": "lifted", "lifted": 8}, 4: {"standing": "in_force"}, 6: {"standing": "stands"}, 7: {"standing": "in_force"}})
    story = Story()
    story.say(world.decision)
    story.say(world.decision, number=3)
    story.say(world.void, 2, 2, number=4)
    story.say(later.lifted, [(1, 3)], number=5)
    story.say(world.decision, number=6)
    tell("range-names-what-stands-before", "Numbers 1 and 3; what comes later is not named.", story, {2: {"lifted": 5}, 3: {"lifted": 5}, 6: {"standing": "in_force"}})
    story = Story()
    leaf = story.say(world.decision)
    story.say(world.decision)
    story.say(later.outcome, [leaf, (1, 2)], number=3)
    tell("named-by-leaf-hash-and-range", "One outcome, which names the first decision in both ways, and once.", story, {2: {"outcomes": [4]}, 3: {"outcomes": [4]}})
    story = Story()
    leaves = sorted(story.say(world.decision) for _ in range(3))
    story.say(later.lifted, leaves)
    tell("lifted-three-by-leaf-hash", "Three targets.", story, {index: {"standing": "lifted", "lifted": 5} for index in (2, 3, 4)})
    story = Story()
    leaf = story.say(world.decision)
    first = story.say(later.lifted, [leaf])
    story.say(later.withdrawal, [first])
    tell("lifted-withdrawn", "The end was not theirs.", story, {2: {"standing": "in_force", "lifted": None}, 3: {"standing": "withdrawn", "withdrawn": 4}})
    story.say(later.lifted, [leaf])
    tell("lifted-again", "The second end counts.", story, {2: {"standing": "lifted", "lifted": 5}})
    story = Story()
    leaf = story.say(world.decision)
    first = story.say(later.lifted, [leaf])
    story.say(later.lifted, [(1, 1)])
    story.say(later.withdrawal, [first])
    tell("lifted-twice-first-withdrawn", "A range named it again, so it stays lifted.", story, {2: {"standing": "lifted", "lifted": 4}})


def add_withdrawals(tell: Tell) -> None:
    """What was not theirs, and who says so."""
    tell("withdrawn", "A stolen key.", life((later.withdrawal, {})), {2: {"standing": "withdrawn", "withdrawn": 3}, 3: {"standing": "stands"}})
    tell("withdrawn-after-all", "Withdrawn says more than everything else.", life((later.lifted, {}), (later.outcome, {"result": "reversed"}), (later.withdrawal, {})), {2: {"standing": "withdrawn", "lifted": 3, "outcomes": [4]}})
    story = Story()
    leaf = story.say(world.decision)
    thief = story.say(later.withdrawal, [leaf])
    second = story.say(later.withdrawal, [thief])
    tell("withdrawal-withdrawn", "The thief withdrew the decision, the owner the withdrawal.", story, {2: {"standing": "in_force", "withdrawn": None}, 3: {"standing": "withdrawn", "withdrawn": 4}})
    third = story.say(later.withdrawal, [second])
    tell("withdrawal-withdrawn-twice", "And once more: the first one counts again.", story, {2: {"standing": "withdrawn", "withdrawn": 3}, 3: {"standing": "stands"}, 4: {"standing": "withdrawn", "withdrawn": 5}})
    story.say(later.withdrawal, [third])
    tell("withdrawal-withdrawn-thrice", "Four deep.", story, {2: {"standing": "in_force"}, 3: {"standing": "withdrawn"}, 4: {"standing": "stands"}, 5: {"standing": "withdrawn"}})
    story = Story()
    leaf = story.say(world.decision)
    story.say(later.outcome, [leaf], result="reversed")
    story.say(later.amendment, [leaf], items=7)
    story.say(world.no_action)
    story.say(later.withdrawal, [(2, 4)])
    tell("withdrawn-by-range", "An outcome, an amendment and a refusal; the decision stands as it was.", story, {2: {"standing": "in_force", "outcomes": None, "amendments": None}, 3: {"standing": "withdrawn"}, 4: {"standing": "withdrawn"}, 5: {"standing": "withdrawn"}})
    story = Story()
    leaf = story.say(world.decision)
    first = story.say(later.withdrawal, [leaf])
    story.say(later.withdrawal, [(1, 1)])
    story.say(later.withdrawal, [first])
    tell("withdrawn-twice-first-withdrawn", "A range withdrew it again, so it stays withdrawn.", story, {2: {"standing": "withdrawn", "withdrawn": 4}})
    story = Story()
    leaf = story.say(world.decision)
    story.say(later.withdrawal, [leaf])
    story.say(later.withdrawal, [(1, 2)])
    tell("withdrawal-in-a-withdrawn-range", "A range passes over withdrawals.", story, {2: {"standing": "withdrawn", "withdrawn": 3}, 3: {"standing": "stands"}})
    story = Story()
    leaf = story.say(world.decision)
    for _ in range(9):
        leaf = story.say(later.withdrawal, [leaf])
    tell("withdrawal-of-depth-8", "As deep as they go: every second one counts, from the last back.", story, {2: {"standing": "withdrawn", "withdrawn": 3}, 3: {"standing": "stands"}, 10: {"standing": "withdrawn"}, 11: {"standing": "stands"}})


def add_amendments(tell: Tell) -> None:
    """What a decision says after it was corrected."""
    story = Story()
    leaf = story.say(world.decision, acted_at=1, items=2)
    story.say(later.amendment, [leaf], "decision_facts", "amendment_explanation", removed=["acted_at"], category="STATEMENT_CATEGORY_VIOLENCE")
    tell("amended", "A field taken away, another one and a text put in its place.", story, {2: {"amendments": [3], "standing": "in_force"}})
    story.say(later.amendment, [(1, 1)], "contact", removed=["items"], acted_at=world.TIME, legal_basis={"kind": "court_order", "order": {"authority_kind": "court", "country": "DE", "issued": 86400}})
    tell("amended-twice", "In order: the second puts back what the first took away.", story, {2: {"amendments": [3, 4]}})
    amended = story.say(later.amendment, [leaf], "decision_facts")
    tell("amended-text-twice", "The text of the last amendment is the one.", story, {2: {"amendments": [3, 4, 5]}})
    story.say(later.withdrawal, [amended])
    tell("amendment-withdrawn", "As if the third had not been.", story, {2: {"amendments": [3, 4]}, 5: {"standing": "withdrawn"}})
    story = Story()
    leaf = story.say(world.decision)
    story.say(later.amendment, [leaf], "contact", category="STATEMENT_CATEGORY_VIOLENCE")
    story.say(later.outcome, [leaf], result="reversed")
    tell("amended-then-reversed", "Both are told.", story, {2: {"standing": "reversed", "amendments": [3], "outcomes": [4]}})
    story = Story()
    story.say(world.decision, relates_to=[{"relation": "precedent", "entry": later.LEAF}])
    story.say(world.no_action)
    story.say(later.amendment, [(1, 2)], "refusal_explanation", "decision_visibility_other", refusal_reason="not_illegal", acted_at=world.TIME, decision_visibility=["DECISION_VISIBILITY_OTHER"])
    tell("amended-by-range", "Of each target only what its type has.", story, {2: {"amendments": [4]}, 3: {"amendments": [4], "standing": "stands"}})
    story = Story()
    leaf = story.say(world.decision, vocabulary="dsa-tdb/1", category="STATEMENT_CATEGORY_VIOLENCE")
    story.say(later.amendment, [leaf], category="STATEMENT_CATEGORY_CYBER_VIOLENCE")
    tell("amended-in-the-other-vocabulary", "Each statement's codes are of its own version.", story, {2: {"amendments": [3]}})
    story = Story()
    leaf = story.say(world.decision)
    amended = story.say(later.amendment, [leaf], "decision_facts")
    story.say(later.redaction, [leaf], "decision_facts")
    tell("amended-and-redacted", "The first text was erased; the amendment's is another one, and served.", story, {2: {"texts": {"puid": "served", "decision_facts": "redacted"}}, 3: {"texts": {"decision_facts": "served"}}})
    story.say(later.redaction, [amended], "decision_facts")
    tell("amendment-redacted", "Both were erased.", story, {3: {"texts": {"decision_facts": "redacted"}}})


def add_completeness(tell: Tell) -> None:
    """Declared against counted."""
    story = Story()
    story.say(world.decision)
    story.say(later.sealed)
    story.say(world.no_action)
    story.say(world.void, 5, 5)
    story.say(world.decision, number=8)
    story.say(later.declaration, decisions_taken=4, not_published=1, first_sequence=1, last_sequence=8)
    expected = {"declaration": 7, "expected": 3, "counted": 3, "missing": [[6, 7]]}
    tell("declared", "Two decisions and a sealed one count; a refusal does not; 6 and 7 are missing.", story, {7: {"standing": "stands"}}, completeness=[expected])
    story.say(world.decision, number=6)
    story.say(later.withdrawal, [(6, 6)], number=10)
    tell("declared-then-withdrawn", "A late one fills a gap and is withdrawn: it is not counted, and its number is not missing.", story, {}, completeness=[{**expected, "missing": [[7, 7]]}])
    story.say(later.declaration, number=11, decisions_taken=3, not_published=0, first_sequence=1, last_sequence=2)
    tell("declared-again", "A later declaration of the same days takes the place of the earlier one.", story, {}, completeness=[{"declaration": 10, "expected": 3, "counted": 2, "missing": []}])
    story.say(later.withdrawal, [(11, 11)], number=12)
    tell("declaration-withdrawn", "The earlier one is in force again.", story, {10: {"standing": "withdrawn"}}, completeness=[{**expected, "missing": [[7, 7]]}])
    story = Story()
    story.enrol_second()
    story.say(later.declaration)
    story.say(later.declaration, iss=SHIELD)
    story.say(later.declaration, period_start="2025-05-01", period_end="2025-05-31", decisions_taken=2)
    rows = [{"declaration": index, "expected": expected, "counted": 0, "missing": []} for index, expected in ((3, 0), (4, 0), (5, 2))]
    tell("heartbeats", "Two providers, two months; decisions without numbers are expected and not counted.", story, {}, completeness=rows)


def add_embargoes(tell: Tell) -> None:
    """Texts withheld until a day."""
    story = Story()
    leaf = story.say(lambda number: {**world.with_texts(world.decision(number), "contact", "instrument"), "withheld": {**withheld("contact", until="2025-06-20"), **withheld("instrument")}})
    for day, opened, overdue in (("2025-06-20", 2, 0), ("2025-06-21", 1, 1)):
        tell(f"embargo-on-{day}", "One until 20 June, one for good.", story, {2: {"texts": {"puid": "served", "decision_facts": "served", "contact": "withheld", "instrument": "withheld"}}}, day,
             embargoes={"open": opened, "overdue": overdue, "kept": 0, "late": 0})
    for name, second, part in (("kept", 1750463999, "kept"), ("late", 1750464000, "late")):
        story = Story()
        leaf = story.say(lambda number: {**world.decision(number), "withheld": withheld("decision_facts", until="2025-06-20")})
        story.say(later.disclosure, leaf, "decision_facts", iat=second)
        tell(f"embargo-{name}", "Opened in the last second of 20 June UTC, or in the next.", story, {2: {"texts": {"puid": "served", "decision_facts": "disclosed"}}},
             embargoes={"open": 0, "overdue": 0, "kept": 0, "late": 0, part: 1})
    story = Story()
    leaf = story.say(lambda number: {**world.decision(number), "withheld": {**withheld("decision_facts", until="2025-06-20"), **withheld("puid")}})
    story.say(later.disclosure, leaf, "puid")
    story.say(later.redaction, [leaf], "decision_facts")
    tell("embargo-redacted", "One was opened without a day; the other one can never be opened.", story, {2: {"texts": {"puid": "disclosed", "decision_facts": "redacted"}}}, embargoes={"open": 0, "overdue": 0, "kept": 1, "late": 0})
    story.say(later.redaction, [leaf], "puid")
    tell("embargo-kept-and-redacted", "Opened, then erased: it was kept.", story, {2: {"texts": {"puid": "redacted", "decision_facts": "redacted"}}}, embargoes={"open": 0, "overdue": 0, "kept": 1, "late": 0})
    story = Story()
    leaf = story.say(lambda number: {**world.decision(number), "withheld": withheld("decision_facts")})
    erased = story.say(later.redaction, [leaf], "decision_facts")
    story.say(later.withdrawal, [erased])
    none = {"open": 0, "overdue": 0, "kept": 0, "late": 0}
    tell("embargo-redaction-withdrawn", "The text was given back while the redaction was held; its embargo had ended.", story, {2: {"texts": {"puid": "served", "decision_facts": "withheld"}}}, embargoes=none)
    story.say(later.disclosure, leaf, "decision_facts")
    tell("embargo-redaction-withdrawn-then-disclosed", "So it stays when the text is opened after all.", story, {2: {"texts": {"puid": "served", "decision_facts": "disclosed"}}}, embargoes=none)
    story = Story()
    leaf = story.say(lambda number: {**world.decision(number), "withheld": withheld("decision_facts")})
    story.say(later.withdrawal, [leaf])
    tell("embargo-of-a-withdrawn", "Whatever became of the entry.", story, {2: {"standing": "withdrawn"}}, embargoes={"open": 1, "overdue": 0, "kept": 0, "late": 0})


def add_registrar(tell: Tell) -> None:
    """Conflicts, new keys, the end."""
    story = Story()
    leaf = story.say(world.decision)
    refused = world.sign(world.PROXY_SEED, world.no_action(1))
    story.order(later.conflict, leaf, refused)
    tell("conflict", "The second statement under one number, as a text.", story, {2: {"standing": "in_force", "conflict": 3}})
    story = Story()
    rotate(story, world.NEXT, world.NEXT_2)
    leaf = story.say(world.decision)
    rotate(story, world.NEXT_2, world.NEXT_3)
    story.order(later.redaction, [leaf], "puid", provider=PROXY)
    story.order(later.closure)
    story.say(later.redaction, [(1, 1)], "decision_facts")
    tell("keys-twice-then-closed", "What each key signed stands; texts are still erased.", story, {3: {"texts": {"puid": "redacted", "decision_facts": "redacted"}}, 6: {"standing": "stands"}})


__all__: List[str] = ["cases"]
