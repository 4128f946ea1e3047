//! A request: its path in segments, its query, and the headers that matter.

use super::answer::{ApiReply, ReplyBody};

/// A request, read.
#[derive(Debug)]
pub(crate) struct ApiRequest<'r> {
    pub(crate) method: &'r str,
    /// The path as it came, still encoded, without the query.
    pub(crate) path: &'r str,
    pub(crate) query: ApiQuery,
    pub(crate) accept: Option<&'r str>,
    pub(crate) content_type: Option<&'r str>,
    pub(crate) body: &'r [u8],
    /// The address of the client.
    pub(crate) client: &'r str,
    /// The host and port that the client asked.
    pub(crate) authority: &'r str,
}

/// The parameters of a query, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct ApiQuery(Vec<(String, String)>);

impl ApiQuery {
    /// Reads a query; an encoding that is broken is an error.
    pub(crate) fn read(text: &str) -> Result<Self, ApiReply> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decoded(&name.replace('+', " "))?, decoded(&value.replace('+', " "))?))
        });
        let pairs: Option<Vec<(String, String)>> = pairs.collect();
        pairs.map(Self).ok_or_else(|| ApiReply::message(500, "400: Unable to parse URI query"))
    }

    /// The first value of a parameter.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// The names of all parameters.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// All values of a parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(other, _)| other == name).map(|(_, value)| value.clone()).collect()
    }

    /// A switch: `true` in any case is on, everything else off (`Boolean.parseBoolean`).
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.switch(name, false)
    }

    /// A switch with another default.
    pub(crate) fn switch(&self, name: &str, otherwise: bool) -> bool {
        self.first(name).map_or(otherwise, |value| value.eq_ignore_ascii_case("true"))
    }
}

/// A percent-encoded text, decoded; nothing where the encoding is broken.
pub(crate) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let digits = rest.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = &rest[2..];
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Checks the path's encoding, as Jetty does before anything else.
pub(crate) fn check_path(path: &str) -> Result<(), ApiReply> {
    if decoded(path).is_some() {
        return Ok(());
    }
    Err(page(400, "Bad URI"))
}

/// An error of Jetty itself.
pub(crate) fn page(status: u16, reason: &str) -> ApiReply {
    let text = format!("<h1>Bad Message {status}</h1><pre>reason: {reason}</pre>");
    let body = ReplyBody::Text("text/html;charset=iso-8859-1", text);
    ApiReply { status, headers: vec![("connection", "close".to_owned())], body }
}

/// A media type of an `Accept` header, with its weight in thousandths.
fn accepted(accept: &str) -> impl Iterator<Item = (&str, u32)> {
    accept.split(',').map(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let name = pieces.next().unwrap_or_default();
        let weight = pieces.find_map(|piece| piece.strip_prefix("q=")?.parse::<f64>().ok()).unwrap_or(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a weight is between 0 and 1"
        )]
        let weight = (weight.clamp(0.0, 1.0) * 1_000.0) as u32;
        (name, weight)
    })
}

/// The one of these types that a client likes best; the first of them where it says nothing.
pub(crate) fn negotiated(accept: Option<&str>, offered: &[&'static str]) -> Option<&'static str> {
    let Some(accept) = accept.filter(|accept| !accept.trim().is_empty()) else {
        return offered.first().copied();
    };
    let weight = |offer: &str| {
        let matching = accepted(accept).filter(|(name, _)| {
            *name == "*/*"
                || *name == offer
                || name.strip_suffix("/*").is_some_and(|kind| offer.starts_with(kind))
        });
        matching.map(|(_, weight)| weight).max().unwrap_or(0)
    };
    // Of equally liked ones the first counts.
    let best = offered.iter().rev().max_by_key(|offer| weight(offer))?;
    Some(*best).filter(|best| weight(best) > 0)
}

impl ApiRequest<'_> {
    /// Refuses a body that is not JSON, or a content type that is none.
    pub(crate) fn check_content_type(&self) -> Result<(), ApiReply> {
        let Some(given) = self.content_type.filter(|given| !given.trim().is_empty()) else { return Ok(()) };
        let name = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !name.contains('/') {
            return Err(ApiReply::empty(400).with("cache-control", "must-revalidate,no-cache,no-store"));
        }
        let is_json = matches!(name.as_str(), "application/json" | "*/*" | "application/*");
        if is_json { Ok(()) } else { Err(ApiReply::message(415, "Unsupported Media Type")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_type_is_taken() {
        let ping = &["text/plain", "application/json", "text/html"];
        assert_eq!(negotiated(None, ping), Some("text/plain"));
        assert_eq!(negotiated(Some("application/json;q=0.1, text/html"), ping), Some("text/html"));
        assert_eq!(negotiated(Some("*/*"), ping), Some("text/plain"));
        assert_eq!(negotiated(Some("text/*"), &["application/json"]), None);
    }

    #[test]
    fn queries_are_decoded() {
        let query = ApiQuery::read("label=team+in+(red%2C%20blue)&force=TRUE&x").expect("a query");
        assert_eq!(query.first("label"), Some("team in (red, blue)"));
        assert!(query.is_on("force") && !query.is_on("x") && query.switch("other", true));
        assert!(ApiQuery::read("a=%").is_err());
    }
}
