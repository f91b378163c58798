//! The word of one's own in a link.

use crate::{
    api::{Refusal, path, shapes::Links},
    context::Context,
    customer::{earnings, share::AliasTried},
    fault::Fault,
    form::Form,
};
use edge::http::Reply;
use serde_json::json;

/// `POST /my/alias`: chooses it; a refusal is told beside the field.
pub(crate) async fn choose(cx: &Context<'_>) -> Result<Reply, Fault> {
    let form = Form::read(cx)?;
    let alias = form.text("alias");
    let answer: Result<Links, _> = cx.api()?.put(&path(&["links", "alias"], &[]), json!({ "alias": alias })).await;
    match answer {
        Ok(_) => cx.go("/?done=alias"),
        Err(error) => {
            let wrong = told(&error.refusal()?);
            earnings::show(cx, Some(AliasTried { alias: alias.chars().take(200).collect(), wrong })).await
        }
    }
}

fn told(refusal: &Refusal) -> String {
    match (refusal.status, refusal.rule.as_deref()) {
        (409, _) => "Somebody else has this word. Try another one.".to_owned(),
        (_, Some("alias_reserved")) => "This word is kept for the site itself. Try another one.".to_owned(),
        (_, Some("too_many_aliases")) => "You have chosen many words already; no more can be added.".to_owned(),
        (_, Some("alias")) => "It needs 3 to 32 letters, digits and hyphens, and begins and ends with a letter or digit.".to_owned(),
        _ if !refusal.detail.is_empty() => refusal.detail.clone(),
        _ => "This word can't be taken.".to_owned(),
    }
}
