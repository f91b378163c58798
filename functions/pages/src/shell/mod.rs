//! The frame of every page: head, navigation, notices, foot; its style and script; its headers.
//!
//! Style and script stand in the page itself, named by their hashes in the content security policy, so a page is one
//! document, and nothing else in it is ever run.

mod frame;
mod headers;

use crate::context::Context;
use edge::{
    http::{Reply, StatusCode},
    problem::Problem,
};
use maud::Markup;

/// What stands in a page to be applied and run: one style and one script, so that the policy has one hash of each.
pub(crate) struct Kit {
    pub(crate) style: &'static str,
    pub(crate) script: &'static str,
}

/// Of every page: copying, hover values, keys. Every page works without the script.
const COMMON: Kit = Kit { style: include_str!("style.css"), script: include_str!("script.js") };
/// Of the finance console, which has more: its pages alone carry it.
const CONSOLE: Kit = Kit {
    style: concat!(include_str!("style.css"), include_str!("console.css")),
    script: concat!(include_str!("script.js"), include_str!("console.js")),
};

/// Where in the navigation a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nav {
    /// Nowhere.
    None,
    Earnings,
    Payouts,
    Templates,
    Lines,
    Account,
    /// Of the finance console.
    Finance,
}

/// A page: what is different from page to page.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) title: String,
    pub(crate) status: StatusCode,
    pub(crate) nav: Nav,
    pub(crate) narrow: bool,
    pub(crate) done: Option<&'static str>,
    pub(crate) refresh_seconds: Option<u32>,
    pub(crate) body: Markup,
}

impl Page {
    /// Its style and script.
    const fn kit(&self) -> &'static Kit {
        match self.nav {
            Nav::Finance => &CONSOLE,
            Nav::None | Nav::Earnings | Nav::Payouts | Nav::Templates | Nav::Lines | Nav::Account => &COMMON,
        }
    }

    /// A page of that title, 200, empty.
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            status: StatusCode::OK,
            nav: Nav::None,
            narrow: false,
            done: None,
            refresh_seconds: None,
            body: maud::html! {},
        }
    }

    /// Another status.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// Its place in the navigation.
    pub(crate) fn nav(self, nav: Nav) -> Self {
        Self { nav, ..self }
    }

    /// As wide as a column of text.
    pub(crate) fn narrow(self) -> Self {
        Self { narrow: true, ..self }
    }

    /// A sentence about what was just done, on top.
    pub(crate) fn done(self, done: Option<&'static str>) -> Self {
        Self { done, ..self }
    }

    /// Loads itself again: for a page that shows how something goes on.
    pub(crate) fn refresh(self, seconds: u32) -> Self {
        Self { refresh_seconds: Some(seconds), ..self }
    }

    /// What stands in it.
    pub(crate) fn body(self, body: Markup) -> Self {
        Self { body, ..self }
    }
}

/// The page as an answer.
///
/// # Errors
/// [`Problem::internal`] where a header can't be made.
pub(crate) fn reply(cx: &Context<'_>, page: Page) -> Result<Reply, Problem> {
    let (status, kit) = (page.status, page.kit());
    let html = frame::frame(cx, page).into_string();
    let reply = Reply::bytes(status, "text/html; charset=utf-8", html.into_bytes());
    headers::secure(reply, kit, &cx.app.0.issuer.origin())
}
