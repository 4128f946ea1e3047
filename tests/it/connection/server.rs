//! A DC/OS that speaks what the commands ask: its login, its secret store, and two Marathons behind its admin router.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPublicKey as _;
use rsa::pkcs8::EncodePrivateKey as _;
use serde_json::{Value as Json, json};

use crate::http::Head;

/// What `GET /v2/info` answers.
const INFO: &str = r#"{"name": "marathon", "version": "1.11.24", "elected": true,
  "marathon_config": {"features": ["vips", "secrets"], "mesos_role": "slave_public", "default_network_name": null}}"#;

/// The password of alice.
pub(super) const PASSWORD: &str = "letmein-please";

/// The private keys of two service accounts: that of `ci`, and one that the server does not know.
static KEYS: LazyLock<[RsaPrivateKey; 2]> =
    LazyLock::new(|| [(); 2].map(|()| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key")));

/// One of the keys as PEM.
pub(super) fn pem_of(key: usize) -> String {
    let der = KEYS[key].to_pkcs8_der().expect("DER");
    pem::encode(&pem::Pem::new("PRIVATE KEY", der.as_bytes()))
}

/// The JSON that DC/OS hands out for an account.
pub(super) fn account(uid: &str, key: usize, login_endpoint: &str) -> String {
    json!({ "uid": uid, "scheme": "RS256", "private_key": pem_of(key), "login_endpoint": login_endpoint })
        .to_string()
}

/// How the server behaves.
#[derive(Clone, Default)]
pub(super) struct Settings {
    /// `acsjwt`, `oauthjwt`, another scheme, or empty for a server that lets everybody in.
    pub(super) challenge: &'static str,
    /// How long its tokens live, in seconds.
    pub(super) life: i64,
    /// How far its clock is ahead of this machine's, in seconds.
    pub(super) skew: i64,
    /// Whether a token is only in the cookie.
    pub(super) only_cookie: bool,
    /// Where it redirects all requests.
    pub(super) redirect: Option<String>,
    /// Where it lets users in, if not at the usual path.
    pub(super) login: &'static str,
    /// Whether it answers all with a web page.
    pub(super) is_captive: bool,
}

pub(super) fn enterprise() -> Settings {
    Settings { challenge: "acsjwt", life: 432_000, ..Settings::default() }
}

#[derive(Default)]
struct State {
    /// Method, path and credential of each request, without probes.
    log: Vec<String>,
    /// The tokens that count.
    tokens: Vec<String>,
    secrets: BTreeMap<String, Vec<u8>>,
    /// How each secret came.
    types: Vec<String>,
}

/// The server, for as long as the test runs.
pub(super) struct Dcos {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Dcos {
    pub(super) fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://127.0.0.1:{}", listener.local_addr().expect("an address").port());
        let state = Arc::new(Mutex::new(State::default()));
        let of_thread = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let _ = answer(&stream, &settings, &of_thread);
            }
        });
        Self { url, state }
    }

    /// Its host and port.
    pub(super) fn host(&self) -> &str {
        &self.url["http://".len()..]
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test has failed within")
    }

    /// The requests since the last call.
    pub(super) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }

    /// Makes all tokens invalid.
    pub(super) fn forget_tokens(&self) {
        self.state().tokens.clear();
    }

    /// A token that counts.
    pub(super) fn token(&self, uid: &str, life: i64) -> String {
        let token = token(uid, now() + life, "made");
        self.state().tokens.push(token.clone());
        token
    }

    pub(super) fn secret(&self, path: &str) -> Option<Vec<u8>> {
        self.state().secrets.get(path).cloned()
    }

    pub(super) fn keep(&self, path: &str, value: &[u8]) {
        self.state().secrets.insert(path.to_owned(), value.to_vec());
    }

    /// The types that secrets were sent with, since the last call.
    pub(super) fn types(&self) -> Vec<String> {
        std::mem::take(&mut self.state().types)
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("before the year 292 billion")
}

fn part(json: &Json) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// A token as DC/OS makes them. Its signature is of no interest to clients.
pub(super) fn token(uid: &str, end: i64, signature: &str) -> String {
    let claims = json!({ "uid": uid, "exp": end });
    format!(
        "{}.{}.{}",
        part(&json!({"alg": "RS256", "typ": "JWT"})),
        part(&claims),
        URL_SAFE_NO_PAD.encode(signature)
    )
}

struct Request {
    head: Head,
    body: Vec<u8>,
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let head = Head::read(&mut reader)?;
        let mut body = vec![0; head.length()];
        reader.read_exact(&mut body).ok()?;
        Some(Self { head, body })
    }
}

/// Status, headers and body.
type Reply = (u16, String, Vec<u8>);

fn reply(status: u16, body: &str) -> Reply {
    (status, "Content-Type: application/json\r\n".to_owned(), body.as_bytes().to_vec())
}

fn answer(mut stream: &TcpStream, settings: &Settings, state: &Mutex<State>) -> std::io::Result<()> {
    let Some(request) = Request::read(stream) else { return Ok(()) };
    let mut state = state.lock().expect("no test has failed within");
    if request.head.method != "HEAD" {
        let credential = match request.head.header("authorization").split_once(['=', ' ']) {
            Some((scheme, _)) => format!(" ({scheme})"),
            None => String::new(),
        };
        state.log.push(format!("{} {}{credential}", request.head.method, request.head.target));
    }
    let (status, headers, body) = if settings.is_captive {
        (
            200,
            "Content-Type: text/html; charset=utf-8\r\n".to_owned(),
            b"<html>Welcome to our Wi-Fi</html>".to_vec(),
        )
    } else if let Some(to) = &settings.redirect {
        (307, format!("Location: {to}{}\r\n", request.head.target), Vec::new())
    } else {
        route(&request, settings, &mut state)
    };
    let time = SystemTime::now()
        + Duration::from_secs(u64::try_from(settings.skew.max(0)).expect("not negative"))
        - Duration::from_secs(u64::try_from((-settings.skew).max(0)).expect("not negative"));
    let date = httpdate::fmt_http_date(time);
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nDate: {date}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    if request.head.method != "HEAD" {
        stream.write_all(&body)?;
    }
    stream.flush()
}

fn route(request: &Request, settings: &Settings, state: &mut State) -> Reply {
    let path = if settings.login.is_empty() { "/acs/api/v1/auth/login" } else { settings.login };
    if request.head.target == path {
        return login(request, settings, state);
    }
    let token = request.head.header("authorization").strip_prefix("token=");
    let is_in = settings.challenge.is_empty()
        || token.is_some_and(|token| state.tokens.iter().any(|known| known == token));
    if !is_in {
        let headers = format!("WWW-Authenticate: {}\r\nContent-Type: text/html\r\n", settings.challenge);
        return (401, headers, b"<html>401</html>".to_vec());
    }
    if let Some(path) = request.head.target.strip_prefix("/secrets/v1/secret/default/") {
        return secret(request, path, state);
    }
    match request.head.target.as_str() {
        "/pkgpanda/active.buildinfo.full.json" => reply(200, "{}"),
        "/service/marathon/v2/info" | "/service/team/marathon-user/v2/info" => reply(200, INFO),
        "/service/other/v2/info" => reply(200, r#"{"jobs": []}"#),
        path if path.starts_with("/service/") && path.contains("/v2/") => {
            reply(404, r#"{"message": "App '/web' does not exist"}"#)
        }
        _ => (404, "Content-Type: text/html\r\n".to_owned(), b"<html>404</html>".to_vec()),
    }
}

fn login(request: &Request, settings: &Settings, state: &mut State) -> Reply {
    let sent: Json = serde_json::from_slice(&request.body).unwrap_or_default();
    let uid = sent["uid"].as_str().unwrap_or("browser@example.com");
    let now = now() + settings.skew;
    let is_right = match (sent["password"].as_str(), sent["token"].as_str()) {
        (Some(password), None) => uid == "alice" && password == PASSWORD,
        (None, Some("from-the-browser")) => settings.challenge == "oauthjwt",
        (None, Some(proof)) => uid == "ci" && is_proof(proof, uid, now),
        _ => false,
    };
    if !is_right {
        return reply(401, r#"{"title": "Unauthorized", "description": "invalid credentials"}"#);
    }
    let token = token(uid, now + settings.life, &format!("signed {}", state.tokens.len()));
    state.tokens.push(token.clone());
    let cookie = format!("Set-Cookie: dcos-acs-auth-cookie={token}; Path=/; HttpOnly\r\n");
    let body = if settings.only_cookie { "{}".to_owned() } else { json!({ "token": token }).to_string() };
    (200, format!("{cookie}Content-Type: application/json\r\n"), body.into_bytes())
}

/// Whether this is a JWT of the account `ci`, signed with its key (RS256), that has not ended.
fn is_proof(proof: &str, uid: &str, now: i64) -> bool {
    let public = KEYS[0].to_public_key().to_pkcs1_der().expect("DER");
    let Some((signed, signature)) = proof.rsplit_once('.') else { return false };
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let algorithm = &ring::signature::RSA_PKCS1_2048_8192_SHA256;
    let public = ring::signature::UnparsedPublicKey::new(algorithm, public.as_bytes());
    if public.verify(signed.as_bytes(), &decode(signature)).is_err() {
        return false;
    }
    let Some((header, claims)) = signed.split_once('.') else { return false };
    let json = |text: &str| serde_json::from_slice::<Json>(&decode(text)).unwrap_or_default();
    let (header, claims) = (json(header), json(claims));
    let end = claims["exp"].as_i64().unwrap_or_default();
    header["alg"] == "RS256" && claims["uid"] == uid && end > now && end <= now + 600
}

fn secret(request: &Request, path: &str, state: &mut State) -> Reply {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let exists = state.secrets.contains_key(path);
    let missing = || reply(404, r#"{"title": "Not Found", "description": "no such secret"}"#);
    match request.head.method.as_str() {
        "GET" if query == "list=true" => {
            let below = |name: &String| name.strip_prefix(path)?.strip_prefix('/').map(str::to_owned);
            let names: Vec<String> = match path {
                "" => state.secrets.keys().cloned().collect(),
                _ => state.secrets.keys().filter_map(below).collect(),
            };
            if names.is_empty() { missing() } else { reply(200, &json!({ "array": names }).to_string()) }
        }
        "GET" => match state.secrets.get(path).map(|value| (value, std::str::from_utf8(value))) {
            None => missing(),
            Some((_, Ok(text))) => reply(200, &json!({ "value": text }).to_string()),
            Some((bytes, Err(_))) => {
                (200, "Content-Type: application/octet-stream\r\n".to_owned(), bytes.clone())
            }
        },
        "PUT" if exists => reply(409, r#"{"title": "Conflict", "description": "secret already exists"}"#),
        "PATCH" if !exists => missing(),
        "PUT" | "PATCH" => {
            let kind = request.head.header("content-type").to_owned();
            let value = if kind == "application/json" {
                let sent: Json = serde_json::from_slice(&request.body).expect("JSON");
                sent["value"].as_str().expect("a text").as_bytes().to_vec()
            } else {
                request.body.clone()
            };
            state.types.push(kind);
            state.secrets.insert(path.to_owned(), value);
            (if request.head.method == "PUT" { 201 } else { 204 }, String::new(), Vec::new())
        }
        "DELETE" if exists => {
            state.secrets.remove(path);
            (204, String::new(), Vec::new())
        }
        _ => missing(),
    }
}
