//! Who signs in to DC/OS: a user with a password, or a service account with its private key.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::http::Url;
use crate::source;
use crate::util::escape::shown_path;

/// How long the proof of a service account counts, in seconds, as the DC/OS CLI has it.
const LIFE_OF_PROOF: i64 = 300;

/// Who signs in, and with what.
pub(crate) enum Account {
    /// A user.
    User {
        /// The name.
        name: String,
        /// The password.
        password: SecretString,
    },
    /// A service account.
    Service(Box<ServiceAccount>),
    /// Whoever has signed in at the web page of DC/OS, which shows this.
    Browser(SecretString),
}

/// A service account of DC/OS Enterprise.
pub(crate) struct ServiceAccount {
    /// Its name.
    pub uid: String,
    /// Where its file says that it signs in.
    pub login_endpoint: Option<Url>,
    key: RsaKeyPair,
}

/// The file that `dcos security secrets create-sa-secret` makes.
#[derive(Deserialize)]
struct AccountFile {
    uid: String,
    scheme: Option<String>,
    private_key: SecretString,
    login_endpoint: Option<String>,
}

impl ServiceAccount {
    /// Reads the JSON of an account.
    ///
    /// # Errors
    /// When it is something else, or its key cannot be used. The message has no part of the key.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let file: AccountFile = serde_json::from_str(text).map_err(|error| {
            // The message of serde quotes values.
            format!(
                "this is not a service account: line {} of it is not as expected; it is JSON such as {{\"uid\": …, \
                 \"scheme\": \"RS256\", \"private_key\": …, \"login_endpoint\": …}}",
                error.line()
            )
        })?;
        if let Some(scheme) = file.scheme.filter(|scheme| scheme != "RS256") {
            return Err(format!(
                "its scheme is {scheme:?}, and accounts sign in with RS256; make it with `dcos security org \
                 service-accounts create`"
            ));
        }
        let login_endpoint = file.login_endpoint.and_then(|url| Url::parse(&url).ok());
        let key =
            key(file.private_key.expose_secret().as_bytes()).map_err(|why| format!("its key: {why}"))?;
        Ok(Self { uid: file.uid, login_endpoint, key })
    }

    /// An account with its private key in a PEM file, which must not be open to others.
    ///
    /// # Errors
    /// When the key cannot be read or used.
    pub(crate) fn with_key_file(uid: &str, path: &Path) -> Result<Self, String> {
        check_private(path)?;
        let pem = Zeroizing::new(source::read_bytes(path).map_err(|error| error.to_string())?);
        let key = key(&pem).map_err(|why| format!("{}: {why}", shown_path(&path)))?;
        Ok(Self { uid: uid.to_owned(), login_endpoint: None, key })
    }

    /// Reads the file of an account, which must not be open to others.
    ///
    /// # Errors
    /// When it cannot be read or used.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        check_private(path)?;
        let text = Zeroizing::new(source::read(path).map_err(|error| error.to_string())?);
        Self::parse(&text).map_err(|why| format!("{}: {why}", shown_path(&path)))
    }

    /// A proof that the account signs in at this time, in seconds since 1970: a JWT that it signs itself (RS256).
    fn proof(&self, now: i64) -> Option<Zeroizing<String>> {
        let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let claims = json!({ "uid": self.uid, "exp": now + LIFE_OF_PROOF });
        let signed = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(Zeroizing::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// The RSA key in a PEM text.
fn key(pem: &[u8]) -> Result<RsaKeyPair, String> {
    let der = PrivateKeyDer::from_pem_slice(pem).map_err(|_| {
        if String::from_utf8_lossy(pem).contains("ENCRYPTED") {
            "the private key is encrypted: decrypt it with `openssl pkey -in FILE -out private-key.pem`"
        } else {
            "there is no private key; a PEM text (-----BEGIN PRIVATE KEY-----) is expected"
        }
    })?;
    let key = match &der {
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
        _ => return Err("the private key is not one of RSA, which service accounts have".to_owned()),
    };
    key.map_err(|error| {
        format!("the private key cannot be used: {error}; an RSA key of 2048 to 4096 bits is expected")
    })
}

/// Refuses a file that others may read.
///
/// # Errors
/// When they may.
pub(crate) fn check_private(path: &Path) -> Result<(), String> {
    source::too_open(path).map_or(Ok(()), Err)
}

impl Account {
    /// What is sent to sign in at this time, in seconds since 1970; nothing where no proof can be made.
    pub(super) fn request(&self, now: i64) -> Option<Json> {
        Some(match self {
            Self::User { name, password } => json!({ "uid": name, "password": password.expose_secret() }),
            Self::Service(account) => json!({ "uid": account.uid, "token": account.proof(now)?.as_str() }),
            Self::Browser(token) => json!({ "token": token.expose_secret() }),
        })
    }

    /// Its name, where it has one.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::User { name, .. } => Some(name),
            Self::Service(account) => Some(&account.uid),
            Self::Browser(_) => None,
        }
    }

    /// Where its own file says that it signs in.
    pub(super) fn login_endpoint(&self) -> Option<&Url> {
        match self {
            Self::Service(account) => account.login_endpoint.as_ref(),
            _ => None,
        }
    }

    /// Whether it proves itself with the time of day.
    pub(super) fn has_proof(&self) -> bool {
        matches!(self, Self::Service(_))
    }
}
