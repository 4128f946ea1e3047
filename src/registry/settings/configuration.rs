//! The configuration of the registry as its own structure declares it (`configuration/configuration.go` and `parser.go` of 2.8.2 and
//! 3.1.1): which variables there are, and what the value of each is read as.
//!
//! A variable has the names of Go's fields in capitals, which are not those of the YAML everywhere; the names below a map are the
//! operator's own, in any case.

use crate::registry::app::version::RegistryVersion;

/// What a value has to be.
#[derive(Debug)]
pub(crate) enum SettingShape {
    /// A text, a number or the like.
    Text,
    /// Whatever it is.
    Any,
    Bool,
    Int,
    /// A whole number, also in quotes.
    Threads,
    /// `1h30m`, or a number of nanoseconds.
    Duration,
    /// The same, and not below 0.
    Interval,
    /// `0.1`.
    Version,
    /// An address with its scheme.
    Address,
    /// A path that begins with a slash.
    Path,
    /// One of these words, in any case where that is so.
    Word(&'static [&'static str], bool),
    List(&'static SettingShape),
    Map(&'static SettingShape),
    /// A structure of Go.
    Section(&'static [SettingField]),
    /// A map of which these members have a shape; whether there are others.
    Options(&'static [SettingField], bool),
    /// One text, or a map with a map for each of its names; whether there are others.
    Kinds(&'static [SettingField], bool),
    /// `uploadpurging`, which wants all of its members, or `enabled: false`.
    Purging,
    /// A shape that must not be empty.
    Set(&'static SettingShape),
}

impl SettingShape {
    /// The shape itself, also of what must not be empty.
    pub(super) fn inner(&self) -> &Self {
        match self {
            Self::Set(inner) => inner.inner(),
            shape => shape,
        }
    }
}

/// A member of a section.
#[derive(Debug)]
pub(crate) struct SettingField {
    /// Its name in a variable.
    pub name: &'static str,
    /// Its name in YAML, where that is another one than the same in small letters.
    pub key: Option<&'static str>,
    pub shape: &'static SettingShape,
    /// The only version that has it.
    pub only: Option<RegistryVersion>,
}

impl SettingField {
    /// Whether a version has it.
    pub(super) fn is_of(&self, version: Option<RegistryVersion>) -> bool {
        self.only.is_none() || version.is_none() || self.only == version
    }

    pub(super) fn is_key(&self, key: &str) -> bool {
        self.key.map_or_else(|| key == self.name.to_ascii_lowercase(), |own| key == own)
    }
}

use SettingShape::{
    Address, Any, Bool, Duration, Int, Interval, Kinds, List, Map, Options, Path, Purging, Section, Set,
    Text, Threads, Version, Word,
};

const fn f(name: &'static str, shape: &'static SettingShape) -> SettingField {
    SettingField { name, key: None, shape, only: None }
}

const fn as_key(name: &'static str, key: &'static str, shape: &'static SettingShape) -> SettingField {
    SettingField { name, key: Some(key), shape, only: None }
}

const fn two(name: &'static str, shape: &'static SettingShape) -> SettingField {
    SettingField { name, key: None, shape, only: Some(RegistryVersion::Two) }
}

const fn three(name: &'static str, shape: &'static SettingShape) -> SettingField {
    SettingField { name, key: None, shape, only: Some(RegistryVersion::Three) }
}

const TEXTS: SettingShape = List(&Text);
const LEVEL: SettingShape = Word(&["error", "warn", "info", "debug"], true);
const HEADERS: SettingShape = Map(&TEXTS);
const PARAMETERS: SettingShape = Options(&[], true);

/// The whole of it.
pub(crate) static CONFIGURATION: &[SettingField] = &[
    f("VERSION", &Version),
    f("LOG", &LOG),
    f("LOGLEVEL", &LEVEL),
    f("STORAGE", &Kinds(STORAGE, true)),
    f("AUTH", &Kinds(AUTH, false)),
    f("MIDDLEWARE", &Map(&List(&MIDDLEWARE))),
    two("REPORTING", &Section(REPORTING)),
    f("HTTP", &Section(HTTP)),
    f("NOTIFICATIONS", &Section(NOTIFICATIONS)),
    f("REDIS", &Section(REDIS)),
    f("HEALTH", &Section(HEALTH)),
    f("CATALOG", &Section(&[f("MAXENTRIES", &Int)])),
    three("TAGS", &Section(&[f("MAXTAGS", &Int)])),
    f("PROXY", &Section(PROXY)),
    two("COMPATIBILITY", &Section(&[f("SCHEMA1", &Section(SCHEMA1))])),
    f("VALIDATION", &Section(VALIDATION)),
    f("POLICY", &Section(&[f("REPOSITORY", &Section(&[f("CLASSES", &TEXTS)]))])),
];

static LOG: SettingShape = Section(&[
    f("ACCESSLOG", &Section(&[f("DISABLED", &Bool)])),
    f("LEVEL", &LEVEL),
    f("FORMATTER", &Word(&["text", "json", "logstash"], false)),
    f("FIELDS", &Map(&Any)),
    f("HOOKS", &List(&HOOK)),
    three("REPORTCALLER", &Bool),
]);

static HOOK: SettingShape = Section(&[
    f("DISABLED", &Bool),
    f("TYPE", &Text),
    f("LEVELS", &TEXTS),
    as_key("MAILOPTIONS", "options", &Section(MAIL)),
]);

static MAIL: &[SettingField] = &[
    f(
        "SMTP",
        &Section(&[f("ADDR", &Text), f("USERNAME", &Text), f("PASSWORD", &Text), f("INSECURE", &Bool)]),
    ),
    f("FROM", &Text),
    f("TO", &TEXTS),
];

static STORAGE: &[SettingField] = &[
    f("CACHE", &Options(&[f("BLOBDESCRIPTOR", &Word(&["inmemory", "redis"], false))], true)),
    f("DELETE", &Options(&[f("ENABLED", &Bool)], true)),
    f("REDIRECT", &Options(&[f("DISABLE", &Set(&Bool))], true)),
    f("MAINTENANCE", &Options(MAINTENANCE, true)),
    f("FILESYSTEM", &Options(&[f("MAXTHREADS", &Threads)], true)),
];

static MAINTENANCE: &[SettingField] =
    &[f("READONLY", &Set(&Options(&[f("ENABLED", &Set(&Bool))], true))), f("UPLOADPURGING", &Set(&Purging))];

/// What is read of the access controllers, whose check of the values themselves is in `check::alone`.
static AUTH: &[SettingField] = &[
    f("HTPASSWD", &Options(&[f("PATH", &Any), f("REALM", &Any)], false)),
    f("SILLY", &Options(&[f("REALM", &Any), f("SERVICE", &Any)], false)),
    f("TOKEN", &Options(TOKEN, false)),
    f("NONE", &PARAMETERS),
];

static TOKEN: &[SettingField] = &[
    f("AUTOREDIRECT", &Any),
    f("AUTOREDIRECTPATH", &Any),
    f("ISSUER", &Any),
    f("JWKS", &Any),
    f("REALM", &Any),
    f("ROOTCERTBUNDLE", &Any),
    f("SERVICE", &Any),
    f("SIGNINGALGORITHMS", &Any),
];

static MIDDLEWARE: SettingShape =
    Section(&[f("NAME", &Text), f("DISABLED", &Bool), f("OPTIONS", &PARAMETERS)]);

static REPORTING: &[SettingField] = &[
    f("BUGSNAG", &Section(&[f("APIKEY", &Text), f("RELEASESTAGE", &Text), f("ENDPOINT", &Text)])),
    f("NEWRELIC", &Section(&[f("LICENSEKEY", &Text), f("NAME", &Text), f("VERBOSE", &Bool)])),
];

static HTTP: &[SettingField] = &[
    f("ADDR", &Text),
    f("NET", &Text),
    f("HOST", &Address),
    f("PREFIX", &Path),
    f("SECRET", &Text),
    f("RELATIVEURLS", &Bool),
    f("DRAINTIMEOUT", &Duration),
    f("TLS", &Section(TLS)),
    f("HEADERS", &HEADERS),
    f("DEBUG", &Section(DEBUG)),
    f("HTTP2", &Section(&[f("DISABLED", &Bool)])),
    three("H2C", &Section(&[f("ENABLED", &Bool)])),
];

static DEBUG: &[SettingField] =
    &[f("ADDR", &Text), f("PROMETHEUS", &Section(&[f("ENABLED", &Bool), f("PATH", &Text)]))];

static TLS: &[SettingField] = &[
    f("CERTIFICATE", &Text),
    f("KEY", &Text),
    f("CLIENTCAS", &TEXTS),
    three("CLIENTAUTH", &Word(CLIENT_AUTH, false)),
    two("MINIMUMTLS", &Word(&["tls1.0", "tls1.1", "tls1.2", "tls1.3"], false)),
    three("MINIMUMTLS", &Word(&["tls1.2", "tls1.3"], false)),
    f("CIPHERSUITES", &List(&Word(CIPHERS, false))),
    f("LETSENCRYPT", &Section(LETSENCRYPT)),
];

static LETSENCRYPT: &[SettingField] =
    &[f("CACHEFILE", &Text), f("EMAIL", &Text), f("HOSTS", &TEXTS), three("DIRECTORYURL", &Text)];

static CLIENT_AUTH: &[&str] = &[
    "request-client-cert",
    "require-any-client-cert",
    "verify-client-cert-if-given",
    "require-and-verify-client-cert",
];

/// Those of 2.8.2; 3.1.1 is without the ones of RC4 and of SHA256 with CBC.
static CIPHERS: &[&str] = &[
    "TLS_RSA_WITH_RC4_128_SHA",
    "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_RC4_128_SHA",
    "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
];

static NOTIFICATIONS: &[SettingField] = &[
    as_key("EVENTCONFIG", "events", &Section(&[f("INCLUDEREFERENCES", &Bool)])),
    f("ENDPOINTS", &List(&ENDPOINT)),
];

static ENDPOINT: SettingShape = Section(&[
    f("NAME", &Text),
    f("DISABLED", &Bool),
    f("URL", &Text),
    f("HEADERS", &HEADERS),
    f("TIMEOUT", &Duration),
    f("THRESHOLD", &Int),
    f("BACKOFF", &Duration),
    f("IGNOREDMEDIATYPES", &TEXTS),
    f("IGNORE", &Section(&[f("MEDIATYPES", &TEXTS), f("ACTIONS", &TEXTS)])),
]);

static REDIS: &[SettingField] = &[
    two("ADDR", &Text),
    f("PASSWORD", &Text),
    f("DB", &Int),
    f("DIALTIMEOUT", &Duration),
    f("READTIMEOUT", &Duration),
    f("WRITETIMEOUT", &Duration),
    two("POOL", &Section(&[f("MAXIDLE", &Int), f("MAXACTIVE", &Int), f("IDLETIMEOUT", &Duration)])),
    three("ADDRS", &TEXTS),
    three("CLIENTNAME", &Text),
    three("PROTOCOL", &Int),
    three("USERNAME", &Text),
    three("SENTINELUSERNAME", &Text),
    three("SENTINELPASSWORD", &Text),
    three("MAXRETRIES", &Int),
    three("MINRETRYBACKOFF", &Duration),
    three("MAXRETRYBACKOFF", &Duration),
    three("CONTEXTTIMEOUTENABLED", &Bool),
    three("POOLFIFO", &Bool),
    three("POOLSIZE", &Int),
    three("POOLTIMEOUT", &Duration),
    three("MINIDLECONNS", &Int),
    three("MAXIDLECONNS", &Int),
    three("MAXACTIVECONNS", &Int),
    three("CONNMAXIDLETIME", &Duration),
    three("CONNMAXLIFETIME", &Duration),
    three("MAXREDIRECTS", &Int),
    three("READONLY", &Bool),
    three("ROUTEBYLATENCY", &Bool),
    three("ROUTERANDOMLY", &Bool),
    three("MASTERNAME", &Text),
    three("DISABLEIDENTITY", &Bool),
    three("IDENTITYSUFFIX", &Text),
    three("UNSTABLERESP3", &Bool),
    three("TLS", &Section(&[f("CERTIFICATE", &Text), f("KEY", &Text), f("ROOTCAS", &TEXTS)])),
];

static HEALTH: &[SettingField] = &[
    as_key("FILECHECKERS", "file", &List(&FILE_CHECKER)),
    as_key("HTTPCHECKERS", "http", &List(&HTTP_CHECKER)),
    as_key("TCPCHECKERS", "tcp", &List(&TCP_CHECKER)),
    f("STORAGEDRIVER", &Section(&[f("ENABLED", &Bool), f("INTERVAL", &Interval), f("THRESHOLD", &Int)])),
];

static FILE_CHECKER: SettingShape =
    Section(&[f("INTERVAL", &Interval), f("FILE", &Text), f("THRESHOLD", &Int)]);

static HTTP_CHECKER: SettingShape = Section(&[
    f("TIMEOUT", &Duration),
    f("STATUSCODE", &Int),
    f("INTERVAL", &Interval),
    f("URI", &Text),
    f("HEADERS", &HEADERS),
    f("THRESHOLD", &Int),
]);

static TCP_CHECKER: SettingShape =
    Section(&[f("TIMEOUT", &Duration), f("INTERVAL", &Interval), f("ADDR", &Text), f("THRESHOLD", &Int)]);

static PROXY: &[SettingField] = &[
    f("REMOTEURL", &Address),
    f("USERNAME", &Text),
    f("PASSWORD", &Text),
    three("EXEC", &Section(&[f("COMMAND", &Text), f("LIFETIME", &Duration)])),
    three("TTL", &Duration),
    three("CACHEWRITETIMEOUT", &Duration),
];

static SCHEMA1: &[SettingField] = &[as_key("TRUSTKEY", "signingkeyfile", &Text), f("ENABLED", &Bool)];

static VALIDATION: &[SettingField] = &[
    f("ENABLED", &Bool),
    f("DISABLED", &Bool),
    f(
        "MANIFESTS",
        &Section(&[
            f("URLS", &Section(&[f("ALLOW", &TEXTS), f("DENY", &TEXTS)])),
            three("INDEXES", &Section(INDEXES)),
        ]),
    ),
];

static INDEXES: &[SettingField] = &[
    f("PLATFORMS", &Word(&["all", "none", "list"], true)),
    f("PLATFORMLIST", &List(&Section(&[f("ARCHITECTURE", &Text), f("OS", &Text)]))),
];
