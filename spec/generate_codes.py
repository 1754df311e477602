#!/usr/bin/env python3
"""Writes the generated tables of the verifier, of the browser's verifier and of the ledger from fields.json and vocabulary.json, and
the server's copy of the latter.

Run it from anywhere after changing either file; it needs rustfmt. The verifier's
test `tables_match_spec` reads the two files again and compares every set and row.
"""
import json
import pathlib
import re
import subprocess
import textwrap

SPEC = pathlib.Path(__file__).resolve().parent
SOURCE = SPEC.parent / "verifier" / "src"
# What `/api/v1/vocabulary` publishes: the same bytes, so that the server builds without spec/.
COPY = SPEC.parent / "server" / "vocabulary.json"
BROWSER = SPEC.parent / "server" / "verify"
HEAD = "// @generated. Written by spec/generate_codes.py; change spec/fields.json or spec/vocabulary.json instead.\n"
PLACES = ("country", "territory", "jurisdiction", "language")


def camel(name):
    return "".join(part.capitalize() for part in re.split("[-_]", name))


def write(path, text):
    done = subprocess.run(["rustfmt", "--edition", "2024", "--config-path", str(SPEC.parent), "--emit", "stdout"], input=text,
                          text=True, capture_output=True, check=True)
    (SOURCE / path).write_text(done.stdout)


def slice_const(name, values):
    body = ", ".join(json.dumps(v) for v in sorted(values, key=lambda v: v.encode()))
    return f"pub(super) const {name.upper()}: &[&str] = &[{body}];\n"


def code_sets(fields, vocabulary):
    sets = {name: list(values) for name, values in vocabulary["v2"].items()}
    # The versions differ in these; the other sets are the same in both.
    sets.update({f"{name}_v1": list(values) for name, values in vocabulary["v1"].items() if values.keys() != vocabulary["v2"][name].keys()})
    sets["language"] = vocabulary["languages"]
    sets.update(fields["codes"])
    return {name: sets[name] for name in sorted(sets)}


def write_codes(fields, vocabulary, sets):
    european = [n for n in sets if n.replace("_v1", "") in vocabulary["v2"]]
    places = [n for n in sets if n in PLACES]
    own = [n for n in sets if n not in european and n not in places]
    files = {
        "european": ("The European vocabulary, versions 1 and 2: values as in its database.", european),
        "own": ("Code sets of this project, for what the European vocabulary cannot say.", own),
        "places": ("Countries, territories, jurisdictions (ISO 3166-1) and languages (ISO 639-1).", places),
    }
    where = {}
    for file, (title, names) in files.items():
        text = f"//! {title}\n{HEAD}\n"
        for name in names:
            where[name] = file
            text += slice_const(name, sets[name]) + "\n"
        write(f"codes/{file}.rs", text)
    text = f"//! The list of code sets.\n{HEAD}\nuse super::{{european, own, places}};\n\n"
    text += "/// Which closed set of values a code is from.\n"
    text += "#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]\npub enum CodeSet {\n"
    for name in sets:
        text += f"/// `{name}`, {len(sets[name])} values.\n{camel(name)},\n"
    text += "}\n\nimpl CodeSet {\n"
    text += "/// Every set, in the order of their names.\npub const ALL: &'static [CodeSet] = &["
    text += ", ".join(f"CodeSet::{camel(n)}" for n in sets) + "];\n\n"
    text += "/// The name as in the field table.\npub fn name(self) -> &'static str {\nmatch self {\n"
    text += "".join(f'CodeSet::{camel(n)} => "{n}",\n' for n in sets) + "}\n}\n\n"
    text += "/// Its values, sorted by bytes.\npub fn values(self) -> &'static [&'static str] {\nmatch self {\n"
    text += "".join(f"CodeSet::{camel(n)} => {where[n]}::{n.upper()},\n" for n in sets) + "}\n}\n}\n"
    write("codes/sets.rs", text)


def form(field):
    name = camel(field["form"])
    return f"Form::{name}(CodeSet::{camel(field['codes'])})" if "codes" in field else f"Form::{name}"


def write_fields(fields):
    table = fields["fields"]
    # The order of encoded CBOR keys: shorter names first.
    names = sorted(table, key=lambda n: (len(n), n.encode()))
    text = f"//! One constant for each field name.\n{HEAD}\nuse crate::fields::FieldName;\n\n"
    text += "impl FieldName {\n"
    for position, name in enumerate(names):
        text += f"/// `{name}`: {table[name]['why']}.\npub const {name.upper()}: FieldName = FieldName({position});\n"
    write("field_names.rs", text + "}\n")

    text = f"//! The rows of the field table, in the order of their encoded names.\n{HEAD}\n"
    text += "use crate::codes::CodeSet;\nuse crate::fields::{Field, Form};\n\n"
    text += f"pub(crate) static FIELDS: [Field; {len(names)}] = [\n"
    for name in names:
        field = table[name]
        if field["place"] == "entry":
            text += f'Field::entry("{name}", {form(field)}),\n'
        else:
            text += f'Field::{field["served"]}("{name}", {form(field)}, {field.get("max", 32)}),\n'
    write("field_table.rs", text + "];\n")


def field_set(names):
    return "FieldSet::of(&[" + ", ".join(f"FieldName::{n.upper()}" for n in names) + "])"


def write_types(fields):
    text = f"//! Which fields each type of statement has, and each role.\n{HEAD}\n"
    text += "use crate::fields::{FieldName, FieldSet};\n"
    text += "use crate::statement_type::{About, Issuing, RoleGroup, TypeRules};\n\n"
    for name, rules in fields["types"].items():
        text += f"pub(crate) static {name.upper()}: TypeRules = TypeRules {{\n"
        text += f"issuing: Issuing::{camel(rules['issuer'])},\nabout: About::{camel(rules['sub'])},\n"
        for part in ("required", "optional", "required_addenda", "optional_addenda"):
            text += f"{part}: {field_set(rules[part])},\n"
        text += "};\n\n"
    text += "/// The group of a provider role.\npub(crate) static ROLE_GROUPS: &[RoleGroup] = &[\n"
    for name, group in fields["role_groups"].items():
        roles = ", ".join(json.dumps(r) for r in group["roles"])
        text += f"RoleGroup {{ name: {json.dumps(name)}, roles: &[{roles}],\n"
        text += f"required_in_decision: {field_set(group['required_in_decision'])},\n"
        text += f"forbidden: {field_set(group['forbidden'])} }},\n"
    text += "];\n\n"
    text += f"/// Fields that hold locators.\npub(crate) const LOCATORS: FieldSet = {field_set(fields['locator_fields'])};\n\n"
    text += "/// Keywords under which a locator must not be served.\npub(crate) static LOCATOR_KEYWORDS: &[&str] = &["
    text += ", ".join(json.dumps(k) for k in fields["locator_keywords"]) + "];\n\n"
    only = field_set(fields["in_version_2_only"])
    text += f"/// Fields that came with version 2 of the European vocabulary.\npub(crate) const NEW_IN_VERSION_2: FieldSet = {only};\n"
    write("type_table.rs", text)


def write_keywords(vocabulary):
    text = f"//! Keywords by category as the European documentation lists them, and codes of version 1 under their new names.\n{HEAD}\n"
    text += "/// Each category of version 2 and its keywords.\npub(super) const BY_CATEGORY: &[(&str, &[&str])] = &[\n"
    for category, keywords in sorted(vocabulary["v2_keyword_by_category"].items()):
        text += f"({json.dumps(category)}, &[{', '.join(json.dumps(k) for k in sorted(keywords))}]),\n"
    text += "];\n\n/// Codes of version 1 that version 2 has not, and their successors, if they have one.\n"
    text += "pub(super) const RENAMED: &[(&str, Option<&str>)] = &[\n"
    for renamed in vocabulary["v1_to_v2"].values():
        for old, new in sorted(renamed.items()):
            text += f"({json.dumps(old)}, {f'Some({json.dumps(new)})' if new else 'None'}),\n"
    write("../../ledger/src/draft/advice/keyword_table.rs", text + "];\n")


def words(names, indent):
    """A list of names as JavaScript: one text, broken between names."""
    lines = textwrap.wrap(" ".join(names), 140, break_long_words=False, break_on_hyphens=False) or [""]
    return "words(" + f" +\n{indent}".join(f"'{line}'" for line in [*(line + " " for line in lines[:-1]), lines[-1]]) + ")"


def write_browser_tables(fields, sets):
    text = "// The fields, the types of statement and the code sets, for the verifier in the browser.\n" + HEAD
    text += "(function (glasshouse) {\n  'use strict';\n\n  const words = (text) => (text === '' ? [] : text.split(' '));\n"
    text += "  const tables = {};\n\n  tables.fields = {\n"
    for name, field in fields["fields"].items():
        row = {key: field[key] for key in ("place", "form", "codes", "max") if key in field}
        text += f"    {name}: {{ " + ", ".join(f"{key}: {value!r}" for key, value in row.items()) + " },\n"
    text += "  };\n\n  tables.types = {\n"
    for name, rules in fields["types"].items():
        text += f"    {name}: {{\n      issuer: {rules['issuer']!r},\n      sub: {rules['sub']!r},\n"
        for part in ("required", "optional", "required_addenda", "optional_addenda"):
            text += f"      {part}: {words(rules[part], ' ' * 8)},\n"
        text += "    },\n"
    text += "  };\n\n  tables.roles = [\n"
    for group in fields["role_groups"].values():
        rows = (f"      {part}: {words(group[part], ' ' * 8)},\n" for part in ("roles", "required_in_decision", "forbidden"))
        text += "    {\n" + "".join(rows) + "    },\n"
    text += "  ];\n\n  tables.codes = {\n"
    for name, values in sets.items():
        text += f"    {name}: {words(sorted(values, key=lambda v: v.encode()), ' ' * 6)},\n"
    text += "  };\n\n"
    for name in ("vocabularies", "in_version_2_only", "locator_fields", "locator_keywords"):
        text += f"  tables.{name} = {words(fields[name], ' ' * 4)};\n"
    BROWSER.mkdir(exist_ok=True)
    (BROWSER / "tables.js").write_text(text + "\n  glasshouse.tables = tables;\n})(globalThis.glasshouse ??= {});\n")


def main():
    fields = json.loads((SPEC / "fields.json").read_text())
    vocabulary = json.loads((SPEC / "vocabulary.json").read_text())
    sets = code_sets(fields, vocabulary)
    write_codes(fields, vocabulary, sets)
    write_browser_tables(fields, sets)
    write_fields(fields)
    write_types(fields)
    write_keywords(vocabulary)
    COPY.write_bytes((SPEC / "vocabulary.json").read_bytes())


if __name__ == "__main__":
    main()
