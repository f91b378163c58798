#![allow(clippy::unwrap_used)]
use super::*;
use serde_json::Value;
use std::{
    io::Write,
    sync::{Arc, Mutex},
};

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn lines(work: impl FnOnce()) -> (String, Vec<Value>) {
    let captured = Captured::default();
    let writer = captured.clone();
    let subscriber = tracing_subscriber::registry().with(layer(move || writer.clone()));
    tracing::subscriber::with_default(subscriber, work);
    let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (text, lines)
}

#[test]
fn a_line_is_flat_json_with_the_fields_of_its_spans() {
    let (_, lines) = lines(|| {
        let outer = tracing::info_span!("request", request_id = "r-1", status = tracing::field::Empty);
        let _outer = outer.enter();
        outer.record("status", 200);
        let _inner = tracing::info_span!("inner", step = 1).entered();
        tracing::info!(count = 3_u64, ok = true, step = 2, delta = -1_i64, "done");
    });
    let line = &lines[0];
    for (name, expected) in [
        ("level", Value::from("INFO")),
        ("message", "done".into()),
        ("request_id", "r-1".into()),
        ("status", 200.into()),
        ("count", 3.into()),
        ("delta", (-1).into()),
        ("ok", true.into()),
        ("step", 2.into()),
    ] {
        assert_eq!(line[name], expected, "{name}");
    }
    assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn nothing_that_must_not_be_told_is_told() {
    let jwt = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";
    let (text, lines) = lines(|| {
        let _span = tracing::info_span!("request", authorization = "hush-1", source_ip = "203.0.113.7", note = "ann@example.com").entered();
        tracing::error!(cookie = "hush-2", access_token = ?Some("hush-3"), email = %"hush-4", body = ?b"hush-5", session = 12_345, "refused {jwt} of bob@example.org");
        tracing::warn!(error = %std::io::Error::other("Bearer hush-6 from 198.51.100.1"), held = ?Redacted("hush-7"), "x whsec_hush-8/9 y");
        let source: &(dyn std::error::Error + 'static) = &std::io::Error::other("carol@example.net");
        tracing::error!(source, "failed");
    });
    assert_eq!(lines.len(), 3);
    for told in ["hush", "203.0.113.7", "198.51.100.1", "@example", "eyJ", "whsec", "12345"] {
        assert!(!text.contains(told), "{told} in {text}");
    }
    assert_eq!(lines[0]["message"], "refused *** of ***");
    assert_eq!(lines[1]["error"], "Bearer *** from ***");
}

#[test]
fn a_line_can_not_be_forged() {
    let (text, lines) = lines(|| tracing::info!(route = "/r/{code}\n{\"level\":\"ERROR\"}", "a\nb"));
    assert_eq!((lines.len(), text.lines().count()), (1, 1));
}

#[test]
fn libraries_are_not_heard_below_info() {
    let (_, lines) = lines(|| {
        tracing::debug!(target: "aws_smithy_runtime::client", "request with a table's items");
        tracing::trace!(target: "lambda_runtime::runtime", "response body");
        tracing::debug!(target: "accrual", "merged");
        tracing::warn!(target: "hyper", "closed");
    });
    let heard: Vec<_> = lines.iter().map(|line| line["target"].as_str().unwrap()).collect();
    assert_eq!(heard, ["accrual", "hyper"]);
}

#[test]
fn starting_twice_is_harmless() {
    init();
    init();
}
