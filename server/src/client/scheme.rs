//! `https` where a server speaks plain HTTP, and the reverse: a failure that no waiting mends.

use std::io::ErrorKind;

/// What is wrong with a URL's scheme, and what to do, if that is what a failure tells; `None` where another try may help.
pub(super) fn fault(url: &str, error: &ureq::Error) -> Option<String> {
    match error {
        // How the TLS library names an answer that is no TLS record at all.
        ureq::Error::Io(io) if url.starts_with("https://") && io.kind() == ErrorKind::InvalidData => {
            let text = io.to_string();
            Some(match text.contains("InvalidContentType") {
                true => format!("there is a server, and it does not speak TLS: give http://{}", host(url)),
                false => format!("the server's TLS is not to be trusted or not understood: {text}"),
            })
        }
        ureq::Error::Protocol(ureq_error) if url.starts_with("http://") => {
            let text = ureq_error.to_string();
            let is_no_http = text.contains("http parse fail");
            is_no_http.then(|| {
                format!("there is a server, and its answer is no HTTP ({text}); if it speaks TLS, give https://{}", host(url))
            })
        }
        _ => None,
    }
}

/// The host and port of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
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
        let error = Client::new(&format!("{scheme}://{host}"), LONG).unwrap().get("/checkpoint").unwrap_err();
        assert!(matches!(error, ClientError::Scheme { .. }), "{error}");
        assert!(error.to_string().contains(&hint.replace("HOST", &host)), "{error}");
        served.join().unwrap();
    }

    #[test]
    fn a_plain_server_under_https_is_told_at_once() {
        let plain = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        fails_at_once("https", plain, "does not speak TLS: give http://HOST");
    }

    #[test]
    fn a_tls_server_under_http_is_told_at_once() {
        // An alert: TLS 1.2, fatal, unexpected message.
        fails_at_once("http", b"\x15\x03\x03\x00\x02\x02\x0a", "if it speaks TLS, give https://HOST");
    }
}
