//! `milepost login`

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use secrecy::SecretString;

use super::connection::{DcosConnection, variable};
use super::creds::{ask_password, read_password_file, read_stdin};
use super::terminal::warn_where_open;
use super::{Exit, Terminal};
use crate::credential::clock;
use crate::dcos::{
    Account, KeptAccount, KeptLogin, LoginKind, ServiceAccount, SignInError, TokenFile, TokenState, login_of,
    login_url, other_login,
};
use crate::http::{Client, Endpoint, Token, TokenHolder, Url, origin, shown};
use crate::source;
use crate::util::escape::shown_path;

const EXAMPLES: &str = "\
The token is kept in milepost/logins.json under XDG_CONFIG_HOME or ~/.config, which only its owner can read
(0600), and is sent to this scheme, host and port only. The files of the DC/OS CLI under ~/.dcos are read and
never written. A service account's file is remembered: when its token ends, milepost signs in again. A
password is not kept.

Examples:
  milepost login https://dcos.example --username alice
  milepost login https://dcos.example --username ci --password-stdin < password.txt
  milepost login https://dcos.example --service-account ci.json
  milepost login https://dcos.example --username ci --private-key ci-private.pem
  milepost login https://dcos.example --token-file token.txt

Registries of images have `milepost creds login`.

Open DC/OS gives its tokens at /login?redirect_uri=urn:ietf:wg:oauth:2.0:oob, to a browser: give them with
--token-file, or enter them at a terminal.

Exit codes: 0 done, or no login is needed; 2 wrong usage, no connection, or a server that is not DC/OS;
3 the credentials are wrong; 5 no answer in time.";

/// Sign in to DC/OS, and keep the token for other commands.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "the comments are help texts for a terminal")]
#[command(after_long_help = EXAMPLES)]
#[command(group = clap::ArgGroup::new("password").args(["password_stdin", "login_password_file", "private_key"]))]
pub(super) struct Args {
    /// The address of DC/OS, such as https://dcos.example; without it the one that other commands use
    #[arg(value_name = "URL", conflicts_with = "url")]
    address: Option<String>,

    /// The user [env: DCOS_USERNAME]
    #[arg(short, long, value_name = "USER", conflicts_with_all = ["service_account", "token_file"])]
    username: Option<String>,

    /// Read the password from standard input, without the line break at its end
    #[arg(long, conflicts_with_all = ["service_account", "token_file"])]
    password_stdin: bool,

    /// Read the password from this file
    #[arg(id = "login_password_file", long = "password-file", value_name = "FILE", conflicts_with_all = ["service_account", "token_file"])]
    password_file: Option<PathBuf>,

    /// Sign in as the service account of --username with the private key (RSA, PEM) in this file
    #[arg(long, value_name = "FILE", requires = "username")]
    private_key: Option<PathBuf>,

    #[command(flatten)]
    connection: DcosConnection,
}

/// Who signs in, and the files that the next login needs.
struct SignInFile {
    account: Account,
    files: KeptAccount,
}

pub(super) fn run(args: &Args, term: &mut Terminal) -> anyhow::Result<Exit> {
    let access = args.connection.access();
    if access.token_file().is_some() && access.service_account().is_some() {
        bail!("--token-file and --service-account each say who signs in: give one of them");
    }
    let (endpoint, client) = args.connection.open_to_sign_in(args.address.as_deref())?;
    let root = endpoint.base();
    let logins = TokenFile::find(&variable)?;
    let token = args.token(&endpoint)?;
    let service_account = if token.is_none() { args.service_account()? } else { None };
    let kind = client.login_kind(root).map_err(plain)?;
    if kind == LoginKind::None {
        writeln!(term.err(), "{endpoint} lets everybody in: no login is needed")?;
        return Ok(Exit::Fine);
    }
    let signed_in = if let Some(token) = token {
        check(&client, root, kind, token).map(|token| (token, None, KeptAccount::default()))
    } else {
        let SignInFile { account, files } = match service_account {
            Some(login) => login,
            None => {
                SignInFile { account: args.user_account(root, kind, term)?, files: KeptAccount::default() }
            }
        };
        if let Some(other) = other_login(&account, root) {
            let server = origin(root);
            writeln!(
                term.err(),
                "note: the login_endpoint {other} of the file is another server: nothing is sent there, and {server} is asked"
            )?;
        }
        let token = client.sign_in_at(&login_of(&account, root), &account);
        token.map(|token| (token, account.name().map(str::to_owned), files))
    };
    let (token, name, files) = match signed_in {
        Ok(signed_in) => signed_in,
        Err(error) if error.is_refusal() => {
            writeln!(term.err(), "error: not signed in: {error}")?;
            return Ok(Exit::Refused);
        }
        Err(error) => return Err(plain(error)),
    };
    let user = token.user().or(name);
    logins.put(root, KeptLogin::new(&token, user.clone(), files))?;
    let user = user.map(|user| format!(" as {user}")).unwrap_or_default();
    let (server, end, file) = (origin(root), until(&token), shown_path(&logins.file));
    writeln!(term.err(), "signed in to {server}{user}{end}; the token is in {file}")?;
    Ok(Exit::Fine)
}

/// A variable with what signs in, if it is for this server: beside `DCOS_URL` it is for that alone.
fn of_server(name: &str, root: &Url) -> Option<String> {
    let is_for_it = |url: String| {
        let urls = url.split(',').filter_map(|url| Url::parse(url.trim()).ok());
        urls.map(|url| origin(&url)).any(|of_url| of_url == origin(root))
    };
    variable(name).filter(|_| variable("DCOS_URL").is_none_or(is_for_it))
}

/// Tells of variables that are for another server.
fn tell_of_variables(root: &Url, term: &mut Terminal) -> io::Result<()> {
    let others: Vec<&str> = ["DCOS_USERNAME", "DCOS_PASSWORD"]
        .into_iter()
        .filter(|name| variable(name).is_some() && of_server(name, root).is_none())
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let others = others.join(" and ");
    writeln!(term.err(), "note: {others} not used: for DCOS_URL, which is not {}", origin(root))
}

/// When a token ends, after what it is for; nothing where it does not say.
pub(super) fn until(token: &Token) -> String {
    let Some(end) = token.end().map(clock::minute) else { return String::new() };
    if token.has_ended() {
        return format!(" with a token that ended at {end} UTC by the clock of this machine");
    }
    format!(" until {end} UTC")
}

/// An error whose cause decides about the exit code.
pub(super) fn plain(error: SignInError) -> anyhow::Error {
    match error {
        SignInError::Client(error) => error.into(),
        other => other.into(),
    }
}

/// Asks the server whether a token is good. Open DC/OS takes one of its web page for another.
fn check(client: &Client, root: &Url, kind: LoginKind, token: Token) -> Result<Token, SignInError> {
    if client.try_token(root, &token)? == TokenState::Good {
        return Ok(token);
    }
    if kind == LoginKind::Browser {
        return client.sign_in_at(&login_url(root), &Account::Browser(token.text().into()));
    }
    Err(SignInError::Refused {
        url: shown(root),
        status: 401,
        message: String::new(),
        advice: if token.has_ended() { "the token has ended" } else { "the token is wrong, or has ended" }
            .to_owned(),
    })
}

impl Args {
    /// The ready token of --token-file, which may be sent to this server.
    fn token(&self, endpoint: &Endpoint) -> anyhow::Result<Option<Token>> {
        let Some(file) = self.connection.access().token_file() else { return Ok(None) };
        let text = secrecy::zeroize::Zeroizing::new(source::read(file)?);
        warn_where_open(file);
        let token = Token::new(&text, &shown_path(&file))?;
        endpoint.clone().with_token(Some(TokenHolder::new(Some(token.clone()), None)))?;
        Ok(Some(token))
    }

    /// The service account that signs in.
    fn service_account(&self) -> anyhow::Result<Option<SignInFile>> {
        let kept = |file: &Path| Some(std::path::absolute(file).unwrap_or_else(|_| file.to_owned()));
        let (account, files) = if let Some(file) = self.connection.access().service_account() {
            let account = ServiceAccount::read(file).map_err(|why| anyhow!("--service-account: {why}"))?;
            (account, KeptAccount { service_account: kept(file), ..KeptAccount::default() })
        } else if let (Some(file), Some(uid)) = (&self.private_key, &self.username) {
            let account = ServiceAccount::with_key_file(uid, file);
            let account = account.map_err(|why| anyhow!("--private-key: {why}"))?;
            let files =
                KeptAccount { private_key: kept(file), uid: Some(uid.clone()), ..KeptAccount::default() };
            (account, files)
        } else {
            return Ok(None);
        };
        Ok(Some(SignInFile { account: Account::Service(Box::new(account)), files }))
    }

    /// The user who signs in, with a password, or a token of the web page.
    fn user_account(&self, root: &Url, kind: LoginKind, term: &mut Terminal) -> anyhow::Result<Account> {
        let is_asked = io::stdin().is_terminal() && !self.password_stdin;
        Ok(if kind == LoginKind::Browser && self.username.is_none() {
            let page = format!("{}login?redirect_uri=urn:ietf:wg:oauth:2.0:oob", shown(root));
            if !is_asked {
                bail!(
                    "{page} gives a browser the token: give it with --token-file, because there is no terminal to enter it at"
                );
            }
            writeln!(term.err(), "open {page} in a browser")?;
            Account::Browser(ask_password("Token from the browser: ", term)?)
        } else {
            let name = self.user(root, is_asked, term)?;
            let password = self.password(&name, (root, is_asked), term)?;
            Account::User { name, password }
        })
    }

    fn user(&self, root: &Url, is_asked: bool, term: &mut Terminal) -> anyhow::Result<String> {
        if let Some(name) = self.username.clone().or_else(|| of_server("DCOS_USERNAME", root)) {
            return Ok(name);
        }
        if !is_asked {
            tell_of_variables(root, term)?;
            bail!(
                "who signs in? give --username, --service-account or --token-file; there is no terminal to ask at"
            );
        }
        write!(term.err(), "User: ")?;
        term.err().flush()?;
        let mut name = String::new();
        io::stdin().read_line(&mut name).context("cannot read the user")?;
        match name.trim() {
            "" => bail!("no user was given"),
            name => Ok(name.to_owned()),
        }
    }

    fn password(
        &self,
        name: &str,
        (root, is_asked): (&Url, bool),
        term: &mut Terminal,
    ) -> anyhow::Result<SecretString> {
        if let Some(file) = &self.password_file {
            return read_password_file(file);
        }
        if self.password_stdin {
            return read_stdin();
        }
        if let Some(password) = of_server("DCOS_PASSWORD", root) {
            return Ok(password.into());
        }
        if !is_asked {
            tell_of_variables(root, term)?;
            bail!(
                "there is no terminal to ask for the password at: give --password-stdin, --password-file FILE, or set \
                 DCOS_PASSWORD"
            );
        }
        ask_password(&format!("Password of {}: ", name.replace(char::is_control, "?")), term)
    }
}
