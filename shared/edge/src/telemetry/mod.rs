//! What is told about a function's work: JSON log lines and metrics, without what must not be in them.
//!
//! Nothing here relies on authors remembering: a field with a telling name loses its value, a text that looks like a
//! token, a key, an e-mail or an address loses that part, and the libraries that would print whole requests below
//! INFO are not heard below it, whatever `RUST_LOG` says.

mod line;
mod mask;
pub mod metrics;

use crate::config::Env;
use line::{JsonFields, JsonLine};
pub use mask::{Redacted, mask_text};
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, fmt::MakeWriter, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt,
};

/// Libraries that print requests, replies and headers when asked for details.
const CHATTY: [&str; 9] = ["aws_", "hyper", "h2", "lambda_runtime", "reqwest", "rustls", "tower", "jsonwebtoken", "tokio"];

/// Whether this process tells about itself: a function's does, a test or a model that runs many functions in itself does not.
static TOLD: AtomicBool = AtomicBool::new(false);

/// Starts logging to standard output, at `RUST_LOG` or INFO, and has panics logged and figures counted the same way. A second call
/// changes nothing.
pub fn init() {
    TOLD.store(true, Ordering::Relaxed);
    let filter =
        Env::process().optional("RUST_LOG").and_then(|text| text.parse::<EnvFilter>().ok()).unwrap_or_else(|| EnvFilter::new("info"));
    let started = tracing_subscriber::registry().with(layer(std::io::stdout).with_filter(filter)).try_init();
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string);
            let said = panic.payload_as_str().unwrap_or("no text");
            tracing::error!(place, said, "panic");
        }));
    }
}

/// The layer that writes log lines to `writer`.
fn layer<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt::layer().event_format(JsonLine).fmt_fields(JsonFields).with_writer(writer).with_filter(filter_fn(may_be_heard))
}

fn may_be_heard(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || !CHATTY.iter().any(|library| metadata.target().starts_with(library))
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
