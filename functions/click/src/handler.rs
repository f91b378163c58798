//! The door: what the link means, what kind of visit it is, where it goes, and what is kept of it.

use crate::{
    App, destination,
    lookup::{Meaning, Owner, meaning},
    record::{self, Visited},
};
use chrono::Duration as Span;
use edge::{
    http::{Call, Method, Reply, StatusCode},
    ids::prefixed_id,
    problem::Problem,
};
use ledger::{AccountId, TemplateId};
use programme::{
    attribution::{Receipt, choose},
    link::{CODE_LENGTH_MAX, code_as_stored},
    settings::{AttributionModel, Settings},
    visit::{DEVICE_COOKIE, DEVICE_DAYS, RECEIPT_COOKIE, Visit, VisitClass, device_id, is_device_id, set_cookie},
};
use std::time::Duration;

/// How long the store may take in all. A visitor is promised 300 ms; the rest is for everything else.
pub const BUDGET: Duration = Duration::from_millis(260);

/// A browser has one receipt cookie; whoever sends more is not listened to for long.
const RECEIPTS_MAX: usize = 8;

/// Answers `GET` and `HEAD` of `/r/{code}` and `/r/{code}/t/{template}`: 302, whatever the store does.
///
/// # Errors
/// 404 for a path that can't be a link, 400 for a code that is too long.
pub async fn handle(app: &App, call: Call) -> Result<Reply, Problem> {
    let budget = tokio::time::sleep(BUDGET);
    tokio::pin!(budget);
    let (code, template) = link(&call)?;
    let meaning = meaning(app, code.as_deref(), template.as_ref(), call.now).await;
    let (Some(code), Owner::Known(_) | Owner::Unanswered) = (code, &meaning.owner) else {
        return Reply::redirect(StatusCode::FOUND, &destination::address(&app.parts.landing_url, &call.query, None));
    };
    let seen = Seen::of(app, &call, code, meaning);
    if let Some((account, class)) = seen.kept() {
        // The click is asked first: where it was written at once, the budget does not matter.
        tokio::select! {
            biased;
            () = keep(app, &call, &seen, account, class) => {}
            () = &mut budget => tracing::warn!(click = seen.click, "the click took too long to keep"),
        }
    }
    seen.reply(app, &call)
}

/// The code and the template of the link, each as it would be stored; none where nobody can have such a one.
fn link(call: &Call) -> Result<(Option<String>, Option<TemplateId>), Problem> {
    let code = call.param("code")?;
    if code.len() > CODE_LENGTH_MAX {
        return Err(Problem::malformed("The code is too long."));
    }
    let template = if call.params.contains_key("template") { TemplateId::try_new(call.param("template")?).ok() } else { None };
    Ok((code_as_stored(code), template))
}

/// A visit to a link that is, or may be, somebody's.
struct Seen {
    click: String,
    class: VisitClass,
    code: String,
    template: Option<TemplateId>,
    owner: Owner,
    /// The template's page; else it is the landing page.
    page: Option<String>,
    /// The receipt that the visitor leaves with; none where nobody was there.
    receipt: Option<Receipt>,
    /// How long the receipt is still good for.
    receipt_left: Span,
    device: Device,
}

/// The browser's device cookie.
enum Device {
    Known(String),
    New(String),
    /// A crawler is given none.
    None,
}

impl Seen {
    fn of(app: &App, call: &Call, code: String, meaning: Meaning) -> Self {
        let (template, page) = meaning.page.unzip();
        let carried = call.cookie(RECEIPT_COOKIE).into_iter().take(RECEIPTS_MAX);
        let carried: Vec<Receipt> = carried.filter_map(|text| Receipt::from_text(text, &app.parts.receipt_keys)).collect();
        let same = carried.iter().filter(|receipt| receipt.code == code && receipt.template == template && receipt.at <= call.now);
        let before = same.max_by_key(|receipt| receipt.at);
        let class = visit(call, before.map(|receipt| call.now - receipt.at)).class();
        let click = prefixed_id("clk_", call.now, app.parts.ids.bytes16());
        let kept = kept_by_model(&carried, call, &meaning.settings);
        let receipt = match class {
            VisitClass::Bot | VisitClass::Probe => None,
            // The visit that it repeats is the one to credit.
            VisitClass::Duplicate => kept.or_else(|| before.cloned()),
            VisitClass::Person => {
                kept.or_else(|| Some(Receipt { click: click.clone(), code: code.clone(), template: template.clone(), at: call.now }))
            }
        };
        let age = receipt.as_ref().map_or(Span::zero(), |receipt| call.now - receipt.at);
        let receipt_left = Span::days(i64::from(meaning.settings.attribution_window_days)) - age;
        let device = device(app, call, class);
        Self { click, class, code, template, owner: meaning.owner, page, receipt, receipt_left, device }
    }

    /// Whose click it is and of which class, where it is kept. One whose account could not be looked up has nobody to count for.
    fn kept(&self) -> Option<(&AccountId, VisitClass)> {
        match &self.owner {
            Owner::Known(account) if self.class.is_kept() => Some((account, self.class)),
            Owner::Known(_) | Owner::Nobody | Owner::Unanswered => None,
        }
    }

    fn reply(self, app: &App, call: &Call) -> Result<Reply, Problem> {
        let receipt = self.receipt.map(|receipt| receipt.to_text(&app.parts.receipt_keys));
        let page = self.page.as_deref().unwrap_or(&app.parts.landing_url);
        let mut reply = Reply::redirect(StatusCode::FOUND, &destination::address(page, &call.query, receipt.as_deref()))?;
        if let Some(receipt) = receipt {
            reply = reply.cookie(&set_cookie(RECEIPT_COOKIE, &receipt, self.receipt_left))?;
        }
        match self.device {
            Device::New(id) => reply.cookie(&set_cookie(DEVICE_COOKIE, &id, Span::days(DEVICE_DAYS))),
            Device::Known(_) | Device::None => Ok(reply),
        }
    }
}

/// Of the first click counts, a later one leaves the receipt as it is.
fn kept_by_model(carried: &[Receipt], call: &Call, settings: &Settings) -> Option<Receipt> {
    match settings.attribution_model {
        AttributionModel::First => choose(carried, call.now, settings).cloned(),
        AttributionModel::Last => None,
    }
}

fn visit(call: &Call, last_visit: Option<Span>) -> Visit<'_> {
    Visit {
        head: call.method == Method::HEAD,
        purposes: [call.header("purpose"), call.header("sec-purpose"), call.header("x-moz")],
        destination: call.header("sec-fetch-dest"),
        agent: call.user_agent.as_deref(),
        last_visit,
    }
}

fn device(app: &App, call: &Call, class: VisitClass) -> Device {
    if !class.is_person() {
        return Device::None;
    }
    let known = call.cookie(DEVICE_COOKIE).into_iter().find(|id| is_device_id(id));
    known.map_or_else(|| Device::New(device_id(app.parts.ids.bytes16())), |id| Device::Known(id.to_owned()))
}

/// One write, no read. A failure is logged: it is no business of the visitor's.
async fn keep(app: &App, call: &Call, seen: &Seen, account: &AccountId, class: VisitClass) {
    let device = match &seen.device {
        Device::Known(id) | Device::New(id) => Some(id.as_str()),
        Device::None => None,
    };
    let visited = Visited {
        id: seen.click.clone(),
        code: seen.code.clone(),
        account: account.clone(),
        template: seen.template.clone(),
        class,
        device,
    };
    let click = record::click(visited, call, &app.parts.signal_keys, call.now);
    if let Err(error) = app.parts.store.add_click(&click).await {
        tracing::warn!(click = click.id, %error, "the click could not be kept");
    }
}
