//! The address of a server and the credentials for it, from options and the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::source::{self, FileError};
use crate::util::escape::shown_path;

/// Why there is no address, or sending to it is not safe.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    /// Neither option nor environment has Marathon's address.
    #[error(
        "Marathon's address is not known: give --url, or set MARATHON_URL, or for DC/OS set DCOS_URL and DCOS_ACS_TOKEN"
    )]
    NoUrl,
    /// The environment does not have the address of DC/OS.
    #[error("the address of DC/OS is not known: set DCOS_URL, and DCOS_ACS_TOKEN or give --token-file")]
    NoDcos,
    /// Not an http or https address.
    #[error(
        "{from}: {problem}; write it like http://marathon.example:8080 or https://dcos.example/service/marathon"
    )]
    BadUrl {
        /// The option or variable it came from.
        from: &'static str,
        /// What is wrong with it. Never quotes the address, which may hold a password.
        problem: String,
    },
    /// Other users of the machine can read a process's arguments.
    #[error("{option} holds a password, which every user of this machine could read: set MARATHON_URL instead{}", if *option == "--url" { String::new() } else { format!(", and give {option} env") })]
    PasswordInArguments {
        /// The option it is in.
        option: &'static str,
    },
    /// Two credentials for one header.
    #[error("{url} holds a user name, and there is a token as well: leave one of them out")]
    TwoCredentials {
        /// The address, without the user.
        url: String,
    },
    /// A credential over plain http.
    #[error("not sending {credential} to {url} over plain http, where others could read it: use https")]
    InTheClear {
        /// `a token` or `a password`.
        credential: &'static str,
        /// The address.
        url: String,
    },
    /// The token file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The text is not a token.
    #[error("{from}: this is not a token: {problem}")]
    BadToken {
        /// The file or variable.
        from: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A DC/OS authentication token. Never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(String);

impl Token {
    /// Takes a token's text, without white space around it.
    fn new(text: &str, from: impl FnOnce() -> String) -> Result<Self, EndpointError> {
        let text = text.trim();
        let problem = if text.is_empty() {
            "it is empty"
        } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            "it holds white space or characters that tokens do not have"
        } else {
            return Ok(Self(text.to_owned()));
        };
        Err(EndpointError::BadToken { from: from(), problem })
    }

    /// `token=…`, the scheme of DC/OS's admin router, marked as sensitive.
    pub(crate) fn header(&self) -> HeaderValue {
        let mut value = HeaderValue::from_str(&format!("token={}", self.0))
            .expect("internal error: a token is checked to be printable when it is made");
        value.set_sensitive(true);
        value
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The address of a server, and the credentials for it alone.
#[derive(Clone)]
pub(crate) struct Endpoint {
    base: Url,
    token: Option<Token>,
    token_withheld: bool,
    /// Whether it is known to be DC/OS.
    is_dcos: bool,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("base", &self.to_string())
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Endpoint {
    /// The base address, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(shown(&self.base).trim_end_matches('/'))
    }
}

impl Endpoint {
    /// Marathon's address and credentials. The address is `given` (an option and its value), else `MARATHON_URL`, else
    /// `DCOS_URL` with `/service/marathon` added. The token is the content of `token_file`, else `DCOS_ACS_TOKEN`; the
    /// latter belongs to `DCOS_URL` and is used only when the address has the same scheme, host and port.
    ///
    /// # Errors
    /// When there is no address or no readable token, and when a credential would be sent over plain http.
    pub(crate) fn resolve(
        given: Option<(&'static str, &str)>,
        token_file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, EndpointError> {
        let variable = |name| environment(name).filter(|value| !value.trim().is_empty());
        let base = match (given, variable("MARATHON_URL")) {
            (Some((option, text)), _) => parse(text, option)?,
            (None, Some(text)) => parse(&text, "MARATHON_URL")?,
            (None, None) => {
                let text = variable("DCOS_URL").ok_or(EndpointError::NoUrl)?;
                below(&parse(&text, "DCOS_URL")?, "service/marathon")
            }
        };
        if let Some((option, _)) = given
            && base.password().is_some()
        {
            return Err(EndpointError::PasswordInArguments { option });
        }
        Self::with(base, token_file, environment)
    }

    /// The address of DC/OS, `DCOS_URL`, with the content of `token_file` or else `DCOS_ACS_TOKEN`.
    ///
    /// # Errors
    /// As [`Endpoint::resolve`].
    pub(crate) fn dcos(
        token_file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, EndpointError> {
        let url = environment("DCOS_URL").filter(|value| !value.trim().is_empty());
        Self::with(parse(&url.ok_or(EndpointError::NoDcos)?, "DCOS_URL")?, token_file, environment)
    }

    /// An address with the token for it.
    fn with(
        base: Url,
        token_file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, EndpointError> {
        let variable = |name| environment(name).filter(|value| !value.trim().is_empty());
        let mut token_withheld = false;
        let token = match (token_file, variable("DCOS_ACS_TOKEN")) {
            (Some(path), _) => Some(Token::new(&source::read(path)?, || shown_path(&path))?),
            (None, Some(text)) => {
                let dcos = variable("DCOS_URL").and_then(|text| Url::parse(text.trim()).ok());
                let is_its_own = dcos.is_some_and(|dcos| dcos.origin() == base.origin());
                token_withheld = !is_its_own;
                if is_its_own { Some(Token::new(&text, || "DCOS_ACS_TOKEN".to_owned())?) } else { None }
            }
            (None, None) => None,
        };
        let dcos = variable("DCOS_URL").and_then(|text| Url::parse(text.trim()).ok());
        let is_dcos = token.is_some() || dcos.is_some_and(|dcos| dcos.origin() == base.origin());
        let endpoint = Self { base, token, token_withheld, is_dcos };
        endpoint.check_credentials()?;
        Ok(endpoint)
    }

    fn check_credentials(&self) -> Result<(), EndpointError> {
        let has_user = !self.base.username().is_empty() || self.base.password().is_some();
        let credential = match (&self.token, has_user) {
            (None, false) => return Ok(()),
            (Some(_), true) => {
                return Err(EndpointError::TwoCredentials { url: self.to_string() });
            }
            (Some(_), false) => "a token",
            (None, true) => "a password",
        };
        if self.base.scheme() != "https" && !is_loopback(&self.base) {
            return Err(EndpointError::InTheClear { credential, url: self.to_string() });
        }
        Ok(())
    }

    /// The address itself.
    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// An address below the base; the path may have a query.
    pub(crate) fn below(&self, path: &str) -> Url {
        below(&self.base, path)
    }

    /// Whether the address is below DC/OS's admin router: `…/service/NAME`.
    #[must_use]
    pub(crate) fn is_behind_dcos(&self) -> bool {
        let mut segments = self.base.path_segments().into_iter().flatten();
        segments.any(|segment| segment == "service") && segments.any(|segment| !segment.is_empty())
    }

    /// Whether it is DC/OS, as far as the options and the environment tell.
    pub(super) fn is_dcos(&self) -> bool {
        self.is_dcos || self.is_behind_dcos()
    }

    /// The token for this address.
    pub(crate) fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// Whether any credential is sent.
    #[must_use]
    pub(crate) fn has_credential(&self) -> bool {
        self.token.is_some() || !self.base.username().is_empty()
    }

    /// Whether `DCOS_ACS_TOKEN` is set but not sent, because it belongs to another address.
    #[must_use]
    pub(crate) fn token_withheld(&self) -> bool {
        self.token_withheld
    }
}

/// An address without secrets: the parts before the `@` and after the `?` become `***`.
#[must_use]
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if !url.username().is_empty() || url.password().is_some() {
        // Fails only for addresses without a host, and those have no user.
        let _ = url.set_password(None);
        let _ = url.set_username("***");
    }
    if url.query().is_some() {
        url.set_query(Some("***"));
    }
    url.set_fragment(None);
    url.into()
}

/// Whether the address is on this machine. A name below `localhost` is where all that it resolves to is: not every resolver
/// keeps such names on the machine (RFC 6761, 6.3).
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    if let Ok(address) = host.parse::<IpAddr>() {
        return address.to_canonical().is_loopback();
    }
    host == "localhost" || host.ends_with(".localhost") && resolves_to_loopback(host)
}

/// Whether these addresses are of this machine, and there is one.
fn are_loopback(mut addresses: impl Iterator<Item = IpAddr>) -> bool {
    let first = addresses.next();
    first.is_some_and(|first| first.to_canonical().is_loopback())
        && addresses.all(|address| address.to_canonical().is_loopback())
}

/// Whether the system's resolver knows the name, and for this machine only. Asked once for each name.
fn resolves_to_loopback(host: &str) -> bool {
    static KNOWN: Mutex<BTreeMap<String, bool>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(is_loopback) = known.get(host) {
        return *is_loopback;
    }
    let addresses = (host, 0).to_socket_addrs().into_iter().flatten();
    let is_loopback = are_loopback(addresses.map(|address| address.ip()));
    known.insert(host.to_owned(), is_loopback);
    is_loopback
}

/// Parses a base address. One with a query or a fragment is rejected: it was copied from the web interface.
fn parse(text: &str, from: &'static str) -> Result<Url, EndpointError> {
    let bad = |problem: &str| EndpointError::BadUrl { from, problem: problem.to_owned() };
    let url = Url::parse(text.trim()).map_err(|error| bad(&format!("this is not an address: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(bad("this is not an http or https address"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("it must not have a `?` or `#`"));
    }
    Ok(url)
}

/// `base` with `path` added, which may have a query, whether or not the base ends with a slash.
fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(url: Option<&str>, environment: &[(&str, &str)]) -> Result<Endpoint, EndpointError> {
        let lookup = |name: &str| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        Endpoint::resolve(url.map(|url| ("--url", url)), None, &lookup)
    }

    fn target(url: Option<&str>, environment: &[(&str, &str)]) -> (String, bool) {
        let endpoint = resolve(url, environment).expect("this names a Marathon");
        (endpoint.below("v2/apps").into(), endpoint.token().is_some())
    }

    #[test]
    fn the_option_goes_before_the_environment() {
        let environment =
            [("MARATHON_URL", "http://m:8080"), ("DCOS_URL", "https://d/"), ("DCOS_ACS_TOKEN", "t")];
        assert_eq!(target(Some("http://o"), &environment), ("http://o/v2/apps".to_owned(), false));
        assert_eq!(target(None, &environment), ("http://m:8080/v2/apps".to_owned(), false));
        assert_eq!(target(None, &environment[1..]), ("https://d/service/marathon/v2/apps".to_owned(), true));
        assert!(matches!(resolve(None, &environment[2..]), Err(EndpointError::NoUrl)));
        assert!(matches!(resolve(None, &[("DCOS_URL", " ")]), Err(EndpointError::NoUrl)));
    }

    #[test]
    fn a_token_goes_to_its_own_host_only() {
        let environment = [("DCOS_URL", "https://dcos.example"), ("DCOS_ACS_TOKEN", "t")];
        assert!(target(Some("https://dcos.example/service/other"), &environment).1);
        assert!(target(Some("https://dcos.example:443"), &environment).1);
        for other in
            ["https://dcos.example:8443", "http://dcos.example", "https://example", "http://localhost"]
        {
            assert!(!target(Some(other), &environment).1, "{other}");
        }
        assert!(!target(Some("https://dcos.example"), &environment[1..]).1);
    }

    /// A name below `localhost` is this machine only where the resolver says so.
    #[test]
    fn a_name_is_where_it_resolves_to() {
        let is =
            |addresses: &[&str]| are_loopback(addresses.iter().map(|ip| ip.parse().expect("an address")));
        for fine in [&["127.0.0.1"][..], &["127.0.0.1", "::1"], &["127.1.2.3"], &["::ffff:127.0.0.1"]] {
            assert!(is(fine), "{fine:?}");
        }
        for other in
            [&[][..], &["192.0.2.1"], &["127.0.0.1", "192.0.2.1"], &["::1", "2001:db8::1"], &["0.0.0.0"]]
        {
            assert!(!is(other), "{other:?}");
        }
        // What the resolver of this machine says of such a name decides.
        let name = "registry.localhost";
        let said: Vec<IpAddr> =
            (name, 0).to_socket_addrs().into_iter().flatten().map(|address| address.ip()).collect();
        let url = Url::parse("http://registry.localhost:5000").expect("an address");
        assert_eq!(is_loopback(&url), are_loopback(said.into_iter()));
    }

    #[test]
    fn credentials_are_not_sent_in_the_clear() {
        let clear = |url: &str| {
            let environment = [("DCOS_URL", url), ("DCOS_ACS_TOKEN", "t")];
            matches!(resolve(None, &environment), Err(EndpointError::InTheClear { .. }))
        };
        assert!(clear("http://dcos.example"));
        assert!(clear("http://localhost.example"));
        assert!(clear("http://10.0.0.1"));
        assert!(!clear("https://dcos.example"));
        assert!(!clear("http://127.0.0.1:8080"));
        assert!(!clear("http://[::1]"));
        assert!(!clear("http://localhost"));
        assert!(clear("http://no-such-name.invalid.localhost.example"));
        assert!(!clear("http://localhost."));
        assert!(!clear("http://127.8.9.1:80"));
        assert!(!clear("http://[::ffff:127.0.0.1]"));
        assert!(clear("http://0.0.0.0"));
        let password = resolve(None, &[("MARATHON_URL", "http://u:p@marathon.example")]);
        assert!(matches!(password, Err(EndpointError::InTheClear { credential: "a password", .. })));
    }

    #[test]
    fn secrets_are_not_shown() {
        let environment = [("MARATHON_URL", "https://joe:hunter2@m.example/x"), ("DCOS_ACS_TOKEN", "tok-en")];
        let endpoint = resolve(None, &environment).expect("this names a Marathon");
        assert_eq!(endpoint.to_string(), "https://***@m.example/x");
        assert_eq!(
            format!("{endpoint:?}"),
            r#"Endpoint { base: "https://***@m.example/x", token: None, .. }"#
        );
        let dcos = [("DCOS_URL", "https://d"), ("DCOS_ACS_TOKEN", "tok-en")];
        let endpoint = resolve(None, &dcos).expect("this names a Marathon");
        assert!(!format!("{endpoint:?}").contains("tok-en"));
        let url = Url::parse("https://a/b?sig=hunter2#c").expect("an address");
        assert_eq!(shown(&url), "https://a/b?***");
        for bad in ["https://u:hunter2@", "u:hunter2@host", "https://u:hunter2@host/?x"] {
            let error = resolve(Some(bad), &[]).expect_err("this is no base address");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        let in_arguments = resolve(Some("https://u:hunter2@host"), &[]);
        assert!(matches!(in_arguments, Err(EndpointError::PasswordInArguments { option: "--url" })));
    }

    #[test]
    fn other_texts_are_not_tokens() {
        for token in ["a b", "a\nb", "ä"] {
            let environment = [("DCOS_URL", "https://d"), ("DCOS_ACS_TOKEN", token)];
            let error = resolve(None, &environment).expect_err("this is no token");
            assert!(matches!(&error, EndpointError::BadToken { .. }), "{error}");
            assert!(!error.to_string().contains(token));
        }
    }
}
