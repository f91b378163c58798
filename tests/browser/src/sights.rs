//! Every page in every state: what the screenshots show, and what is checked for accessibility.

use crate::{browser::Browser, cast::Cast, stage::Stage};
use std::time::Duration;

/// Longer than any session.
const SESSION_ENDS: Duration = Duration::from_secs(13 * 3_600);

/// What is done on a page before it is looked at.
#[derive(Debug, Clone)]
pub enum Act {
    /// Nothing.
    Look,
    /// Every fold is opened.
    Unfold,
    /// Fields are filled in, and a form is sent.
    Send { fields: Vec<(&'static str, String)>, button: &'static str },
    /// A button is pressed that leads to another page.
    Press { button: &'static str, then: &'static str },
    /// The session ends, then the page is loaded again.
    Expire,
}

/// A page in a state.
#[derive(Debug, Clone)]
pub struct Sight {
    /// What the picture is called.
    pub name: String,
    /// Who looks at it; nobody is signed in where it is none.
    pub who: Option<String>,
    pub path: String,
    pub act: Act,
}

impl Sight {
    fn new(name: impl Into<String>, who: Option<&str>, path: impl Into<String>) -> Self {
        Self { name: name.into(), who: who.map(str::to_owned), path: path.into(), act: Act::Look }
    }

    fn act(self, act: Act) -> Self {
        Self { act, ..self }
    }
}

/// All of them, in an order in which nobody has to sign in twice; what moves the clock comes last.
pub async fn all(stage: &Stage, cast: &Cast) -> Vec<Sight> {
    let mut all = without_cast(stage).await;
    all.extend(with_cast(cast));
    all
}

/// Those of everybody who has nothing to do with the [`Cast`], which moves the clock on by some days.
pub async fn without_cast(stage: &Stage) -> Vec<Sight> {
    stage.world.sign_up(&stage.stack.token_for("wes").expect("a token"), None).await;
    let mut all = strangers();
    all.extend(newcomers());
    all.extend(customers());
    all
}

/// Those of the [`Cast`], and of finance.
pub fn with_cast(cast: &Cast) -> Vec<Sight> {
    let mut all = payouts(cast);
    all.extend(finance(cast));
    all.push(Sight::new("expired", Some("wes"), "/my/payouts").act(Act::Expire));
    all
}

fn strangers() -> Vec<Sight> {
    vec![
        Sight::new("landing", None, "/"),
        Sight::new("join", None, "/join"),
        Sight::new("unknown-link", None, "/r/NOSUCHLINK"),
        Sight::new("sign-in", None, "/login"),
    ]
}

/// Somebody who has not joined, and somebody who just did.
fn newcomers() -> Vec<Sight> {
    let empty = [
        ("earnings", "/"),
        ("payouts", "/my/payouts"),
        ("request", "/my/payouts/new"),
        ("templates", "/my/templates"),
        ("lines", "/my/lines"),
        ("account", "/my/account"),
    ];
    let mut all = vec![Sight::new("welcome", Some("zed"), "/")];
    all.extend(empty.map(|(name, path)| Sight::new(format!("{name}-new"), Some("wes"), path)));
    let refused = vec![("#destination-wise", "my bank".to_owned())];
    all.push(Sight::new("account-refused", Some("wes"), "/my/account").act(Act::Send { fields: refused, button: "#destination-wise" }));
    all
}

fn customers() -> Vec<Sight> {
    let mut all = vec![
        Sight::new("earnings", Some("alice"), "/"),
        Sight::new("earnings-unfolded", Some("alice"), "/").act(Act::Unfold),
        Sight::new("earnings-year", Some("alice"), "/?range=12m"),
        Sight::new("earnings-week", Some("alice"), "/?range=7d"),
        Sight::new("earnings-alias-refused", Some("alice"), "/")
            .act(Act::Send { fields: vec![("#alias", "a b".to_owned())], button: "#alias" }),
        Sight::new("lines", Some("alice"), "/my/lines"),
        Sight::new("templates", Some("alice"), "/my/templates"),
        Sight::new("templates-unfolded", Some("alice"), "/my/templates").act(Act::Unfold),
        Sight::new("payouts-of-alice", Some("alice"), "/my/payouts"),
        Sight::new("account-of-alice", Some("alice"), "/my/account"),
        Sight::new("forbidden", Some("alice"), "/finance"),
        Sight::new("no-such-payout", Some("alice"), "/my/payouts/pay_00000000000000000000000000"),
        Sight::new("earnings-host", Some("hana"), "/?range=90d"),
        Sight::new("earnings-host-year", Some("hana"), "/?range=12m"),
    ];
    let refused = vec![("#new-name", "Llama".to_owned()), ("#new-url", "https://elsewhere.example/llama".to_owned())];
    all.push(Sight::new("templates-refused", Some("hana"), "/my/templates").act(Act::Send { fields: refused, button: "#new-url" }));
    all
}

fn payouts(cast: &Cast) -> Vec<Sight> {
    let mut of: Vec<_> = cast.payouts.iter().collect();
    of.sort_by_key(|(_, (who, _))| who.clone());
    let details = of.into_iter().map(|(status, (who, id))| Sight::new(format!("payout-{status}"), Some(who), format!("/my/payouts/{id}")));
    let mut all = vec![
        Sight::new("payouts", Some("nina"), "/my/payouts"),
        Sight::new("request", Some("nina"), "/my/payouts/new"),
        Sight::new("request-too-much", Some("nina"), "/my/payouts/new?amount=99999"),
        Sight::new("request-unreadable", Some("nina"), "/my/payouts/new?amount=a%20lot"),
        Sight::new("account", Some("nina"), "/my/account"),
        Sight::new("account-unfolded", Some("nina"), "/my/account").act(Act::Unfold),
    ];
    all.extend(details);
    all
}

/// The console, as somebody of finance sees it.
fn finance(cast: &Cast) -> Vec<Sight> {
    let sight = |name: &str, path: &str| Sight::new(format!("finance-{name}"), Some("fin2"), path);
    let mut all =
        vec![sight("queue", "/finance"), sight("approved", "/finance?status=approved"), sight("queue-empty", "/finance?status=submitting")];
    all.push(sight("bill", "/finance?status=approved").act(Act::Press { button: "button[name=all]", then: "This is the bill" }));
    for (status, (_, id)) in &cast.payouts {
        all.push(sight(&format!("payout-{status}"), &format!("/desk/payouts/{id}")));
    }
    all.push(sight("payout-unfolded", &format!("/desk/payouts/{}", cast.payouts["requested"].1)).act(Act::Unfold));
    all.push(sight("run", &format!("/desk/runs/{}?live=off", cast.run)));
    let pages = ["runs", "reconciliation", "exports", "reviews", "flags", "quarantine", "accounts", "settings", "switch", "audit", "acts"];
    all.extend(pages.map(|page| sight(page, &format!("/desk/{page}"))));
    all.push(sight("runs-ended", "/desk/runs?state=closed"));
    all.push(sight("account", "/desk/accounts/acct_nina"));
    all.push(sight("account-unfolded", "/desk/accounts/acct_nina").act(Act::Unfold));
    all.push(sight("settings-unfolded", "/desk/settings").act(Act::Unfold));
    all.push(sight("quarantine-unfolded", "/desk/quarantine").act(Act::Unfold));
    all.push(sight("account-unknown", "/desk/accounts/acct_nobody"));
    all
}

/// Somebody who goes from sight to sight, and signs in where somebody else has to.
pub struct Visitor<'a> {
    stage: &'a Stage,
    browser: &'a Browser,
    who: Option<String>,
}

impl<'a> Visitor<'a> {
    pub fn new(stage: &'a Stage, browser: &'a Browser) -> Self {
        Self { stage, browser, who: None }
    }

    /// Brings the page onto the screen, in its state.
    pub async fn visit(&mut self, sight: &Sight) {
        if self.who != sight.who {
            self.browser.go(&self.stage.at("/join")).await;
            self.browser.forget_cookies().await;
            if let Some(who) = &sight.who {
                self.browser.sign_in(self.stage.site(), who, "/").await;
            }
            self.who.clone_from(&sight.who);
        }
        self.browser.go(&self.stage.at(&sight.path)).await;
        self.act(&sight.act).await;
    }

    async fn act(&self, act: &Act) {
        match act {
            Act::Look => {}
            Act::Unfold => {
                self.browser
                    .run("for (const fold of document.querySelectorAll('main details')) fold.open = true", &serde_json::json!([]))
                    .await;
            }
            Act::Send { fields, button } => {
                for (field, text) in fields {
                    self.browser.fill(field, text).await;
                }
                self.browser.click(&format!("form:has({button}) button:not([type=button])")).await;
                self.browser.hears_alert().await;
            }
            Act::Press { button, then } => {
                self.browser.click(button).await;
                self.browser.hears(then).await;
            }
            Act::Expire => {
                self.stage.advance(SESSION_ENDS).await;
                self.browser.reload().await;
            }
        }
    }
}
