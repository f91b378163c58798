//! What the queue of payouts carries. No message decides anything: it names what to look at, so that
//! neither the order nor the number of messages matters.

use super::{PayoutId, RunId};
use ledger::Rail;
use serde::{Deserialize, Serialize};

/// A message to the payout worker.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Errand {
    /// Send the payouts of a run: one message for each.
    Run {
        /// Which.
        run: RunId,
    },
    /// Pay one payout that is in a run.
    Pay {
        /// In which run.
        run: RunId,
        /// Which payout.
        payout: PayoutId,
    },
    /// Ask the rail about a payout, and decide by its answer.
    Look {
        /// Which.
        payout: PayoutId,
    },
    /// A rail told of a payment by its own id alone.
    Hint {
        /// Which rail.
        rail: Rail,
        /// Its id of the payment.
        reference: String,
    },
    /// A rail told that what an account can be paid may have changed.
    Account {
        /// Which rail.
        rail: Rail,
        /// Its id of the account.
        account: String,
    },
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_reads_as_it_is_written() {
        let (run, payout) = ("run_4YGQGXK5VRGSQN7XQD252HFMW1", "pay_4YGQGXK5VRGSQN7XQD252HFMW1");
        let errands = [
            (format!(r#"{{"type":"run","run":"{run}"}}"#), Errand::Run { run: run.parse().unwrap() }),
            (
                format!(r#"{{"type":"pay","run":"{run}","payout":"{payout}"}}"#),
                Errand::Pay { run: run.parse().unwrap(), payout: payout.parse().unwrap() },
            ),
            (format!(r#"{{"type":"look","payout":"{payout}"}}"#), Errand::Look { payout: payout.parse().unwrap() }),
            (r#"{"type":"hint","rail":"wise","reference":"123"}"#.into(), Errand::Hint { rail: Rail::Wise, reference: "123".into() }),
            (
                r#"{"type":"account","rail":"stripe_connect","account":"acct_1"}"#.into(),
                Errand::Account { rail: Rail::StripeConnect, account: "acct_1".into() },
            ),
        ];
        for (text, errand) in errands {
            assert_eq!(serde_json::to_string(&errand).unwrap(), text);
            assert_eq!(serde_json::from_str::<Errand>(&text).unwrap(), errand);
        }
        for text in [r#"{"type":"look","payout":"pay_1"}"#, r#"{"type":"pay"}"#, r#"{"type":"cash"}"#, "{}"] {
            assert!(serde_json::from_str::<Errand>(text).is_err(), "{text}");
        }
    }
}
