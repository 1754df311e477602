//! Signed notes: a text and the signatures below it (c2sp.org/signed-note).
//!
//! [`Note`] is what arrived; only [`VerifiedNote`], which its [`verify`](Note::verify) makes, was signed by anyone known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::bounds::{NOTE_MAX, NOTE_SIGNATURES_MAX};
use crate::cosignature::{checkpoint_text_message, cosignature_message, split_blob};
use crate::fault::Fault;
use crate::vkey::{Vkey, VkeyKind, is_key_name};

/// Why a note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More than 256 KiB.
    #[error("a note has at most 262144 bytes")]
    TooLong,
    /// Not UTF-8, or a control character other than the line feed.
    #[error("a note is UTF-8 without control characters other than the line feed")]
    Characters,
    /// No blank line between text and signatures, or no signature.
    #[error("a note is a text, a blank line, and at least one signature line, each ended by a line feed")]
    Form,
    /// A signature line is not `— <name> <base64>`.
    #[error(
        "signature line {0} is not an em dash, a key name and canonical base64 of a key id and a signature"
    )]
    SignatureLine(usize),
    /// More than 64 signatures.
    #[error("a note has at most 64 signatures")]
    TooManySignatures,
    /// Two of the given keys have the same name and identifier.
    #[error("two of the keys given have the name {0:?} and the same key id")]
    AmbiguousKey(String),
    /// A known key signed twice.
    #[error("the key {0:?} stands below the note twice")]
    RepeatedKey(String),
    /// A known key's signature is wrong.
    #[error("the signature of {0:?} does not hold")]
    BadSignature(String),
    /// No given key signed.
    #[error("none of the keys given signed the note")]
    NoKnownKey,
}

impl NoteError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            NoteError::AmbiguousKey(_) => Fault::CallerMisuse,
            _ => Fault::HostileInput,
        }
    }
}

/// One line below a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: String,
    key_id: u32,
    blob: Vec<u8>,
}

impl SignatureLine {
    /// A line for a key's signature; `blob` is what stands behind the key's identifier.
    pub fn new(key: &Vkey, blob: Vec<u8>) -> Self {
        Self { name: key.name().to_owned(), key_id: key.key_id(), blob }
    }

    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's identifier.
    pub const fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Whether the line says that this key signed.
    pub fn is_of(&self, key: &Vkey) -> bool {
        self.key_id == key.key_id() && self.name == key.name()
    }

    /// `— <name> <base64 of identifier and signature>` and a line feed.
    pub fn encode(&self) -> String {
        let mut blob = self.key_id.to_be_bytes().to_vec();
        blob.extend_from_slice(&self.blob);
        format!("— {} {}\n", self.name, STANDARD.encode(blob))
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, blob) = line.strip_prefix("— ")?.split_once(' ')?;
        let blob = STANDARD.decode(blob).ok()?;
        let (key_id, blob) = blob.split_first_chunk::<4>()?;
        if !is_key_name(name) || blob.is_empty() {
            return None;
        }
        Some(Self { name: name.to_owned(), key_id: u32::from_be_bytes(*key_id), blob: blob.to_vec() })
    }
}

/// A note as it arrived: its form is right, its signatures are unchecked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// Reads a note of at most 256 KiB with 1 to 64 signature lines. The signatures begin after the last blank line.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_MAX {
            return Err(NoteError::TooLong);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Characters)?;
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(NoteError::Characters);
        }
        let blank = note.rfind("\n\n").ok_or(NoteError::Form)?;
        let text = note.get(..blank + 1).ok_or(NoteError::Form)?;
        let lines = note.get(blank + 2..).and_then(|s| s.strip_suffix('\n')).ok_or(NoteError::Form)?;
        let mut signatures = Vec::new();
        for (number, line) in lines.split('\n').enumerate() {
            if number == NOTE_SIGNATURES_MAX {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(SignatureLine::parse(line).ok_or(NoteError::SignatureLine(number + 1))?);
        }
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Joins a text that ends in a line feed and its signatures, as a signer does; the result is read back and so checked.
    pub fn assemble(text: &str, signatures: &[SignatureLine]) -> Result<Self, NoteError> {
        let mut bytes = format!("{text}\n");
        for line in signatures {
            bytes.push_str(&line.encode());
        }
        let note = Self::parse(bytes.as_bytes())?;
        if note.text != text { Err(NoteError::Form) } else { Ok(note) }
    }

    /// The bytes that [`parse`](Self::parse) read: a note has one spelling.
    pub fn encode(&self) -> String {
        self.signatures.iter().fold(format!("{}\n", self.text), |note, line| note + &line.encode())
    }

    /// The text, with its last line feed. Nobody vouches for it before [`verify`](Self::verify).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The lines below the text, unchecked.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Checks every signature by one of `keys`; lines of other keys are passed over.
    ///
    /// At least one key must have signed, none twice, and each of their signatures must hold: one that does not refuses
    /// the note, whoever else signed it.
    pub fn verify(self, keys: &[Vkey]) -> Result<VerifiedNote, NoteError> {
        let signers = self.signers_among(keys)?;
        if signers.is_empty() {
            return Err(NoteError::NoKnownKey);
        }
        Ok(VerifiedNote { note: self, signers })
    }

    /// Who of `keys` signed, perhaps nobody. A wrong or repeated signature of one of them is an error.
    pub(crate) fn signers_among(&self, keys: &[Vkey]) -> Result<Vec<Signer>, NoteError> {
        let mut signers: Vec<Signer> = Vec::new();
        for line in &self.signatures {
            let mut known = keys.iter().filter(|key| line.is_of(key));
            let Some(key) = known.next() else { continue };
            if known.next().is_some() {
                return Err(NoteError::AmbiguousKey(line.name.clone()));
            }
            if signers.iter().any(|s| s.key == *key) {
                return Err(NoteError::RepeatedKey(line.name.clone()));
            }
            let time = check_signature(key, &self.text, &line.blob)
                .ok_or_else(|| NoteError::BadSignature(line.name.clone()))?;
            signers.push(Signer { key: key.clone(), time });
        }
        Ok(signers)
    }
}

/// The time of a cosignature, or none for a plain signature; nothing at all if the signature does not hold.
fn check_signature(key: &Vkey, text: &str, blob: &[u8]) -> Option<Option<u64>> {
    match key.kind() {
        VkeyKind::Ed25519 => key.verifies(text.as_bytes(), blob).then_some(None),
        VkeyKind::Cosignature => {
            let (time, signature) = split_blob(blob)?;
            key.verifies(&cosignature_message(time, text), signature).then_some(Some(time))
        }
        VkeyKind::MlDsa44 => {
            let (time, signature) = split_blob(blob)?;
            let message = checkpoint_text_message(key, time, text)?;
            key.verifies(&message, signature).then_some(Some(time))
        }
    }
}

/// Who signed a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    key: Vkey,
    time: Option<u64>,
}

impl Signer {
    /// The key that signed.
    pub const fn key(&self) -> &Vkey {
        &self.key
    }

    /// Of a cosignature, when the signer says it saw the checkpoint: seconds since 1970.
    pub const fn time(&self) -> Option<u64> {
        self.time
    }
}

/// A note that at least one known key signed, and none of them wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedNote {
    note: Note,
    signers: Vec<Signer>,
}

impl VerifiedNote {
    /// The text, with its last line feed.
    pub fn text(&self) -> &str {
        &self.note.text
    }

    /// Every known key that signed, in the order of the lines; at least one.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The whole note, with the lines of unknown keys.
    pub fn note(&self) -> &Note {
        &self.note
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const VKEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const NOTE: &str = "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    fn key() -> Vkey {
        Vkey::parse(VKEY).unwrap()
    }

    #[test]
    fn the_note_of_the_specification_holds() {
        let note = Note::parse(NOTE.as_bytes()).unwrap();
        assert_eq!(note.encode(), NOTE);
        let verified = note.verify(&[key()]).unwrap();
        assert_eq!(verified.text(), "This is an example message.\n");
        assert_eq!(verified.signers().len(), 1);
    }

    #[test]
    fn a_wrong_signature_refuses_the_note() {
        let changed = NOTE.replace("an example", "no example");
        assert!(matches!(
            Note::parse(changed.as_bytes()).unwrap().verify(&[key()]),
            Err(NoteError::BadSignature(_))
        ));
        let twice = format!("{NOTE}{}", NOTE.split_once("\n\n").unwrap().1);
        assert!(matches!(
            Note::parse(twice.as_bytes()).unwrap().verify(&[key()]),
            Err(NoteError::RepeatedKey(_))
        ));
        let note = Note::parse(NOTE.as_bytes()).unwrap();
        assert_eq!(note.clone().verify(&[]), Err(NoteError::NoKnownKey));
        assert!(matches!(note.verify(&[key(), key()]), Err(NoteError::AmbiguousKey(_))));
    }

    #[test]
    fn the_form_is_strict() {
        let line = NOTE.split_once("\n\n").unwrap().1.to_owned();
        for wrong in [
            String::new(),
            "a\n".into(),
            "a\n\n".into(),
            format!("a\n{line}"),
            format!("a\n\n{}", line.trim_end()),
            format!("a\n\n{line}\n"),
            format!("a\n\n{}", line.replace('—', "-")),
            format!("a\n\n{}", line.replace("— ", "—  ")),
            format!("a\n\n{}", line.replace("foo ", "foo  ")),
            format!("a\n\n{}", line.replace("foo ", "f+o ")),
            format!("a\n\n{}", line.replace("QM=", "QN=")),
            format!("a\n\n{}", line.replace("QM=", "QM")),
            format!("a\r\n\n{line}"),
            format!("a\tb\n\n{line}"),
            "a\n\n— foo AAAAAA==\n".into(),
            format!("a\n\n{}", line.repeat(65)),
            format!("{}\n\n{line}", "a".repeat(NOTE_MAX)),
        ] {
            assert!(Note::parse(wrong.as_bytes()).is_err(), "{wrong:.80}");
        }
        assert!(Note::parse(b"a\xff\n\n").is_err());
        assert!(Note::parse(format!("a\n\nb\n\n{}", line.repeat(64)).as_bytes()).is_ok());
    }
}
