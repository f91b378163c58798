//! The servers a case runs against, and the few calls all cases share.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use aws_sdk_sqs::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region},
    error::{ProvideErrorMetadata, SdkError},
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};
use local::sqs::{SqsLocation, SqsServer};

/// Longer than any step of a case takes, and the most that SQS allows.
pub(crate) const WAIT_SECONDS: i32 = 20;
const START_MS: i64 = 1_700_000_000_000;
static QUEUES: AtomicU64 = AtomicU64::new(0);

/// One server under contract.
pub(crate) struct Target {
    pub(crate) client: Client,
    /// The clock of our own server; a foreign one has only real time.
    now_ms: Option<Arc<AtomicI64>>,
}

/// Runs a case against our server in memory and in a file, and against the foreign endpoint if one is named.
pub(crate) async fn everywhere<F: AsyncFn(&Target)>(case: F) {
    case(&Target::own(SqsLocation::Memory).await).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("queues.sqlite");
    case(&Target::own(SqsLocation::File(file)).await).await;
    if let Ok(endpoint) = std::env::var("SQS_CONTRACT_ENDPOINT") {
        case(&Target { client: client(&endpoint), now_ms: None }).await;
    }
}

/// A client with fixed credentials that neither retries nor looks at the environment.
pub(crate) fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "contract"))
        .retry_config(aws_sdk_sqs::config::retry::RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// Opens the queues on a clock that stands still until it is moved.
pub(crate) fn open(location: SqsLocation) -> (Arc<SqsServer>, Arc<AtomicI64>) {
    let now_ms = Arc::new(AtomicI64::new(START_MS));
    let clock = Arc::clone(&now_ms);
    let clock = Arc::new(move || clock.load(Ordering::SeqCst));
    (SqsServer::open(location, clock).unwrap(), now_ms)
}

/// Serves on a free port of the loopback address, and gives the endpoint.
pub(crate) async fn serve(server: Arc<SqsServer>) -> String {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, server.router()).await });
    format!("http://{address}")
}

pub(crate) fn dead_letters_to(arn: &str, count: u32) -> String {
    format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{count}}}"#)
}

/// The code of a refusal, as a caller of the SDK sees it.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata, R>(result: Result<T, SdkError<E, R>>) -> String {
    match result {
        Ok(answer) => panic!("not refused: {answer:?}"),
        Err(error) => error.code().unwrap_or("no code").to_owned(),
    }
}

pub(crate) fn system<'m>(message: &'m Message, name: &MessageSystemAttributeName) -> &'m str {
    message.attributes().unwrap().get(name).unwrap()
}

impl Target {
    async fn own(location: SqsLocation) -> Self {
        let (server, now_ms) = open(location);
        let endpoint = serve(server).await;
        Self { client: client(&endpoint), now_ms: Some(now_ms) }
    }

    /// Whether an assertion is made here that the foreign server is known to fail; says why not.
    pub(crate) fn is_strict(&self, reason: &str) -> bool {
        if self.now_ms.is_none() {
            println!("skipped on the foreign endpoint: {reason}");
        }
        self.now_ms.is_some()
    }

    /// Lets time pass. On a foreign server the next long poll does the waiting.
    pub(crate) fn pass(&self, seconds: i64) {
        if let Some(now_ms) = &self.now_ms {
            now_ms.fetch_add(seconds * 1_000, Ordering::SeqCst);
        }
    }

    /// A new queue with a name that no other case or run uses.
    pub(crate) async fn queue(&self, attributes: &[(QueueAttributeName, &str)]) -> String {
        let number = QUEUES.fetch_add(1, Ordering::Relaxed);
        let mut request = self.client.create_queue().queue_name(format!("contract-{}-{number}", std::process::id()));
        for (name, value) in attributes {
            request = request.attributes(name.clone(), *value);
        }
        request.send().await.unwrap().queue_url.unwrap()
    }

    pub(crate) async fn attribute(&self, url: &str, name: QueueAttributeName) -> String {
        let request = self.client.get_queue_attributes().queue_url(url);
        let reply = request.attribute_names(name.clone()).send().await.unwrap();
        reply.attributes().unwrap().get(&name).unwrap().clone()
    }

    pub(crate) async fn send(&self, url: &str, body: &str) {
        let request = self.client.send_message().queue_url(url);
        request.message_body(body).send().await.unwrap();
    }

    /// Receives what is there now.
    pub(crate) async fn receive(&self, url: &str) -> Vec<Message> {
        self.receive_within(url, 0).await
    }

    /// Receives, waiting until there is something.
    pub(crate) async fn await_messages(&self, url: &str) -> Vec<Message> {
        let messages = self.receive_within(url, WAIT_SECONDS).await;
        assert!(!messages.is_empty(), "nothing came within {WAIT_SECONDS} s");
        messages
    }

    async fn receive_within(&self, url: &str, wait_seconds: i32) -> Vec<Message> {
        let request = self.client.receive_message().queue_url(url);
        let reply = request
            .max_number_of_messages(10)
            .wait_time_seconds(wait_seconds)
            .message_system_attribute_names(MessageSystemAttributeName::All)
            .message_attribute_names("All")
            .send()
            .await;
        reply.unwrap().messages.unwrap_or_default()
    }
}

/// A file's server with its own runtime, which goes without a shutdown call, connections and all.
pub(crate) struct Standalone {
    runtime: Option<tokio::runtime::Runtime>,
    pub(crate) client: Client,
}

impl Standalone {
    pub(crate) fn start(file: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let (server, _) = open(SqsLocation::File(file.to_owned()));
        let endpoint = runtime.block_on(serve(server));
        Self { runtime: Some(runtime), client: client(&endpoint) }
    }
}

impl Drop for Standalone {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
