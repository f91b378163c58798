#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn fetching(endpoint: &str) -> Result<HttpCertificates, ConfigError> {
    HttpCertificates::from_env(&Env::from_pairs([(ENDPOINT, endpoint)]))
}

/// Asks a server on this machine that answers with these bytes; the first line of what it was asked, and the answer.
async fn ask(answer: Vec<u8>) -> (String, Result<Vec<u8>, FetchError>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let fetch = fetching(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4_096];
        let read = stream.read(&mut request).await.unwrap();
        // The client hangs up where it has seen enough.
        drop(stream.write_all(&answer).await);
        String::from_utf8_lossy(&request[..read]).lines().next().unwrap_or_default().to_owned()
    });
    let url = CertificateUrl::try_new("https://api.paypal.com/v1/certs/CERT-1?a=b").unwrap();
    let answer = fetch.get(&url).await;
    (asked.await.unwrap(), answer)
}

fn answer(status: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn the_bytes_come_from_a_plain_200_alone() {
    let (asked, got) = ask(answer("200 OK", b"cert")).await;
    assert_eq!((asked.as_str(), got.unwrap().as_slice()), ("GET /v1/certs/CERT-1?a=b HTTP/1.1", &b"cert"[..]));
    assert!(ask(answer("200 OK", &vec![b' '; BYTES_MAX])).await.1.is_ok());
    for (status, body) in [
        ("200 OK", vec![b' '; BYTES_MAX + 1]),
        ("204 No Content", vec![]),
        ("301 Moved", vec![]),
        ("302 Found", vec![]),
        ("307 Elsewhere", vec![]),
        ("404 Not Found", vec![]),
        ("410 Gone", vec![]),
    ] {
        let got = ask(answer(status, &body)).await.1;
        assert!(matches!(got, Err(FetchError::NotThere(_))), "{status}: {got:?}");
    }
}

#[tokio::test]
async fn what_may_pass_is_told_apart() {
    for status in ["500 Oops", "502 Bad", "503 Later", "429 Slow down", "408 Slow"] {
        let got = ask(answer(status, b"")).await.1;
        assert!(matches!(got, Err(FetchError::Unreachable(_))), "{status}: {got:?}");
    }
    for broken in [Vec::new(), b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ncert".to_vec()] {
        assert!(matches!(ask(broken).await.1, Err(FetchError::Unreachable(_))));
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let url = CertificateUrl::try_new("https://paypal.com/").unwrap();
    assert!(matches!(fetching(&format!("http://{nobody}")).unwrap().get(&url).await, Err(FetchError::Unreachable(_))));
}

#[test]
fn only_this_machine_can_stand_in_for_paypal() {
    let url = CertificateUrl::try_new("https://api.paypal.com/v1/certs/CERT-1").unwrap();
    assert_eq!(fetching("http://127.0.0.1:8080").unwrap().target(&url).as_str(), "http://127.0.0.1:8080/v1/certs/CERT-1");
    assert_eq!(fetching("http://[::1]:8080/").unwrap().target(&url).as_str(), "http://[::1]:8080/v1/certs/CERT-1");
    for unset in [HttpCertificates::from_env(&Env::from_pairs([("OTHER", "1")])), fetching("")] {
        assert_eq!(unset.unwrap().target(&url), *url.url());
    }
    for text in [
        "https://evil.example",
        "http://evil.example",
        "http://169.254.169.254",
        "http://0.0.0.0:1",
        "http://localhost:1",
        "http://127.0.0.1@evil.example",
        "http://user@127.0.0.1",
        "https://127.0.0.1",
        "127.0.0.1:8080",
        "x",
    ] {
        assert_eq!(fetching(text).unwrap_err(), ConfigError::Invalid { name: ENDPOINT.to_owned() }, "{text}");
    }
}
