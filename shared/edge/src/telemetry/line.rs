//! One event as one line of JSON, flat: the event's fields over those of the spans around it.

use super::mask::{is_telling, mask_text};
use crate::{clock, problem::causes};
use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};
use std::fmt;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span::Record,
};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::LookupSpan,
};

/// Keeps a span's fields as a JSON object, masked already.
#[derive(Debug)]
pub(super) struct JsonFields;

impl<'writer> FormatFields<'writer> for JsonFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut masked = Masked::default();
        fields.record(&mut masked);
        write!(writer, "{}", Value::Object(masked.0))
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        let mut masked = Masked(serde_json::from_str(&current.fields).unwrap_or_default());
        fields.record(&mut masked);
        current.fields = Value::Object(masked.0).to_string();
        Ok(())
    }
}

/// Writes an event.
#[derive(Debug)]
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Map::new();
        let wall = i64::try_from(clock::wall_millis()).ok().and_then(DateTime::from_timestamp_millis);
        line.insert("timestamp".to_owned(), wall.map(|time| time.to_rfc3339_opts(SecondsFormat::Millis, true)).into());
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
                line.extend(serde_json::from_str::<Map<String, Value>>(&fields.fields).unwrap_or_default());
            }
        }
        let mut masked = Masked::default();
        event.record(&mut masked);
        line.extend(masked.0);
        writeln!(writer, "{}", Value::Object(line))
    }
}

/// Collects fields, each masked by its name and by its text.
#[derive(Default)]
struct Masked(Map<String, Value>);

impl Masked {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        let value = if is_telling(field.name()) { Value::from("***") } else { value.into() };
        self.0.insert(field.name().to_owned(), value);
    }

    fn text(&mut self, field: &Field, text: &str) {
        self.put(field, mask_text(text));
    }
}

impl Visit for Masked {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.text(field, &format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }
    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, &causes(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }
}
