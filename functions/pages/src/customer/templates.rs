//! Templates: pages that somebody shares with a link of its own.

use crate::{
    api::{
        Refusal, path,
        shapes::{Template, TemplateList},
    },
    context::Context,
    customer::join,
    fault::Fault,
    form::Form,
    format::day_of,
    qr,
    shell::{Nav, Page},
    ui::{self, Field, Tone},
};
use edge::http::{Reply, StatusCode};
use maud::{Markup, html};
use serde_json::{Value, json};

/// More codes than this would make the page heavy: the links can still be copied.
const CODES_MAX: usize = 8;

/// A form that was sent and not taken.
struct Tried {
    /// The template that was to be changed; none where it was a new one.
    id: Option<String>,
    name: String,
    url: String,
    public: bool,
    refusal: Refusal,
}

/// `GET /my/templates`.
pub(crate) async fn list(cx: &Context<'_>) -> Result<Reply, Fault> {
    page(cx, None).await
}

/// `POST /my/templates`: makes one.
pub(crate) async fn create(cx: &Context<'_>) -> Result<Reply, Fault> {
    save(cx, None).await
}

/// `POST /my/templates/{id}`: changes one; its link stays.
pub(crate) async fn change(cx: &Context<'_>) -> Result<Reply, Fault> {
    let id = cx.call.param("id").map_err(|_| Fault::NotFound("template"))?;
    save(cx, Some(id)).await
}

async fn save(cx: &Context<'_>, id: Option<&str>) -> Result<Reply, Fault> {
    let form = Form::read(cx)?;
    let (name, url, public) = (form.text("name"), form.text("url"), form.has("public"));
    let body = json!({ "name": name, "url": url, "public": public });
    let api = cx.api()?;
    let answer: Result<Value, _> = match id {
        None => api.post(&path(&["templates"], &[]), body).await,
        Some(id) => api.put(&path(&["templates", id], &[]), body).await,
    };
    match answer {
        Ok(_) => cx.go(if id.is_none() { "/my/templates?done=made" } else { "/my/templates?done=changed" }),
        Err(error) => {
            let refusal = error.refusal()?;
            if refusal.status == 404 {
                return Err(Fault::NotFound("template"));
            }
            let cut = |text: &str, most| text.chars().take(most).collect();
            page(cx, Some(Tried { id: id.map(str::to_owned), name: cut(name, 200), url: cut(url, 2_048), public, refusal })).await
        }
    }
}

async fn page(cx: &Context<'_>, tried: Option<Tried>) -> Result<Reply, Fault> {
    let list: TemplateList = match cx.api()?.get(&path(&["templates"], &[])).await {
        Ok(list) => list,
        Err(crate::api::ApiError::Refused(refusal)) if refusal.is("not_signed_up") => return join::welcome(cx),
        Err(error) => return Err(error.into()),
    };
    let status = if tried.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let done = ui::done(cx, &[("made", "Your template has its link."), ("changed", "The template is changed; its link is the same.")]);
    let of = |id: Option<&str>| tried.as_ref().filter(|tried| tried.id.as_deref() == id);
    let body = html! {
        (ui::heading("Templates", Some("A link that leads straight to a template, with figures of its own.")))
        div.grid.two {
            section.card aria-label="Your templates" {
                h2 { "Your templates" }
                @if list.templates.is_empty() {
                    (ui::empty("No templates yet", "Give the page of a template a name, and share its link. You earn by whoever signs up from it.", html! {}))
                } @else {
                    ul.rows { @for (place, template) in list.templates.iter().enumerate() { li { (entry(cx, template, place, of(Some(&template.template_id)))) } } }
                }
            }
            section.card.side aria-label="A new template" { h2 { "New template" } (new(cx, of(None))) }
        }
    };
    cx.page(Page::new("Templates").nav(Nav::Templates).status(status).done(done).body(body))
}

fn entry(cx: &Context<'_>, template: &Template, place: usize, tried: Option<&Tried>) -> Markup {
    let action = path(&["my", "templates", &template.template_id], &[]);
    html! {
        div.stack.what {
            div.card-head {
                h3.wrap { bdi { (template.name) } }
                @if template.public { (ui::badge(Tone::Good, "Public")) } @else { (ui::badge(Tone::Plain, "Yours alone")) }
            }
            (ui::copyable(&format!("link-{place}"), "Link", &template.link))
            p.small.muted.wrap { "Leads to " bdi { (template.url) } " · since " (day_of(template.created_at)) }
            @if place < CODES_MAX {
                details.fold { summary { "Show as QR code" } (qr::code(&template.link, "QR code of this link")) }
            }
            details.fold open[tried.is_some()] {
                summary { "Change" }
                (ui::form(cx, &action, html! {
                    (fields(&format!("t{place}"), tried.map_or((&template.name, &template.url, template.public), |tried| (&tried.name, &tried.url, tried.public)), tried))
                    p.actions { button.button { "Save" } }
                }))
            }
        }
    }
}

fn new(cx: &Context<'_>, tried: Option<&Tried>) -> Markup {
    ui::form(
        cx,
        "/my/templates",
        html! {
            (fields("new", tried.map_or(("", "", false), |tried| (&tried.name, &tried.url, tried.public)), tried))
            p.actions { button.button.primary { "Make the link" } }
        },
    )
}

fn fields(prefix: &str, (name, url, public): (&str, &str, bool), tried: Option<&Tried>) -> Markup {
    let wrong = |field: &str| tried.filter(|tried| blames(&tried.refusal) == field).map(|tried| told(&tried.refusal));
    let (wrong_name, wrong_url, wrong_all) = (wrong("name"), wrong("url"), wrong(""));
    let ids = [format!("{prefix}-name"), format!("{prefix}-url")];
    html! {
        @if let Some(wrong) = wrong_all { (ui::notice(Tone::Bad, html! { (wrong) })) }
        (ui::field(&Field { id: &ids[0], name: "name", label: "Name", value: name, wrong: wrong_name.as_deref(), required: true, limit: Some(80), ..Field::default() }))
        (ui::field(&Field { id: &ids[1], name: "url", label: "Page it leads to", value: url, kind: "url", hint: Some("The address of the template on the platform."), wrong: wrong_url.as_deref(), required: true, limit: Some(2_048), ..Field::default() }))
        label.check { input type="checkbox" name="public" checked[public]; "Public: others may share it with their own links" }
    }
}

fn blames(refusal: &Refusal) -> &'static str {
    match refusal.rule.as_deref() {
        Some("template_name") => "name",
        Some("template_url" | "template_host") => "url",
        _ => "",
    }
}

fn told(refusal: &Refusal) -> String {
    match refusal.rule.as_deref() {
        Some("template_name") => "A name has 1 to 80 characters, none of them invisible.".to_owned(),
        Some("template_url") => "This is no address of a page.".to_owned(),
        Some("template_host") => "The page must be on the platform itself.".to_owned(),
        Some("too_many_templates") => "You have as many templates as there can be. Change one instead.".to_owned(),
        _ if !refusal.detail.is_empty() => refusal.detail.clone(),
        _ => "That can't be taken.".to_owned(),
    }
}
