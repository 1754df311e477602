//! `https` where a server speaks plain HTTP, and the reverse: a failure that no waiting mends.

use std::io::ErrorKind;

/// What is wrong with the scheme of a log's URL, and what to do, if that is what a failure tells; `None` where another try
/// may help: a server that speaks TLS and fails at it may be a proxy that is being started anew.
pub(super) fn fault(base: &str, error: &ureq::Error) -> Option<String> {
    match error {
        ureq::Error::Io(error) if is_no_tls(error) => {
            let other = with_scheme(base, "https://", "http://")?;
            Some(format!(
                "there is a server, and it does not speak TLS; if you meant a server without TLS, give {other}, and have the log's key from elsewhere: over http anybody on the way can show another one"
            ))
        }
        ureq::Error::Protocol(error) => {
            let (other, text) = (with_scheme(base, "http://", "https://")?, error.to_string());
            let is_no_http = text.contains("http parse fail");
            is_no_http.then(|| {
                format!(
                    "there is a server, and its answer is no HTTP ({text}); if it speaks TLS, give {other}"
                )
            })
        }
        _ => None,
    }
}

/// Whether an answer is no TLS record at all, as the TLS library names it. It has the same kind of error for alerts, for
/// certificates, and for all else that goes wrong under TLS.
fn is_no_tls(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::InvalidData && error.to_string().contains("InvalidContentType")
}

/// The same URL under the other scheme.
fn with_scheme(base: &str, given: &str, other: &str) -> Option<String> {
    base.strip_prefix(given).map(|rest| format!("{other}{rest}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    use crate::client::{Client, ClientError, Patience};

    /// A patience that no test outlives: a failure that is waited out never ends here.
    const LONG: Patience =
        Patience { total: Duration::from_secs(3_600), first_pause: Duration::from_secs(3_600) };

    /// The host and port of a server that answers its only connection with these bytes.
    fn server(answer: &'static [u8]) -> (String, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer).unwrap();
        });
        (host, served)
    }

    #[track_caller]
    fn fails_at_once(scheme: &str, answer: &'static [u8], hint: &str) {
        let (host, served) = server(answer);
        let error =
            Client::new(&format!("{scheme}://{host}/ledger"), LONG).unwrap().get("/checkpoint").unwrap_err();
        assert!(matches!(error, ClientError::Scheme { .. }), "{error}");
        assert!(error.to_string().contains(&hint.replace("HOST", &host)), "{error}");
        served.join().unwrap();
    }

    #[test]
    fn a_plain_server_under_https_is_told_at_once() {
        let plain = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        fails_at_once(
            "https",
            plain,
            "if you meant a server without TLS, give http://HOST/ledger, and have the log's key",
        );
    }

    #[test]
    fn a_tls_server_under_http_is_told_at_once() {
        // An alert: TLS 1.2, fatal, unexpected message.
        fails_at_once("http", b"\x15\x03\x03\x00\x02\x02\x0a", "if it speaks TLS, give https://HOST/ledger");
    }

    #[test]
    fn a_server_that_fails_at_tls_is_waited_for() {
        // Alerts, TLS 1.2, fatal: internal error, decrypt error, access denied.
        for alert in [
            b"\x15\x03\x03\x00\x02\x02\x50",
            b"\x15\x03\x03\x00\x02\x02\x33",
            b"\x15\x03\x03\x00\x02\x02\x31",
        ] {
            // It ends after its first answer; whoever tries again finds nobody.
            let (host, served) = server(alert);
            let short =
                Patience { total: Duration::from_millis(200), first_pause: Duration::from_millis(20) };
            let error =
                Client::new(&format!("https://{host}"), short).unwrap().get("/checkpoint").unwrap_err();
            assert!(matches!(error, ClientError::NoAnswer { attempts: 2.., .. }), "{error}");
            served.join().unwrap();
        }
    }
}
