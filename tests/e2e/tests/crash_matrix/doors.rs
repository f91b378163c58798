//! Every way into a function, by the template: what writes there must be in the matrix.

use crate::payouts;
use local::{
    secrets,
    stack::TemplateSource,
    template::{self, Setting},
};

/// A function, and a route, queue or schedule of its own.
pub(crate) type Door = (String, String);

/// The doors behind which something is written.
pub(crate) fn writing() -> Vec<Door> {
    let here = |function: &str, door: &str| !only_reads(function, door) && function != payouts::FUNCTION;
    all().into_iter().filter(|(function, door)| here(function, door)).collect()
}

/// A click is a GET that is kept; a HEAD never is. The audit looks, and changes nothing. The pages have no right to any table: what
/// they are told to do they ask of the other doors.
fn only_reads(function: &str, door: &str) -> bool {
    door.starts_with("HEAD ") || (door.starts_with("GET ") && function != "click") || ["audit", "pages"].contains(&function)
}

fn all() -> Vec<Door> {
    let parameters = [
        "Stage",
        "PublicUrl",
        "LandingUrl",
        "AllowedHosts",
        "OidcIssuer",
        "OidcAudience",
        "StripeLivemode",
        "PaypalWebhookId",
        "SecretName",
    ];
    // Whatever they are, the doors are the same.
    let parameters = parameters.map(|name| (name.to_owned(), "false".to_owned())).into();
    let setting = Setting { parameters, secrets: secrets::KEYS };
    let template = template::parse(TemplateSource::Project.text(), &setting).expect("the template reads");
    let mut doors = Vec::new();
    for function in template.functions {
        let routes = function.routes.iter().map(template::Route::key);
        let queues = function.queues.iter().map(|source| format!("queue {}", source.queue));
        let schedules = function.schedules.iter().map(|schedule| {
            let alone = function.schedules.len() == 1;
            if alone { format!("schedule {}", function.name) } else { format!("schedule {}-{}", function.name, schedule.name) }
        });
        doors.extend(routes.chain(queues).chain(schedules).map(|door| (function.name.clone(), door)));
    }
    doors
}
