//! The addresses of a server, and the credentials for it alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;

use super::token::{Token, TokenHolder};

/// Why a text is no address, or sending to it is not safe.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EndpointError {
    /// Not an http or https address.
    #[error(
        "{from}: {problem}; write it like http://marathon.example:8080 or https://dcos.example/service/marathon"
    )]
    BadUrl {
        /// The option, variable or file it came from.
        from: String,
        /// What is wrong with it. Never quotes the address, which may hold a password.
        problem: String,
    },
    /// Two credentials for one header.
    #[error("{url} holds a user name, and there is a token as well: leave one of them out")]
    TwoCredentials {
        /// The address, without the user.
        url: String,
    },
    /// A credential over plain http.
    #[error(
        "not sending {credential} to {url} over plain http, where others could read it: use https{otherwise}"
    )]
    InTheClear {
        /// `a token` or `a password`.
        credential: &'static str,
        /// What else can be done, after a comma.
        otherwise: &'static str,
        /// The address.
        url: String,
    },
}

impl EndpointError {
    /// The same where this, after a comma, allows it.
    pub(crate) fn unless(self, otherwise: &'static str) -> Self {
        match self {
            Self::InTheClear { credential, url, .. } => Self::InTheClear { credential, otherwise, url },
            error => error,
        }
    }
}

/// Where a token is from.
#[derive(Clone, Debug)]
pub(crate) struct TokenSource {
    /// The option, file or variable.
    pub origin: String,
    /// How another is had, after a colon.
    pub next: &'static str,
}

/// The addresses of one server, the first of which is its name, and the credentials for it alone.
#[derive(Clone)]
pub(crate) struct Endpoint {
    bases: Arc<[Url]>,
    /// The index of the address that answered last.
    current: Arc<AtomicUsize>,
    token: Option<TokenHolder>,
    /// The only origin that gets the token, where it does not go to all addresses.
    token_origin: Option<String>,
    /// That a token was not sent, because it is another server's.
    token_withheld: Option<String>,
    token_source: Option<TokenSource>,
    /// Whether the token or password may go over plain http to another machine.
    is_in_the_clear: bool,
    /// Whether it is known to be DC/OS.
    is_dcos: bool,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("base", &self.to_string())
            .field("token", &self.token.as_ref().map(|_| "…"))
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Endpoint {
    /// The address that is used now, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shown_base(self.base()))
    }
}

impl Endpoint {
    /// A server at these addresses, which are tried in their order when one cannot be connected to.
    ///
    /// # Panics
    /// Without an address.
    pub(crate) fn new(bases: Vec<Url>) -> Self {
        assert!(!bases.is_empty(), "internal error: an endpoint has an address");
        Self {
            bases: bases.into(),
            current: Arc::default(),
            token: None,
            token_origin: None,
            token_withheld: None,
            token_source: None,
            is_in_the_clear: false,
            is_dcos: false,
        }
    }

    /// The same server with a token for it.
    ///
    /// # Errors
    /// When an address holds a user as well, or is one of plain http.
    pub(crate) fn with_token(mut self, token: Option<TokenHolder>) -> Result<Self, EndpointError> {
        self.is_dcos |= token.is_some();
        self.token = token;
        self.bases.iter().try_for_each(|base| self.check_credentials(base))?;
        Ok(self)
    }

    /// The same server, whose token or password goes over plain http as well.
    ///
    /// # Errors
    /// When an address holds a user beside a token.
    pub(crate) fn with_token_in_the_clear(
        mut self,
        token: Option<TokenHolder>,
    ) -> Result<Self, EndpointError> {
        self.is_in_the_clear = true;
        let mut endpoint = self.with_token(token)?;
        endpoint.is_in_the_clear = endpoint.has_credential() && endpoint.bases.iter().any(is_readable);
        Ok(endpoint)
    }

    /// The same server, whose first address alone gets the token, with others of its scheme, host and port.
    pub(crate) fn with_token_for_the_first(mut self) -> Self {
        self.token_origin = Some(origin(&self.bases[0]));
        self
    }

    /// The same server, known to be DC/OS, or one that a token was not sent to, and where its token is from.
    pub(crate) fn known(
        mut self,
        is_dcos: bool,
        token_withheld: Option<String>,
        source: Option<TokenSource>,
    ) -> Self {
        self.is_dcos |= is_dcos;
        self.token_withheld = token_withheld;
        self.token_source = source;
        self
    }

    fn check_credentials(&self, base: &Url) -> Result<(), EndpointError> {
        let has_user = !base.username().is_empty() || base.password().is_some();
        let url = || shown_base(base);
        let credential = match (&self.token, has_user) {
            (None, false) => return Ok(()),
            (Some(_), true) => return Err(EndpointError::TwoCredentials { url: url() }),
            (Some(_), false) => "a token",
            (None, true) => "a password",
        };
        if !self.is_in_the_clear && is_readable(base) {
            return Err(EndpointError::InTheClear { credential, otherwise: "", url: url() });
        }
        Ok(())
    }

    /// The address that is used now.
    pub(crate) fn base(&self) -> &Url {
        &self.bases[self.current.load(Ordering::Relaxed) % self.bases.len()]
    }

    /// Its first address, without user and password.
    pub(crate) fn name(&self) -> String {
        shown_base(&self.bases[0])
    }

    /// Its other addresses, as they are shown.
    pub(super) fn others(&self, than: &Url) -> Vec<String> {
        self.bases.iter().filter(|base| *base != than).map(shown).collect()
    }

    /// How many addresses there are.
    pub(super) fn len(&self) -> usize {
        self.bases.len()
    }

    /// Uses the next address from now on, where `failed` is the one that is used now.
    pub(super) fn move_on(&self, failed: &Url) {
        if self.base() == failed {
            self.current.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Uses the address of this server to which another one has sent a request on.
    pub(super) fn move_to(&self, url: &Url) {
        if self.base().origin() != url.origin()
            && let Some(index) = self.bases.iter().position(|base| base.origin() == url.origin())
        {
            self.current.store(index, Ordering::Relaxed);
        }
    }

    /// Whether a request for this address may be sent there: one of these servers, or another path of it.
    pub(super) fn is_at(&self, url: &Url) -> bool {
        self.bases.iter().any(|base| base.origin() == url.origin())
    }

    /// An address below the base; the path may have a query.
    pub(crate) fn below(&self, path: &str) -> Url {
        below(self.base(), path)
    }

    /// Whether the address is below DC/OS's admin router: `…/service/NAME`.
    #[must_use]
    pub(crate) fn is_behind_dcos(&self) -> bool {
        is_service(&self.bases[0])
    }

    /// Whether it is DC/OS, as far as the options and the environment tell.
    pub(super) fn is_dcos(&self) -> bool {
        self.is_dcos || self.is_behind_dcos()
    }

    /// The token for this server.
    pub(super) fn token(&self) -> Option<Token> {
        self.token.as_ref().and_then(TokenHolder::token)
    }

    /// The token for an address of this server.
    pub(super) fn token_at(&self, url: &Url) -> Option<Token> {
        let is_for = |only: &String| *only == origin(url);
        self.token().filter(|_| self.token_origin.as_ref().is_none_or(is_for))
    }

    /// The token for this server, and the way to the next one.
    pub(super) fn holder(&self) -> Option<&TokenHolder> {
        self.token.as_ref()
    }

    /// Whether any credential is sent.
    #[must_use]
    pub(crate) fn has_credential(&self) -> bool {
        self.token.is_some() || !self.bases[0].username().is_empty()
    }

    /// Whether its token states that it has ended.
    fn has_old_token(&self) -> bool {
        self.token().is_some_and(|token| token.has_ended())
    }

    /// Whether a token or password goes over plain http to another machine.
    #[must_use]
    pub(crate) fn is_in_the_clear(&self) -> bool {
        self.is_in_the_clear
    }

    /// What to do where the server answers 401.
    #[must_use]
    pub(crate) fn advice_on_401(&self) -> String {
        if !self.base().username().is_empty() {
            return "the user or the password is wrong".to_owned();
        }
        if let Some(only) = self.bases.iter().find(|base| !base.username().is_empty()) {
            let only = origin(only);
            return format!("no password was sent, because it is in the address of {only} alone");
        }
        let is_other = |only: &&String| **only != origin(self.base());
        if let (Some(only), Some(_)) = (self.token_origin.as_ref().filter(is_other), &self.token) {
            return format!(
                "no token was sent, because it is for {only} alone; give this one's with --token-file"
            );
        }
        let state = if self.has_old_token() { "has ended" } else { "is wrong, or has ended" };
        match &self.token_source {
            Some(TokenSource { origin, next }) => format!("the token of {origin} {state}: {next}"),
            None if self.token.is_some() => format!("the token {state}: `milepost login` gets another"),
            None if let Some(withheld) = &self.token_withheld => {
                format!("{withheld}, which is another address; give this one's token with --token-file")
            }
            None => "set DCOS_URL and DCOS_ACS_TOKEN, give --token-file, or sign in with `milepost login`"
                .to_owned(),
        }
    }
}

/// The scheme, host and port of an address.
#[must_use]
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether the address is below DC/OS's admin router: `…/service/NAME`.
pub(crate) fn is_service(url: &Url) -> bool {
    let mut segments = url.path_segments().into_iter().flatten();
    segments.any(|segment| segment == "service") && segments.any(|segment| !segment.is_empty())
}

/// An address without secrets: the parts before the `@` and after the `?` become `***`, but for options of Marathon's.
#[must_use]
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    if !url.username().is_empty() || url.password().is_some() {
        // Fails only for addresses without a host, and those have no user.
        let _ = url.set_password(None);
        let _ = url.set_username("***");
    }
    // These of Marathon's, and of DC/OS's list of secrets, are no secrets.
    let is_plain = |(name, _): (Cow<'_, str>, _)| matches!(&*name, "embed" | "force" | "dryRun" | "list");
    if url.query().is_some() && !url.query_pairs().all(is_plain) {
        url.set_query(Some("***"));
    }
    url.set_fragment(None);
    url.into()
}

/// Whether others can read what is sent to the address: plain http to another machine.
pub(crate) fn is_readable(url: &Url) -> bool {
    url.scheme() != "https" && !is_loopback(url)
}

/// A base address as it is shown: without secrets and the slash at its end.
pub(crate) fn shown_base(url: &Url) -> String {
    shown(url).trim_end_matches('/').to_owned()
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

/// Whether the address is of http or https, and names a host.
pub(crate) fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.host_str().is_some()
}

/// Parses a base address. One with a query or a fragment is rejected: it was copied from the web interface.
///
/// # Errors
/// With what is wrong, and `from`, but without the text, which may hold a password.
pub(crate) fn parse_base(text: &str, from: &str) -> Result<Url, EndpointError> {
    let bad = |problem: &str| EndpointError::BadUrl { from: from.to_owned(), problem: problem.to_owned() };
    let url = Url::parse(text.trim()).map_err(|error| bad(&format!("this is not an address: {error}")))?;
    if !is_web(&url) {
        return Err(bad("this is not an http or https address"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("it must not have a `?` or `#`"));
    }
    Ok(url)
}

/// `base` with `path` added, which may have a query, whether or not the base ends with a slash.
pub(crate) fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url.set_query(query);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    fn with_token(text: &str) -> Result<Endpoint, EndpointError> {
        let token = Token::new("tok-en", "a test").expect("a token");
        Endpoint::new(vec![url(text)]).with_token(Some(TokenHolder::new(Some(token), None)))
    }

    #[test]
    fn credentials_are_not_sent_in_the_clear() {
        let clear = |url: &str| matches!(with_token(url), Err(EndpointError::InTheClear { .. }));
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
        let password = Endpoint::new(vec![url("http://u:p@marathon.example")]).with_token(None);
        assert!(matches!(password, Err(EndpointError::InTheClear { credential: "a password", .. })));
        assert!(matches!(with_token("https://u:p@m"), Err(EndpointError::TwoCredentials { .. })));
    }

    #[test]
    fn secrets_are_not_shown() {
        let endpoint = Endpoint::new(vec![url("https://joe:hunter2@m.example/x")]);
        assert_eq!(endpoint.to_string(), "https://***@m.example/x");
        let debug = format!("{endpoint:?}");
        assert_eq!(debug, r#"Endpoint { base: "https://***@m.example/x", token: None, .. }"#);
        assert!(!format!("{:?}", with_token("https://d")).contains("tok-en"));
        assert_eq!(shown(&url("https://a/b?sig=hunter2#c")), "https://a/b?***");
        assert_eq!(shown(&url("https://a/b?embed=x&sig=hunter2")), "https://a/b?***");
        assert_eq!(
            shown(&url("https://a/b?embed=apps.counts&force=true")),
            "https://a/b?embed=apps.counts&force=true"
        );
        for bad in ["https://u:hunter2@", "u:hunter2@host", "https://u:hunter2@host/?x"] {
            let error = parse_base(bad, "--url").expect_err("this is no base address");
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_next_address_is_used_when_one_fails() {
        let endpoint = Endpoint::new(vec![url("http://a/"), url("http://b/"), url("http://c/")]);
        endpoint.move_on(&url("http://b/"));
        assert_eq!(endpoint.base().as_str(), "http://a/");
        for next in ["http://b/", "http://c/", "http://a/"] {
            endpoint.move_on(&endpoint.base().clone());
            assert_eq!((endpoint.base().as_str(), &*endpoint.name()), (next, "http://a"));
            assert_eq!(endpoint.to_string(), next.trim_end_matches('/'));
        }
        let kept = with_token("https://a").map(Endpoint::with_token_for_the_first).expect("https");
        let both = Endpoint { bases: [url("https://a"), url("https://b")].into(), ..kept };
        assert!(both.advice_on_401().starts_with("the token "));
        both.move_on(&url("https://a"));
        assert!(both.advice_on_401().starts_with("no token was sent, because it is for https://a alone"));
        assert!(endpoint.is_at(&url("http://b/v2/apps")) && !endpoint.is_at(&url("http://b:8080/")));
    }
}
