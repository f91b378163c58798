//! The whole stack in one process: start it, talk to it, stop it.

mod access;
mod error;
mod options;
mod parts;
mod queues;
mod settle;

pub use crate::run_file::{RunFile, RunFileError, discover};
pub use error::StackError;
pub use options::{Data, StackOptions, TemplateSource};
pub use queues::{Depth, Queues, QueuesError};
pub(crate) use settle::settle;

use crate::{
    clock::Clock,
    faults::Faults,
    gateway::{self, Admin, Gateway, Routes},
    identity::{self, Issuer},
    paypal::PayPal,
    rails::Rails,
    runtime::{Functions, Logs},
    secrets::Secrets,
    sources::{Poller, Schedules},
    sqs::SqsServer,
    template::{StackTemplate, TableSpec, queue_arn},
};
use axum::Router;
use parts::Stores;
use std::{
    fs::File,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// The longest that a stop waits for a request, or for a server, to end.
const STOP_MAX: Duration = Duration::from_secs(5);

/// Who the functions' tokens are for.
pub const AUDIENCE: &str = "referral";

/// Takes a data directory for this process alone.
pub(crate) fn lock(dir: &std::path::Path) -> Result<File, StackError> {
    parts::lock(dir)
}

/// The names of the project's tables on this machine.
pub(crate) fn table_names() -> Result<Vec<String>, StackError> {
    let nowhere = "http://127.0.0.1";
    let template = parts::read_template(&StackOptions::new(PathBuf::new()), nowhere, nowhere)?;
    Ok(template.tables.into_iter().map(|table| table.name).collect())
}

/// Whether a front door could be opened on a port, before anything long is begun.
///
/// # Errors
/// [`StackError::PortTaken`] and [`StackError::Listen`].
pub async fn check_port(port: u16) -> Result<(), StackError> {
    parts::listen(port).await.map(drop)
}

/// A running stack. Dropping it ends everything, but only [`Stack::stop`] waits for the end.
pub struct Stack {
    url: String,
    run_token: String,
    clock: Arc<Clock>,
    secrets: Secrets,
    paypal: PayPal,
    issuer: Arc<Issuer>,
    functions: Arc<Functions>,
    queues: Arc<Queues>,
    schedules: Arc<Schedules>,
    faults: Option<Arc<Faults>>,
    rails: Arc<Rails>,
    rails_url: String,
    dynamodb_url: String,
    sqs_url: String,
    sqs: Option<Arc<SqsServer>>,
    tables: Vec<TableSpec>,
    /// Ends doors and sources, which start work.
    front: watch::Sender<bool>,
    /// Ends functions and stores, which finish it.
    back: watch::Sender<bool>,
    front_tasks: Vec<JoinHandle<()>>,
    back_tasks: Vec<JoinHandle<()>>,
    run_file: Option<(RunFile, PathBuf)>,
    _lock: Option<File>,
}

impl Stack {
    /// Starts a stack: stores, functions, sources, and the front door last.
    ///
    /// # Errors
    /// Everything that [`StackError`] names. What was started by then ends.
    pub async fn start(options: StackOptions) -> Result<Self, StackError> {
        let data = options.data.dir();
        let lock = data.map(parts::lock).transpose()?;
        let listener = parts::listen(options.port).await?;
        let url = format!("http://{}", parts::address(&listener)?);
        let run_token = crate::secrets::token()?;
        let clock = Clock::open_or_begin(data, options.clock_begins_ago)?;
        let secrets = Secrets::open(data)?;
        let paypal = PayPal::open(data)?;
        let issuer_url = format!("{url}{}", identity::MOUNT_PATH);
        let issuer = Issuer::open(data, issuer_url, AUDIENCE.into(), clock.as_function())?;
        let rails_listener = parts::listen(0).await?;
        let rails_url = format!("http://{}", parts::address(&rails_listener)?);
        let template = parts::read_template(&options, &url, &rails_url)?;

        let (front, back) = (watch::Sender::new(false), watch::Sender::new(false));
        let (rails, served) = parts::start_rails(&options, (&clock, &secrets, &paypal), &url, rails_listener, &back)?;
        let mut stores = Stores::start(&options, &template, &clock, &rails_url, &back).await?;
        stores.tasks.push(served);
        let logs = Logs::open(data, options.show_logs).map_err(parts::data_error(data))?;
        let launches = parts::launches(&options, &template, &parts::Told { secrets: &secrets, paypal: &paypal, url: &url }, &stores);
        let runtime_listener = parts::listen(0).await?;
        let functions =
            Functions::start(launches, runtime_listener, run_token.clone(), Arc::clone(&clock), Arc::new(logs), back.subscribe());
        let (functions, runtime) = functions.map_err(|source| StackError::Listen { port: 0, source })?;
        stores.tasks.push(runtime);
        if let Some(faults) = &stores.faults {
            faults.attach(Arc::clone(&functions));
        }
        let schedules = Schedules::new(&template.functions, Arc::clone(&functions), Arc::clone(&clock));
        let mut stack = Self {
            url,
            run_token,
            clock,
            secrets,
            paypal,
            issuer,
            functions,
            queues: stores.queues,
            schedules,
            faults: stores.faults,
            rails,
            rails_url,
            dynamodb_url: stores.dynamodb_url,
            sqs_url: stores.sqs_url,
            sqs: stores.sqs,
            tables: template.tables.clone(),
            front,
            back,
            front_tasks: Vec::new(),
            back_tasks: stores.tasks,
            run_file: None,
            _lock: lock,
        };
        stack.start_sources(&template);
        stack.serve(&template, listener, data.map(|dir| dir.display().to_string()));
        stack.write_run_file(&options)?;
        Ok(stack)
    }

    fn start_sources(&mut self, template: &StackTemplate) {
        for function in &template.functions {
            for source in &function.queues {
                let name = template.queues.iter().find(|queue| queue.id == source.queue).map(|queue| queue.name.as_str());
                let poller = Poller {
                    function: function.name.clone(),
                    source: source.clone(),
                    queue_url: self.queues.url(&source.queue).unwrap_or_default().to_owned(),
                    queue_arn: queue_arn(name.unwrap_or_default()),
                    queues: Arc::clone(&self.queues),
                    functions: Arc::clone(&self.functions),
                    clock: Arc::clone(&self.clock),
                };
                self.front_tasks.push(tokio::spawn(poller.run(self.front.subscribe())));
            }
        }
        self.front_tasks.push(tokio::spawn(Arc::clone(&self.rails).tick(self.front.subscribe())));
        for job in self.schedules.jobs() {
            let keep = Arc::clone(&self.schedules).keep(Arc::clone(job), self.front.subscribe());
            self.front_tasks.push(tokio::spawn(keep));
        }
    }

    fn serve(&mut self, template: &StackTemplate, listener: TcpListener, data: Option<String>) {
        let gateway = Arc::new(Gateway {
            routes: Routes::new(&template.functions),
            functions: Arc::clone(&self.functions),
            clock: Arc::clone(&self.clock),
            run_token: self.run_token.clone(),
            requests: AtomicU64::new(0),
        });
        let admin = Arc::new(Admin {
            url: self.url.clone(),
            data,
            run_token: self.run_token.clone(),
            clock: Arc::clone(&self.clock),
            functions: Arc::clone(&self.functions),
            queues: Arc::clone(&self.queues),
            schedules: Arc::clone(&self.schedules),
            secrets: self.secrets.clone(),
            paypal: self.paypal.clone(),
            issuer: Arc::clone(&self.issuer),
            faults: self.faults.clone(),
            rails: Arc::clone(&self.rails),
            dynamodb_url: self.dynamodb_url.clone(),
            tables: self.tables.iter().map(|table| table.name.clone()).collect(),
            stopping: self.front.subscribe(),
        });
        let router = Router::new()
            .fallback(gateway::serve)
            .with_state(gateway)
            .nest(identity::MOUNT_PATH, Arc::clone(&self.issuer).router())
            .nest("/_local", gateway::admin_router(admin));
        let stopping = self.front.subscribe();
        self.front_tasks.push(tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            let server = axum::serve(listener, service).with_graceful_shutdown(crate::stopped(stopping));
            if let Err(error) = server.await {
                tracing::error!(%error, "the front door ended");
            }
        }));
    }

    fn write_run_file(&mut self, options: &StackOptions) -> Result<(), StackError> {
        let Some(dir) = &options.run_files else {
            return Ok(());
        };
        let port = self.url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(options.port);
        let file = RunFile {
            port,
            pid: std::process::id(),
            token: self.run_token.clone(),
            url: self.url.clone(),
            data: options.data.dir().map(std::path::absolute).transpose().map_err(parts::data_error(options.data.dir()))?,
            started_at: self.clock.now_ms(),
        };
        file.write(dir)?;
        self.run_file = Some((file, dir.clone()));
        Ok(())
    }

    /// Stops in order: doors and sources, functions, stores. Nothing of it runs on when this returns.
    pub async fn stop(mut self) {
        self.front.send_replace(true);
        join(std::mem::take(&mut self.front_tasks)).await;
        self.functions.stop().await;
        self.back.send_replace(true);
        join(std::mem::take(&mut self.back_tasks)).await;
        if let Some(sqs) = &self.sqs {
            sqs.close();
        }
        self.rails.close();
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.front.send_replace(true);
        self.back.send_replace(true);
        if let Some((file, dir)) = self.run_file.take() {
            file.remove(&dir);
        }
    }
}

/// Waits for tasks to end, and cuts off those that do not.
async fn join(tasks: Vec<JoinHandle<()>>) {
    for mut task in tasks {
        match tokio::time::timeout(STOP_MAX, &mut task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a part of the stack broke"),
            Err(_) => task.abort(),
        }
    }
}
