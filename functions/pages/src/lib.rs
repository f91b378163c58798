//! The pages function: what people see of the programme, as HTML made on the server.
//!
//! It has no right to any table or queue. Everything on a page is asked of the JSON API, with the access token of the
//! person who looks at it, so a page can show and do nothing that its reader could not.
//!
//! | what | where |
//! |---|---|
//! | routes | `handler.rs` |
//! | who looks at a page, and what it needs of the request | `context.rs`, `session.rs` |
//! | sign-in and sign-out | `oidc/` |
//! | the API: questions, answers, their shapes | `api/` |
//! | forms: reading, and the proof that one is ours | `form.rs` |
//! | what goes wrong, as a page | `fault.rs` |
//! | the frame of every page, style, script, security headers | `shell/` |
//! | parts of pages: figures, tables, notices, money, times | `ui.rs`, `format.rs`, `words.rs` |
//! | charts and QR codes, as SVG | `chart/`, `qr.rs` |
//! | the pages of customers | `customer/` |
//! | the console of finance | `finance/` |

pub mod api;
mod app;
mod chart;
mod context;
mod customer;
mod fault;
mod finance;
mod form;
mod format;
mod handler;
pub mod oidc;
mod qr;
mod range;
mod session;
mod shell;
mod ui;
mod words;

pub use app::{App, Parts};
pub use handler::handle;
