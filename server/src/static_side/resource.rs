//! The path grammar of the static side (C2SP tlog-tiles, "Merkle Tree" and "Log Entries").

/// Highest level that a path can name; a tree of 2^53 − 1 entries has levels 0 to 6.
const MAX_LEVEL: u8 = 63;

/// Most groups of three digits in a tile's number: 10^18 tiles are more than any tree has.
const MAX_GROUPS: usize = 6;

/// Hashes in a full tile, entries in a full bundle.
const FULL_WIDTH: u16 = 256;

/// Something that the static side may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// The newest published checkpoint.
    Checkpoint,
    /// The log's key as one line of vkey text.
    Vkey,
    /// The empty marker that every entry ends with an index of addenda (C2SP tlog-addenda).
    AddendaMarker,
    /// A tile of hashes.
    Tile {
        /// 0 (leaf hashes) to 63.
        level: u8,
        /// Number of the tile in its level, below 10^18.
        number: u64,
        /// Hashes in it, 1 to 256.
        width: u16,
    },
    /// A bundle of entries.
    Bundle {
        /// Number of the bundle, below 10^18.
        number: u64,
        /// Entries in it, 1 to 256.
        width: u16,
    },
}

impl Resource {
    /// Reads a path as it stands in the request line, percent escapes and all. There is one spelling for each
    /// resource; anything else is `None`.
    pub fn parse(path: &str) -> Option<Resource> {
        let resource = match path {
            "/checkpoint" => Resource::Checkpoint,
            "/vkey" => Resource::Vkey,
            "/addenda.v1" => Resource::AddendaMarker,
            _ => parse_tile(path.strip_prefix("/tile/")?)?,
        };
        // Leading zeros, a needless x000 and their like have a value, but are not what that value is written as.
        (resource.path().strip_prefix('/') == path.strip_prefix('/')).then_some(resource)
    }

    /// The path, beginning with `/`. Without that, it is the file's name in the public folder.
    pub fn path(&self) -> String {
        match self {
            Resource::Checkpoint => "/checkpoint".to_owned(),
            Resource::Vkey => "/vkey".to_owned(),
            Resource::AddendaMarker => "/addenda.v1".to_owned(),
            Resource::Tile { level, number, width } => {
                format!("/tile/{level}/{}{}", digits(*number), part(*width))
            }
            Resource::Bundle { number, width } => {
                format!("/tile/entries/{}{}", digits(*number), part(*width))
            }
        }
    }
}

/// `1234067` as `x001/x234/067`.
fn digits(number: u64) -> String {
    let mut text = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        text = format!("x{:03}/{text}", rest % 1000);
        rest /= 1000;
    }
    text
}

fn part(width: u16) -> String {
    if width == FULL_WIDTH { String::new() } else { format!(".p/{width}") }
}

fn parse_tile(rest: &str) -> Option<Resource> {
    let (level, rest) = rest.split_once('/')?;
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, decimal(width, 3)?),
        None => (rest, u64::from(FULL_WIDTH)),
    };
    let number = parse_digits(number)?;
    let width = u16::try_from(width).ok().filter(|w| (1..=FULL_WIDTH).contains(w))?;
    if level == "entries" {
        return Some(Resource::Bundle { number, width });
    }
    let level = u8::try_from(decimal(level, 2)?).ok().filter(|level| *level <= MAX_LEVEL)?;
    Some(Resource::Tile { level, number, width })
}

fn parse_digits(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.split('/').collect();
    let (last, before) = groups.split_last()?;
    if groups.len() > MAX_GROUPS {
        return None;
    }
    let mut number = 0;
    for group in before {
        number = number * 1000 + decimal(group.strip_prefix('x')?, 3)?;
    }
    Some(number * 1000 + decimal(last, 3)?)
}

/// One to `most` ASCII digits; no sign, which `parse` of an integer would take.
fn decimal(text: &str, most: usize) -> Option<u64> {
    let sound = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if sound { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        let tile = Resource::Tile { level: 0, number: 1_234_067, width: 256 };
        assert_eq!(Resource::parse("/tile/0/x001/x234/067"), Some(tile));
        assert_eq!(tile.path(), "/tile/0/x001/x234/067");
    }

    #[test]
    fn every_value_has_a_path_that_parses_back() {
        for number in [0, 1, 255, 999, 1000, 999_999, 1_000_000, 999_999_999_999_999_999] {
            for width in [1, 9, 10, 255, 256] {
                for level in [0, 1, 9, 10, 63] {
                    let tile = Resource::Tile { level, number, width };
                    assert_eq!(Resource::parse(&tile.path()), Some(tile));
                }
                let bundle = Resource::Bundle { number, width };
                assert_eq!(Resource::parse(&bundle.path()), Some(bundle));
            }
        }
    }

    #[test]
    fn other_spellings_are_nothing() {
        for path in [
            "",
            "/",
            "checkpoint",
            "//checkpoint",
            "/checkpoint/",
            "/Checkpoint",
            "/checkpoint%20",
            "/%63heckpoint",
            "/tile",
            "/tile/",
            "/tile/0",
            "/tile/0/",
            "/tile/0/0",
            "/tile/0/00",
            "/tile/0/0000",
            "/tile/0/000/",
            "/tile//000",
            "/tile/0//000",
            "/tile/00/000",
            "/tile/01/000",
            "/tile/64/000",
            "/tile/100/000",
            "/tile/-1/000",
            "/tile/+1/000",
            "/tile/0/+00",
            "/tile/0/x000/001",
            "/tile/0/X001/000",
            "/tile/0/001/000",
            "/tile/0/x001",
            "/tile/0/x001/x000",
            "/tile/0/x01/000",
            "/tile/0/x0001/000",
            "/tile/0/000.p/0",
            "/tile/0/000.p/256",
            "/tile/0/000.p/257",
            "/tile/0/000.p/01",
            "/tile/0/000.p/",
            "/tile/0/000.p",
            "/tile/0/000.P/1",
            "/tile/0/000.p/1/",
            "/tile/0/000.p/1.p/1",
            "/tile/0/000.p/999999999999999999999",
            "/tile/entries",
            "/tile/entries/",
            "/tile/Entries/000",
            "/tile/entries/000.p/256",
            "/tile/data/000",
            "/tile/8/0/x/../000",
            "/tile/0/../../log.key",
            "/tile/0/..",
            "/tile/0/000/..",
            "/tile/0/%30%30%30",
            "/tile/0/x001/x001/x001/x001/x001/x001/001",
            "/tile/0/٠٠٠",
            "/tile/0/000?x",
            "/tile/0/000#x",
        ] {
            assert_eq!(Resource::parse(path), None, "{path}");
        }
    }
}
