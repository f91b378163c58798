//! Every form of every page is refused without its proof, from another site, and once the session has ended.

use browser::{Browser, Cast, Script, Stage, sights};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};

/// Longer than any session.
const SESSION_ENDS: Duration = Duration::from_secs(13 * 3_600);
/// The field of a form's proof.
const PROOF: &str = "csrf";
/// Every form that is sent by POST: where it leads, and what is in it.
const FORMS: &str =
    "return [...document.querySelectorAll('form[method=post]')].map((form) => [form.getAttribute('action'), [...new FormData(form)]])";

type Fields = Vec<(String, String)>;

/// By its owner and action.
type Forms = BTreeMap<(String, String), Fields>;

#[tokio::test(flavor = "multi_thread")]
async fn every_form_is_refused_without_its_proof_from_elsewhere_and_after_the_session() {
    let Some(driver) = browser::driver("forms").await else { return };
    let stage = Stage::small().await;
    let cast = Cast::of(&stage).await;
    let browser = driver.open(Script::On).await;
    let (forms, sessions) = all_forms(&stage, &cast, &browser).await;
    let actions: Vec<&str> = forms.keys().map(|(_, action)| action.as_str()).collect();
    for needed in [
        "/my/alias",
        "/my/join",
        "/my/templates",
        "/my/payouts/new",
        "/my/account/paypal",
        "/my/billing",
        "/theme",
        "/logout",
        "/desk/runs/bill",
        "/desk/switch",
    ] {
        assert!(actions.contains(&needed), "{needed} is none of {actions:?}");
    }
    for ending in ["/cancel", "/approve", "/reject", "/pay", "/rate", "/decide", "/replay"] {
        assert!(actions.iter().any(|action| action.ends_with(ending)), "{ending} is none of {actions:?}");
    }
    let before = state(&stage).await;
    for ((who, action), fields) in &forms {
        is_refused_as_forged(&stage, &sessions[who], action, fields).await;
    }
    stage.advance(SESSION_ENDS).await;
    // Signing out is what has happened by then.
    for ((who, action), fields) in forms.iter().filter(|((_, action), _)| action != "/logout") {
        let (status, page) = stage.send_form(&sessions[who], Some(stage.site()), action, fields).await;
        assert_eq!(status, 401, "{action} after the session: {page}");
        assert!(page.contains("Your session has ended") && page.contains("/login"), "{action}: {page}");
    }
    assert_eq!(state(&stage).await, before, "nothing of it was taken");
    drop(driver);
    stage.stack.stop().await;
}

/// Goes through every page, as everybody who has one, and collects its forms.
async fn all_forms(stage: &Stage, cast: &Cast, browser: &Browser) -> (Forms, BTreeMap<String, String>) {
    let (mut forms, mut sessions) = (Forms::new(), BTreeMap::new());
    let mut visitor = sights::Visitor::new(stage, browser);
    for sight in sights::all(stage, cast).await {
        let (Some(who), false) = (sight.who.clone(), matches!(sight.act, sights::Act::Expire)) else { continue };
        visitor.visit(&sight).await;
        sessions.insert(who.clone(), browser.cookie("__Host-session").await);
        for form in browser.run(FORMS, &json!([])).await.as_array().expect("forms") {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let fields: Fields = form[1].as_array().expect("fields").iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
            assert!(fields.iter().any(|(name, value)| name == PROOF && !value.is_empty()), "{} has no proof: {form}", sight.name);
            forms.insert((who.clone(), text(&form[0])), fields);
        }
    }
    (forms, sessions)
}

async fn is_refused_as_forged(stage: &Stage, session: &str, action: &str, fields: &Fields) {
    let bare: Fields = fields.iter().filter(|(name, _)| name != PROOF).cloned().collect();
    let mut wrong = fields.clone();
    for (name, value) in &mut wrong {
        if name == PROOF {
            *value = value.chars().rev().collect();
        }
    }
    let site = Some(stage.site());
    let other = format!("http://localhost:{}", stage.site().rsplit(':').next().unwrap());
    let cases = [
        ("without its proof", site, &bare),
        ("with another proof", site, &wrong),
        ("from another site", Some("https://evil.example"), fields),
        ("from another name of this host", Some(other.as_str()), fields),
        ("from a page without an origin", Some("null"), fields),
        ("without an origin", None, fields),
    ];
    for (how, origin, fields) in cases {
        let (status, page) = stage.send_form(session, origin, action, fields).await;
        assert_eq!(status, 403, "{action} {how}: {page}");
        assert!(page.contains("The form was not taken"), "{action} {how}: {page}");
    }
}

/// What the forms would change.
async fn state(stage: &Stage) -> Vec<Value> {
    let mut all = Vec::new();
    for who in ["alice", "nina", "wes"] {
        for path in ["/links", "/templates", "/payouts", "/payout-accounts", "/billing"] {
            all.push(stage.get(who, path).await);
        }
    }
    for path in ["/finance/payouts?status=requested", "/finance/switch", "/finance/programme", "/finance/reviews", "/finance/acts"] {
        all.push(stage.get("fin1", path).await);
    }
    all
}
