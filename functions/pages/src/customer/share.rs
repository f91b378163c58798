//! The card with the link to share.

use crate::{api::shapes::Links, context::Context, qr, ui};
use maud::{Markup, html};

/// An alias that was sent and not taken, and why.
#[derive(Debug)]
pub(crate) struct AliasTried {
    pub(crate) alias: String,
    pub(crate) wrong: String,
}

/// The link with copy and QR, and the form of its alias.
pub(crate) fn card(cx: &Context<'_>, links: &Links, tried: Option<&AliasTried>) -> Markup {
    let link = links.shared();
    let chosen = links.alias.as_ref().map_or("", |alias| &alias.alias);
    let wrong = tried.map(|tried| tried.wrong.as_str());
    let base = format!("{}/r/", cx.app.0.public_url);
    let base = base.split_once("://").map_or(base.as_str(), |(_, rest)| rest);
    let body = html! {
        div.share {
            (ui::copyable("link", "Your link", link))
            (ui::form_in(cx, "/my/alias", "field", html! {
                label for="alias" { "Your own word in it" }
                div.link {
                    div.joined {
                        span.pre aria-hidden="true" { (base) }
                        input id="alias" name="alias" value=(tried.map_or(chosen, |tried| &tried.alias)) placeholder="your-name" maxlength="32"
                            autocomplete="off" autocapitalize="none" spellcheck="false" aria-invalid=[wrong.map(|_| "true")] aria-describedby="alias-told";
                    }
                    button.button { "Save" }
                }
                p id="alias-told" role=[wrong.map(|_| "alert")] class=(if wrong.is_some() { "wrong" } else { "hint" }) {
                    (wrong.unwrap_or("3 to 32 letters, digits and hyphens. Older words keep working."))
                }
            }))
        }
        details.fold { summary { "Show as QR code" } (qr::code(link, "QR code of your link")) }
    };
    ui::card("Share your link", ui::more("/my/templates", "Links to templates"), body)
}
