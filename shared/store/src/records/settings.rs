//! Versions of the programme's settings and of accounts' own rates.

use super::{Reader, json, time};
use crate::{StoreError, backend::Item};
use ledger::Rate;
use programme::settings::{History, Settings, Version};

/// A version of the settings, as an item.
#[must_use]
pub fn write_programme(version: &Version<Settings>) -> Item {
    Item::from([("from".into(), time(version.from).into()), ("set".into(), json(&version.value))])
}

/// Reads a version of the settings.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_programme(item: &Item) -> Result<Version<Settings>, StoreError> {
    let reader = Reader::new(item);
    let number =
        reader.text("sk")?.strip_prefix("v#").and_then(|number| number.parse().ok()).ok_or_else(|| reader.corrupt("no version"))?;
    Ok(Version { number, from: reader.parse("from")?, value: reader.json("set")? })
}

/// An account's own rates, as an item: few, so they stand in one.
#[must_use]
pub fn write_rates(rates: &History<Rate>) -> Item {
    let count = u64::try_from(rates.versions().len()).unwrap_or(u64::MAX);
    Item::from([("rates".into(), json(rates)), ("cnt".into(), count.into())])
}

/// Reads an account's own rates.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read_rates(item: &Item) -> Result<History<Rate>, StoreError> {
    let versions: Vec<Version<Rate>> = Reader::new(item).json("rates")?;
    Ok(History::from_versions(versions))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn versions_read_back() {
        let version = Version { number: 3, from: "2026-11-21T10:00:00Z".parse().unwrap(), value: Settings::default() };
        let mut item = write_programme(&version);
        item.insert("sk".into(), "v#000003".into());
        assert_eq!(read_programme(&item), Ok(version));
        let rates = History::from_versions(vec![Version {
            number: 1,
            from: "2026-11-21T10:00:00Z".parse().unwrap(),
            value: "0.05".parse().unwrap(),
        }]);
        assert_eq!(read_rates(&write_rates(&rates)), Ok(rates));
    }
}
