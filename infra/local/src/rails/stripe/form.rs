//! Requests of Stripe's: a form, with brackets for what is inside something.

use super::{Refused, invalid};
use http::{HeaderMap, header};
use std::collections::BTreeMap;

/// A request's parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a body, or the query of a GET.
    ///
    /// # Errors
    /// Stripe's own refusal for another content type, for a parameter that comes twice, and for one that is not `known`; brackets
    /// and what is in them don't count for that.
    pub(super) fn read(headers: Option<&HeaderMap>, bytes: &[u8], known: &[&str]) -> Result<Self, Refused> {
        let kind = headers.and_then(|headers| headers.get(header::CONTENT_TYPE)).and_then(|value| value.to_str().ok());
        if !bytes.is_empty() && headers.is_some() && !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(Refused::from(invalid("parameter_invalid", "The request's body must be a form.", "body")));
        }
        let mut all = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(bytes) {
            let root = name.split('[').next().unwrap_or_default();
            if !known.contains(&root) {
                return Err(Refused::from(invalid("parameter_unknown", &format!("Received unknown parameter: {root}"), root)));
            }
            if all.insert(name.clone().into_owned(), value.into_owned()).is_some() {
                return Err(Refused::from(invalid("parameter_invalid", &format!("{name} was given twice"), &name)));
            }
        }
        Ok(Self(all))
    }

    /// A parameter that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A parameter that must be there.
    pub(super) fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or_else(|| Refused::from(invalid("parameter_missing", &format!("Missing required param: {name}."), name)))
    }

    /// A whole number.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, Refused> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let wrong = || Refused::from(invalid("parameter_invalid_integer", &format!("Invalid integer: {text}"), name));
        text.parse().map(Some).map_err(|_| wrong())
    }

    /// What stands in brackets after a name: `metadata[key]`.
    pub(super) fn inside(&self, name: &str) -> BTreeMap<String, String> {
        let inner = |(full, value): (&String, &String)| {
            let key = full.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((key.to_owned(), value.clone()))
        };
        self.0.iter().filter_map(inner).collect()
    }

    /// The same parameters in the same text, whatever their order was.
    pub(super) fn canonical(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn form_headers() -> HeaderMap {
        [(header::CONTENT_TYPE, "application/x-www-form-urlencoded".parse().unwrap())].into_iter().collect()
    }

    #[test]
    fn brackets_are_inside_their_name() {
        let form = Form::read(Some(&form_headers()), b"amount=10&metadata%5Ba%5D=1&metadata[b]=2&empty=", &["amount", "metadata", "empty"]);
        let form = form.unwrap();
        assert_eq!(form.integer("amount").unwrap(), Some(10));
        assert_eq!(form.inside("metadata").into_iter().collect::<Vec<_>>(), [("a".into(), "1".into()), ("b".into(), "2".into())]);
        assert!(form.get("empty").is_none());
        assert!(form.need("empty").unwrap_err().answer().body.contains("parameter_missing"));
        let again = Form::read(None, b"metadata[b]=2&empty=&amount=10&metadata[a]=1", &["amount", "metadata", "empty"]).unwrap();
        assert_eq!(form.canonical(), again.canonical());
    }

    #[test]
    fn what_is_no_form_of_ours_is_refused() {
        let refused = |headers: &HeaderMap, body: &[u8]| Form::read(Some(headers), body, &["amount"]).unwrap_err().answer().body;
        assert!(refused(&form_headers(), b"amuont=1").contains("parameter_unknown"));
        assert!(refused(&form_headers(), b"amount=1&amount=2").contains("twice"));
        assert!(refused(&HeaderMap::new(), br#"{"amount":1}"#).contains("must be a form"));
        let form = Form::read(None, b"amount=1.5", &["amount"]).unwrap();
        assert!(form.integer("amount").unwrap_err().answer().body.contains("parameter_invalid_integer"));
    }
}
