//! Goes through the plan: the clock is moved to each slot, and what happens in it happens at once.

use super::{
    cash,
    people::SHARERS,
    plan::{Act, Link, Plan, Slot},
    progress::Progress,
};
use crate::{
    demo::{FrontDoor, Wrong},
    signing::Source,
    stack::Stack,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde_json::json;
use std::{collections::BTreeMap, sync::Mutex};

/// Calls at once.
const WIDTH: usize = 12;

/// What is known of links while they are made.
#[derive(Debug, Default)]
struct Links {
    /// Name → code.
    codes: BTreeMap<String, String>,
    /// Name and place → template id.
    templates: BTreeMap<(&'static str, usize), String>,
}

pub(super) struct Drive<'a> {
    door: FrontDoor<'a>,
    links: Mutex<Links>,
}

/// Goes through all of it.
pub(super) async fn drive(stack: &Stack, plan: &Plan) -> Result<(), Wrong> {
    let drive = Drive { door: FrontDoor::new(stack), links: Mutex::default() };
    let mut progress = Progress::new(plan.len());
    for (number, slot) in plan.slots.iter().enumerate() {
        stack.clock().set((slot.at * 1000).max(stack.clock().now_ms())).await?;
        for round in 0..=2 {
            drive.round(slot, round).await?;
        }
        if number == 0 {
            cash::set_up(&drive.door).await?;
        }
        for act in &slot.acts {
            if let Act::MonthEnd { number } = act {
                // Clicks are counted meanwhile: the time of a count is that of its call.
                let counted = async { stack.run_schedule("rollup").await.map(drop).map_err(Wrong::from) };
                futures::try_join!(counted, cash::month_end(&drive.door, *number))?;
            }
        }
        // What is in a function's hands when the clock jumps is delivered again, and errands that wait for one another then add up.
        drive.door.drain_due().await?;
        progress.more(slot.acts.len(), &day(slot.at));
    }
    stack.clock().catch_up().await?;
    drive.door.drain_due().await?;
    stack.run_schedule("rollup").await?;
    cash::now(&drive.door).await?;
    drive.door.drain_due().await
}

fn day(at: i64) -> String {
    chrono::DateTime::from_timestamp(at, 0).unwrap_or_default().date_naive().to_string()
}

impl Drive<'_> {
    /// What of a slot is in a round: all of it at once.
    async fn round(&self, slot: &Slot, round: u8) -> Result<(), Wrong> {
        let acts = slot.acts.iter().filter(|act| act.round() == round);
        // Those who share links are signed up before anybody can come by one.
        let width = if round == 1 && slot.acts.iter().any(|act| matches!(act, Act::SignUp { link: None, .. })) { 1 } else { WIDTH };
        stream::iter(acts.map(Ok)).map(|act: Result<&Act, Wrong>| async { self.act(act?).await }).buffered(width).try_collect::<()>().await
    }

    async fn act(&self, act: &Act) -> Result<(), Wrong> {
        match act {
            Act::Visit(link) => self.visit(*link).await.map(drop),
            Act::SignUp { who, link } => self.sign_up(who, *link).await,
            Act::Template { of, place } => self.template(of, *place).await,
            Act::Stripe(event) => self.door.post_event(Source::Stripe, event).await?.expect(200, "an event of Stripe's").map(drop),
            Act::Platform(event) => {
                self.door.post_event(Source::Platform, event).await?.expect(200, "an event of the platform's").map(drop)
            }
            Act::Finance { method, path, body } => {
                let answer = self.door.send("fin1", method.clone(), path, &[], body).await?;
                if answer.status.is_success() { Ok(()) } else { Err(format!("{path}: {} {}", answer.status, answer.body).into()) }
            }
            Act::MonthEnd { .. } => Ok(()),
        }
    }

    /// Follows a link; the receipt that the landing page gets.
    async fn visit(&self, link: Link) -> Result<String, Wrong> {
        let path = {
            let links = self.links.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let code = links.codes.get(link.of).ok_or("a link that nobody has made")?;
            match link.template.and_then(|place| links.templates.get(&(link.of, place))) {
                Some(template) => format!("/r/{code}/t/{template}"),
                None => format!("/r/{code}"),
            }
        };
        let location = self.door.visit(&path).await?.expect(302, "a link")?.location.unwrap_or_default();
        let landed = url::Url::parse(&location)?;
        Ok(landed.query_pairs().find(|(name, _)| name == "receipt").map(|(_, receipt)| receipt.into_owned()).unwrap_or_default())
    }

    async fn sign_up(&self, who: &str, link: Option<Link>) -> Result<(), Wrong> {
        let body = match link {
            Some(link) => json!({ "receipt": self.visit(link).await? }),
            None => json!({}),
        };
        let answer = self.door.send(who, Method::POST, "/signups", &[], &body).await?.expect(201, "a signup")?;
        if SHARERS.iter().any(|sharer| sharer.name == who) {
            let mut links = self.links.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            links.codes.insert(who.to_owned(), answer.text("/code"));
        }
        Ok(())
    }

    async fn template(&self, of: &'static str, place: usize) -> Result<(), Wrong> {
        let sharer = SHARERS.iter().find(|sharer| sharer.name == of).ok_or("nobody")?;
        let template = sharer.templates.get(place).ok_or("no such template")?;
        let url = format!("{}/join", self.door.stack().url());
        let body = json!({ "name": template.name, "url": url, "public": true });
        let made = self.door.send(of, Method::POST, "/templates", &[], &body).await?.expect(201, "a template")?;
        let mut links = self.links.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        links.templates.insert((of, place), made.text("/template_id"));
        Ok(())
    }
}
