"""The grammars of names: origin of a log, issuer, subject."""
from __future__ import annotations

import re

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"{LABEL}(?:\.{LABEL})+")
ORIGIN = re.compile(r"[a-z0-9.:/-]{1,255}")
PORT = re.compile(r"[1-9][0-9]{0,4}")
PSEUDONYM = re.compile(r"s:[0-9a-f]{32}")
AS_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


def is_host(text: str) -> bool:
    """A lower-case host name of at least two A-labels, at most 253 characters (RFC 1123 section 2.1, RFC 5890)."""
    return len(text) <= 253 and HOST.fullmatch(text) is not None


def is_origin(text: str) -> bool:
    """The first line of a log's checkpoints: no scheme, no slash at either end, no empty path segment."""
    return ORIGIN.fullmatch(text) is not None and text[0] != "/" and text[-1] != "/" and "//" not in text


def is_provider(text: str) -> bool:
    """A provider's `iss`: an HTTPS origin (RFC 6454 section 6.2) with a lower-case host and no default port."""
    if not text.startswith("https://"):
        return False
    host, colon, port = text[len("https://"):].partition(":")
    if colon and (PORT.fullmatch(port) is None or int(port) > 65535 or int(port) == 443):
        return False
    return is_host(host)


def is_issuer(text: str) -> bool:
    """A provider's `iss`, or `https://` and the origin of a log (its registrar)."""
    return is_provider(text) or (text.startswith("https://") and is_origin(text[len("https://"):]))


def subject_kind(text: str) -> str:
    """`subject`, `log` or `provider`, by the prefix of a well-formed `sub`; the empty text if it is not one."""
    prefix, _, rest = text.partition(":")
    if PSEUDONYM.fullmatch(text) or (prefix == "domain" and is_host(rest)):
        return "subject"
    if prefix == "asn" and AS_NUMBER.fullmatch(rest) and int(rest) < 2**32:
        return "subject"
    if prefix == "log" and is_origin(rest):
        return "log"
    if prefix == "provider" and is_issuer(rest):
        return "provider"
    return ""
