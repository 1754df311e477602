"""An independent, slow and plain reading of the Glasshouse formats.

Every module takes one format and cites the document that defines it. Nothing here is shared with the Rust
implementation: both read only `spec/fields.json` and `spec/vocabulary.json`. Standard library only, except that
Ed25519 signing and the last step of verifying are done by the package `cryptography`.
"""
