//! Who stands on the invoices.

use super::account::{Tried, page};
use crate::{
    api::{path, shapes::Billing},
    context::Context,
    fault::Fault,
    form::Form,
    ui::{self, Field},
};
use edge::http::Reply;
use maud::{Markup, html};
use serde_json::{Value, json};

/// `POST /my/billing`.
pub(crate) async fn change(cx: &Context<'_>) -> Result<Reply, Fault> {
    let form = Form::read(cx)?;
    let address: Vec<&str> = form.text("address").lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut body = json!({ "name": form.text("name"), "address": address, "country": form.text("country").to_ascii_uppercase() });
    if !form.text("tax_id").is_empty()
        && let Some(members) = body.as_object_mut()
    {
        members.insert("tax_id".to_owned(), Value::String(form.text("tax_id").to_owned()));
    }
    let answer: Result<Value, _> = cx.api()?.put(&path(&["billing"], &[]), body).await;
    match answer {
        Ok(_) => cx.go("/my/account?done=billing"),
        Err(error) => {
            let refusal = error.refusal()?;
            let wrong = match refusal.status {
                404 | 405 => "Billing details can't be saved here yet.".to_owned(),
                _ if refusal.detail.is_empty() => "These details can't be taken.".to_owned(),
                _ => refusal.detail,
            };
            page(cx, Some(Tried { form: "billing".to_owned(), value: String::new(), wrong })).await
        }
    }
}

/// The card with its form.
pub(super) fn card(cx: &Context<'_>, known: &Billing, tried: Option<&Tried>) -> Markup {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let (name, country, tax_id) = (text(&known.name), text(&known.country), text(&known.tax_id));
    let field = |id, label, value, hint, limit, autocomplete| {
        ui::field(&Field { id, name: id, label, value, hint, limit: Some(limit), autocomplete: Some(autocomplete), ..Field::default() })
    };
    ui::card(
        "Billing details",
        html! {},
        html! {
            p.muted { "They stand on the invoices of your payouts. An invoice that is written stays as it is." }
            @if let Some(tried) = tried { (ui::notice(ui::Tone::Bad, html! { (tried.wrong) })) }
            (ui::form(cx, "/my/billing", html! {
                div.grid.half {
                    (field("name", "Name or company", &name, None, 120, "name"))
                    (field("tax_id", "Tax number", &tax_id, Some("If you have one, like a VAT number."), 40, "off"))
                    div.field {
                        label for="address" { "Address" }
                        textarea id="address" name="address" rows="3" maxlength="500" autocomplete="street-address" { (known.address.join("\n")) }
                    }
                    (field("country", "Country", &country, Some("Two letters, like US or DE."), 2, "country"))
                }
                p.actions { button.button { "Save" } }
            }))
        },
    )
}
