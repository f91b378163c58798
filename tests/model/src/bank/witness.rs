//! What is looked at whenever a rail is called: that it may be called so, by what stands in the tables at that moment.

use super::{Bank, InHand};
use crate::apps::keys;
use chrono::{DateTime, Utc};
use programme::{payout::PayoutId, signal::SignalKind};
use rails::{Order, testing::Op};
use serde_json::Value as Json;
use store::backend::{Item, Key, Table, Value};

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_text).unwrap_or_default()
}

impl Bank {
    /// A call begins.
    pub(super) fn begins(&self, order: &Order, op: Op) -> InHand<'_> {
        let mut wrong = Vec::new();
        let alone = self.seen().in_hand.insert(order.payout.clone());
        if !alone {
            wrong.push("two are at it at once");
        }
        if !self.is_leased(order) {
            wrong.push("nobody has it in hand");
        }
        if op == Op::Submit {
            self.sent(order, &mut wrong);
        }
        for what in wrong {
            self.control.violation(format!("{} is called about {} ({op:?}) while {what}", order.destination.rail(), order.payout));
        }
        InHand(self, order.payout.clone())
    }

    fn ledger(&self, pk: String, sk: String) -> Option<Item> {
        self.memory.peek(&Key { table: Table::Ledger, pk, sk }, |item| item.cloned())
    }

    fn is_leased(&self, order: &Order) -> bool {
        let lease = self.ledger(format!("lease#{}", order.payout), "-".into());
        let until = lease.and_then(|lease| text(&lease, "until").parse::<DateTime<Utc>>().ok());
        until.is_some_and(|until| until > order.now)
    }

    /// What must stand before anything is sent: the intent, of exactly this, to where it was asked for, and the switch.
    fn sent(&self, order: &Order, wrong: &mut Vec<&'static str>) {
        let head = self.ledger(format!("payout#{}", order.payout), "head".into()).unwrap_or_default();
        if !["submitting", "unknown"].contains(&text(&head, "st")) {
            wrong.push("it is not being sent");
        }
        let amount = head.get("amt").and_then(Value::as_number);
        if amount != Some(order.amount.decimal()) || text(&head, "cur") != order.currency.as_str() {
            wrong.push("it is of another amount");
        }
        let intent = self.step(&order.payout, "submitting");
        let asked = self.step(&order.payout, "requested");
        match &intent {
            None => wrong.push("there is no intent to pay it"),
            Some(intent) if intent["key"] != order.key.as_str() => wrong.push("its intent has another key"),
            Some(_) => {}
        }
        let digest = SignalKind::Destination.digest(&keys(), &order.destination.identity());
        if asked.is_none_or(|asked| asked["destination"]["digest"] != digest.as_str()) {
            wrong.push("it was asked for to somewhere else");
        }
        let first = self.seen().keys.entry(order.payout.clone()).or_insert_with(|| order.key.clone()).clone();
        if first != order.key {
            wrong.push("it was sent under another key before");
        }
        if !self.control.may_send() {
            wrong.push("payouts are switched off");
        }
        if !self.enabled(order.now) {
            wrong.push("the settings hold all payouts");
        }
    }

    /// The first step of a payout of this kind.
    fn step(&self, payout: &PayoutId, kind: &str) -> Option<Json> {
        let line = |number: u32| self.ledger(format!("payout#{payout}"), format!("{number:08}"));
        let steps = (0..).map_while(line).filter_map(|item| serde_json::from_str::<Json>(text(&item, "event")).ok());
        steps.map(|event| event["step"].clone()).find(|step| step["type"] == kind)
    }

    /// Whether the programme's settings let payouts out.
    fn enabled(&self, at: DateTime<Utc>) -> bool {
        let version = |number: u32| {
            let key = Key { table: Table::Accounts, pk: "programme".into(), sk: format!("v#{number:06}") };
            self.memory.peek(&key, |item| item.cloned())
        };
        let versions = (1..).map_while(version).filter_map(|item| {
            let from = text(&item, "from").parse::<DateTime<Utc>>().ok()?;
            let settings: Json = serde_json::from_str(text(&item, "set")).ok()?;
            Some((from, settings["payouts_enabled"] != false))
        });
        versions.filter(|(from, _)| *from <= at).max_by_key(|(from, _)| *from).is_none_or(|(_, enabled)| enabled)
    }
}
