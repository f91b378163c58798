//! The earnings function: the JSON behind the earnings page.
//!
//! | door | file |
//! |---|---|
//! | `GET /earnings` | `headline.rs`, its templates in `performance.rs` |
//! | `GET /earnings/lines` | `lines.rs`, how a page is walked in `walk.rs` |
//! | `GET /earnings/lines.csv` | `csv.rs` |
//! | `GET\|POST /templates`, `PUT /templates/{id}` | `templates.rs` |
//! | `GET /links`, `PUT /links/alias` | `links.rs` |
//! | `GET /me` | `me.rs` |
//! | `GET /platform/accounts/{id}/credits` | `credits.rs` |
//!
//! Whose data it is comes from the verified token alone: no door takes an account from a body, a
//! query or, but for the platform's own, a path.

mod app;
mod credits;
mod csv;
mod entry;
mod fault;
mod handler;
mod headline;
mod lines;
mod links;
mod me;
mod performance;
mod template_key;
mod templates;
mod walk;

pub use app::{App, Site};
pub use handler::handle;
