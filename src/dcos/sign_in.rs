//! Signing in to DC/OS (`/acs/api/v1`).

use reqwest::RequestBuilder;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, SET_COOKIE, WWW_AUTHENTICATE};
use secrecy::zeroize::Zeroizing;
use serde_json::Value as Json;

use super::account::Account;
use super::said;
use crate::credential::clock;
use crate::http::{
    Client, ClientError, EndpointError, MAX_ANSWER, Method, Renew, Response, Token, Url, below, is_page,
    is_readable, location, origin, shown, target,
};

/// A page that DC/OS shows to users who are signed in, and to no others.
const PROBED: &str = "pkgpanda/active.buildinfo.full.json";

/// Where DC/OS gives tokens.
const LOGIN: &str = "acs/api/v1/auth/login";

/// The cookie that DC/OS keeps the token in.
const COOKIE: &str = "dcos-acs-auth-cookie=";

/// Clocks this far apart, in seconds, make the proofs of service accounts invalid, or soon will.
const SKEW: i64 = 60;

/// How often a login is sent on within a server.
const MOST_MOVES: usize = 3;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    /// There is no answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The address is not safe to send a password to.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The server says no.
    #[error("{url} answers {status}{message}: {advice}")]
    Refused {
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// The server's own words, after a colon and in quotes, if there are any.
        message: String,
        /// What to do.
        advice: String,
    },
    /// It is another server.
    #[error("{url} answers {what}, so it is not DC/OS, or a proxy answers in its place; {advice}")]
    Other {
        /// The address.
        url: String,
        /// What it answers.
        what: String,
        /// What to do.
        advice: &'static str,
    },
    /// It does not work now.
    #[error("{url} answers {status}: DC/OS, or a proxy before it, fails: try again later")]
    Failing {
        /// The address.
        url: String,
        /// The status.
        status: u16,
    },
    /// It sends the client elsewhere, which would get the password.
    #[error("{url} redirects to {to}, and passwords are not sent there: give that address if it is right")]
    Redirected {
        /// The address.
        url: String,
        /// The other address.
        to: String,
    },
}

impl SignInError {
    /// Whether the server has refused, and not the way to it.
    #[must_use]
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status < 500)
    }

    /// The error as one of a request that needs a token.
    fn of_request(self) -> ClientError {
        match self {
            Self::Client(error) => error,
            other => ClientError::SignIn { is_refusal: other.is_refusal(), message: other.to_string() },
        }
    }
}

/// How a server lets users in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LoginKind {
    /// It lets everybody in.
    None,
    /// With tokens of DC/OS Enterprise (`acsjwt`).
    Enterprise,
    /// With tokens of open DC/OS, which the web page gives (`oauthjwt`).
    Browser,
}

/// What a server says of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenState {
    /// It is good.
    Good,
    /// It is wrong, or has ended.
    Refused,
}

impl Client {
    /// Asks a DC/OS how it lets users in. Sends no credentials.
    ///
    /// # Errors
    /// When there is no answer, or the server is no DC/OS.
    pub(crate) fn login_kind(&self, root: &Url) -> Result<LoginKind, SignInError> {
        let (status, headers, _) = self.probe(root, None)?;
        match status {
            200 => Ok(LoginKind::None),
            401 => match challenge(&headers).as_deref() {
                Some("acsjwt") => Ok(LoginKind::Enterprise),
                Some("oauthjwt") => Ok(LoginKind::Browser),
                other => {
                    let scheme = other.map_or_else(String::new, |scheme| format!(" and asks for `{scheme}`"));
                    Err(not_dcos(root, format!("401{scheme}")))
                }
            },
            _ => Err(no_answer(root, status)),
        }
    }

    /// Asks a DC/OS whether a token is good.
    ///
    /// # Errors
    /// As [`Client::login_kind`].
    pub(crate) fn try_token(&self, root: &Url, token: &Token) -> Result<TokenState, SignInError> {
        match self.probe(root, Some(token))?.0 {
            // It is of a user who may not see the page.
            200 | 403 => Ok(TokenState::Good),
            401 => Ok(TokenState::Refused),
            status => Err(no_answer(root, status)),
        }
    }

    fn probe(&self, root: &Url, token: Option<&Token>) -> Result<Response, SignInError> {
        let request = |url: &Url| -> Result<RequestBuilder, SignInError> {
            let mut request = self.http(url)?.head(url.clone()).timeout(self.timeout());
            if let Some(token) = token {
                request = request.header(AUTHORIZATION, token.header());
            }
            Ok(request)
        };
        let (url, answer) = self.sent_on(root, below(root, PROBED), request)?;
        if answer.0 == 200 && has_type(&answer.1, "text/html") { Err(page(&url)) } else { Ok(answer) }
    }

    /// The answer to a request of this server, also where it redirects to itself, and the address that gave it.
    fn sent_on(
        &self,
        server: &Url,
        mut url: Url,
        request: impl Fn(&Url) -> Result<RequestBuilder, SignInError>,
    ) -> Result<(Url, Response), SignInError> {
        for _ in 0..=MOST_MOVES {
            let answer = self.run(&url, request(&url)?, MAX_ANSWER)?;
            if !(300..400).contains(&answer.0) {
                return Ok((url, answer));
            }
            url = moved(server, &url, &answer.1)?;
        }
        Err(not_dcos(server, "with redirects without an end".to_owned()))
    }

    /// Signs in at an address of `/acs/api/v1/auth/login`: a token.
    ///
    /// # Errors
    /// When there is no answer, or the server refuses.
    pub(crate) fn sign_in_at(&self, login: &Url, account: &Account) -> Result<Token, SignInError> {
        secured(login)?;
        let now = clock::now();
        let (url, mut answer) = self.log_in(login, account, now)?;
        let server = time_of(&answer.1);
        let skew = server.map_or(0, |server| server - now);
        if answer.0 == 401 && account.has_proof() && skew.abs() > SKEW {
            answer = self.log_in(login, account, now + skew)?.1;
        }
        let (status, headers, body) = answer;
        let body = Zeroizing::new(body);
        match status {
            200 | 201 => token_of(&headers, &body).ok_or_else(|| {
                if is_page(&body) { page(&url) } else { not_dcos(&url, "without a token".to_owned()) }
            }),
            _ if has_type(&headers, "text/html") && status != 401 => Err(page(&url)),
            _ => Err(refused(&url, status, &body, account, skew)),
        }
    }

    /// Sends who signs in.
    fn log_in(&self, login: &Url, account: &Account, now: i64) -> Result<(Url, Response), SignInError> {
        let no_proof =
            || ClientError::SignIn { message: "the private key cannot sign".to_owned(), is_refusal: false };
        let json = Zeroizing::new(account.request(now).ok_or_else(no_proof)?.to_string());
        self.sent_on(login, login.clone(), |url| {
            let request = self.http(url)?.request(Method::POST, url.clone()).timeout(self.timeout());
            let request = request.header(ACCEPT, "application/json").header(CONTENT_TYPE, "application/json");
            Ok(request.body(json.as_bytes().to_vec()))
        })
    }
}

/// Where DC/OS gives tokens.
#[must_use]
pub(crate) fn login_url(root: &Url) -> Url {
    below(root, LOGIN)
}

/// Where an account signs in at this DC/OS: at the path that its own file names, where that is of this very server.
#[must_use]
pub(crate) fn login_of(account: &Account, root: &Url) -> Url {
    let own = account.login_endpoint().filter(|own| own.origin() == root.origin() && own.path() != "/");
    let Some(own) = own else { return login_url(root) };
    let mut login = root.clone();
    login.set_path(own.path());
    login.set_query(own.query());
    login
}

/// The other server at which the account's own file says that it signs in, which gets nothing from it.
#[must_use]
pub(crate) fn other_login(account: &Account, root: &Url) -> Option<String> {
    account.login_endpoint().filter(|own| own.origin() != root.origin()).map(shown)
}

/// The target of a redirect within a server.
fn moved(root: &Url, url: &Url, headers: &HeaderMap) -> Result<Url, SignInError> {
    match target(url, headers) {
        Some(next) if next.origin() == root.origin() => Ok(next),
        _ => {
            let to = location(url, headers).unwrap_or_else(|| "nowhere".to_owned());
            Err(SignInError::Redirected { url: shown(url), to })
        }
    }
}

/// Refuses an address of plain http on another machine.
fn secured(url: &Url) -> Result<(), EndpointError> {
    if !is_readable(url) {
        return Ok(());
    }
    Err(EndpointError::InTheClear { credential: "a password", otherwise: "", url: shown(url) })
}

/// The error of an answer that tells nothing of logins.
fn no_answer(root: &Url, status: u16) -> SignInError {
    if status >= 500 {
        SignInError::Failing { url: shown(root), status }
    } else {
        not_dcos(root, status.to_string())
    }
}

fn not_dcos(url: &Url, what: String) -> SignInError {
    let advice = "give the address of DC/OS's admin router, such as https://dcos.example; a plain Marathon has no login: \
                  --user and --password-file are for its HTTP authentication";
    SignInError::Other { url: shown(url), what, advice }
}

fn page(url: &Url) -> SignInError {
    let advice = "open the address in a browser: a network's login page has to be passed first; a proxy is left out with \
                  NO_PROXY";
    SignInError::Other { url: shown(url), what: "with a web page".to_owned(), advice }
}

fn has_type(headers: &HeaderMap, wanted: &str) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.to_ascii_lowercase().starts_with(wanted))
}

/// The scheme of a challenge, in lower case.
fn challenge(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
    let mut schemes = all.filter_map(|value| value.split([' ', ',']).next()).map(str::to_ascii_lowercase);
    let first = schemes.next()?;
    let known = |scheme: &String| matches!(scheme.as_str(), "acsjwt" | "oauthjwt");
    if known(&first) { Some(first) } else { schemes.find(known).or(Some(first)) }
}

/// The server's time, in seconds since 1970.
fn time_of(headers: &HeaderMap) -> Option<i64> {
    let time = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// The token in an answer: in its body, or in the cookie that browsers get.
fn token_of(headers: &HeaderMap, body: &[u8]) -> Option<Token> {
    let of_body = serde_json::from_slice::<Json>(body).ok();
    let of_body = of_body.as_ref().and_then(|json| json.get("token")?.as_str());
    let mut cookies = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let of_cookie = cookies.find_map(|cookie| cookie.split(';').next()?.trim().strip_prefix(COOKIE));
    Token::new(of_body.or(of_cookie)?, "the answer").ok()
}

fn refused(url: &Url, status: u16, body: &[u8], account: &Account, skew: i64) -> SignInError {
    let message =
        said(body).map(|words| words.chars().filter(|c| !c.is_control()).take(200).collect::<String>());
    let name = account.name().unwrap_or_default();
    let advice = match (status, account) {
        (401, Account::Service(_)) if skew.abs() > SKEW => format!(
            "there is no service account {name} with this key, or the clocks are too far apart: this machine's is {} s {} \
             the server's",
            skew.abs(),
            if skew > 0 { "behind" } else { "ahead of" }
        ),
        (401, Account::Service(_)) => {
            format!("there is no service account {name}, or the private key is of another account")
        }
        (401, Account::User { .. }) => format!("the password of {name} is wrong, or there is no such user"),
        (401, Account::Browser(_)) => {
            "the token is wrong, or has ended: get another from the web page".to_owned()
        }
        (403, _) => "the user may not sign in".to_owned(),
        (404 | 405, _) => "is this the address of DC/OS? its login is at /acs/api/v1/auth/login".to_owned(),
        (500.., _) => "DC/OS cannot sign anybody in now: try again later".to_owned(),
        _ => "the login was not accepted".to_owned(),
    };
    let message = message.map(|words| format!(" ({words:?})")).unwrap_or_default();
    // DC/OS is at the root of its host, unless a proxy puts it elsewhere.
    let advice = match url.path().strip_suffix(LOGIN).map(|before| before.trim_end_matches('/')) {
        Some(before) if status == 401 && !before.is_empty() => {
            format!("{advice}; or DC/OS is at {}, and not at {before}", origin(url))
        }
        _ => advice,
    };
    let advice = match other_login(account, url) {
        Some(other) if status == 401 => {
            format!("{advice}; its file says that it signs in at {other}, which is another server")
        }
        _ => advice,
    };
    SignInError::Refused { url: shown(url), status, message, advice }
}

/// What is done with a new token.
pub(crate) type Keep = Box<dyn Fn(&Token) + Send + Sync>;

/// Signs in whenever a token is needed.
pub(crate) struct Renewal {
    /// Who.
    pub account: Account,
    /// The address that it signs in at, or why it does not.
    login: Result<Url, String>,
    /// What is done with a new token.
    pub keep: Option<Keep>,
}

impl Renewal {
    /// Signs in at a DC/OS. Where the server is a Marathon beside DC/OS, the account's own file says where, and that has to
    /// be the cluster that is set: a file must not send the proof to whatever server it names.
    pub(crate) fn new(
        account: Account,
        root: &Url,
        is_dcos: bool,
        is_cluster: impl Fn(&Url) -> bool,
    ) -> Self {
        let other = account.login_endpoint().filter(|own| !is_dcos && own.origin() != root.origin());
        let login = match other {
            None => Ok(login_of(&account, root)),
            Some(own) if is_cluster(own) => Ok(login_of(&account, own)),
            Some(own) => Err(format!(
                "the service account {} is of {}, which is another server than {}: nothing was sent there; set DCOS_URL={} if \
                 that is the cluster",
                account.name().unwrap_or_default(),
                shown(own),
                origin(root),
                origin(own)
            )),
        };
        Self { account, login, keep: None }
    }
}

impl Renew for Renewal {
    fn renew(&self, client: &Client) -> Result<Token, ClientError> {
        let login = self
            .login
            .as_ref()
            .map_err(|why| ClientError::SignIn { message: why.clone(), is_refusal: false });
        let token = client.sign_in_at(login?, &self.account).map_err(SignInError::of_request)?;
        if let Some(keep) = &self.keep {
            keep(&token);
        }
        Ok(token)
    }
}
