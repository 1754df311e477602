"""The cases that the vectors are made from, one module a family or two."""
from __future__ import annotations

from . import (addenda, admissions, batches, entries, evidences, forms, keys, lifecycles, logs, notes, payloads, policies, proofs,
               receipts, registries, requests, statements)

FAMILIES = {
    "cbor": forms.cases, "key": keys.cases, "statement": statements.cases, "payload": payloads.cases,
    "addendum": addenda.cases, "entry": entries.cases, "request": requests.cases, "inclusion": logs.inclusion,
    "consistency": logs.consistency, "note": notes.notes, "checkpoint": notes.checkpoints,
    "cosignature": notes.cosignatures, "policy": policies.cases, "tile": logs.tile, "bundle": logs.bundle,
    "tlog_proof": proofs.cases, "registry": registries.cases, "lifecycle": lifecycles.cases, "admission": admissions.cases,
    "receipt": receipts.cases, "batch": batches.cases, "evidence": evidences.cases,
}
