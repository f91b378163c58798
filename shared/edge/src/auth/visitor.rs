//! Who a page asks for: the address and the browser of the person, which the API would else take for those of the
//! function that renders the page.

use super::SealKeys;
use crate::{http::Call, ids::IdSource, problem::Problem};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};

/// The header in which a page's function tells it. It is sealed: nobody else can write one.
pub const VISITOR_HEADER: &str = "x-referral-visitor";

/// Keeps it apart from everything else that the same keys seal.
const PURPOSE: &str = "visitor";

/// A call of a page's follows within its own time-out; one from later is somebody's copy.
const GOOD_FOR_SECONDS: i64 = 60;

/// Whose browser is behind a call.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Visitor {
    /// The address.
    pub address: Option<IpAddr>,
    /// The user agent.
    pub agent: Option<String>,
}

impl fmt::Debug for Visitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Visitor").finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    address: Option<IpAddr>,
    agent: Option<String>,
    at: i64,
}

impl Visitor {
    /// The caller itself.
    #[must_use]
    pub fn of(call: &Call) -> Self {
        Self { address: call.source_ip, agent: call.user_agent.clone() }
    }

    /// The header's value for a call that a page makes while it answers `call`.
    ///
    /// # Errors
    /// As [`SealKeys::seal`].
    pub fn seal(keys: &SealKeys, call: &Call, ids: &dyn IdSource) -> Result<String, Problem> {
        let agent = call.user_agent.as_ref().map(|agent| agent.chars().take(512).collect());
        keys.seal(PURPOSE, &Sealed { address: call.source_ip, agent, at: call.now.timestamp() }, ids)
    }

    /// Whom the header names; the caller itself where there is no such header, or it does not open, or is old.
    pub(super) fn read(keys: &SealKeys, call: &Call) -> Self {
        let mut headers = call.headers.get_all(VISITOR_HEADER).iter();
        let text = headers.next().and_then(|value| value.to_str().ok()).filter(|_| headers.next().is_none());
        let sealed = text.and_then(|text| keys.open::<Sealed>(PURPOSE, text));
        let fresh = |sealed: &Sealed| call.now.timestamp().abs_diff(sealed.at) <= GOOD_FOR_SECONDS.unsigned_abs();
        match sealed.filter(fresh) {
            Some(Sealed { address, agent, .. }) => Self { address, agent },
            None => Self::of(call),
        }
    }
}
