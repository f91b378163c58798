//! The steps of a start.

use super::{AUDIENCE, Queues, StackError, StackOptions};
use crate::{
    clock::Clock,
    dynamo,
    faults::{self, Faults, Service},
    identity,
    paypal::{self, PayPal},
    rails::{Rails, RailsLocation, RailsSetting, WISE_PROFILE},
    runtime::Launch,
    secrets::{self, Secrets},
    sqs::{SqsLocation, SqsServer},
    template::{self, FunctionSpec, Part, Setting, StackTemplate, Text},
};
use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// The file that one stack at a time holds.
const LOCK: &str = "lock";

/// The file of the embedded queues.
const QUEUES: &str = "queues.sqlite";

/// The file of the rails' own books.
const RAILS: &str = "rails.sqlite";

/// Who issues the invoices of this machine.
const INVOICE_ISSUER: &str = r#"{"name":"Example Cloud GmbH","address":["Beispielweg 1","10115 Berlin"],"country":"DE","tax_id":"DE123456789","reverse_charge_note":"Reverse charge: where the supplier is established outside of Germany, the recipient of the supply owes the VAT (Article 196 of Directive 2006/112/EC)."}"#;

/// Whose calls a fault proxy tells apart by.
const CALLER: &str = "{function}/{copy}";

/// The variables in which functions are told where the rails are, as their proxies are: Stripe, PayPal, Wise.
const RAIL_VARIABLES: [&str; 3] = ["STRIPE_API_URL", "PAYPAL_API_URL", "WISE_API_URL"];

pub(super) fn data_error(data: Option<&Path>) -> impl FnOnce(io::Error) -> StackError {
    let path = data.unwrap_or(Path::new("memory")).to_owned();
    |source| StackError::Data { path, source }
}

/// Makes the data directory, and takes it for this stack alone.
pub(super) fn lock(dir: &Path) -> Result<File, StackError> {
    std::fs::create_dir_all(dir).map_err(data_error(Some(dir)))?;
    let file = File::create(dir.join(LOCK)).map_err(data_error(Some(dir)))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StackError::DataInUse(dir.to_owned())),
        Err(TryLockError::Error(source)) => Err(data_error(Some(dir))(source)),
    }
}

/// Listens on the loopback address, and on no other.
pub(super) async fn listen(port: u16) -> Result<TcpListener, StackError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|source| {
        let taken = source.kind() == io::ErrorKind::AddrInUse;
        if taken { StackError::PortTaken(port) } else { StackError::Listen { port, source } }
    })
}

pub(super) fn address(listener: &TcpListener) -> Result<SocketAddr, StackError> {
    listener.local_addr().map_err(|source| StackError::Listen { port: 0, source })
}

/// `url` is the front door, `rails` the base of what stands in for the rails.
pub(super) fn read_template(options: &StackOptions, url: &str, rails: &str) -> Result<StackTemplate, StackError> {
    let parameters = [
        ("Stage", options.stage.clone()),
        ("PublicUrl", url.to_owned()),
        ("LandingUrl", format!("{url}/join")),
        ("AllowedHosts", "127.0.0.1,localhost".to_owned()),
        ("OidcIssuer", format!("{url}{}", identity::MOUNT_PATH)),
        ("OidcAudience", AUDIENCE.to_owned()),
        ("StripeLivemode", "false".to_owned()),
        ("PaypalWebhookId", paypal::WEBHOOK_ID.to_owned()),
        ("StripeApiUrl", format!("{rails}/stripe")),
        ("PaypalApiUrl", format!("{rails}/paypal")),
        ("WiseApiUrl", format!("{rails}/wise")),
        ("WiseProfileId", WISE_PROFILE.to_string()),
        ("InvoiceIssuer", INVOICE_ISSUER.to_owned()),
        ("SecretName", "local".to_owned()),
    ];
    let parameters = parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(template::parse(options.template.text(), &Setting { parameters, secrets: secrets::KEYS })?)
}

/// Tables and queues, behind fault proxies where they are asked for.
pub(super) struct Stores {
    pub(super) dynamodb_url: String,
    pub(super) sqs_url: String,
    pub(super) sqs: Option<Arc<SqsServer>>,
    pub(super) queues: Arc<Queues>,
    pub(super) faults: Option<Arc<Faults>>,
    pub(super) tasks: Vec<JoinHandle<()>>,
    /// What the functions are told: the stores themselves, or the proxies.
    endpoints: [String; 2],
    /// Where the proxies before the rails are, where there are any.
    rail_endpoints: Option<[String; 3]>,
}

impl Stores {
    /// `rails` is the base of what stands in for the rails.
    pub(super) async fn start(
        options: &StackOptions,
        template: &StackTemplate,
        clock: &Arc<Clock>,
        rails: &str,
        back: &watch::Sender<bool>,
    ) -> Result<Self, StackError> {
        let mut tasks = Vec::new();
        let dynamodb_url = match &options.dynamodb_endpoint {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => start_dynamodb(options, clock, back, &mut tasks).await?,
        };
        let (sqs_url, sqs) = match &options.sqs_endpoint {
            Some(url) => (url.trim_end_matches('/').to_owned(), None),
            None => {
                let (url, server) = start_sqs(options, clock, back, &mut tasks).await?;
                (url, Some(server))
            }
        };
        dynamo::ensure(&dynamo::client(&dynamodb_url), &template.tables).await?;
        let consumed = template.functions.iter().flat_map(|function| &function.queues);
        let consumed = consumed.map(|source| source.queue.clone()).collect();
        let queues = Arc::new(Queues::ensure(&sqs_url, &template.queues, consumed).await?);

        let faults = options.faults.then(|| Arc::new(Faults::default()));
        let mut endpoints = [dynamodb_url.clone(), sqs_url.clone()];
        let mut rail_endpoints = None;
        if let Some(faults) = &faults {
            let mut before = async |service: Service, target: String| -> Result<String, StackError> {
                let listener = listen(0).await?;
                // The proxy tells callers apart by this path.
                let own = format!("http://{}/{CALLER}", address(&listener)?);
                tasks.push(faults::serve(service, target, listener, Arc::clone(faults), back.subscribe())?);
                Ok(own)
            };
            let [dynamodb, sqs] = endpoints;
            endpoints = [before(Service::Dynamodb, dynamodb).await?, before(Service::Sqs, sqs).await?];
            rail_endpoints = Some([
                before(Service::Stripe, format!("{rails}/stripe")).await?,
                before(Service::Paypal, format!("{rails}/paypal")).await?,
                before(Service::Wise, format!("{rails}/wise")).await?,
            ]);
        }
        Ok(Self { dynamodb_url, sqs_url, sqs, queues, faults, tasks, endpoints, rail_endpoints })
    }
}

/// Opens the stand-ins of the rails and serves them on `listener`.
pub(super) fn start_rails(
    options: &StackOptions,
    setting: (&Arc<Clock>, &Secrets, &PayPal),
    front: &str,
    listener: TcpListener,
    back: &watch::Sender<bool>,
) -> Result<(Arc<Rails>, JoinHandle<()>), StackError> {
    let (clock, secrets, paypal) = setting;
    let rails = Rails::open(RailsSetting {
        location: options.data.dir().map_or(RailsLocation::Memory, |dir| RailsLocation::File(dir.join(RAILS))),
        clock: Arc::clone(clock),
        secrets: secrets.clone(),
        paypal: paypal.key(),
        front: front.to_owned(),
    })?;
    let (router, stopping) = (rails.router(address(&listener)?), back.subscribe());
    let served = tokio::spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(crate::stopped(stopping));
        if let Err(error) = server.await {
            tracing::error!(%error, "the stand-ins of the rails ended");
        }
    });
    Ok((rails, served))
}

async fn start_dynamodb(
    options: &StackOptions,
    clock: &Arc<Clock>,
    back: &watch::Sender<bool>,
    tasks: &mut Vec<JoinHandle<()>>,
) -> Result<String, StackError> {
    let listener = listen(0).await?;
    let url = format!("http://{}", address(&listener)?);
    let embedded = dynamo::serve(listener, options.data.dir(), Arc::clone(clock), back.subscribe())?;
    tasks.extend([embedded.server, embedded.sweeper]);
    Ok(url)
}

async fn start_sqs(
    options: &StackOptions,
    clock: &Arc<Clock>,
    back: &watch::Sender<bool>,
    tasks: &mut Vec<JoinHandle<()>>,
) -> Result<(String, Arc<SqsServer>), StackError> {
    let location = options.data.dir().map_or(SqsLocation::Memory, |dir| SqsLocation::File(dir.join(QUEUES)));
    let server = SqsServer::open(location, clock.as_function())?;
    let listener = listen(0).await?;
    let url = format!("http://{}", address(&listener)?);
    let (router, stopping) = (Arc::clone(&server).router(), back.subscribe());
    tasks.push(tokio::spawn(async move {
        let server = axum::serve(listener, router).with_graceful_shutdown(crate::stopped(stopping));
        if let Err(error) = server.await {
            tracing::error!(%error, "the embedded SQS ended");
        }
    }));
    Ok((url, server))
}

/// What functions are told beside the template.
pub(super) struct Told<'a> {
    pub(super) secrets: &'a Secrets,
    pub(super) paypal: &'a PayPal,
    /// The front door.
    pub(super) url: &'a str,
}

/// What each function is started with.
pub(super) fn launches(options: &StackOptions, template: &StackTemplate, told: &Told<'_>, stores: &Stores) -> Vec<Launch> {
    template
        .functions
        .iter()
        .map(|spec| Launch {
            binary: options.functions_dir.join(format!("{}{}", spec.name, std::env::consts::EXE_SUFFIX)),
            environment: environment(spec, told, stores),
            copies_max: spec.concurrency_max().map_or(options.copies_max, |most| most.min(options.copies_max)),
            spec: spec.clone(),
        })
        .collect()
}

fn environment(spec: &FunctionSpec, told: &Told<'_>, stores: &Stores) -> BTreeMap<String, String> {
    let resolve = |text: &Text| -> String {
        let resolved = text.0.iter().map(|part| match part {
            Part::Plain(text) => text.as_str(),
            // The template's own check has found both.
            Part::QueueUrl(id) => stores.queues.url(id).unwrap_or_default(),
            Part::Secret(key) => told.secrets.get(key).unwrap_or_default(),
        });
        resolved.collect()
    };
    let mut environment: BTreeMap<String, String> = spec.environment.iter().map(|(name, text)| (name.clone(), resolve(text))).collect();
    let variables = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_SQS"];
    for (variable, endpoint) in variables.into_iter().zip(&stores.endpoints) {
        environment.insert(variable.into(), endpoint.replace("{function}", &spec.name));
    }
    // Who calls a rail is told the proxy before it.
    for (variable, endpoint) in RAIL_VARIABLES.into_iter().zip(stores.rail_endpoints.iter().flatten()) {
        if let Some(told) = environment.get_mut(variable) {
            *told = endpoint.replace("{function}", &spec.name);
        }
    }
    // Who takes PayPal's events is told to believe the PayPal of this machine.
    if environment.contains_key("PAYPAL_WEBHOOK_ID") {
        environment.insert("PAYPAL_ROOTS".into(), told.paypal.root().into());
        environment.insert("PAYPAL_CERT_ENDPOINT".into(), told.url.into());
    }
    environment
}
