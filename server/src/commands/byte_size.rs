//! Numbers of bytes as people write them on the command line.

/// What is said of anything else.
const FORM: &str = "a whole number of bytes, or with KiB, MiB, GiB or TiB behind it, such as 1GiB; or 0";

/// Reads a whole number with its unit: `0`, `4096`, `512MiB`, `1GiB`.
pub(super) fn parse(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or(FORM)?;
    let factor: u64 = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return Err(FORM.to_owned()),
    };
    let number: u64 = number.parse().map_err(|_| FORM)?;
    number.checked_mul(factor).ok_or_else(|| "no disk is so large".to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use super::*;

    #[test]
    fn a_size_is_a_number_with_its_unit() {
        for (text, bytes) in
            [("0", 0), ("4096", 4_096), ("512MiB", 512 << 20), ("1GiB", 1 << 30), ("2TiB", 2 << 40)]
        {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for wrong in ["", "GiB", "-1", "+1", "1.5GiB", "1 GiB", "1GB", "1G", "1gib", "99999999TiB", "1é"] {
            parse(wrong).unwrap_err();
        }
    }
}
