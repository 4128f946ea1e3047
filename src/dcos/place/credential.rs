//! Who asks a server.

use std::path::Path;
use std::sync::Arc;

use super::{PlaceError, PlaceSources, TracedSetting, same_origin};
use crate::credential::clock;
use crate::dcos::account::{Account, ServiceAccount};
use crate::dcos::logins::{KeptAccount, KeptLogin, TokenFile};
use crate::dcos::place::root_of;
use crate::dcos::sign_in::Renewal;
use crate::http::{Renew, Token, TokenHolder, TokenSource, Url, is_service};
use crate::util::escape::shown_path;

/// Who asks a server.
#[derive(Default)]
pub(super) struct Access {
    /// The token, and the way to the next one.
    pub(super) token: Option<TokenHolder>,
    /// Whether options or `milepost.toml` name it for these very addresses.
    pub(super) is_named: bool,
    /// Whether the token is one that the DC/OS CLI itself sends to this address.
    pub(super) is_of_cluster: bool,
    /// That a token is not sent, because it is another server's: the first words of the advice where a token is missing.
    pub(super) withheld: Option<String>,
    /// Where the token is from.
    pub(super) source: Option<TokenSource>,
    /// The same as settings.
    pub(super) settings: Vec<TracedSetting>,
    /// What does not count.
    pub(super) passed_over: Vec<TracedSetting>,
}

/// A token that is there, and where it comes from.
struct FoundToken {
    token: Token,
    origin: String,
    source: TokenKind,
}

/// What a token comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    /// A file that options or `milepost.toml` name.
    File,
    /// `DCOS_ACS_TOKEN`.
    Variable,
    /// `milepost login`.
    Login,
    /// The DC/OS CLI's file of its cluster.
    Cluster,
}

impl TokenKind {
    /// How another is had, after a colon.
    fn next(self) -> &'static str {
        match self {
            Self::File => "put another there",
            Self::Variable => "set another, or unset it and sign in with `milepost login`",
            Self::Login | Self::Cluster => "`milepost login` gets another",
        }
    }
}

/// Who can sign in, and where that comes from.
struct FoundAccount {
    account: Account,
    origin: String,
    /// Where its tokens are kept.
    kept: Option<(TokenFile, KeptLogin)>,
}

impl PlaceSources<'_> {
    /// Puts the user and the password of a Marathon with HTTP authentication into its addresses.
    pub(super) fn add_user(&self, urls: &mut [Url], is_environment: bool) -> Result<(), PlaceError> {
        let of_environment = || {
            let environment = self.environment().filter(|_| is_environment)?;
            let pair = (environment.user.as_deref(), environment.password_file.as_deref());
            Some((pair, environment.origin.as_str()))
        };
        let given = (self.given.user, self.given.password_file);
        let pair = if given == (None, None) { of_environment() } else { Some((given, "--user")) };
        let (user, file) = match pair {
            None | Some(((None, None), _)) => return Ok(()),
            Some(((Some(user), Some(file)), _)) => (user, file),
            Some((_, origin)) => return Err(PlaceError::HalfUser(origin.to_owned())),
        };
        let text = self.read_secret(file)?;
        let password = text.trim_end_matches(['\r', '\n']);
        for url in urls {
            // Fails only for addresses without a host, and a base address has one.
            let _ = url.set_username(user);
            let _ = url.set_password(Some(password));
        }
        Ok(())
    }

    /// Who asks the server at this address.
    pub(super) fn access(&self, base: &Url, is_environment: bool) -> Result<Access, PlaceError> {
        if let Some(access) = self.given_access(base, is_environment)? {
            return Ok(access);
        }
        let mut access = Access::default();
        self.tell_of_environment(is_environment, &mut access);
        if !base.username().is_empty() {
            let user = base.username().to_owned();
            let of_environment = || self.environment().filter(|it| is_environment && it.user.is_some());
            let origin = match (self.given.user, of_environment()) {
                (Some(_), _) => "--user".to_owned(),
                (None, Some(environment)) => environment.origin.clone(),
                (None, None) => "the address".to_owned(),
            };
            access.settings.push(TracedSetting { name: "user", value: user, origin });
            self.of_variable(base, &mut access)?;
            return Ok(access);
        }
        let of_variable = self.of_variable(base, &mut access)?;
        let named = self.account_of_variables(base, &mut access)?;
        let (of_login, of_file) = match TokenFile::find(self.variable) {
            Ok(logins) => of_login(logins, base)?,
            Err(_) => (None, None),
        };
        let of_cluster = self.of_cluster(base, &mut access)?;
        // The user that the variables name asks: what is kept of another user does not count.
        let is_of_named = |found: &FoundToken| {
            named.as_ref().is_none_or(|named| found.token.user().as_deref() == named.account.name())
        };
        let (kept, others): (Vec<FoundToken>, Vec<FoundToken>) =
            [of_login, of_cluster].into_iter().flatten().partition(is_of_named);
        let mut tokens: Vec<FoundToken> = of_variable.into_iter().chain(kept).collect();
        // One that has ended counts only where the same user has no other, or it is had anew.
        let can_be_had = |found: &FoundToken| found.source == TokenKind::Login && of_file.is_some();
        let user = tokens.first().map(|first| first.token.user());
        let is_of_user = |found: &FoundToken| user.as_ref().is_none_or(|user| *user == found.token.user());
        let counts =
            |found: &FoundToken| is_of_user(found) && (!found.token.has_ended() || can_be_had(found));
        let chosen = tokens.iter().position(counts).unwrap_or_default();
        let token = (!tokens.is_empty()).then(|| tokens.remove(chosen));
        for FoundToken { origin, .. } in tokens.into_iter().chain(others) {
            access.passed_over.push(TracedSetting::token(origin));
        }
        let of_file =
            of_file.filter(|_| token.as_ref().is_some_and(|token| token.source == TokenKind::Login));
        let account = named.or(of_file);
        // `milepost login` keeps none for an address of plain http, so that there it is one of the DC/OS CLI's.
        access.is_of_cluster = token.is_some();
        access.take(base, self, token, account);
        Ok(access)
    }

    /// Who the options or the environment of `milepost.toml` say.
    fn given_access(&self, base: &Url, is_environment: bool) -> Result<Option<Access>, PlaceError> {
        let environment = self.environment().filter(|_| is_environment);
        let given = (self.given.token_file, self.given.service_account);
        let (files, origins) = match (given, environment) {
            ((None, None), None) => return Ok(None),
            ((None, None), Some(environment)) => {
                let files = (environment.token_file.as_deref(), environment.service_account.as_deref());
                (files, [environment.origin.clone(), environment.origin.clone()])
            }
            (files, _) => (files, ["--token-file".to_owned(), "--service-account".to_owned()]),
        };
        let [of_token, of_account] = origins;
        let token = files.0.map(|file| self.token_in(file, of_token)).transpose()?;
        let account = files.1.map(|file| account_in(file, of_account)).transpose()?;
        if token.is_none() && account.is_none() {
            return Ok(None);
        }
        let mut access = Access { is_named: true, ..Access::default() };
        access.take(base, self, token, account);
        Ok(Some(access))
    }

    /// The token in a file.
    fn token_in(&self, file: &Path, origin: String) -> Result<FoundToken, PlaceError> {
        let text = self.read_secret(file)?;
        Ok(FoundToken { token: Token::new(&text, &shown_path(&file))?, origin, source: TokenKind::File })
    }

    /// Whether a token is had from this very server.
    fn is_dcos(&self, base: &Url) -> bool {
        is_service(base) || self.is_at_root(base)
    }

    /// The token in `DCOS_ACS_TOKEN`, which belongs to `DCOS_URL`, or without that to the attached cluster.
    fn of_variable(&self, base: &Url, access: &mut Access) -> Result<Option<FoundToken>, PlaceError> {
        let Some(text) = self.set("DCOS_ACS_TOKEN") else { return Ok(None) };
        let origin = "DCOS_ACS_TOKEN".to_owned();
        let root = self.root();
        if base.username().is_empty() && root.as_ref().is_some_and(|root| same_origin(&root.url, base)) {
            let token = Token::new(&text, &origin)?;
            return Ok(Some(FoundToken { token, origin, source: TokenKind::Variable }));
        }
        access.withheld = Some(not_sent(&origin));
        let why = root.map_or_else(
            || "without DCOS_URL it is for no server".to_owned(),
            |root| format!("it is for {}", root.origin),
        );
        let origin = format!("{origin}, {why}");
        access.passed_over.push(TracedSetting::token(origin));
        Ok(None)
    }

    /// The token of the attached cluster.
    fn of_cluster(&self, base: &Url, access: &mut Access) -> Result<Option<FoundToken>, PlaceError> {
        let Ok(cluster) = self.cluster() else { return Ok(None) };
        let Some(text) = cluster.token.as_ref() else { return Ok(None) };
        let text = secrecy::ExposeSecret::expose_secret(text);
        if text.trim().is_empty() {
            return Ok(None);
        }
        let origin = cluster.origin();
        if !self.is_at_cluster(base) {
            let server = self
                .cluster_root()
                .map(|root| format!(", {}", crate::http::origin(&root.url)))
                .unwrap_or_default();
            access.withheld.get_or_insert(format!(
                "the token of {origin} was not sent, because it belongs to that cluster{server}"
            ));
            return Ok(None);
        }
        Ok(Some(FoundToken { token: Token::new(text, &origin)?, origin, source: TokenKind::Cluster }))
    }

    /// The account in the environment: the service account that DC/OS gives to services, or a user with a password.
    fn account_of_variables(
        &self,
        base: &Url,
        access: &mut Access,
    ) -> Result<Option<FoundAccount>, PlaceError> {
        const SERVICE: &str = "DCOS_SERVICE_ACCOUNT_CREDENTIAL";
        let is_own = self.is_at_root(base);
        if let Some(text) = self.set(SERVICE) {
            let text = text.trim();
            let bad = |problem| PlaceError::Account { from: SERVICE.to_owned(), problem };
            let account = if text.starts_with('{') {
                ServiceAccount::parse(text)
            } else {
                ServiceAccount::read(Path::new(text.strip_prefix("file://").unwrap_or(text)))
            };
            let account = account.map_err(bad)?;
            let is_its_own = account.login_endpoint.as_ref().is_some_and(|login| same_origin(login, base));
            if is_own || is_its_own {
                let account = Account::Service(Box::new(account));
                return Ok(Some(FoundAccount { account, origin: SERVICE.to_owned(), kept: None }));
            }
            access.pass_over_account(&account.uid, SERVICE);
        }
        match (self.set("DCOS_USERNAME"), self.set("DCOS_PASSWORD")) {
            (Some(name), Some(password)) if is_own => {
                let account = Account::User { name, password: password.into() };
                Ok(Some(FoundAccount { account, origin: OF_USER.to_owned(), kept: None }))
            }
            (Some(name), Some(_)) => {
                access.pass_over_account(&name, OF_USER);
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Tells of the credentials of an environment whose addresses do not count.
    fn tell_of_environment(&self, is_environment: bool, access: &mut Access) {
        let Some(environment) = self.environment().filter(|_| !is_environment) else { return };
        let files = [("token", &environment.token_file), ("service-account", &environment.service_account)];
        for (name, file) in files.into_iter().filter_map(|(name, file)| Some((name, file.as_ref()?))) {
            let origin = &environment.origin;
            access.withheld.get_or_insert_with(|| {
                format!(
                    "the {name} of {origin} was not sent, because it is for that environment's own address"
                )
            });
            access.passed_over.push(TracedSetting {
                name,
                value: shown_path(&file),
                origin: format!("{origin}, for its own address"),
            });
        }
    }
}

/// That what a variable holds is for another server.
fn not_sent(variable: &str) -> String {
    format!(
        "{variable} was not sent, because it belongs to DCOS_URL, or without that to the attached cluster"
    )
}

/// The variables of a user with a password.
const OF_USER: &str = "DCOS_USERNAME, DCOS_PASSWORD";

impl Access {
    /// Tells of an account of the environment that is not for this server.
    fn pass_over_account(&mut self, name: &str, origin: &str) {
        self.withheld.get_or_insert_with(|| not_sent(origin));
        self.passed_over.push(TracedSetting {
            name: "signs-in-as",
            value: name.to_owned(),
            origin: format!("{origin}, for DCOS_URL or the attached cluster"),
        });
    }

    /// Takes a token, and who signs in for the next one.
    fn take(
        &mut self,
        base: &Url,
        sources: &PlaceSources<'_>,
        token: Option<FoundToken>,
        account: Option<FoundAccount>,
    ) {
        if let Some(FoundToken { token, origin, source }) = &token {
            self.source = Some(TokenSource { origin: origin.clone(), next: source.next() });
            self.settings.push(TracedSetting::token(origin.clone()));
            let stated =
                [("user", token.user()), ("until", token.end().map(|end| clock::minute(end) + " UTC"))];
            let stated = stated.into_iter().filter_map(|(name, value)| Some((name, value?)));
            self.settings.extend(stated.map(|(name, value)| TracedSetting {
                name,
                value,
                origin: "the token".to_owned(),
            }));
        }
        if let Some(FoundAccount { account, origin, .. }) = &account {
            let value = account.name().unwrap_or_default().to_owned();
            self.settings.push(TracedSetting { name: "signs-in-as", value, origin: origin.clone() });
        }
        let renewal = account.map(|FoundAccount { account, kept, .. }| {
            let is_cluster = |url: &Url| sources.is_at_root(url) || sources.is_at_cluster(url);
            let mut renewal = Renewal::new(account, &root_of(base), sources.is_dcos(base), is_cluster);
            if let Some((logins, login)) = kept {
                let base = base.clone();
                renewal.keep = Some(Box::new(move |token: &Token| {
                    let kept = KeptLogin::new(token, login.user.clone(), login.account.clone());
                    // It is only had anew the next time.
                    let _ = logins.put(&base, kept);
                }));
            }
            Arc::new(renewal) as Arc<dyn Renew>
        });
        if token.is_some() || renewal.is_some() {
            self.token = Some(TokenHolder::new(token.map(|found| found.token), renewal));
        }
    }
}

/// The service account in a file.
fn account_in(file: &Path, origin: String) -> Result<FoundAccount, PlaceError> {
    found_account(ServiceAccount::read(file), origin)
}

fn found_account(
    account: Result<ServiceAccount, String>,
    origin: String,
) -> Result<FoundAccount, PlaceError> {
    let account = account.map_err(|problem| PlaceError::Account { from: origin.clone(), problem })?;
    Ok(FoundAccount { account: Account::Service(Box::new(account)), origin, kept: None })
}

/// What `milepost login` has kept for an address: a token, and the service account that signs in again.
fn of_login(logins: TokenFile, base: &Url) -> Result<(Option<FoundToken>, Option<FoundAccount>), PlaceError> {
    let Some(kept) = logins.get(base)? else { return Ok((None, None)) };
    let origin = format!("milepost login ({})", shown_path(&logins.file));
    let token = kept.token(&logins.file)?;
    let token = FoundToken { token, origin: origin.clone(), source: TokenKind::Login };
    let KeptAccount { service_account, private_key, uid } = &kept.account;
    let account = match (service_account, private_key, uid) {
        (Some(file), ..) if file.exists() => Some(account_in(file, origin)?),
        (None, Some(file), Some(uid)) if file.exists() => {
            Some(found_account(ServiceAccount::with_key_file(uid, file), origin)?)
        }
        _ => None,
    };
    let of_account = account.as_ref().and_then(|found| found.account.name());
    if let (Some(user), Some(other)) = (kept.user.as_deref(), of_account)
        && user != other
    {
        return Err(PlaceError::Account {
            from: token.origin,
            problem: format!(
                "{user} has signed in, and the file of the service account is one of {other} now: `milepost login` \
                 signs in anew, `milepost logout` forgets it"
            ),
        });
    }
    let account = account.map(|account| FoundAccount { kept: Some((logins, kept)), ..account });
    Ok((Some(token), account))
}
