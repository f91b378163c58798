//! The invoices function: the PDF of a paid payout's invoice, and of the credit notes for what came back of it.
//!
//! Nothing is kept: a document is made on demand from what was frozen in the ledger when its number was given, and is
//! the same bytes each time. It is for its payee and for finance; for anybody else there is no such payout.

mod amount;
mod app;
mod document;
mod handler;
pub mod paper;

pub use app::App;
pub use handler::handle;
