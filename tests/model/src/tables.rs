//! The tables as handlers see them: each call is a turn, some of them fail, and what is written is
//! witnessed at the moment it happens.

use crate::{
    bugs::{self, LayerBug},
    control::{Control, turn},
    tally::Fault,
    witness::Witness,
};
use futures::future::BoxFuture;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use store::{
    StoreError,
    backend::{Backend, Item, Key, Operation, Page, Query, Reason, Scan, Table, Value, Write, WriteError, memory::Memory},
};

/// How far an index can be behind, in milliseconds.
const BEHIND_MS_MAX: u64 = 1_500;

/// Tables that fail, over tables that do not.
#[derive(Debug)]
pub struct Tables {
    control: Arc<Control>,
    memory: Arc<Memory>,
    witness: Mutex<Witness>,
    /// Entries of indexes that are not there yet, and from when they are.
    behind: Mutex<BTreeMap<(String, String), i64>>,
}

impl Tables {
    /// Over these tables.
    #[must_use]
    pub fn new(control: Arc<Control>, memory: Arc<Memory>) -> Self {
        Self { control, memory, witness: Mutex::default(), behind: Mutex::default() }
    }

    /// What was seen of the writes.
    pub fn witness<T>(&self, look: impl FnOnce(&Witness) -> T) -> T {
        look(&self.witness.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read(&self, what: impl FnOnce() -> String) -> Result<(), StoreError> {
        let fault = self.control.store_fault(false);
        self.control.tell(|| format!("reads {}{}", what(), fault.map_or("", |_| ": the store is away")));
        if fault.is_some() {
            turn().await;
            return Err(StoreError::Unavailable("a fault of the model".into()));
        }
        Ok(())
    }

    /// What a handler is given to read. That somebody looked at the kill switch is remembered.
    fn as_read(&self, key: &Key, item: Option<Item>) -> Option<Item> {
        let switch = *key == store::keys::switch();
        let mut state = self.control.state();
        if switch {
            let task = state.task.0;
            state.switch.read(task, is_on(item.as_ref()));
        }
        let unseen = match state.bug {
            Some(LayerBug::SwitchUnseen) => switch,
            Some(LayerBug::LeaseUnchecked) => key.pk.starts_with("lease#"),
            Some(_) | None => false,
        };
        item.filter(|_| !unseen)
    }

    /// The table was written: look at it before anybody else has a turn.
    fn wrote(&self, writes: &[Write]) {
        let mut witness = self.witness.lock().unwrap_or_else(PoisonError::into_inner);
        for violation in witness.saw(writes, &self.memory) {
            self.control.violation(violation);
        }
        drop(witness);
        for write in writes.iter().filter(|write| write.key == store::keys::switch()) {
            if let Operation::Put(item) = &write.operation {
                let mut state = self.control.state();
                let turn = state.tally.turns;
                state.switch.turned(is_on(Some(item)), turn);
            }
        }
        let often = self.control.state().weather.behind;
        if often == 0 {
            return;
        }
        for write in writes.iter().filter(|write| write.key.table == Table::Ledger) {
            let Operation::Put(item) = &write.operation else { continue };
            if !item.contains_key("g1pk") && !item.contains_key("g2pk") {
                continue;
            }
            let mut state = self.control.state();
            if state.random.chance(often) {
                let late = i64::try_from(state.random.below(BEHIND_MS_MAX)).unwrap_or(0);
                let place = (write.key.pk.clone(), write.key.sk.clone());
                drop(state);
                self.behind.lock().unwrap_or_else(PoisonError::into_inner).insert(place, self.control.clock.millis() + late);
            }
        }
    }

    fn drop_what_is_behind(&self, page: &mut Page) {
        let now = self.control.clock.millis();
        let mut behind = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        behind.retain(|_, from| *from > now);
        if behind.is_empty() {
            return;
        }
        let count = page.items.len();
        let text = |item: &Item, name: &str| item.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        page.items.retain(|item| !behind.contains_key(&(text(item, "pk"), text(item, "sk"))));
        if page.items.len() < count {
            self.control.state().tally.fault(Fault::IndexBehind);
        }
    }

    /// The write, as one transaction or, with the bug that splits it, as two.
    async fn apply(&self, writes: &[Write]) -> Result<(), WriteError> {
        let bug = self.control.state().bug;
        let Some(bug) = bug else {
            self.memory.write(writes).await?;
            self.wrote(writes);
            return Ok(());
        };
        let bent = bugs::bend_writes(bug, writes, &mut self.control.state().random);
        for part in bent.iter().filter(|part| !part.is_empty()) {
            self.memory.write(part).await?;
            self.wrote(part);
            if bent.len() > 1 {
                turn().await;
            }
        }
        Ok(())
    }
}

/// Whether an item of the kill switch says that payouts are on; nobody ever turned it: they are.
fn is_on(item: Option<&Item>) -> bool {
    item.is_none_or(|item| item.get("on") == Some(&Value::Bool(true)))
}

fn canceled(writes: &[Write], place: usize, reason: &Reason) -> WriteError {
    WriteError::Canceled((0..writes.len()).map(|at| if at == place { reason.clone() } else { Reason::None }).collect())
}

fn told(writes: &[Write]) -> String {
    let one = |write: &Write| {
        let verb = match &write.operation {
            Operation::Put(_) => "put",
            Operation::Update(_) => "update",
            Operation::Delete => "delete",
            Operation::Check => "check",
        };
        format!("{verb} {}/{}", write.key.pk, write.key.sk)
    };
    writes.iter().map(one).collect::<Vec<_>>().join(", ")
}

impl Backend for Tables {
    fn get<'a>(&'a self, key: &'a Key, consistent: bool) -> BoxFuture<'a, Result<Option<Item>, StoreError>> {
        Box::pin(async move {
            self.read(|| format!("{}/{}", key.pk, key.sk)).await?;
            let item = self.memory.get(key, consistent).await?;
            Ok(self.as_read(key, item))
        })
    }

    fn get_many<'a>(&'a self, keys: &'a [Key], consistent: bool) -> BoxFuture<'a, Result<Vec<(Key, Item)>, StoreError>> {
        Box::pin(async move {
            self.read(|| keys.iter().map(|key| format!("{}/{}", key.pk, key.sk)).collect::<Vec<_>>().join(", ")).await?;
            self.memory.get_many(keys, consistent).await
        })
    }

    fn query<'a>(&'a self, query: &'a Query) -> BoxFuture<'a, Result<Page, StoreError>> {
        Box::pin(async move {
            self.read(|| format!("{} from {}", query.pk, query.from)).await?;
            let mut page = self.memory.query(query).await?;
            if query.index.is_some() {
                self.drop_what_is_behind(&mut page);
            }
            Ok(page)
        })
    }

    fn write<'a>(&'a self, writes: &'a [Write]) -> BoxFuture<'a, Result<(), WriteError>> {
        Box::pin(async move {
            let fault = self.control.store_fault(true);
            let refusal = match fault {
                Some(Fault::Conflict) => Some(Reason::Conflict),
                Some(Fault::Throttle) => Some(Reason::Throttled),
                _ => None,
            };
            if let Some(reason) = refusal {
                turn().await;
                self.control.tell(|| format!("writes {}: {reason:?}", told(writes)));
                let place = self.control.state().random.index(writes.len());
                return Err(canceled(writes, place, &reason));
            }
            if fault == Some(Fault::WriteFails) {
                turn().await;
                self.control.tell(|| format!("writes {}: not, the store is away", told(writes)));
                return Err(WriteError::Unavailable("a fault of the model".into()));
            }
            let answer = self.apply(writes).await;
            self.control.tell(|| {
                let lost = fault.map_or("", |_| ", and the answer is lost");
                match &answer {
                    Ok(()) => format!("writes {}{lost}", told(writes)),
                    Err(error) => format!("writes {}: {error:?}{lost}", told(writes)),
                }
            });
            // After the effect and before anybody knows of it: here a handler can die, too.
            turn().await;
            if fault.is_some() { Err(WriteError::Unavailable("the answer is lost".into())) } else { answer }
        })
    }

    fn scan<'a>(&'a self, scan: &'a Scan) -> BoxFuture<'a, Result<(Vec<Item>, Option<Key>), StoreError>> {
        self.memory.scan(scan)
    }
}
