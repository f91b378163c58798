//! Light or dark.

use crate::{
    context::{Context, Theme},
    fault::Fault,
    form::Form,
    oidc::safe_next,
    session::theme_cookie,
};
use edge::http::Reply;

/// `POST /theme`: remembers the choice in this browser.
pub(crate) fn choose(cx: &Context<'_>) -> Result<Reply, Fault> {
    let form = Form::read(cx)?;
    let theme = match Theme::named(form.text("theme")) {
        Theme::System => "",
        chosen @ (Theme::Light | Theme::Dark) => chosen.as_str(),
    };
    Ok(cx.go(safe_next(Some(form.text("next"))))?.cookie(&theme_cookie(theme))?)
}
