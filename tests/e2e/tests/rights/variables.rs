//! A function is given the variables that it reads, and no other: without one of them it does not start.

use e2e::functions_dir;
use local::{
    secrets::{KEYS, Secrets},
    stack::TemplateSource,
    template::{FunctionSpec, Part, Setting, Text, parse},
};
use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
};

/// Read where they are given, and done without elsewhere: how much is logged, and whose pages may call with their cookie.
const OPTIONAL: [&str; 2] = ["RUST_LOG", "PUBLIC_URL"];

/// What the template gives to all functions at once. The pages alone have no use for it.
const TABLES: [&str; 3] = ["ACCOUNTS_TABLE", "REFERRALS_TABLE", "LEDGER_TABLE"];

/// What no variable takes: too short for a key, no address, no number.
const UNFIT: &str = "?";

fn functions() -> Vec<FunctionSpec> {
    let parameters = [
        ("PublicUrl", "http://127.0.0.1:1"),
        ("LandingUrl", "http://127.0.0.1:1/landing"),
        ("AllowedHosts", "127.0.0.1"),
        ("OidcIssuer", "http://127.0.0.1:1/oidc"),
        ("SecretName", "local"),
        ("WiseProfileId", "1"),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    parse(TemplateSource::Project.text(), &Setting { parameters, secrets: KEYS }).unwrap().functions
}

fn resolve(text: &Text, secrets: &Secrets) -> String {
    let part = |part: &Part| match part {
        Part::Plain(text) => text.clone(),
        Part::QueueUrl(id) => format!("http://127.0.0.1:1/000000000000/{id}"),
        Part::Secret(key) => secrets.get(key).unwrap().to_owned(),
    };
    text.0.iter().map(part).collect()
}

/// What the function says before it ends: it finds nobody to ask for work.
fn start(function: &str, variables: &BTreeMap<String, String>) -> String {
    let mut command = Command::new(functions_dir().join(function));
    let lambda =
        [("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x"), ("AWS_LAMBDA_FUNCTION_NAME", "x")];
    let limits = [("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")];
    command.env_clear().envs(lambda).envs(limits).env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1").envs(variables).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{function} goes on without anybody who gives it work");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn names(said: &str, variable: &str) -> bool {
    said.contains(&format!("\"{variable}\""))
}

#[test]
fn every_function_is_given_what_it_reads_and_nothing_else() {
    let secrets = Secrets::open(None).unwrap();
    for function in functions() {
        let given: BTreeMap<String, String> =
            function.environment.iter().map(|(name, text)| (name.clone(), resolve(text, &secrets))).collect();
        let said = start(&function.name, &given);
        assert!(!said.contains("Missing") && !said.contains("Invalid"), "{} is not given all that it reads: {said}", function.name);
        let idle = |name: &str| OPTIONAL.contains(&name) || (function.name == "pages" && TABLES.contains(&name));
        for variable in given.keys().filter(|name| !idle(name)) {
            let mut changed = given.clone();
            changed.remove(variable);
            if names(&start(&function.name, &changed), variable) {
                continue;
            }
            // What is done without is at least looked at.
            changed.insert(variable.clone(), UNFIT.to_owned());
            assert!(names(&start(&function.name, &changed), variable), "{} does not read {variable}", function.name);
        }
    }
}
