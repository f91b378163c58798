//! A PayPal of our own making: an authority, certificates, signatures, and a PayPal that counts who asks it.

use crate::support::{bare, now};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use edge::http::Call;
use futures::future::BoxFuture;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _, date_time_ymd,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock, Mutex},
};
use webhook::sources::{CertificateFetch, CertificateUrl, FetchError, PayPal, Roots};

pub(crate) const WEBHOOK_ID: &str = "1PLUM291016473214";
pub(crate) const CERT_URL: &str = "https://api.paypal.com/v1/notifications/certs/CERT-plum";
pub(crate) const SIGNER: &str = "messageverificationcerts.paypal.com";

/// One authority and one RSA key for all tests: making that key takes a while.
pub(crate) static AUTHORITY: LazyLock<Authority> = LazyLock::new(Authority::new);
static KEY: LazyLock<KeyPair> = LazyLock::new(|| KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap());

/// A DER as PEM under this label.
pub(crate) fn pem_of(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn pem(certificate: &Certificate) -> String {
    pem_of("CERTIFICATE", certificate.der())
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2040, 1, 1));
    params
}

/// A certificate to be made: PayPal's, if nothing is changed.
pub(crate) struct Leaf {
    pub(crate) names: Vec<&'static str>,
    /// The first day on which it is valid, and the first on which it no longer is.
    pub(crate) valid: [(i32, u8, u8); 2],
    pub(crate) usages: Vec<ExtendedKeyUsagePurpose>,
    pub(crate) authority: bool,
    pub(crate) elliptic: bool,
}

impl Default for Leaf {
    fn default() -> Self {
        let valid = [(2026, 6, 1), (2027, 6, 1)];
        Self { names: vec![SIGNER], valid, usages: vec![ExtendedKeyUsagePurpose::ServerAuth], authority: false, elliptic: false }
    }
}

/// A root, and an authority under it that issues, as PayPal's does.
pub(crate) struct Authority {
    root: String,
    middle: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let (root_key, middle_key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let (root_params, middle_params) = (authority_params("Plum Root"), authority_params("Plum Issuer"));
        let root = root_params.self_signed(&root_key).unwrap();
        let middle = middle_params.signed_by(&middle_key, &Issuer::new(root_params, root_key)).unwrap();
        Self { root: pem(&root), middle: pem(&middle), issuer: Issuer::new(middle_params, middle_key) }
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots::from_pem(&self.root).unwrap()
    }

    /// The certificate alone, in PEM.
    pub(crate) fn leaf(&self, leaf: &Leaf) -> String {
        let names: Vec<_> = leaf.names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        [params.not_before, params.not_after] = leaf.valid.map(|(year, month, day)| date_time_ymd(year, month, day));
        params.extended_key_usages.clone_from(&leaf.usages);
        params.distinguished_name.push(DnType::CommonName, SIGNER);
        if leaf.authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        if leaf.elliptic {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
            return pem(&params.signed_by(&key, &self.issuer).unwrap());
        }
        pem(&params.signed_by(&*KEY, &self.issuer).unwrap())
    }

    /// The certificate and the one that vouches for it, as PayPal serves them.
    pub(crate) fn chain(&self, leaf: &Leaf) -> String {
        self.leaf(leaf) + &self.middle
    }
}

/// What is at an address.
#[derive(Clone)]
pub(crate) enum Answer {
    Bytes(String),
    NotThere,
    Away,
}

/// A PayPal that serves certificates by address, and keeps every address that it was asked for.
#[derive(Default)]
pub(crate) struct Served {
    answers: Mutex<BTreeMap<String, Answer>>,
    asked: Mutex<Vec<String>>,
}

impl Served {
    /// Serves one certificate at [`CERT_URL`].
    pub(crate) fn one(pem: String) -> Arc<Self> {
        let served = Arc::new(Self::default());
        served.put(CERT_URL, Answer::Bytes(pem));
        served
    }

    pub(crate) fn put(&self, url: &str, answer: Answer) {
        self.answers.lock().unwrap().insert(url.to_owned(), answer);
    }

    /// How often it was asked since the last time.
    pub(crate) fn asked(&self) -> usize {
        std::mem::take(&mut *self.asked.lock().unwrap()).len()
    }

    /// A source that trusts our authority and asks here.
    pub(crate) fn source(self: &Arc<Self>) -> PayPal {
        PayPal::new(WEBHOOK_ID.to_owned(), Some(AUTHORITY.roots()), Arc::clone(self) as _)
    }
}

impl CertificateFetch for Served {
    fn get<'a>(&'a self, url: &'a CertificateUrl) -> BoxFuture<'a, Result<Vec<u8>, FetchError>> {
        self.asked.lock().unwrap().push(url.url().to_string());
        let answer = self.answers.lock().unwrap().get(url.url().as_str()).cloned();
        Box::pin(async move {
            match answer {
                Some(Answer::Bytes(text)) => Ok(text.into_bytes()),
                Some(Answer::NotThere) | None => Err(FetchError::NotThere("status 404".to_owned())),
                Some(Answer::Away) => Err(FetchError::Unreachable("away".into())),
            }
        })
    }
}

/// A request as PayPal makes it; each part can be another than the one that was signed.
#[derive(Clone)]
pub(crate) struct Transmission {
    pub(crate) id: String,
    pub(crate) time: String,
    pub(crate) webhook_id: String,
    pub(crate) url: String,
    pub(crate) algorithm: String,
    pub(crate) received_at: DateTime<Utc>,
}

impl Default for Transmission {
    fn default() -> Self {
        Self {
            id: "69cd13f0-d67a-11e5-baa3-778b53f4ae55".to_owned(),
            time: "2026-11-18T11:06:00Z".to_owned(),
            webhook_id: WEBHOOK_ID.to_owned(),
            url: CERT_URL.to_owned(),
            algorithm: "SHA256withRSA".to_owned(),
            received_at: now(),
        }
    }
}

impl Transmission {
    /// The signature of `body`, base64.
    pub(crate) fn sign(&self, body: &[u8]) -> String {
        STANDARD.encode(KEY.sign(format!("{}|{}|{}|{}", self.id, self.time, self.webhook_id, crc32(body)).as_bytes()).unwrap())
    }

    /// The headers by name, in this order: id, time, signature, address, algorithm.
    pub(crate) fn headers(&self, signature: &str) -> [(&'static str, String); 5] {
        [
            ("PAYPAL-TRANSMISSION-ID", self.id.clone()),
            ("PAYPAL-TRANSMISSION-TIME", self.time.clone()),
            ("PAYPAL-TRANSMISSION-SIG", signature.to_owned()),
            ("PAYPAL-CERT-URL", self.url.clone()),
            ("PAYPAL-AUTH-ALGO", self.algorithm.clone()),
        ]
    }

    /// `body` with the headers of another one's signature, or of its own.
    pub(crate) fn with_signature(&self, signature: &str, body: &[u8]) -> Call {
        let call = self.headers(signature).iter().fold(bare("paypal", body), |call, (name, value)| call.header(name, value));
        let mut call = call.build();
        call.now = self.received_at;
        call
    }

    pub(crate) fn call(&self, body: &[u8]) -> Call {
        self.with_signature(&self.sign(body), body)
    }
}

/// CRC-32 as ISO 3309 has it, bit by bit, so that the code under test is not its own witness.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}
