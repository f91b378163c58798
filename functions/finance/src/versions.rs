//! What rates and settings have in common: versions that start in the future.

use chrono::{DateTime, Utc};
use edge::problem::Problem;
use programme::settings::VersionError;

/// A time as it is kept: whole milliseconds.
pub(crate) fn kept(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// Why a version can't start then.
pub(crate) fn refused(error: &VersionError) -> Problem {
    let rule = match error {
        VersionError::TooEarly => "version_lead",
        VersionError::BeforePlanned => "version_order",
    };
    Problem::refused(rule, format!("This is refused: {error}."))
}
