"""A log that is told statement by statement: numbers follow by themselves, and so does the `sub` of one target."""
from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple

from .. import cbor, entry, tree
from . import later, world
from .world import PROXY, REGISTRAR, SHIELD

SEEDS = {PROXY: world.PROXY_SEED, SHIELD: world.SHIELD_SEED, REGISTRAR: world.REGISTRAR_SEED}


class Story:
    """Genesis, one provider's enrolment, and what is told after them."""

    def __init__(self) -> None:
        self.statements: List[bytes] = []
        self.texts: List[List[bytes]] = []
        self.numbers: Dict[str, int] = {}
        self.subs: Dict[bytes, str] = {}
        self.known: Dict[bytes, Tuple[str, int]] = {}
        self.registrars_seed = world.REGISTRAR_SEED
        self.tell(world.registrar(world.genesis()), 1, REGISTRAR)
        self.tell(world.registrar(world.enrol(2)), 2, REGISTRAR)

    @property
    def index(self) -> int:
        """The index of the last entry."""
        return len(self.statements) - 1

    def tell(self, data: bytes, number: int, iss: str, texts: Optional[List[bytes]] = None) -> bytes:
        """Takes in a signed statement and the texts that come with it; its leaf hash."""
        self.statements.append(data)
        self.texts.append(texts if texts is not None else self.texts_of(data))
        self.numbers[iss] = max(number, self.numbers.get(iss, 0))
        leaf = tree.leaf_hash(entry.encode(data))
        self.known[leaf] = (iss, number)
        self.subs[leaf] = cbor.decode(world.head_of(data)[0])[15][2]
        return leaf

    def texts_of(self, data: bytes) -> List[bytes]:
        """The standard texts: those that a statement serves, and those that it opens."""
        fields, iss = cbor.decode(world.head_of(data)[2]), cbor.decode(world.head_of(data)[0])[15][1]
        served = [(iss, fields["sequence"], name) for name in fields["addenda"] if name not in fields.get("withheld", {})]
        if fields["type"] == "disclosure":
            served += [(*self.known.get(fields["targets"][0]["entry"], (iss, 1)), name) for name in fields["fields"]]
        return [later.sealed_addendum(number, of) if name == "sealed_statement" else world.text(of, number, name)
                for of, number, name in served]

    def say(self, builder: Callable[..., Dict[str, Any]], *args: Any, iss: str = PROXY, seed: bytes = b"",
            number: Optional[int] = None, sub: str = "", iat: int = world.TIME, texts: Optional[List[bytes]] = None,
            **more: Any) -> bytes:
        """The next statement of an issuer; its leaf hash."""
        number = number or self.numbers.get(iss, 0) + 1
        fields = builder(number, *args, **more)
        targets = fields.get("targets", [])
        if fields["type"] != "conflict" and len(targets) == 1 and "entry" in targets[0]:
            sub = sub or self.subs.get(targets[0]["entry"], "")
        claims = {"sub": sub} if sub else {}
        seed = seed or (self.registrars_seed if iss == REGISTRAR else SEEDS[iss])
        return self.tell(world.sign(seed, fields, iss, iat=iat, **claims), number, iss, texts)

    def order(self, builder: Callable[..., Dict[str, Any]], *args: Any, **more: Any) -> bytes:
        """The next statement of the registrar's."""
        return self.say(builder, *args, iss=REGISTRAR, **more)

    def enrol_second(self) -> None:
        """A second provider."""
        self.order(world.enrol, world.SHIELD_SEED, SHIELD, roles=["ddos_protection", "host", "reverse_proxy"])


def other_decision(number: int, **more: Any) -> Dict[str, Any]:
    """A decision of the second provider's."""
    return world.decision(number, SHIELD, **more)


def withheld(*fields: str, until: str = "") -> Dict[str, Any]:
    """Terms under which texts are withheld."""
    terms = {"ground": "ongoing_investigation", **({"until": until} if until else {})}
    return {field: terms for field in fields}
