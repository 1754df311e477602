//! What each kind is found in, and what it is not found in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use super::*;

/// Kinds and pieces found in a text, bare host names left out.
fn found(text: &str) -> Vec<(DatumKind, &str)> {
    let without_hosts = search(text).into_iter().filter(|datum| datum.kind != DatumKind::Host);
    without_hosts.map(|datum| (datum.kind, &text[datum.place])).collect()
}

#[track_caller]
fn finds(kind: DatumKind, pairs: &[(&str, &str)]) {
    for (text, piece) in pairs {
        assert_eq!(found(text), [(kind, *piece)], "{text}");
    }
}

#[track_caller]
fn finds_nothing(texts: &[&str]) {
    for text in texts {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn email() {
    finds(
        DatumKind::Email,
        &[
            ("write to jane.doe+x@mail.example.com.", "jane.doe+x@mail.example.com"),
            ("(Jane <jane@mail.example>)", "jane@mail.example"),
            ("mailto:jane@mail.example", "jane@mail.example"),
            ("E-Mail:jane@mail.example, Berlin", "jane@mail.example"),
            ("Grüße an jan.ä.d@mail.example!", "d@mail.example"),
            ("form?mail=jane@mail.example", "jane@mail.example"),
        ],
    );
    let both = "jane@mail.example;bob@mail.example";
    assert_eq!(found(both).len(), 2);
    finds_nothing(&[
        "5 items @ 3 EUR",
        "a@b",
        "jane@localhost",
        "@",
        "x@@y",
        "jane at mail dot example",
        "a@b.1",
    ]);
}

#[test]
fn phone() {
    finds(
        DatumKind::Phone,
        &[
            ("call +49 30 1234567 now", "+49 30 1234567"),
            ("+33 (0)6 12 34 56 78.", "+33 (0)6 12 34 56 78"),
            ("+14155550100", "+14155550100"),
            ("0049 30 1234567", "0049 30 1234567"),
            ("Nummer 030/1234567,", "030/1234567"),
            ("(030) 123 45 67", "(030) 123 45 67"),
            ("06.12.34.56.78", "06.12.34.56.78"),
            ("(415) 555-0100", "(415) 555-0100"),
            ("1-415-555-0100", "1-415-555-0100"),
            ("Tel.: 1234567", "1234567"),
            ("WhatsApp 4912345678", "4912345678"),
        ],
    );
    finds_nothing(&[
        "on 2022-09-03 at 21:00:00",
        "03.09.2022 10 o'clock",
        "01/02/2022",
        "AZ 3 O 123/22",
        "case 2022/123456",
        "Regulation (EU) 2022/2065",
        "ISBN 978-3-16-148410-0",
        "EAN 4006381333931",
        "order number 0012345678",
        "df46338b-e2bd-4ce7-a3e2-7159734bbe27",
        "12345678-1234-4234-8234-123456789012",
        "+1",
        "+100 %",
        "40,000 items, 1.000.000 views, 10 000 000 users",
        "hotel 1234567",
        "call 112",
        "§ 130 (1) 2",
        "5.4.3.2.1",
        "192 168 1 1",
        "release 0.5.0 (2026-10)",
    ]);
}

#[test]
fn iban() {
    finds(
        DatumKind::Iban,
        &[
            ("to DE89 3704 0044 0532 0130 00 BY FRIDAY", "DE89 3704 0044 0532 0130 00"),
            ("DE89370400440532013000", "DE89370400440532013000"),
            ("IBAN:GB82WEST12345698765432.", "GB82WEST12345698765432"),
            ("FR14 2004 1010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 606"),
            ("NO93 8601 1117 947", "NO93 8601 1117 947"),
        ],
    );
    finds_nothing(&[
        "DE88 3704 0044 0532 0130 00",
        "DE89 3704 0044 0532 0130 0",
        "XDE89370400440532013000",
        "DE89370400440532013000X",
        "ZZ89370400440532013000",
        "de89370400440532013000",
    ]);
}

#[test]
fn ip_address() {
    finds(
        DatumKind::IpAddress,
        &[
            ("from 203.0.113.77.", "203.0.113.77"),
            ("203.0.113.77:443", "203.0.113.77"),
            ("203.0.113.0/24", "203.0.113.0"),
            ("IP:203.0.113.77", "203.0.113.77"),
            ("ip=203.0.113.77", "203.0.113.77"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("fe80::1", "fe80::1"),
            ("2001:0db8:0000:0000:0000:ff00:0042:8329", "2001:0db8:0000:0000:0000:ff00:0042:8329"),
        ],
    );
    finds_nothing(&[
        "section 4.1.12.3",
        "version 10.0.19045.2",
        "4.1.2.3",
        "1.1.1.1",
        "1.2.3.4.55",
        "300.1.2.3",
        "v10.0.19.2",
        "std::fs",
        "abc::def",
        "12:30:45",
        "::",
    ]);
}

#[test]
fn account() {
    finds(
        DatumKind::Account,
        &[
            ("by @jane_doe, again", "@jane_doe"),
            ("@jane@social.example", "@jane@social.example"),
            ("(u/jane-doe)", "u/jane-doe"),
            ("/u/jane_doe/", "/u/jane_doe/"),
        ],
    );
    finds_nothing(&["u/o", "r/pictures", "and/or", "@ noon", "@1", "@", "you/name", "u/"]);
}

#[test]
fn url() {
    finds(
        DatumKind::Url,
        &[
            ("see https://forum.example/t/17?p=2#3.", "https://forum.example/t/17?p=2#3"),
            ("hxxps://forum.example/", "hxxps://forum.example/"),
            ("www.forum.example", "www.forum.example"),
            ("at forum.example/t/17", "forum.example/t/17"),
            ("tg://resolve", "tg://resolve"),
            ("Link:https://forum.example", "https://forum.example"),
        ],
    );
    finds_nothing(&[
        "and/or",
        "TCP/IP",
        "e.g./i.e.",
        "text/images of an advertisement",
        "Art. 17/18",
        "the site forum.example",
        "://",
        "No.12/13",
        "U.S./EU",
        "www.",
        "Content.The next sentence",
    ]);
}

#[test]
fn a_bare_host_is_told_apart() {
    let host = |text: &str| search(text).iter().any(|datum| datum.kind == DatumKind::Host);
    assert!(host("the site video.example is"));
    assert!(!host("the site.The next") && !host("e.g. this") && !host("3.5") && !host("a..b"));
}

#[test]
fn links_to_rules_are_told_from_links_to_content() {
    for rules in [
        "https://about.shop.example/en/counterfeit-and-intellectual-property-policy/",
        "https://eur-lex.europa.eu/eli/reg/2022/2065/oj",
        "https://shop.example/legal",
        "https://shop.example/terms-of-service",
    ] {
        assert!(leads_to_rules(rules), "{rules}");
    }
    for content in
        ["https://forum.example/t/17", "https://lawn.example/mower", "https://shop.example/stories"]
    {
        assert!(!leads_to_rules(content), "{content}");
    }
}

#[test]
fn several_kinds_in_one_text_keep_their_order_and_none_is_found_twice() {
    let text = "@jane (jane@mail.example, +49 30 1234567) at 203.0.113.77 paid DE89 3704 0044 0532 0130 00 via https://pay.example/a";
    let kinds: Vec<DatumKind> = found(text).into_iter().map(|(kind, _)| kind).collect();
    use DatumKind::{Account, Email, Iban, IpAddress, Phone, Url};
    assert_eq!(kinds, [Account, Email, Phone, IpAddress, Iban, Url]);
}

#[test]
fn a_mask_shows_too_little_to_use() {
    assert_eq!(
        masked(
            "@jane, jane@mail.example, +49 30 1234567, 203.0.113.77, DE89370400440532013000, https://jane.example/x"
        ),
        "@j…, j…@m….example, +49…67, 203…, DE…00, https://j…"
    );
    assert_eq!(masked("nothing to hide at forum.example"), "nothing to hide at forum.example");
}

/// The time is linear: with time that grows as the square of the length each of these would take minutes.
#[test]
fn hostile_texts_take_no_longer_than_others() {
    for piece in [
        "@", "a@", "a.", "+", "0", "(", "1 ", "DE89", "DE89 ", "://", ":", "u/", "::1", "+4", ". ", "é@é.",
        "\u{0}",
    ] {
        let text = piece.repeat(200_000 / piece.len());
        let begun = std::time::Instant::now();
        let count = search(&text).len();
        let took = begun.elapsed();
        assert!(took.as_secs() < 20, "{piece:?}: {took:?} for {count}");
        assert!(masked(&text).len() <= text.len() * 2);
    }
}
