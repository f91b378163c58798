//! One function: the invocations that wait, and the copies that work on them.

use super::{InvokeError, Launch};
use bytes::Bytes;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    task::AbortHandle,
};

/// The answer of an invocation.
pub(super) type Answer = Result<Bytes, InvokeError>;

/// The longest pause before a function that fails to start is tried again.
const BACKOFF_MAX: Duration = Duration::from_secs(2);

/// What an operator sees of a function.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FunctionStatus {
    /// Processes.
    pub copies: usize,
    /// Invocations being worked on.
    pub busy: usize,
    /// Invocations that wait for a copy.
    pub waiting: usize,
}

/// An invocation that waits for a copy.
struct Waiting {
    id: String,
    event: Bytes,
    answer: oneshot::Sender<Answer>,
}

/// An invocation that a copy works on.
struct Current {
    id: String,
    answer: oneshot::Sender<Answer>,
    /// The task that ends it at its timeout.
    timer: Option<AbortHandle>,
}

/// One process.
struct Copy {
    /// It has asked for work at least once: its initialisation is over.
    ready: bool,
    /// It works on this.
    current: Option<Current>,
    /// What it said about a failed initialisation.
    init_error: Option<String>,
    kill: Arc<Notify>,
}

impl Copy {
    fn new() -> Self {
        Self { ready: false, current: None, init_error: None, kill: Arc::new(Notify::new()) }
    }
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    copies: BTreeMap<u64, Copy>,
    copies_made: u64,
    /// Starts in a row that came to nothing.
    failed_starts: u32,
    stopped: bool,
}

impl State {
    fn add_copy(&mut self) -> u64 {
        self.copies_made += 1;
        self.copies.insert(self.copies_made, Copy::new());
        self.copies_made
    }
}

/// A copy to be started, after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NewCopy {
    pub(super) number: u64,
    pub(super) pause: Duration,
}

/// An invocation as it is handed to a copy.
pub(super) struct Work {
    pub(super) id: String,
    pub(super) event: Bytes,
}

/// What a copy gets when it asks for work.
pub(super) enum Handout {
    Work(Work),
    /// Nothing yet: wait for a change.
    Nothing,
    /// It is no copy of this function any more.
    Gone,
}

pub(super) struct Function {
    pub(super) launch: Launch,
    state: Mutex<State>,
    /// Work has come, a copy has gone.
    pub(super) changed: Notify,
}

impl Function {
    pub(super) fn new(launch: Launch) -> Self {
        Self { launch, state: Mutex::default(), changed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The copy that every function starts with.
    pub(super) fn first_copy(&self) -> Option<NewCopy> {
        let mut state = self.lock();
        (!state.stopped).then(|| NewCopy { number: state.add_copy(), pause: Duration::ZERO })
    }

    /// Queues an invocation; gives its answer to come, and a copy to start where all others are busy.
    pub(super) fn enqueue(&self, id: String, event: Bytes) -> Result<(oneshot::Receiver<Answer>, Option<NewCopy>), InvokeError> {
        let (answer, receiver) = oneshot::channel();
        let mut state = self.lock();
        if state.stopped {
            return Err(InvokeError::Stopped);
        }
        state.waiting.push_back(Waiting { id, event, answer });
        let free = state.copies.values().filter(|copy| copy.current.is_none()).count();
        let wanted = free < state.waiting.len() && state.copies.len() < self.launch.copies_max.max(1);
        let pause = backoff(state.failed_starts);
        let copy = wanted.then(|| NewCopy { number: state.add_copy(), pause });
        drop(state);
        self.changed.notify_waiters();
        Ok((receiver, copy))
    }

    /// Hands the oldest waiting invocation to a copy.
    pub(super) fn hand_out(&self, copy: u64) -> Handout {
        let mut guard = self.lock();
        let state = &mut *guard;
        let Some(copy) = state.copies.get_mut(&copy) else {
            return Handout::Gone;
        };
        copy.ready = true;
        state.failed_starts = 0;
        // One that asks again without having answered has dropped what it held.
        if let Some(dropped) = copy.current.take() {
            dropped.finish(Err(InvokeError::Exited("no answer was given".into())));
        }
        while let Some(waiting) = state.waiting.pop_front() {
            // Who asked may have stopped waiting.
            if waiting.answer.is_closed() {
                continue;
            }
            copy.current = Some(Current { id: waiting.id.clone(), answer: waiting.answer, timer: None });
            return Handout::Work(Work { id: waiting.id, event: waiting.event });
        }
        Handout::Nothing
    }

    /// Keeps the timer of the invocation that a copy works on.
    pub(super) fn set_timer(&self, copy: u64, id: &str, timer: AbortHandle) {
        let mut state = self.lock();
        match state.copies.get_mut(&copy).and_then(|c| c.current.as_mut()) {
            Some(current) if current.id == id => current.timer = Some(timer),
            Some(_) | None => timer.abort(),
        }
    }

    /// Takes a copy's answer. False where it has nothing to answer.
    pub(super) fn answer(&self, copy: u64, id: &str, answer: Answer) -> bool {
        match self.take_current(copy, id) {
            Some(current) => {
                current.finish(answer);
                true
            }
            None => false,
        }
    }

    /// Ends an invocation that takes too long, and its process.
    pub(super) fn time_out(&self, copy: u64, id: &str) -> bool {
        let Some(current) = self.take_current(copy, id) else {
            return false;
        };
        // The timer is the caller itself.
        let seconds = self.launch.spec.timeout.as_secs();
        let _ = current.answer.send(Err(InvokeError::TimedOut { seconds }));
        self.kill(copy);
        true
    }

    fn take_current(&self, copy: u64, id: &str) -> Option<Current> {
        let mut state = self.lock();
        let slot = &mut state.copies.get_mut(&copy)?.current;
        if slot.as_ref().is_some_and(|current| current.id == id) { slot.take() } else { None }
    }

    /// Keeps what a copy said about its failed initialisation.
    pub(super) fn init_failed(&self, copy: u64, problem: String) {
        if let Some(copy) = self.lock().copies.get_mut(&copy) {
            copy.init_error = Some(problem);
        }
    }

    /// Whether a copy has asked for work, or is gone.
    pub(super) fn is_ready(&self, copy: u64) -> bool {
        self.lock().copies.get(&copy).is_none_or(|copy| copy.ready)
    }

    /// The signal that ends a copy's process.
    pub(super) fn kill_signal(&self, copy: u64) -> Option<Arc<Notify>> {
        self.lock().copies.get(&copy).map(|copy| Arc::clone(&copy.kill))
    }

    fn kill(&self, copy: u64) {
        if let Some(signal) = self.kill_signal(copy) {
            signal.notify_one();
        }
    }

    /// Ends a copy's process, and returns once it is gone and what it held has failed.
    pub(super) async fn kill_and_wait(&self, copy: u64) {
        self.kill(copy);
        self.wait_while(|state| state.copies.contains_key(&copy)).await;
    }

    /// The copies that have asked for work: any other has just begun, and remembers nothing.
    pub(super) fn ready_copies(&self) -> Vec<u64> {
        self.lock().copies.iter().filter(|(_, copy)| copy.ready).map(|(number, _)| *number).collect()
    }

    /// A copy's process has ended. Fails what it held; gives its successor, where one is needed.
    pub(super) fn ended(&self, number: u64, how: &str) -> Option<NewCopy> {
        let mut guard = self.lock();
        let state = &mut *guard;
        let copy = state.copies.remove(&number)?;
        if let Some(current) = copy.current {
            current.finish(Err(InvokeError::Exited(how.to_owned())));
        }
        if !copy.ready {
            state.failed_starts = state.failed_starts.saturating_add(1);
            let reason = copy.init_error.unwrap_or_else(|| how.to_owned());
            // Another copy that works can still take what waits.
            if !state.copies.values().any(|other| other.ready) {
                for waiting in state.waiting.drain(..) {
                    let _ = waiting.answer.send(Err(InvokeError::Init(reason.clone())));
                }
            }
        }
        // One that cannot start is tried again when it is asked for, not in a loop.
        let needed = !state.waiting.is_empty() || (copy.ready && state.copies.is_empty());
        let next = (needed && !state.stopped).then(|| NewCopy { number: state.add_copy(), pause: backoff(state.failed_starts) });
        drop(guard);
        self.changed.notify_waiters();
        next
    }

    /// Ends every copy and waits for their processes to be gone.
    pub(super) async fn stop(&self) {
        {
            let mut state = self.lock();
            state.stopped = true;
            for waiting in state.waiting.drain(..) {
                let _ = waiting.answer.send(Err(InvokeError::Stopped));
            }
            for copy in state.copies.values() {
                copy.kill.notify_one();
            }
        }
        self.wait_while(|state| !state.copies.is_empty()).await;
    }

    async fn wait_while(&self, holds: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if !holds(&self.lock()) {
                return;
            }
            changed.await;
        }
    }

    pub(super) fn status(&self) -> FunctionStatus {
        let state = self.lock();
        FunctionStatus {
            copies: state.copies.len(),
            busy: state.copies.values().filter(|copy| copy.current.is_some()).count(),
            waiting: state.waiting.len(),
        }
    }
}

impl Current {
    fn finish(self, answer: Answer) {
        if let Some(timer) = self.timer {
            timer.abort();
        }
        // Who asked may have stopped waiting: API Gateway does after 30 seconds.
        let _ = self.answer.send(answer);
    }
}

fn backoff(failed_starts: u32) -> Duration {
    match failed_starts {
        0 => Duration::ZERO,
        n => Duration::from_millis(50).saturating_mul(2_u32.saturating_pow(n.min(10))).min(BACKOFF_MAX),
    }
}
