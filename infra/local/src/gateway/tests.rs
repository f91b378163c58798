//! Replies and routes as values. The whole door is tested with a real process.
#![allow(clippy::unwrap_used)]

use super::reply::{self, ReplyError};
use bytes::Bytes;

#[test]
fn an_answer_that_is_no_reply_is_an_error() {
    let rows = [
        ("", ReplyError::NotJson),
        ("{", ReplyError::NotJson),
        (r#"{"statusCode":99}"#, ReplyError::Status(99)),
        (r#"{"statusCode":101}"#, ReplyError::Status(101)),
        (r#"{"statusCode":200,"headers":{"a b":"c"}}"#, ReplyError::Header("a b".into())),
        (r#"{"statusCode":200,"headers":{"a":"b\r\nc: d"}}"#, ReplyError::Header("a".into())),
        (r#"{"statusCode":200,"cookies":["a=\n"]}"#, ReplyError::Header("set-cookie".into())),
        (r#"{"statusCode":200,"body":"%","isBase64Encoded":true}"#, ReplyError::Base64),
    ];
    for (answer, expected) in rows {
        assert_eq!(reply::read(&Bytes::from(answer)).unwrap_err(), expected, "{answer}");
    }
    let wrong = reply::read(&Bytes::from(r#"{"statusCode":"200"}"#)).unwrap_err();
    assert!(matches!(wrong, ReplyError::Fields(_)));
}

#[test]
fn the_connection_s_headers_are_the_door_s_own() {
    let answer = r#"{"statusCode":204,"headers":{"Content-Length":"9","connection":"close","X-A":"1","x-n":5}}"#;
    let reply = reply::read(&Bytes::from(answer)).unwrap();
    assert!(reply.headers().get("content-length").is_none());
    assert!(reply.headers().get("connection").is_none());
    assert_eq!(reply.headers()["x-a"], "1");
    assert_eq!(reply.headers()["x-n"], "5");
}
