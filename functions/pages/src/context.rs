//! One request: what was asked, by whom, and what a page of the answer is made with.

use crate::{
    App,
    api::Client,
    fault::Fault,
    session::{THEME_COOKIE, Visit},
    shell::{self, Page},
};
use edge::{
    auth::Session,
    http::{Call, Reply, StatusCode},
};

/// Which colours a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// The system's.
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }
}

/// A request and everything around it.
pub(crate) struct Context<'a> {
    pub(crate) app: &'a App,
    pub(crate) call: &'a Call,
    pub(crate) visit: Visit,
    pub(crate) theme: Theme,
}

impl<'a> Context<'a> {
    pub(crate) fn of(app: &'a App, call: &'a Call) -> Self {
        let theme = call.cookie(THEME_COOKIE).first().map_or(Theme::System, |name| Theme::named(name));
        Self { app, call, visit: Visit::of(call, &app.0.keys), theme }
    }

    /// The session, where somebody is signed in.
    pub(crate) fn session(&self) -> Option<&Session> {
        match &self.visit {
            Visit::Open(session) => Some(session),
            Visit::Ended | Visit::Nobody => None,
        }
    }

    /// The session of a page that is nobody's but its owner's.
    ///
    /// # Errors
    /// [`Fault::SignedOut`] and [`Fault::Ended`]: a redirect to the sign-in, or a page that says so.
    pub(crate) fn signed_in(&self) -> Result<&Session, Fault> {
        match &self.visit {
            Visit::Open(session) => Ok(session),
            Visit::Ended => Err(Fault::Ended),
            Visit::Nobody => Err(Fault::SignedOut),
        }
    }

    /// As [`Context::signed_in`], for a group's pages.
    ///
    /// # Errors
    /// As [`Context::signed_in`], and [`Fault::Forbidden`]. What the group may do is for the API to decide.
    pub(crate) fn signed_in_as(&self, group: &str) -> Result<&Session, Fault> {
        let session = self.signed_in()?;
        if session.groups.contains(group) { Ok(session) } else { Err(Fault::Forbidden) }
    }

    /// The API, asked as the person who looks at the page.
    ///
    /// # Errors
    /// As [`Context::signed_in`].
    pub(crate) fn api(&self) -> Result<Client<'_>, Fault> {
        Ok(Client::new(&*self.app.0.api, &self.signed_in()?.token))
    }

    /// A page as an answer, in the frame of all pages and with their headers.
    ///
    /// # Errors
    /// [`Fault::Problem`] where a header can't be made, which is a mistake of ours.
    pub(crate) fn page(&self, page: Page) -> Result<Reply, Fault> {
        Ok(shell::reply(self, page)?)
    }

    /// After a form: the browser is sent to a page, so that looking at it again sends nothing again.
    ///
    /// # Errors
    /// [`Fault::Problem`] where the path is none.
    pub(crate) fn go(&self, path: &str) -> Result<Reply, Fault> {
        Ok(Reply::redirect(StatusCode::SEE_OTHER, path)?)
    }

    /// A value of the query; empty where it is missing or can't be meant.
    pub(crate) fn query(&self, name: &str) -> &str {
        self.call.query(name).ok().flatten().unwrap_or_default()
    }
}
