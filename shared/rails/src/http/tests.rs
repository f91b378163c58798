#![allow(clippy::unwrap_used)]
use super::*;
use crate::testserver::{Answer, Server, hasty, http};
use serde_json::json;

fn call(url: &str) -> Url {
    url.parse().unwrap()
}

async fn outcome(http: &Http, url: &str) -> Result<&'static str, RailError> {
    let key = Secret::new("sk_hidden");
    let call = Call::post(Rail::Wise, "test", call(url), Auth::Bearer(&key), Body::Json(json!({})));
    Ok(match http.send(&call).await?.said()? {
        Said::Yes(_) => "yes",
        Said::No(..) => "no",
    })
}

const NO_ANSWER: RailError = RailError::Unknown(RailDoubt::NoAnswer);
const SERVER_ERROR: RailError = RailError::Unknown(RailDoubt::ServerError);

#[tokio::test]
async fn a_status_proves_what_it_proves() {
    for (status, expected) in [
        (200, Ok("yes")),
        (201, Ok("yes")),
        (400, Ok("no")),
        (402, Ok("no")),
        (404, Ok("no")),
        (409, Ok("no")),
        (422, Ok("no")),
        (401, Err(RailError::Misconfigured("wise: status 401".to_owned()))),
        (403, Err(RailError::Misconfigured("wise: status 403".to_owned()))),
        (429, Err(RailError::Busy)),
        (500, Err(SERVER_ERROR)),
        (502, Err(SERVER_ERROR)),
        (503, Err(SERVER_ERROR)),
        (504, Err(SERVER_ERROR)),
        (302, Err(UNREADABLE)),
        (408, Err(UNREADABLE)),
        (425, Err(UNREADABLE)),
        (418, Err(UNREADABLE)),
    ] {
        let server = Server::start(move |_| Answer::Json(status, json!({}))).await;
        assert_eq!(outcome(&http(), &server.url).await, expected, "{status}");
        let tries = if status == 429 { 3 } else { 1 };
        assert_eq!(server.asked().len(), tries, "{status}");
    }
}

#[tokio::test]
async fn a_busy_rail_is_asked_again_and_a_failing_one_is_not() {
    let server = Server::start(|asked| if asked.before < 2 { Answer::Text(429, "") } else { Answer::Text(200, "") }).await;
    assert_eq!(outcome(&http(), &server.url).await, Ok("yes"));
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn without_a_connection_nothing_was_done() {
    // A port that is taken, so that nobody else has it, and that nobody listens to.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    assert_eq!(outcome(&http(), &url).await, Err(RailError::Busy));
}

#[tokio::test]
async fn with_one_anything_may_have_been_done() {
    let silent = Server::start(|_| Answer::Hang).await;
    assert_eq!(outcome(&hasty(), &silent.url).await, Err(NO_ANSWER));
    let broken = Server::start(|_| Answer::Break).await;
    assert_eq!(outcome(&http(), &broken.url).await, Err(NO_ANSWER));
    assert_eq!((silent.asked().len(), broken.asked().len()), (1, 1), "neither is tried again");
}

#[tokio::test]
async fn one_that_hangs_up_without_a_word_may_have_done_it() {
    use tokio::io::AsyncReadExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            drop(stream.read(&mut [0; 1_024]).await);
        }
    });
    assert_eq!(outcome(&http(), &url).await, Err(NO_ANSWER));
}

#[tokio::test]
async fn an_endless_answer_is_none() {
    let long = "x".repeat(ANSWER_LIMIT_BYTES + 1);
    let server = Server::start(move |_| Answer::Json(200, json!(long))).await;
    assert_eq!(outcome(&http(), &server.url).await, Err(UNREADABLE));
}

#[tokio::test]
async fn what_is_sent_is_what_was_meant() {
    let server = Server::start(|_| Answer::Text(200, "")).await;
    let (key, secret) = (Secret::new("sk_hidden"), Secret::new("hidden"));
    let form = Body::Form(vec![("metadata[a]".to_owned(), "b & c=ü".to_owned())]);
    let basic = Call::post(Rail::Wise, "test", call(&server.url), Auth::Basic("client", &secret), form).header("x-name", "value");
    http().send(&basic).await.map(|_| ()).unwrap();
    let bearer = Call::get(Rail::Wise, "test", call(&server.url), Auth::Bearer(&key)).query(&[("created[gte]", "1"), ("b", "c d")]);
    http().send(&bearer).await.map(|_| ()).unwrap();
    let asked = server.asked();
    assert_eq!(asked[0].headers["authorization"], "Basic Y2xpZW50OmhpZGRlbg==");
    assert_eq!(asked[0].headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(asked[0].headers["x-name"], "value");
    assert_eq!(asked[0].form()["metadata[a]"], "b & c=ü");
    assert_eq!(asked[1].headers["authorization"], "Bearer sk_hidden");
    assert_eq!((&*asked[1].query["created[gte]"], &*asked[1].query["b"]), ("1", "c d"));
}

#[tokio::test]
async fn a_header_that_can_not_be_sent_sends_nothing() {
    let server = Server::start(|_| Answer::Text(200, "")).await;
    let key = Secret::new("sk_hidden\n");
    let call = Call::get(Rail::Wise, "test", call(&server.url), Auth::Bearer(&key));
    let error = http().send(&call).await.map(|_| ()).unwrap_err();
    assert!(matches!(&error, RailError::Misconfigured(_)));
    assert!(!format!("{error:?} {error}").contains("hidden"));
    assert!(server.asked().is_empty());
}
