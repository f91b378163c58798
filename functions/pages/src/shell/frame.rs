//! The document around a page.

use super::{Nav, Page};
use crate::{
    context::{Context, Theme},
    ui,
};
use edge::auth::Session;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What the programme is called on its pages.
pub(crate) const NAME: &str = "Referral programme";

pub(super) fn frame(cx: &Context<'_>, page: Page) -> Markup {
    let (session, kit) = (cx.session(), page.kit());
    let main = if page.narrow { "narrow" } else { "wide" };
    html! {
        (DOCTYPE)
        html lang="en" data-theme=(cx.theme.as_str()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                // With script the page loads itself again where nobody is in the middle of something.
                @if let Some(seconds) = page.refresh_seconds { noscript { meta http-equiv="refresh" content=(seconds); } }
                title { (page.title) " · " (NAME) }
                link rel="icon" href=(ICON);
                style { (PreEscaped(kit.style)) }
            }
            body {
                a.skip href="#main" { "To the content" }
                (bar(cx, session, page.nav))
                main id="main" tabindex="-1" class=(main) data-refresh=[page.refresh_seconds] {
                    @if let Some(done) = page.done { (ui::notice(ui::Tone::Good, html! { (done) })) }
                    (page.body)
                }
                @if session.is_some() { footer.foot { p { "Amounts are shown with two decimals, rounded down; hover for the exact figure. Days and times are in UTC." } } }
                script { (PreEscaped(kit.script)) }
            }
        }
    }
}

/// A small mark, drawn here: a page asks no other address for anything.
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='9' fill='%234f46e5'/%3E%3Ccircle cx='11' cy='11' r='4' fill='%23fff'/%3E%3Ccircle cx='22' cy='21' r='4' fill='%23fff'/%3E%3Cpath d='M11 11 22 21' stroke='%23fff' stroke-width='3'/%3E%3C/svg%3E";

fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" {
            rect.tile width="32" height="32" rx="9" {}
            path d="M11 11 22 21" stroke="#fff" stroke-width="3" {}
            circle cx="11" cy="11" r="4" fill="#fff" {}
            circle cx="22" cy="21" r="4" fill="#fff" {}
        }
    }
}

fn bar(cx: &Context<'_>, session: Option<&Session>, nav: Nav) -> Markup {
    html! {
        header.bar {
            div.bar-in {
                a.brand href="/" { (mark()) span { (NAME) } }
                @if let Some(session) = session {
                    nav aria-label="Pages" { (links(session, nav)) }
                    (person(cx, session))
                } @else {
                    a.button.quiet href="/login" { "Sign in" }
                }
            }
        }
    }
}

fn links(session: &Session, nav: Nav) -> Markup {
    let mut all = vec![
        (Nav::Earnings, "/", "Earnings"),
        (Nav::Payouts, "/my/payouts", "Payouts"),
        (Nav::Templates, "/my/templates", "Templates"),
        (Nav::Lines, "/my/lines", "Activity"),
        (Nav::Account, "/my/account", "Account"),
    ];
    if session.groups.contains("finance") {
        all.push((Nav::Finance, "/finance", "Finance"));
    }
    html! {
        ul { @for (place, path, name) in all { li { a href=(path) aria-current=[(place == nav).then_some("page")] { (name) } } } }
    }
}

fn person(cx: &Context<'_>, session: &Session) -> Markup {
    let name = session.name.as_deref().unwrap_or(&session.account);
    let here = cx.call.path.as_str();
    let choices = [(Theme::System, "System"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];
    html! {
        details.person {
            summary { span.who { bdi { (name) } } }
            div.menu {
                p.muted.wrap { "Signed in as " bdi { (session.account) } }
                (ui::form(cx, "/theme", html! {
                    input type="hidden" name="next" value=(here);
                    fieldset.themes {
                        legend { "Colours" }
                        @for (theme, name) in choices {
                            button name="theme" value=(theme.as_str()) aria-pressed=(if cx.theme == theme { "true" } else { "false" }) { (name) }
                        }
                    }
                }))
                (ui::form(cx, "/logout", html! { button.button.wide { "Sign out" } }))
            }
        }
    }
}
