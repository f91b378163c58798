//! What was told, as the messages of its queues.

use crate::{App, translation::Told};
use edge::{problem::Problem, queue::Outgoing};
use programme::fact::{Fact, Source};

/// Messages, by the queue that they are for.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    facts: Vec<Outgoing>,
    payouts: Vec<Outgoing>,
}

impl Messages {
    /// One message a fact, one an errand.
    ///
    /// # Errors
    /// 500 where one can't be written.
    pub(crate) fn of(source: Source, told: Told) -> Result<Self, Problem> {
        let Told { event, facts, errands } = told;
        let fact = |body| serde_json::to_string(&Fact { source, event: event.clone(), body }).map(Outgoing::new);
        Ok(Self {
            facts: facts.into_iter().map(fact).collect::<Result<_, _>>().map_err(Problem::internal)?,
            payouts: errands
                .iter()
                .map(|errand| serde_json::to_string(errand).map(Outgoing::new))
                .collect::<Result<_, _>>()
                .map_err(Problem::internal)?,
        })
    }

    /// A message of the facts queue as it was.
    pub(crate) fn fact(body: String) -> Self {
        Self { facts: vec![Outgoing::new(body)], ..Self::default() }
    }

    /// A message of the payouts queue as it was.
    pub(crate) fn errand(body: String) -> Self {
        Self { payouts: vec![Outgoing::new(body)], ..Self::default() }
    }

    /// All of them are kept back so long.
    pub(crate) fn delayed(mut self, seconds: u16) -> Self {
        self.facts.iter_mut().chain(&mut self.payouts).for_each(|message| message.delay_seconds = seconds);
        self
    }

    /// Takes in the others'.
    pub(crate) fn extend(&mut self, others: Self) {
        self.facts.extend(others.facts);
        self.payouts.extend(others.payouts);
    }

    /// How many.
    pub(crate) const fn count(&self) -> usize {
        self.facts.len() + self.payouts.len()
    }

    /// Sends all of them: once this is answered, the queues have the last one.
    ///
    /// # Errors
    /// 503 where a queue is away. What the other one has already is sent twice then, which does nothing twice.
    pub(crate) async fn send(self, app: &App) -> Result<(), Problem> {
        for (queue, messages) in [(&app.queues.facts, self.facts), (&app.queues.payouts, self.payouts)] {
            if !messages.is_empty() {
                queue.send(messages).await?;
            }
        }
        Ok(())
    }
}
