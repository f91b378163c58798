//! Lambda on one machine: the production binaries as child processes over the real Runtime API.
//!
//! A function has one copy from the start, and more, up to a limit, where invocations wait. A copy that exits fails the invocation
//! that it held, as in Lambda; one that outlives its timeout is killed. The path of the API holds a token of this run and the number
//! of the copy, so that an orphan of an earlier run can neither take work nor answer.

mod api;
mod error;
mod function;
mod logs;
mod process;

pub use error::InvokeError;
pub use function::FunctionStatus;
pub use logs::Logs;

use crate::{clock::Clock, template::FunctionSpec};
use bytes::Bytes;
use function::Function;
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// The largest event and the largest answer of an invocation, in bytes: Lambda's own limit.
pub const PAYLOAD_BYTES_MAX: usize = 6 * 1024 * 1024;

/// What a function is started with.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// What the template says.
    pub(crate) spec: FunctionSpec,
    /// Its binary.
    pub(crate) binary: PathBuf,
    /// Its environment, every text resolved. `{copy}` in a value is the copy's number.
    pub(crate) environment: BTreeMap<String, String>,
    /// Most copies at once.
    pub(crate) copies_max: usize,
}

/// Every function of a stack.
pub struct Functions {
    functions: BTreeMap<String, Arc<Function>>,
    clock: Arc<Clock>,
    logs: Arc<Logs>,
    run_token: String,
    address: SocketAddr,
    invocations: AtomicU64,
    stopping: watch::Receiver<bool>,
}

impl Functions {
    /// Serves the Runtime API on `listener` and starts one copy of each function.
    pub(crate) fn start(
        launches: Vec<Launch>,
        listener: TcpListener,
        run_token: String,
        clock: Arc<Clock>,
        logs: Arc<Logs>,
        stopping: watch::Receiver<bool>,
    ) -> std::io::Result<(Arc<Self>, JoinHandle<()>)> {
        let functions = launches.into_iter().map(|launch| (launch.spec.name.clone(), Arc::new(Function::new(launch)))).collect();
        let all = Arc::new(Self {
            functions,
            clock,
            logs,
            run_token,
            address: listener.local_addr()?,
            invocations: AtomicU64::new(0),
            stopping: stopping.clone(),
        });
        let server = tokio::spawn(api::serve(listener, Arc::clone(&all), stopping));
        for function in all.functions.values() {
            if let Some(copy) = function.first_copy() {
                process::spawn(&all, function, copy);
            }
        }
        Ok((all, server))
    }

    /// Invokes a function and waits for its answer.
    ///
    /// # Errors
    /// Every way in which an invocation ends without an answer: see [`InvokeError`].
    pub async fn invoke(self: &Arc<Self>, name: &str, event: Bytes) -> Result<Bytes, InvokeError> {
        let function = self.functions.get(name).ok_or_else(|| InvokeError::Unknown(name.to_owned()))?;
        if event.len() > PAYLOAD_BYTES_MAX {
            return Err(InvokeError::EventTooLarge);
        }
        let id = self.invocation_id();
        let (answer, copy) = function.enqueue(id, event)?;
        if let Some(copy) = copy {
            process::spawn(self, function, copy);
        }
        answer.await.unwrap_or(Err(InvokeError::Stopped))
    }

    /// The state of each function, by name.
    #[must_use]
    pub fn status(&self) -> BTreeMap<String, FunctionStatus> {
        self.functions.iter().map(|(name, function)| (name.clone(), function.status())).collect()
    }

    /// What the functions wrote.
    #[must_use]
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// Kills one copy of a function as the kernel would, without a warning, and waits until its process is gone.
    pub(crate) async fn kill(&self, name: &str, copy: u64) {
        if let Some(function) = self.functions.get(name) {
            function.kill_and_wait(copy).await;
        }
    }

    /// Kills every copy of a function that has worked or could work, and waits until their processes are gone.
    pub(crate) async fn kill_all(&self, name: &str) {
        if let Some(function) = self.functions.get(name) {
            let copies = function.ready_copies().into_iter().map(|copy| function.kill_and_wait(copy));
            futures::future::join_all(copies).await;
        }
    }

    /// Ends every copy, and waits until all are gone.
    pub(crate) async fn stop(&self) {
        for function in self.functions.values() {
            function.stop().await;
        }
    }

    /// Looks like the UUIDs that Lambda gives, is unique in this run, and tells runs apart.
    fn invocation_id(&self) -> String {
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        let run = self.run_token.get(..8).unwrap_or("00000000");
        format!("{run}-0000-4000-8000-{number:012x}")
    }
}
