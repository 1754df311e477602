//! The fault table.
