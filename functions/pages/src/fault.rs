//! What goes wrong, as a page that says what to do next.

use crate::{
    api::{ApiError, Refusal, path},
    context::Context,
    form::Form,
    shell::{self, Page},
    ui,
};
use edge::{
    http::{Method, Reply, StatusCode},
    problem::Problem,
};
use maud::{Markup, html};

/// Why a page can't be shown, or a form not taken.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Nobody is signed in.
    SignedOut,
    /// The session has ended.
    Ended,
    /// The session had ended when this form was sent.
    EndedForm(Form),
    /// Somebody is signed in who may not see this.
    Forbidden,
    /// There is no such thing, or it is somebody else's.
    NotFound(&'static str),
    /// A form that does not come from a page of this session.
    Forged,
    /// The API refuses, in a place where no form is there to say so beside.
    Refused(Box<Refusal>),
    /// Something that is needed does not answer.
    Away(edge::Error),
    /// Everything that the shell of functions refuses or fails at.
    Problem(Problem),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::SignedOut => Self::Ended,
            ApiError::Away(cause) => Self::Away(cause),
            ApiError::Refused(refusal) if refusal.status == 404 => Self::NotFound("page"),
            ApiError::Refused(refusal) if refusal.status == 403 => Self::Forbidden,
            ApiError::Refused(refusal) => Self::Refused(refusal),
        }
    }
}

impl Fault {
    /// The answer to a request that failed so.
    ///
    /// # Errors
    /// [`Problem::internal`] where not even this page can be made.
    pub(crate) fn reply(self, cx: &Context<'_>) -> Result<Reply, Problem> {
        let reading = cx.call.method.is_safe();
        let page = match self {
            Self::SignedOut if reading => return Reply::redirect(StatusCode::SEE_OTHER, &sign_in_path(cx)),
            Self::SignedOut => ended_page(cx, "Sign in first", "You are not signed in, so nothing was sent.", None),
            Self::Ended => ended_page(cx, "Your session has ended", "You were signed in for a while; sign in again to go on.", None),
            Self::EndedForm(form) => {
                let why = "Nothing was sent. Sign in again, then send the form once more.";
                ended_page(cx, "Your session has ended", why, Some(&form))
            }
            Self::Forbidden => simple(
                cx,
                StatusCode::FORBIDDEN,
                "This is not for your account",
                "The page is for people with other duties. If it should be yours, ask who runs the programme.",
            ),
            Self::NotFound(what) => {
                let why = format!("There is no such {what}, or it belongs to somebody else.");
                simple(cx, StatusCode::NOT_FOUND, "Nothing here", &why)
            }
            Self::Forged => forged(cx),
            Self::Refused(refusal) => refused(cx, &refusal),
            Self::Away(cause) => {
                tracing::warn!(cause = %cause, "something does not answer");
                return shell::reply(cx, away(cx))?.header("retry-after", "5");
            }
            Self::Problem(problem) => of_problem(cx, &problem),
        };
        shell::reply(cx, page)
    }
}

/// The sign-in that returns to this page; to a form's own page, where a form was sent.
fn sign_in_path(cx: &Context<'_>) -> String {
    let query: Vec<(&str, &str)> = cx.call.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // The path is encoded as it came.
    let reading = || format!("{}{}", cx.call.path, path(&[], &query).trim_start_matches('/'));
    let here = if cx.call.method == Method::GET { reading() } else { form_page(&cx.call.path).to_owned() };
    path(&["login"], &[("next", &here)])
}

/// The page that has the form which leads to `action`.
fn form_page(action: &str) -> &str {
    match action {
        "/my/alias" | "/my/join" | "/theme" => "/",
        _ if action.starts_with("/my/account") || action == "/my/billing" => "/my/account",
        _ if action.starts_with("/my/templates") => "/my/templates",
        "/desk/runs" | "/desk/runs/bill" => "/finance?status=approved",
        "/desk/dead-letters/replay" => "/desk/quarantine",
        _ if action.starts_with("/desk/payouts/") || action.starts_with("/desk/accounts/") => up(action),
        _ if action.starts_with("/desk/") && action.matches('/').count() > 2 => up(up(action)),
        _ => action.strip_suffix("/cancel").unwrap_or(action),
    }
}

/// A path without its last segment.
fn up(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(up, _)| up)
}

fn ended_page(cx: &Context<'_>, title: &'static str, why: &str, form: Option<&Form>) -> Page {
    let fields: Vec<(&str, &str)> = form.map(|form| form.entered().collect()).unwrap_or_default();
    Page::new(title).status(StatusCode::UNAUTHORIZED).narrow().body(html! {
        (ui::heading(title, Some(why)))
        @if !fields.is_empty() {
            section.card {
                h2 { "What you had entered" }
                dl.pairs { @for (name, value) in fields { div { dt { (name.replace('_', " ")) } dd.wrap { bdi { (cut(value)) } } } } }
            }
        }
        p.actions { a.button.primary href=(sign_in_path(cx)) { "Sign in" } }
    })
}

/// Enough of a text to copy it from, without a page as long as whatever was sent.
fn cut(text: &str) -> String {
    text.chars().take(2_000).collect()
}

fn simple(cx: &Context<'_>, status: StatusCode, title: &'static str, why: &str) -> Page {
    Page::new(title).status(status).narrow().body(html! {
        (ui::heading(title, Some(why)))
        (ways_out(cx))
    })
}

/// Back to where the reader came from: the console, where it is theirs, or their own page.
fn ways_out(cx: &Context<'_>) -> Markup {
    let of_finance = cx.session().is_some_and(|session| session.groups.contains("finance"));
    let (path, words) =
        if of_finance && form_page(&cx.call.path) == "/finance" { ("/finance", "To the console") } else { ("/", "To your earnings") };
    html! { p.actions { a.button.primary href=(path) { (words) } } }
}

fn forged(cx: &Context<'_>) -> Page {
    Page::new("The form was not taken").status(StatusCode::FORBIDDEN).narrow().body(html! {
        (ui::heading("The form was not taken", Some("It did not come from a page of this session, so nothing was changed.")))
        p { "This happens when you signed in again in another tab, or when the page was open for long. Go back, load the page again, and send the form once more." }
        (ways_out(cx))
    })
}

fn refused(cx: &Context<'_>, refusal: &Refusal) -> Page {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let why = if refusal.detail.is_empty() { "The request was refused." } else { &refusal.detail };
    simple(cx, status, "That was refused", why)
}

fn away(cx: &Context<'_>) -> Page {
    Page::new("Not available right now").status(StatusCode::SERVICE_UNAVAILABLE).narrow().body(html! {
        (ui::heading("Not available right now", Some("Something behind this page does not answer. Your figures are safe.")))
        p { "Load the page again in a moment. If you sent a form, look first whether it was taken; sending the same page again is safe." }
        (ways_out(cx))
    })
}

fn of_problem(cx: &Context<'_>, problem: &Problem) -> Page {
    let ours = problem.status().is_server_error();
    if ours {
        tracing::error!(kind = problem.kind(), cause = problem.private_half(), "failed");
    }
    let title = if ours { "Something failed on our side" } else { "That can't be read" };
    Page::new(title).status(problem.status()).narrow().body(html! {
        (ui::heading(title, Some(problem.detail())))
        p.muted { "If you write to us about it, name this: " code { (cx.call.request_id) } }
        (ways_out(cx))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_back_to_the_page_it_is_on() {
        for (action, page) in [
            ("/my/alias", "/"),
            ("/my/account/paypal", "/my/account"),
            ("/my/templates/tpl_1", "/my/templates"),
            ("/my/payouts/new", "/my/payouts/new"),
            ("/my/payouts/pay_1/cancel", "/my/payouts/pay_1"),
            ("/desk/payouts/pay_1/approve", "/desk/payouts/pay_1"),
            ("/desk/accounts/acct_a/rate", "/desk/accounts/acct_a"),
            ("/desk/reviews/acct_a/decide", "/desk/reviews"),
            ("/desk/dead-letters/replay", "/desk/quarantine"),
            ("/desk/switch", "/desk/switch"),
            ("/desk/settings", "/desk/settings"),
            ("/desk/runs/bill", "/finance?status=approved"),
        ] {
            assert_eq!(form_page(action), page);
        }
    }
}
