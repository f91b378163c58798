//! `chromedriver` as a process of ours, and Chromium by it.

use crate::{browser::Browser, wire::Wire};
use reqwest::Client;
use serde_json::{Value, json};
use std::{
    fmt,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Names that Chromium has in distributions, the usual one first.
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// The fonts that a browser of the tests has.
const FONTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fonts.conf");
/// What `chromedriver` says once it listens.
const LISTENS: &str = "was started successfully on port ";
/// How long it may take to say that, and to close its browsers in the end.
const CLOSES_MAX: Duration = Duration::from_secs(20);

/// Whether pages may run their script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

/// What is not on this machine.
#[derive(Debug)]
pub struct Missing(String);

impl fmt::Display for Missing {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0)
    }
}

/// A running `chromedriver`. Dropping it closes its browsers, then ends it.
pub struct Driver {
    process: Child,
    port: u16,
    chromium: String,
    http: Client,
}

impl Driver {
    /// Starts it on a port of the system's choice.
    ///
    /// # Errors
    /// [`Missing`] where it or Chromium is not on the `PATH`.
    pub async fn start() -> Result<Self, Missing> {
        let chromium = CHROMIUM.into_iter().find(|name| answers(name)).ok_or_else(|| Missing("there is no chromium on the PATH".into()))?;
        let spawned = Command::new("chromedriver")
            .arg("--port=0")
            .env("FONTCONFIG_FILE", FONTS)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut process = match spawned {
            Ok(process) => process,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Missing("there is no chromedriver on the PATH".into())),
            Err(error) => panic!("chromedriver does not start: {error}"),
        };
        let said = process.stdout.take().expect("its output");
        let port = tokio::task::spawn_blocking(|| port_of(said)).await.expect("a reader");
        let Some(port) = port else {
            drop(process.kill());
            panic!("chromedriver does not say its port: {:?}", process.wait());
        };
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(120)).build().expect("a client");
        Ok(Self { process, port, chromium: chromium.to_owned(), http })
    }

    /// A new window with nothing in it: no cookies, no history.
    pub async fn open(&self, script: Script) -> Browser {
        self.open_into(script, None).await
    }

    /// As [`Driver::open`]; what it downloads goes into a directory.
    pub async fn open_into(&self, script: Script, downloads: Option<&Path>) -> Browser {
        let wire = Wire::begin(self.http.clone(), &format!("http://127.0.0.1:{}", self.port), &self.wishes(script)).await;
        Browser::new(wire, downloads).await
    }

    /// The browser's options. Its sandbox needs a user who is not root, and these pages are all our own.
    fn wishes(&self, script: Script) -> Value {
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage", "--lang=en-US"];
        let mut preferences = json!({ "plugins.always_open_pdf_externally": true });
        if script == Script::Off {
            preferences["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "performance": "ALL" },
            "goog:chromeOptions": { "binary": path_of(&self.chromium), "args": arguments, "prefs": preferences },
        } } })
    }
}

impl Drop for Driver {
    /// Asked to, it closes every browser of its own; killed, it would leave them behind.
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let asked = stream.write_all(b"GET /shutdown HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
            if asked.is_ok() && stream.set_read_timeout(Some(CLOSES_MAX)).is_ok() {
                drop(stream.read_to_end(&mut Vec::new()));
            }
        }
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn answers(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

/// Where a program of the `PATH` lies: `chromedriver` wants to be told exactly.
fn path_of(program: &str) -> String {
    let found = Command::new("sh").args(["-c", "command -v \"$0\"", program]).output().expect("a shell");
    String::from_utf8_lossy(&found.stdout).trim().to_owned()
}

/// Reads until the port is said; goes on reading behind it, so that the process never waits for a reader.
fn port_of(said: impl io::Read + Send + 'static) -> Option<u16> {
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let port = lines.find_map(|line| line.split_once(LISTENS)?.1.trim_end_matches('.').parse().ok());
    std::thread::spawn(move || lines.for_each(drop));
    port
}
