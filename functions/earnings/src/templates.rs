//! `GET|POST /templates`, `PUT /templates/{id}`: the templates that an account shares.

use crate::{App, fault, template_key};
use chrono::{DateTime, SecondsFormat, Utc};
use edge::{
    http::{Call, Reply, StatusCode},
    ids::prefixed_id,
    problem::Problem,
};
use ledger::{AccountId, TemplateId};
use programme::link::PageHost;
use serde::{Deserialize, Serialize};
use store::{CommitError, OwnLinks, records::referral::Template};

/// The most templates of one account.
const TEMPLATES_MAX: u64 = 200;
const NAME_CHARACTERS_MAX: usize = 80;
const URL_BYTES_MAX: usize = 2048;
/// How often a write that met another one is decided again.
const ATTEMPTS: u32 = 5;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    name: String,
    url: String,
    public: bool,
}

/// A template as its owner sees it.
#[derive(Serialize)]
pub(crate) struct View {
    template_id: TemplateId,
    name: String,
    url: String,
    public: bool,
    created_at: String,
    link: String,
}

impl View {
    pub(crate) fn of(app: &App, code: &str, template: Template) -> Self {
        let link = app.site.template_link(code, &template.id);
        let created_at = template.created_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        Self { template_id: template.id, name: template.name, url: template.url, public: template.public, created_at, link }
    }
}

#[derive(Serialize)]
struct List {
    templates: Vec<View>,
}

/// The codes of an account that has signed up.
pub(crate) async fn own_links(app: &App, account: &AccountId) -> Result<OwnLinks, Problem> {
    let links = app.store.own_links(account).await.map_err(fault::of_store)?;
    links.ok_or_else(|| Problem::refused("not_signed_up", "This account has no link yet: it has to sign up to the programme first."))
}

/// The account's templates with their links.
pub(crate) async fn views(app: &App, account: &AccountId, code: &str) -> Result<Vec<View>, Problem> {
    let templates = app.store.templates_of(account).await.map_err(fault::of_store)?;
    Ok(templates.into_iter().map(|template| View::of(app, code, template)).collect())
}

pub(crate) async fn list(app: &App, account: &AccountId) -> Result<Reply, Problem> {
    let links = own_links(app, account).await?;
    Reply::json(StatusCode::OK, &List { templates: views(app, account, &links.profile.code).await? })
}

/// Makes a template. Under the same key again it is answered as before; without a key each call makes another one.
pub(crate) async fn create(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let (keyed, form) = (template_key::id(call, account)?, checked(app, call.json()?)?);
    for _ in 0..ATTEMPTS {
        let links = own_links(app, account).await?;
        let made = |template| Reply::json(StatusCode::CREATED, &View::of(app, &links.profile.code, template));
        if let Some(known) = known(app, account, keyed.as_ref(), &form).await? {
            return made(known);
        }
        if links.templates_made >= TEMPLATES_MAX {
            return Err(Problem::refused("too_many_templates", format!("An account has at most {TEMPLATES_MAX} templates.")));
        }
        let id = match &keyed {
            Some(id) => id.clone(),
            None => TemplateId::try_new(&prefixed_id("tpl_", call.now, app.ids.bytes16())).map_err(Problem::internal)?,
        };
        let template = form.template(id, account, call.now);
        match app.store.add_template(&links, &template).await {
            Ok(()) => return made(template),
            // Another template of this account came first: look and count again.
            Err(CommitError::Lost(_)) => {}
            Err(error @ (CommitError::Busy(_) | CommitError::Rejected(_))) => return Err(fault::of_commit(error)),
        }
    }
    Err(Problem::unavailable("templates of one account kept meeting each other"))
}

/// The template that an earlier call under the same key has made.
async fn known(app: &App, account: &AccountId, keyed: Option<&TemplateId>, form: &Form) -> Result<Option<Template>, Problem> {
    let Some(id) = keyed else { return Ok(None) };
    let Some(known) = app.store.own_template(account, id).await.map_err(fault::of_store)? else { return Ok(None) };
    if known == form.template(id.clone(), account, known.created_at) {
        Ok(Some(known))
    } else {
        let detail = "This Idempotency-Key was used for a template with another content, or that template was changed since.";
        Err(Problem::conflict(detail).with("template_id", id.as_str()))
    }
}

pub(crate) async fn change(app: &App, call: &Call, account: &AccountId) -> Result<Reply, Problem> {
    let missing = || Problem::not_found("template");
    let id = TemplateId::try_new(call.param("id")?).map_err(|_| missing())?;
    let form = checked(app, call.json()?)?;
    let known = app.store.own_template(account, &id).await.map_err(fault::of_store)?.ok_or_else(missing)?;
    let links = own_links(app, account).await?;
    let template = form.template(id, account, known.created_at);
    app.store.change_template(&template).await.map_err(fault::of_commit)?;
    Reply::json(StatusCode::OK, &View::of(app, &links.profile.code, template))
}

impl Form {
    fn template(&self, id: TemplateId, account: &AccountId, created_at: DateTime<Utc>) -> Template {
        Template { id, account: account.clone(), name: self.name.clone(), url: self.url.clone(), public: self.public, created_at }
    }
}

/// A name is text, in any script and direction; a page is on one of the allowed hosts, so that no link leads elsewhere.
fn checked(app: &App, form: Form) -> Result<Form, Problem> {
    let name = form.name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
        return Err(Problem::refused(
            "template_name",
            format!("A name has 1 to {NAME_CHARACTERS_MAX} characters, and none that controls the text."),
        ));
    }
    let host = if form.url.len() <= URL_BYTES_MAX { PageHost::of(&form.url) } else { None };
    let Some(host) = host else {
        return Err(Problem::refused(
            "template_url",
            format!("A page is an https URL of at most {URL_BYTES_MAX} bytes, without a user name."),
        ));
    };
    if !host.is_on(&app.site.allowed_hosts) {
        return Err(Problem::refused("template_host", "Pages on this host can't be shared."));
    }
    Ok(Form { name: name.to_owned(), ..form })
}
