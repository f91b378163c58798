//! `POST /payout-accounts/stripe_connect/onboarding`: the account's own account at Stripe, made once, and a link to the form there.
//!
//! Who its holder is and where their bank is, is told to Stripe on Stripe's pages. Here stands only its id, and whether it can be paid;
//! so a link, which lets whoever has it in, is given for an account that was made here for this very caller, and for no other.

use crate::{
    App,
    destinations::Change,
    forms::{Form, Typed},
};
use edge::{
    auth::Principal,
    http::{Call, Reply, StatusCode},
    problem::Problem,
};
use ledger::{AccountId, Rail};
use programme::{payout::Destination, settings::Programme};
use rails::{Capabilities, NewAccount, OnboardError, Onboarding};
use serde::{Deserialize, Serialize};
use store::{
    Attempt,
    records::{connected::Connected, time},
};

/// Where the pages show an account's payout accounts. Stripe sends the caller back there.
const BACK: &str = "/my/account";

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StartForm {
    /// The caller's country, where it is not the platform's own.
    country: Option<String>,
}

#[derive(Serialize)]
struct Answer {
    url: String,
    expires_at: String,
}

/// Makes what is not there yet, reads what Stripe says of what is, and answers a link. Each call answers another link: they are used once.
pub(crate) async fn begin(app: &App, call: &Call, caller: &Principal) -> Result<Reply, Problem> {
    let stripe = app.rails.onboarding().ok_or_else(|| Problem::not_found("onboarding"))?;
    let form: StartForm = call.json_or_default()?;
    let country = form.country.as_deref().map(country).transpose()?;
    let account = &caller.account;
    let told = match app.store.connected(account).await? {
        Some(known) => {
            let told = connected(&known.stripe_account, stripe.capabilities(&known.stripe_account).await.map_err(problem)?, call);
            app.store.keep_connected(account, &told).await?;
            told
        }
        None => {
            let new = NewAccount { account, email: caller.email.as_deref(), country };
            connected(&stripe.onboard(new).await.map_err(problem)?, NOTHING_YET, call)
        }
    };
    let programme = app.store.programme(call.now).await?;
    let own = store::decide(&*app.ids, async || keep(app, call, account, &programme, &told).await).await?;
    answer(app, stripe, &own).await
}

/// What a new account at Stripe may do, until Stripe says more.
const NOTHING_YET: Capabilities = Capabilities { details_submitted: false, payouts_enabled: false, transfers_active: false };

fn connected(stripe_account: &str, may: Capabilities, call: &Call) -> Connected {
    Connected {
        stripe_account: stripe_account.to_owned(),
        payouts_enabled: may.payouts_enabled,
        transfers_active: may.transfers_active,
        details_submitted: may.details_submitted,
        read_at: call.now,
    }
}

/// Makes it the account's own and its payout account of this rail, in one transaction; answers its id. Where another call came first, that
/// one's counts.
async fn keep(app: &App, call: &Call, account: &AccountId, programme: &Programme, told: &Connected) -> Result<Attempt<String>, Problem> {
    let known = app.store.connected(account).await?;
    let (own, extra) = match known {
        Some(known) => (known.stripe_account, Vec::new()),
        None => (told.stripe_account.clone(), told.create(account).to_vec()),
    };
    let destination = Destination::stripe(&own).map_err(Problem::internal)?;
    let form = Form { destination, default: None };
    let change = Change { app, call, account, form: &form, rail: Rail::StripeConnect, programme, extra: &extra };
    Ok(match change.attempt().await? {
        Attempt::Done(_) => Attempt::Done(own),
        Attempt::Again(error) => Attempt::Again(error),
    })
}

async fn answer(app: &App, stripe: &dyn Onboarding, own: &str) -> Result<Reply, Problem> {
    let back = |word: &str| format!("{}{BACK}?stripe={word}", app.public_url);
    // Stripe sends those whose link has ended to the first, where they can ask for another.
    let link = stripe.account_link(own, &back("again"), &back("done")).await.map_err(problem)?;
    Reply::json(StatusCode::OK, &Answer { url: link.url, expires_at: time(link.expires_at) })
}

fn country(text: &str) -> Result<&str, Problem> {
    let fits = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    if fits { Ok(text) } else { Err(Problem::malformed("The country must be two capital letters of ISO 3166-1.").with("field", "country")) }
}

fn problem(error: OnboardError) -> Problem {
    match error {
        OnboardError::Refused(code) => Problem::refused("onboarding_refused", "Stripe refuses this account.").with("code", code),
        OnboardError::Rail(error) => Problem::unavailable(error),
    }
}

/// A form for Stripe names the account's own account there, or none: whose any other is, nobody has proved.
///
/// # Errors
/// 422 `onboarding_needed` where it names another, or there is none yet.
pub(crate) async fn own(app: &App, account: &AccountId, typed: Typed) -> Result<Form, Problem> {
    let Typed { destination: named, default } = typed;
    if app.rails.onboarding().is_none() {
        let missing = || Problem::malformed("The field stripe_account is needed.").with("field", "stripe_account");
        return Ok(Form { destination: named.ok_or_else(missing)?, default });
    }
    let own = app.store.connected(account).await?.map(|connected| Destination::stripe(&connected.stripe_account));
    let own = own.transpose().map_err(Problem::internal)?.filter(|own| named.as_ref().is_none_or(|named| named == own));
    let needed = || Problem::refused("onboarding_needed", "An account at Stripe is made and proved by its onboarding, not typed in.");
    Ok(Form { destination: own.ok_or_else(needed)?, default })
}
