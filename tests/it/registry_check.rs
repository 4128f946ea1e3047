//! `milepost registry check`: what `registry group` writes agrees, and each change that breaks it is found.

mod addresses;
mod keys;
mod marathon;
mod members;
mod places;
mod settings;

use crate::common::{TestDir, each_case};

/// The files of a group, with docker-compose.yml.
fn group() -> TestDir {
    let test = TestDir::new();
    let made = crate::registry_group::group(
        &test,
        &["--host", "registry.example.com", "--compose", "--host-path", "/srv/images"],
    );
    assert!(made.starts_with("exit: 0\n"), "{made}");
    test
}

fn write(test: &TestDir, name: &str, text: &str) {
    let path = test.path().join(name);
    std::fs::create_dir_all(path.parent().expect("a directory")).expect("made");
    std::fs::write(path, text).expect("written");
}

#[test]
fn what_a_group_writes_agrees() {
    let test = group();
    insta::assert_snapshot!(test.run(&["registry", "check", "out"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    checked 7 files: nothing found
    ");
    let named = test.run(&["registry", "check", "out/registry.json", "out/auth/auth_config.yml"]);
    assert!(named.starts_with("exit: 0\n"), "{named}");
    assert!(named.contains("not checked: the certificate /etc/privateregistry/certs/domain.crt"), "{named}");
}

/// A part of a file, what stands in its place, and the rules that find it.
type Change<'c> = (&'c str, &'c str, &'c str, &'c [&'c str]);

const JSON: &str = "out/registry.json";
const CONFIG: &str = "out/auth/auth_config.yml";
const COMPOSE: &str = "out/docker-compose.yml";
const ISSUER: &str = "issuer: \"auth_service\"";
const REALM: &str = "https://registry.example.com:5001/auth";
const AUTH: &str = "\"REGISTRY_AUTH\": \"token\"";
const YAML_AUTH: &str = "REGISTRY_AUTH: token";
const ADMIN: &str = "match: {account: \"admin\"}";

const CHANGES: &[Change<'_>] = &[
    (CONFIG, ADMIN, "match: {acount: \"admin\"}", &["unknown-token-server-setting"]),
    (CONFIG, "    comment: \"everything\"", "    comnt: x", &["unknown-token-server-setting"]),
    (CONFIG, "    password: ", "    pasword: ", &["unknown-token-server-setting", "user-without-bcrypt"]),
    (CONFIG, ADMIN, "mach: {account: \"admin\"}", &["token-server-does-not-start"]),
    (CONFIG, "actions: [\"*\"]", "actions: [\"pul\", \"push\"]", &["acl-action"]),
    (CONFIG, ADMIN, "match: {account: \"adnim\"}", &["acl-without-user"]),
    (JSON, "\"REGISTRY_AUTH\": \"token\"", "\"REGISTRY_AUTH\": \"tokn\"", &["unknown-authentication"]),
    (CONFIG, "key: \"/certs/domain.key\"", "key: \"/certs/domain.kez\"", &["file-not-there"]),
    (CONFIG, "users:\n", "users:\n  \"admin\": {password: \"x\"}\n", &["user-twice", "user-without-bcrypt"]),
    (COMPOSE, "5001:5001", "5003:5001", &["realm-elsewhere"]),
    (CONFIG, ISSUER, "issuer: \"Acme\"", &["issuer-differs", "issuer-differs"]),
    (JSON, "\"auth_service\"", "\"other\"", &["issuer-differs", "definitions-disagree"]),
    (
        JSON,
        "\"REGISTRY_AUTH_TOKEN_ISSUER\": \"auth_service\"",
        "\"REGISTRY_AUTH_TOKEN_ISSUER\": \"2024\"",
        &["setting-not-a-text"],
    ),
    (JSON, "\"REGISTRY_AUTH_TOKEN_SERVICE\"", "\"REGISTRY_AUTH_TOKEN_SERVIC\"", &["setting-missing"]),
    (
        JSON,
        "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE\": \"/auth/token.crt",
        "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE\": \"/roots/ca.crt",
        &["file-not-mounted"],
    ),
    (
        JSON,
        "/etc/privateregistry/certs/domain.crt",
        "/etc/privateregistry/ca.crt",
        &["bundle-without-signer"],
    ),
    (JSON, REALM, "https://registry.example.com:5001/token", &["realm-elsewhere", "definitions-disagree"]),
    (JSON, REALM, "http://registry.example.com:5001/auth", &["realm-elsewhere", "definitions-disagree"]),
    (JSON, REALM, "https://registry.example.com:5999/auth", &["realm-elsewhere", "definitions-disagree"]),
    (
        JSON,
        REALM,
        "https://elsewhere.example.com:5001/auth",
        &["certificate-for-other-name", "definitions-disagree"],
    ),
    (
        JSON,
        "\"path\": \"/\"",
        "\"path\": \"/v2/\"",
        &["health-check-needs-login", "health-check-finds-nothing"],
    ),
    (JSON, "\"registry:2\"", "\"registry:3.0.0\"", &["key-id-of-other-version"]),
    (
        JSON,
        "\"REGISTRY_AUTH\": \"token\"",
        "\"REGISTRY_AUTH\": \"none\"",
        &["token-server-unused", "definitions-disagree"],
    ),
    // The other variables tell the kind.
    (JSON, "\"REGISTRY_AUTH\": \"token\"", "\"REGISTRY_LOG_LEVEL\": \"info\"", &[]),
    (JSON, "\"REGISTRY_AUTH", "\"NO_AUTH", &["token-server-unused", "definitions-disagree"]),
    (
        COMPOSE,
        "REGISTRY_AUTH: token",
        "REGISTRY_AUTH: None",
        &["token-server-unused", "definitions-disagree"],
    ),
    (
        COMPOSE,
        "REGISTRY_AUTH: token",
        "REGISTRY_AUTH: htpasswd",
        &["token-server-unused", "definitions-disagree"],
    ),
    (
        COMPOSE,
        "REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: ",
        "REGISTRY_AUTH_TOKEN_JWKS: ",
        &["definitions-disagree", "setting-missing"],
    ),
    // The ports, the health checks and the start of both.
    (CONFIG, "addr: \":5001\"", "addr: \":5002\"", &["port-differs", "port-differs"]),
    (JSON, "\"containerPort\": 5001", "\"containerPort\": 5003", &["port-differs"]),
    (COMPOSE, "5001:5001", "5001:5002", &["port-differs"]),
    (COMPOSE, "5000:5000", "5000:5002", &["port-differs"]),
    (JSON, "\"containerPort\": 5000", "\"containerPort\": 80", &["port-differs"]),
    (JSON, "\"portIndex\": 0", "\"port\": 8080", &["port-differs"]),
    (JSON, "MESOS_HTTPS", "MESOS_HTTP", &["health-check-of-other-scheme"]),
    (JSON, "MESOS_HTTPS", "HTTP", &["health-check-of-other-scheme"]),
    (
        JSON,
        "\"path\": \"/\"",
        "\"path\": \"/auth\"",
        &["health-check-needs-login", "health-check-finds-nothing"],
    ),
    (JSON, "\"path\": \"/\"", "\"path\": \"/ping\"", &["health-check-finds-nothing"]),
    (
        CONFIG,
        "  addr: \":5001\"\n",
        "  addr: \":5001\"\n  path_prefix: \"/t\"\n",
        &["health-check-finds-nothing"],
    ),
    (JSON, "/config/auth_config.yml", "/config/auth.yml", &["token-server-config-elsewhere"]),
    (JSON, "/config/auth_config.yml", "/conf/auth_config.yml", &["file-not-mounted"]),
    (JSON, "\"containerPath\": \"/config/\"", "\"containerPath\": \"/conf/\"", &["file-not-mounted"]),
    (JSON, "/config/auth_config.yml", "--v=2", &["token-server-does-not-start"]),
    (COMPOSE, "/config/auth_config.yml", "/config/auth.yml", &["file-not-there"]),
    (COMPOSE, "./auth:/config", "./certs:/config", &["file-not-there"]),
    (CONFIG, "/certs/domain.key", "/keys/domain.key", &["file-not-mounted"]),
    (CONFIG, "users:\n", "users:\n  \"/.+/\": {password: \"x\"}\n", &["user-name"]),
    (
        JSON,
        "\"REGISTRY_HTTP_TLS_KEY\"",
        "\"REGISTRY_HTTP_TLS_KEYS\"",
        &["setting-missing", "login-without-tls"],
    ),
    (
        COMPOSE,
        "REGISTRY_AUTH_TOKEN_SERVICE: registry",
        "REGISTRY_AUTH_TOKEN_SERVICE: images",
        &["definitions-disagree"],
    ),
    (
        CONFIG,
        ISSUER,
        "issuer: \"auth_service\"\n  disable_legacy_key_id: true",
        &["key-id-of-other-version", "key-id-of-other-version"],
    ),
    (CONFIG, "expiration: 900", "expiration: 0", &["token-server-does-not-start"]),
    (CONFIG, "expiration: 900", "expiration: soon", &["token-server-does-not-start"]),
    (CONFIG, "  addr: \":5001\"\n", "", &["token-server-does-not-start"]),
    (CONFIG, "  key: \"/certs/domain.key\"\n", "", &["token-server-does-not-start"]),
    (CONFIG, "actions: [\"*\"]", "actions: [\"pull\"]", &["no-push-allowed"]),
    (CONFIG, "account: \"/.+/\"", "account: \"/(/\"", &["acl-pattern"]),
    (
        CONFIG,
        "match: {account: \"admin\"}",
        "match: {account: \"admin\", service: \"images\"}",
        &["service-differs"],
    ),
    (CONFIG, "acl:\n", "acls:\n", &["token-server-does-not-start", "unknown-token-server-setting"]),
    (CONFIG, "$2y$04$", "$apr1$", &["user-without-bcrypt"]),
    // The registry's own variables, and what its container does.
    (
        JSON,
        "\"REGISTRY_AUTH\": \"token\"",
        "\"REGISTRY_AUTH\": \"silly\"",
        &["authentication-for-tests", "setting-missing"],
    ),
    (JSON, "\"REGISTRY_HTTP_TLS_KEY\"", "\"REGISTRY_HTTP_TLS_KEYS\"", &["unknown-registry-setting"]),
    (JSON, "\"REGISTRY_AUTH\": \"token\"", "\"REGISTRY_LOGLEVL\": \"info\"", &["unknown-registry-setting"]),
    (
        JSON,
        "\"REGISTRY_AUTH\": \"token\"",
        "\"REGISTRY_AUTH\": \"token\", \"REGISTRY_HTTP_ADDR\": \"5000\"",
        &["listens-nowhere"],
    ),
    (
        JSON,
        "\"REGISTRY_AUTH\": \"token\"",
        "\"REGISTRY_AUTH\": \"token\", \"REGISTRY_HTTP_ADDR\": \"127.0.0.1:5000\"",
        &["listens-nowhere"],
    ),
    (
        JSON,
        "\"REGISTRY_AUTH\": \"token\"",
        "\"REGISTRY_AUTH\": \"token\", \"REGISTRY_AUTH_TOKEN_AUTOREDIRECT\": \"true\"",
        &["realm-unused"],
    ),
    (CONFIG, "addr: \":5001\"", "addr: \"5001\"", &["listens-nowhere"]),
    (CONFIG, "addr: \":5001\"", "addr: \"localhost:5001\"", &["listens-nowhere"]),
    (COMPOSE, "/certs/domain.key", "/certs/domain.crt", &["file-of-other-sort"]),
    (CONFIG, "key: \"/certs/domain.key\"", "key: \"/certs/domain.crt\"", &["file-of-other-sort"]),
    (
        CONFIG,
        "certificate: \"/certs/domain.crt\"",
        "certificate: \"/certs/domain.key\"",
        &["file-of-other-sort"],
    ),
    (COMPOSE, "5001:5001", "5000:5001", &["port-twice"]),
    (COMPOSE, "5000:5000", "5000:5000/udp", &["service-not-reached"]),
    (JSON, "\"instances\": 1", "\"instances\": 0", &["service-not-reached"]),
    (JSON, REALM, "https://registry.example.com:5000/auth", &["realm-elsewhere"]),
    (JSON, "\"dependencies\"", "\"labels\": {}, \"depends\"", &["start-order"]),
    // What a registry does not start with, or loses images by.
    (JSON, AUTH, "\"REGISTRY_AUTH\": \"token\", \"REGISTRY_STORAGE_S3_BUCKET\": \"x\"", &["two-kinds"]),
    (COMPOSE, YAML_AUTH, "REGISTRY_AUTH: token\n      REGISTRY_STORAGE_S3_BUCKET: x", &["two-kinds"]),
    (COMPOSE, YAML_AUTH, "REGISTRY_AUTH: token\n      REGISTRY_AUTH_HTPASSWD_PATH: /other", &["two-kinds"]),
    (JSON, AUTH, "\"REGISTRY_AUTH\": \"token\", \"REGISTRY_STORAGE\": \"s3\"", &["storage-driver"]),
    (
        COMPOSE,
        YAML_AUTH,
        "REGISTRY_AUTH: token\n      REGISTRY_STORAGE_CACHE_BLOBDESCRIPTOR: redis",
        &["setting-missing"],
    ),
    (
        COMPOSE,
        YAML_AUTH,
        "REGISTRY_AUTH: token\n      REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED: \"true\"",
        &["setting-outside-section"],
    ),
    (
        COMPOSE,
        YAML_AUTH,
        "REGISTRY_AUTH: token\n      REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: /data",
        &["images-outside-volume"],
    ),
    (JSON, AUTH, "\"REGISTRY_AUTH\": \"token\", \"REGISTRY_HTTP_DEBUG_ADDR\": \":5000\"", &["port-twice"]),
    (JSON, AUTH, "\"REGISTRY_AUTH\": \"token\", \"REGISTRY_HTTP_ADDR\": \":6000\"", &["port-differs"]),
    (
        COMPOSE,
        YAML_AUTH,
        "REGISTRY_AUTH: token\n      REGISTRY_STORAGE_DELETE_ENABLED: \"true\"\n      REGISTRY_PROXY_REMOTEURL: https://a.example",
        &["setting-beside-proxy"],
    ),
    // Rights and users.
    (CONFIG, ADMIN, "match: {}", &["acl-for-everybody"]),
    (CONFIG, ADMIN, "match: {account: \"admin\", ip: \"10.0.0.0/40\"}", &["acl-pattern"]),
    (CONFIG, ADMIN, "match: {account: \"admin\", ip: \"10.0.0\"}", &["acl-pattern"]),
    (CONFIG, "${account}", "${acount}", &["acl-pattern"]),
    (CONFIG, ADMIN, "match: {account: \"admin\", type: \"repo\"}", &["acl-pattern"]),
    (CONFIG, "expiration: 900", "expiration: \"900\"", &["token-server-does-not-start"]),
    (CONFIG, "$2y$04$", "$2y$99$", &["user-without-bcrypt"]),
    (CONFIG, "$2y$04$", "$2y$02$", &["user-without-bcrypt"]),
];

/// Every part changed alone: the finding is at the change, and no secret is shown.
#[test]
fn what_does_not_agree_is_found() {
    let test = group();
    let other = rcgen::generate_simple_self_signed(["registry.example.com".to_owned()]).expect("made");
    let hash = test.read("out/auth/auth_config.yml");
    let hash = hash.lines().find(|line| line.contains("password: ")).expect("a hash").to_owned();
    let secret = hash.trim().trim_start_matches("password: ").trim_matches('"').to_owned();
    let certificates: [Change<'_>; 4] = [
        ("out/certs/domain.crt", "", "\n", &["unreadable-pem"]),
        ("out/certs/domain.key", "", "0\u{82}", &["unreadable-pem"]),
        ("out/certs/domain.crt", "", &other.cert.pem(), &["key-of-other-certificate"]),
        ("out/certs/domain.key", "", &other.signing_key.serialize_pem(), &["key-of-other-certificate"]),
    ];
    each_case(CHANGES.iter().copied().chain(certificates), |(file, from, to, rules)| {
        let before = test.read(file);
        assert!(before.contains(from), "{file}: {from}");
        let after = if from.is_empty() { to.to_owned() } else { before.replace(from, to) };
        write(&test, file, &after);
        let said = test.run(&["registry", "check", "out", "--format", "concise"]);
        write(&test, file, &before);
        for rule in rules {
            assert!(said.contains(&format!("[{rule}]")), "{file}: {from} -> {to}: {rule}: {said}");
        }
        let is_error = said.contains(" error[");
        assert!(said.starts_with(if is_error { "exit: 1\n" } else { "exit: 0\n" }), "{said}");
        assert!(!said.contains(&secret[7..]), "{said}");
    });
    // The line that is quoted has the name of the user, and no hash.
    write(&test, CONFIG, &test.read(CONFIG).replace("$2y$04$", "$apr1$"));
    let said = test.run(&["registry", "check", "out"]);
    assert!(said.contains("admin cannot sign in") && !said.contains(&secret[7..]), "{said}");
}

/// What stands beside what the directory of a group has, and is told though no file is wrong alone.
#[test]
fn what_runs_is_what_is_checked() {
    let test = group();
    let compose = test.read(COMPOSE);
    // Another configuration, which is there.
    write(&test, "out/other/auth_config.yml", &test.read(CONFIG));
    write(&test, COMPOSE, &compose.replace("./auth:/config", "./other:/config"));
    let said = test.run(&["registry", "check", COMPOSE, CONFIG]);
    assert!(
        said.contains("[token-server-config-elsewhere]") && said.contains("./other/auth_config.yml"),
        "{said}"
    );
    // A directory of the agents by another name may be the same.
    write(&test, COMPOSE, &compose);
    let json = test.read(JSON);
    write(&test, JSON, &json.replace("/etc/privateregistry/auth/", "/srv/tokens/"));
    let said = test.run(&["registry", "check", "out"]);
    assert!(
        said.contains("whether /srv/tokens/auth_config.yml on the agents is out/auth/auth_config.yml"),
        "{said}"
    );
    // Settings that a definition does not have are not known.
    write(&test, JSON, &json);
    let lines = compose.lines().filter(|line| !line.contains("REGISTRY_AUTH"));
    let elsewhere = lines.fold(String::new(), |text, line| text + line + "\n");
    let elsewhere = elsewhere.replace("  registry:\n", "  registry:\n    env_file: registry.env\n");
    write(&test, COMPOSE, &elsewhere);
    let said = test.run(&["registry", "check", "out"]);
    assert!(
        said.starts_with("exit: 0\n") && said.contains("whether the registry asks for a login"),
        "{said}"
    );
    // Without a definition of the token server the realm leads to the port that it listens on, or to a proxy before it.
    let app = r#"{"id": "/registry", "container": {"type": "DOCKER", "docker": {"image": "registry:2"}}, "env": {
        "REGISTRY_AUTH": "token", "REGISTRY_AUTH_TOKEN_REALM": "https://registry.example.com:5001/auth",
        "REGISTRY_AUTH_TOKEN_SERVICE": "registry", "REGISTRY_AUTH_TOKEN_ISSUER": "auth_service"}}"#;
    write(&test, "alone/registry.json", app);
    each_case([(5001, false), (5009, true)], |(port, is_told)| {
        let config = test.read(CONFIG).replace("addr: \":5001\"", &format!("addr: \":{port}\""));
        write(&test, "alone/auth_config.yml", &config);
        let said = test.run(&["registry", "check", "alone"]);
        let told = format!(
            "the token server listens on port {port} (server.addr), and the realm leads to port 5001"
        );
        assert_eq!(said.contains(&told), is_told, "{said}");
    });
    // A health check of Docker Compose asks by its command.
    let check = |url: &str| {
        assert!(compose.contains("https://127.0.0.1:5000/"), "{compose}");
        write(&test, COMPOSE, &compose.replace("https://127.0.0.1:5000/", url));
        test.run(&["registry", "check", "out", "--format", "concise"])
    };
    each_case(
        [
            ("https://127.0.0.1:5000/", None),
            ("https://localhost:5000/", None),
            ("http://localhost:5000/", Some("health-check-of-other-scheme")),
            ("https://localhost:5000/v2/", Some("health-check-needs-login")),
            ("https://localhost:5001/", Some("port-differs")),
        ],
        |(url, rule)| {
            let said = check(url);
            assert_eq!(said.contains("error["), rule.is_some(), "{url}: {said}");
            assert!(rule.is_none_or(|rule| said.contains(&format!("[{rule}]"))), "{url}: {said}");
        },
    );
}

/// An acl that lost its condition is for everybody, and that is said; so is a file that Docker Compose would look for in vain.
#[test]
fn what_is_gone_is_told() {
    let test = group();
    let config = test.read("out/auth/auth_config.yml");
    write(&test, "out/auth/auth_config.yml", &config.replace("{account: \"admin\"}", "{acount: \"admin\"}"));
    let said = test.run(&["registry", "check", "out"]);
    assert!(
        said.contains("the entry matches everybody") && said.contains("perhaps `account` is meant"),
        "{said}"
    );
    write(&test, "out/auth/auth_config.yml", &config);
    std::fs::remove_file(test.path().join("out/certs/domain.key")).expect("removed");
    let said = test.run(&["registry", "check", "out"]);
    assert!(said.starts_with("exit: 1\n") && said.contains("./certs/domain.key is not there"), "{said}");
    // The file alone tells nothing of its neighbours.
    std::fs::remove_dir_all(test.path().join("out/certs")).expect("removed");
    let alone = test.run(&["registry", "check", "out/docker-compose.yml"]);
    assert!(!alone.contains("file-not-there") && alone.contains("not checked: "), "{alone}");
}

/// A file of users alone, whatever its name: what keeps the registry from reading it, and users who are there twice.
#[test]
fn a_file_of_users_is_checked_alone() {
    let hash = "$2y$05$oGKwJ8QJDLBOoTBmC/EQiefIMV1N9Yt9jpX3SqMoRqZRRql6q7yam";
    let test = TestDir::new()
        .file("bad/htpasswd", format!("# team\n\nbad line\nfoo:{hash}\n"))
        .file("users", format!("bad line\nfoo:{hash}\n"))
        .file("twice.htpasswd", format!("foo:{hash}\nfoo:{hash}\n"))
        .file("sound", format!("# team\n\n  foo:{hash}  \n"))
        .file("script.sh", "PATH=$HOME:$PATH\nexport PATH\necho a:$b\n");
    each_case(
        [
            ("bad/htpasswd", "exit: 1\n", "line 3 is no NAME:HASH"),
            ("users", "exit: 1\n", "line 1 is no NAME:HASH"),
            ("twice.htpasswd", "exit: 0\n", "foo is there twice: only the last entry counts"),
            ("sound", "exit: 0\n", "checked 1 file: nothing found"),
            ("script.sh", "exit: 2\n", "there is nothing to check"),
        ],
        |(file, exit, text)| {
            let said = test.run(&["registry", "check", file]);
            assert!(said.starts_with(exit) && said.contains(text), "{file}: {said}");
            assert!(!said.contains(hash), "{file}: {said}");
        },
    );
}

/// A directory as the fourth seed has it: its compose file, its configuration, its certificate made by `openssl req`.
#[test]
fn the_seeds_directory_is_checked() {
    let compose = "version: '2'\nservices:\n  auth:\n    image: cesanta/docker_auth\n    ports:\n      - \"5001:5001\"\n    \
         volumes:\n      - ./config:/config:ro\n      - ./ssl:/ssl\n  registry:\n    image: registry:2.2.1\n    ports:\n      \
         - 5000:5000\n    volumes:\n      - ./ssl:/ssl\n      - registry-data:/var/lib/registry\n    environment:\n      \
         - REGISTRY_AUTH=token\n      - REGISTRY_AUTH_TOKEN_REALM=https://auth:5001/auth\n      \
         - REGISTRY_AUTH_TOKEN_SERVICE=\"registry\"\n      - REGISTRY_AUTH_TOKEN_ISSUER=\"auth_service\"\n      \
         - REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE=/ssl/server.pem\nvolumes:\n  registry-data:\n    driver: local\n";
    let config = "server:\n  addr: \":5001\"\n  certificate: \"/ssl/server.pem\"\n  key: \"/ssl/server.key\"\ntoken:\n  \
         issuer: \"auth_service\"\n  expiration: 900\nusers:\n  \"jgsqware\":\n    password: \
         \"$2y$05$oGKwJ8QJDLBOoTBmC/EQiefIMV1N9Yt9jpX3SqMoRqZRRql6q7yam\"\nacl:\n  \
         - match: {account: \"/.+/\", name: \"${account}/*\"}\n    actions: [\"*\"]\n";
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "auth");
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("made");
    let test = TestDir::new()
        .file("docker-compose.yml", compose)
        .file("config/auth_config.yml", config)
        .file("ssl/server.pem", certificate.pem())
        .file("ssl/server.key", key.serialize_pem());
    let said = test.run(&["registry", "check", ".", "--format", "concise"]);
    assert!(said.starts_with("exit: 1\n"), "{said}");
    each_case(["no-alternative-name", "certificate-for-other-name", "login-without-tls"], |rule| {
        assert!(said.contains(&format!("[{rule}]")), "{rule}: {said}");
    });
    for rule in [
        "issuer-differs",
        "realm-elsewhere",
        "bundle-without-signer",
        "no-push-allowed",
        "setting-not-a-text",
    ] {
        assert!(!said.contains(rule), "{rule}: {said}");
    }
}

/// Who gives tokens is no secret, though the settings of tokens are below a secret's name.
#[test]
fn the_issuer_is_shown() {
    let config = "server: {addr: ':5001'}\ntoken: {issuer: auth_service, password: letmein, expiration: 0}\nusers: {}\nacl: []\n";
    let test = TestDir::new().file("auth_config.yml", config);
    let said = test.run(&["registry", "check", "auth_config.yml"]);
    assert!(said.contains("token: {issuer: auth_service, ") && !said.contains("letmein"), "{said}");
}

#[test]
fn files_that_are_no_parts_are_told() {
    let test = TestDir::new()
        .file("a.txt", "x")
        .file("bad.yml", "server: [\nacl: x")
        .file("cut.crt", "-----BEGIN CERTIFICATE-----\nMIIB\n")
        .file("htpasswd", "foo:$apr1$abc$def\n")
        .file("htpasswd-2", "# users\nfoo\n")
        .file("registry.json", r#"{"id": "/r", "container": {"docker": {"image": "registry:2"}}, "env": {"REGISTRY_AUTH": "htpasswd"}}"#);
    let cases: [(&[&str], &str, &str); 6] = [
        (&["registry.json", "htpasswd-2"], "exit: 1\n", "line 2 is no NAME:HASH"),
        (&["a.txt"], "exit: 2\n", "there is nothing to check"),
        (&["missing"], "exit: 2\n", "missing"),
        (&["bad.yml"], "exit: 1\n", "bad.yml:"),
        (&["registry.json", "cut.crt", "a.txt"], "exit: 1\n", "unreadable-pem"),
        (&["registry.json", "htpasswd"], "exit: 1\n", "foo cannot sign in"),
    ];
    each_case(cases, |(files, exit, text)| {
        let said = test.run(&[&["registry", "check"], files].concat());
        assert!(said.starts_with(exit) && said.contains(text), "{files:?}: {said}");
        assert!(!said.contains("$apr1$abc"), "{said}");
    });
}

/// A registry that lets everybody in sends no password that somebody could read, however `none` is spelled.
#[test]
fn none_in_any_spelling_is_no_login() {
    let check = |kind: &str| {
        let app = format!(
            r#"{{"id": "/registry", "cpus": 1, "mem": 128, "instances": 1, "env": {{"REGISTRY_AUTH": "{kind}"}},
               "container": {{"type": "DOCKER", "docker": {{"image": "registry:2"}},
                 "volumes": [{{"hostPath": "/srv", "containerPath": "/var/lib/registry", "mode": "RW"}}]}},
               "healthChecks": [{{"protocol": "HTTP", "path": "/v2/", "port": 5000}}]}}"#
        );
        let test = TestDir::new().file("registry.json", app);
        test.run(&["registry", "check", "registry.json"])
    };
    each_case(["none", "None", "NONE"], |kind| {
        let said = check(kind);
        assert!(said.ends_with("checked 1 file: nothing found\n"), "{kind}: {said}");
    });
    let said = check("htpasswd");
    each_case(["login-without-tls", "health-check-needs-login"], |rule| {
        assert!(said.contains(rule), "{rule}: {said}");
    });
}
