//! What can be wrong between the parts of a registry's setup, as rules.

use crate::finding::{Rule, Scope};

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[
    &ACL_ACTION,
    &ACL_FOR_EVERYBODY,
    &ACL_PATTERN,
    &ACL_WITHOUT_USER,
    &ADDRESS_TWICE,
    &AUTHENTICATION_FOR_TESTS,
    &BUNDLE_WITHOUT_SIGNER,
    &CERTIFICATE_NOT_TRUSTED,
    &DEFINITIONS_DISAGREE,
    &DELETION_REFUSED,
    &FILE_NOT_MOUNTED,
    &FILE_NOT_THERE,
    &FILE_OF_OTHER_SORT,
    &HEALTH_CHECK_FINDS_NOTHING,
    &HEALTH_CHECK_NEEDS_LOGIN,
    &HEALTH_CHECK_OF_OTHER_SCHEME,
    &IMAGES_OUTSIDE_VOLUME,
    &ISSUER_DIFFERS,
    &KEY_ID_OF_OTHER_VERSION,
    &KEY_NOT_FOR_TOKENS,
    &LISTENS_NOWHERE,
    &LOGIN_REFUSED,
    &LOGIN_WITHOUT_TLS,
    &NAME_AT_OTHER_PORT,
    &NOBODY_SIGNS_IN,
    &NO_PUSH_ALLOWED,
    &PORT_DIFFERS,
    &PORT_TWICE,
    &REALM_ELSEWHERE,
    &REALM_UNUSED,
    &REGISTRY_ASKED_ELSEWHERE,
    &REGISTRY_ASKED_OTHERWISE,
    &SERVICE_DIFFERS,
    &SERVICE_NOT_REACHED,
    &SETTING_BESIDE_PROXY,
    &SETTING_MISSING,
    &SETTING_NOT_A_TEXT,
    &SETTING_OUTSIDE_SECTION,
    &SETTING_VALUE,
    &SIGNING_KEY_NOT_RSA,
    &START_ORDER,
    &STORAGE_DRIVER,
    &TOKEN_SERVER_CONFIG_ELSEWHERE,
    &TOKEN_SERVER_DOES_NOT_START,
    &TOKEN_SERVER_UNUSED,
    &TWO_KINDS,
    &UNKNOWN_AUTHENTICATION,
    &UNKNOWN_REGISTRY_SETTING,
    &UNKNOWN_TOKEN_SERVER_SETTING,
    &UNREADABLE_PEM,
    &USERS_ELSEWHERE,
    &USER_LINE,
    &USER_NAME,
    &USER_TWICE,
    &USER_WITHOUT_BCRYPT,
];

pub(super) static ACL_ACTION: Rule = Rule::ignored("acl-action", "The actions of an acl are those that clients ask for")
    .about(Scope::Registries)
    .why("Clients ask for pull, push, delete and, to list repositories, *. docker_auth compares them with the names of an entry, and gives nothing for any other name. [\"*\"] alone means all of them.")
    .example("acl:\n  - match: {account: \"dev\"}\n    actions: [\"pul\"]");

pub(super) static ACL_WITHOUT_USER: Rule = Rule::risky("acl-without-user", "An entry of an acl is for a user who is there")
    .about(Scope::Registries)
    .why("An entry for a user who is not among those of the file is never used. Who is meant has the rights of a later entry, or none.")
    .example("users: {admin: …}, and match: {account: \"adnim\"}");

pub(super) static ADDRESS_TWICE: Rule = Rule::verdict("address-twice", "Two services do not have one address")
    .about(Scope::Registries)
    .why("A virtual IP spreads its connections over all that have it, and Marathon-LB leads a host to one of those that ask for it: who wants the registry gets the token server, or the reverse.")
    .example("\"VIP_0\": \"192.168.0.1:443\" at both");

pub(super) static ACL_PATTERN: Rule = Rule::verdict("acl-pattern", "The patterns of an acl can be read").about(Scope::Registries).why("docker_auth does not start with a regular expression that it cannot read, and lets a glob that it cannot read match nothing.").example("acl:\n  - match: {account: \"/(/\"}\n    actions: [\"*\"]");

pub(super) static BUNDLE_WITHOUT_SIGNER: Rule = Rule::verdict("bundle-without-signer", "The root bundle has the certificate that tokens are signed with").about(Scope::Registries).why("docker_auth sends the id of its key and no certificate. The registry looks for that key in its root bundle, so the certificate of the authority that signed it does not do: every token is refused with 401.").example("REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE=/certs/ca.crt");

pub(super) static DEFINITIONS_DISAGREE: Rule = Rule::risky("definitions-disagree", "Two definitions of a registry ask for the same login").about(Scope::Registries).why("A group for Marathon and a file for Docker Compose are the same registry in two forms. Where the kind of authentication differs, one of the two lets in whom the other refuses, and perhaps everybody, which is an error. Where realm, service or issuer differ, one of the two takes no token of the token server.").example("REGISTRY_AUTH_TOKEN_ISSUER=auth_service in one file, and another in the other");

pub(super) static FILE_NOT_MOUNTED: Rule = Rule::verdict(
    "file-not-mounted",
    "Files that the settings of registry and token server name are in their containers",
)
.about(Scope::Registries)
.why("Registry and token server do not start with the path of a file that is not there.")
.example("REGISTRY_HTTP_TLS_KEY=/certs/domain.key without a volume at /certs");

pub(super) static FILE_NOT_THERE: Rule = Rule::verdict(
    "file-not-there",
    "Files beside a file for Docker Compose are there",
)
.about(Scope::Registries)
.why("Registry and token server do not start with the path of a file that is not there.")
.example(
    "volumes: [\"./certs:/certs:ro\"] and REGISTRY_HTTP_TLS_KEY=/certs/domain.key, without certs/domain.key",
);

pub(super) static HEALTH_CHECK_FINDS_NOTHING: Rule = Rule::verdict("health-check-finds-nothing", "A health check asks for a path that is there").about(Scope::Registries).why("Registry and token server answer 404 at any path that is not theirs, which a health check takes for a failure: Marathon kills them again and again. The path / answers 200, at docker_auth below its path_prefix.").example("\"healthChecks\": [{\"path\": \"/health\", …}] of docker_auth");

pub(super) static HEALTH_CHECK_OF_OTHER_SCHEME: Rule = Rule::verdict("health-check-of-other-scheme", "A health check speaks TLS where the service does").about(Scope::Registries).why("A service with TLS answers plain http with 400, and one without TLS cannot read what TLS sends. A health check takes both for a failure: Marathon kills the service again and again.").example("\"protocol\": \"MESOS_HTTP\" with REGISTRY_HTTP_TLS_CERTIFICATE");

pub(super) static HEALTH_CHECK_NEEDS_LOGIN: Rule = Rule::verdict("health-check-needs-login", "A health check needs no login").about(Scope::Registries).why("With authentication /v2/ of the registry, and /auth of the token server, answer 401, which a health check takes for a failure: Marathon kills what it checks again and again. The path / answers 200 at both.").example("\"healthChecks\": [{\"path\": \"/v2/\", …}] with REGISTRY_AUTH=token");

pub(super) static ISSUER_DIFFERS: Rule = Rule::verdict("issuer-differs", "Registry and token server name the same issuer").about(Scope::Registries).why("The registry refuses every token whose issuer is not the one it is told: docker login works at the token server, and fails at the registry with 401.").example("REGISTRY_AUTH_TOKEN_ISSUER=auth_service, and token.issuer: Acme in auth_config.yml");

pub(super) static KEY_ID_OF_OTHER_VERSION: Rule = Rule::verdict("key-id-of-other-version", "The token server names its key as the version of the registry does").about(Scope::Registries).why("Registry 2 knows a key by the id that libtrust gives it, registry 3 by its RFC 7638 thumbprint. `disable_legacy_key_id: true` makes docker_auth use the second; with the wrong one every token is refused with 401.").example("image registry:3.0.0, and no token.disable_legacy_key_id in auth_config.yml");

pub(super) static LOGIN_WITHOUT_TLS: Rule = Rule::risky("login-without-tls", "A registry with a login has TLS").about(Scope::Registries).why("Passwords and tokens are sent with every request. Without TLS anybody on the network path can read them.").example("REGISTRY_AUTH=htpasswd without REGISTRY_HTTP_TLS_CERTIFICATE");

pub(super) static NO_PUSH_ALLOWED: Rule = Rule::verdict("no-push-allowed", "An acl lets a user push").aliases(&["nobody-pushes"]).about(Scope::Registries).why("The first entry that matches a request counts, and what none matches is refused. With this acl no user of the file may push to any repository.").example("acl:\n  - match: {}\n    actions: [\"pull\"]");

pub(super) static PORT_DIFFERS: Rule =
    Rule::verdict("port-differs", "A definition leads to the port that its service listens on")
        .about(Scope::Registries)
        .why("Nothing answers at any other port of the container: clients and health checks fail.")
        .example("\"containerPort\": 5001, and server.addr: \":5002\" in auth_config.yml");

pub(super) static REALM_ELSEWHERE: Rule = Rule::verdict("realm-elsewhere", "The realm is an address at which the token server gives tokens").about(Scope::Registries).why("The registry sends clients to its realm for a token. docker_auth gives tokens at /auth and /auth/token below its path_prefix, and answers 404 elsewhere.").example("REGISTRY_AUTH_TOKEN_REALM=https://auth.example.com:5001/token");

pub(super) static SERVICE_DIFFERS: Rule = Rule::ignored(
    "service-differs",
    "An entry of an acl is for a service that is there",
)
.about(Scope::Registries)
.why("Clients ask for tokens for REGISTRY_AUTH_TOKEN_SERVICE. An entry for another service never matches.")
.example("REGISTRY_AUTH_TOKEN_SERVICE=registry, and match: {service: images} in auth_config.yml");

pub(super) static SETTING_MISSING: Rule =
    Rule::verdict("setting-missing", "A registry has the settings that others of it need")
        .about(Scope::Registries)
        .why("The registry does not start, or takes no token, where one is missing that its authentication or its cache needs.")
        .example("REGISTRY_AUTH=token without REGISTRY_AUTH_TOKEN_ISSUER");

pub(super) static SETTING_NOT_A_TEXT: Rule = Rule::verdict("setting-not-a-text", "Settings of the authentication are texts").about(Scope::Registries).why("The registry reads the values of its variables as YAML. It ends with \"requires a valid option string\" where one is a number, a boolean or empty.").example("REGISTRY_AUTH_TOKEN_ISSUER=2024");

pub(super) static SIGNING_KEY_NOT_RSA: Rule = Rule::verdict("signing-key-not-rsa", "Tokens for registry 3 are signed with an RSA key").about(Scope::Registries).why("Registry 3.0.0 computes the id of an ECDSA key from its curve alone, so that all keys on one curve have the same id.").example("image registry:3.0.0, and an ECDSA certificate at the token server");

pub(super) static TOKEN_SERVER_CONFIG_ELSEWHERE: Rule = Rule::risky(
    "token-server-config-elsewhere",
    "The token server is started with the configuration that is checked",
)
.about(Scope::Registries)
.why("What is right in one file says nothing of the one that docker_auth reads.")
.example("\"args\": [\"/config/auth.yml\"] beside auth_config.yml");

pub(super) static TOKEN_SERVER_DOES_NOT_START: Rule = Rule::verdict("token-server-does-not-start", "docker_auth has what it needs to start").about(Scope::Registries).why("docker_auth ends at its start without an address, an issuer, a lifetime of tokens, a key, users and rights.").example("token: {issuer: auth_service, expiration: 0}");

pub(super) static TOKEN_SERVER_UNUSED: Rule = Rule::ignored(
    "token-server-unused",
    "A registry asks for the tokens of its token server",
)
.about(Scope::Registries)
.why("Without REGISTRY_AUTH=token a registry takes requests of everybody, which is an error beside a token server, or of the users of its own file.")
.example("auth_config.yml beside a registry without REGISTRY_AUTH");

pub(super) static UNKNOWN_AUTHENTICATION: Rule = Rule::verdict("unknown-authentication", "REGISTRY_AUTH is a kind that the registry knows")
    .about(Scope::Registries)
    .why("The registry knows htpasswd, token, silly (for tests) and none, in small letters. It ends with a panic at its start where it is another.")
    .example("REGISTRY_AUTH=tokn");

pub(super) static UNKNOWN_TOKEN_SERVER_SETTING: Rule =
    Rule::ignored("unknown-token-server-setting", "docker_auth knows every name in its configuration")
        .about(Scope::Registries)
        .why("docker_auth ignores names that it does not know, without a message.")
        .example("acls: []");

pub(super) static UNREADABLE_PEM: Rule =
    Rule::verdict("unreadable-pem", "A PEM file holds a certificate or a key that can be read")
        .about(Scope::Registries)
        .why("Registry and token server do not start with a file that is cut short or holds something else.")
        .example("-----BEGIN CERTIFICATE-----");

pub(super) static USER_LINE: Rule = Rule::verdict("user-line", "Each line of an htpasswd file is a user")
    .about(Scope::Registries)
    .why("A registry with a file of users reads it as a whole: with a line that has no colon it answers every login with 400.")
    .example("foo:$2y$10$…\nbar");

pub(super) static USER_NAME: Rule = Rule::risky("user-name", "The name of a user means the same in all files")
    .about(Scope::Registries)
    .why("docker_auth takes /…/, * and the like in its acl for patterns, so that an entry for such a user is for others too, and clients send no colon in a name.")
    .example("users: {\"/.+/\": …}");

pub(super) static USER_TWICE: Rule = Rule::risky("user-twice", "A user is there once")
    .about(Scope::Registries)
    .why("Of two entries for a user the last one counts. Whoever changes the other one changes nothing.")
    .example("foo:$2y$10$…\nfoo:$2y$10$…");

pub(super) static USER_WITHOUT_BCRYPT: Rule = Rule::ignored("user-without-bcrypt", "The password of a user is a bcrypt hash").about(Scope::Registries).why("Registry and docker_auth take bcrypt hashes only. With any other, such as the default of htpasswd, no password is right. docker_auth takes any password for a user without one.").example("foo:$apr1$…");

pub(super) static ACL_FOR_EVERYBODY: Rule = Rule::risky(
    "acl-for-everybody",
    "An entry of an acl that gives more than pulls is for somebody",
)
.about(Scope::Registries)
.why(
    "An entry with no conditions matches each request of each user, and the first entry that matches counts.",
)
.example("acl:\n  - match: {}\n    actions: [\"*\"]");

pub(super) static AUTHENTICATION_FOR_TESTS: Rule = Rule::risky("authentication-for-tests", "A registry checks who signs in")
    .about(Scope::Registries)
    .why("REGISTRY_AUTH=silly is there for tests of the registry: it lets in whoever sends any credentials, right or wrong.")
    .example("REGISTRY_AUTH=silly");

pub(super) static FILE_OF_OTHER_SORT: Rule = Rule::verdict(
    "file-of-other-sort",
    "A setting for a certificate names a certificate, and one for a key a key",
)
.about(Scope::Registries)
.why("Registry and token server do not start where a file holds something else than its setting wants.")
.example("REGISTRY_HTTP_TLS_KEY=/certs/domain.crt");

pub(super) static KEY_NOT_FOR_TOKENS: Rule = Rule::verdict("key-not-for-tokens", "Tokens are signed with an RSA or ECDSA key")
    .about(Scope::Registries)
    .why("docker_auth and registry 2 know RSA keys, and ECDSA keys on P-256, P-384 and P-521. docker_auth ends at its start where one of its certificates has another, and registry 2 where one in its root bundle has (\"public key type ed25519.PublicKey is not supported\").")
    .example("openssl req -x509 -newkey ed25519 …");

pub(super) static LISTENS_NOWHERE: Rule = Rule::verdict("listens-nowhere", "Registry and token server listen where clients reach them")
    .about(Scope::Registries)
    .why("An address to listen at is HOST:PORT, or :PORT for all addresses. With any other the service ends at its start. At 127.0.0.1 of a container with a network of its own nothing from outside arrives.")
    .example("server: {addr: \"5001\"}");

pub(super) static NOBODY_SIGNS_IN: Rule = Rule::verdict("nobody-signs-in", "A file of users has users")
    .about(Scope::Registries)
    .why("A login needs a user. Where there is none, every login fails.")
    .example("users: {}");

pub(super) static PORT_TWICE: Rule = Rule::verdict("port-twice", "Two services do not take one port of a host")
    .about(Scope::Registries)
    .why("The second service on a host cannot have a port that the first one has: Docker refuses it, and Marathon runs it on other agents only. A registry whose address for debugging has the port that it serves clients on does not start.")
    .example("ports: [\"5000:5000\"] at two services");

pub(super) static REALM_UNUSED: Rule = Rule::risky("realm-unused", "A registry sends clients to its realm")
    .about(Scope::Registries)
    .why("With REGISTRY_AUTH_TOKEN_AUTOREDIRECT the registry ignores its realm, and sends clients for tokens to its own address, where only a proxy can lead to a token server.")
    .example("REGISTRY_AUTH_TOKEN_AUTOREDIRECT=true beside REGISTRY_AUTH_TOKEN_REALM");

pub(super) static SERVICE_NOT_REACHED: Rule =
    Rule::risky("service-not-reached", "A definition runs its service, and leads TCP to it")
        .about(Scope::Registries)
        .why("With no instances nothing runs, and registry and token server speak TCP only.")
        .example("\"protocol\": \"udp\" in the port mapping of a registry");

pub(super) static START_ORDER: Rule = Rule::risky("start-order", "A registry is started after its token server")
    .about(Scope::Registries)
    .why("Until the token server runs nobody gets a token. Dependencies have Marathon start it first; a circle of them is refused.")
    .example("\"dependencies\" of the token server that name the registry");

pub(super) static UNKNOWN_REGISTRY_SETTING: Rule =
    Rule::ignored("unknown-registry-setting", "A registry knows its settings")
        .about(Scope::Registries)
        .why("The registry takes no notice of variables that are no settings of it.")
        .example("REGISTRY_HTTP_TLS_CERTIFICAT=/certs/domain.crt");

pub(super) static USERS_ELSEWHERE: Rule = Rule::risky("users-elsewhere", "The registry reads the file of users that is checked")
    .about(Scope::Registries)
    .why("What is right in one file says nothing of the one that the registry reads. Registry 2.7 and later make a file with a random password where there is none.")
    .example("REGISTRY_AUTH_HTPASSWD_PATH=/auth/users beside auth/htpasswd");

pub(super) static IMAGES_OUTSIDE_VOLUME: Rule = Rule::risky("images-outside-volume", "A registry keeps images in its volume")
    .about(Scope::Registries)
    .why("What a container has outside of its volumes is lost with it. With REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY the registry keeps images elsewhere than in /var/lib/registry.")
    .example("REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=/data with a volume at /var/lib/registry");

pub(super) static NAME_AT_OTHER_PORT: Rule = Rule::risky("name-at-other-port", "Within the network of a file for Docker Compose, a service listens on the port at which another one asks it")
    .about(Scope::Registries)
    .why("An alias leads from one container to another without the ports that are published on the host: the port of an address with that name is one that the container itself listens on.")
    .example("DOCKER_REGISTRY_URL=https://registry.example.com beside ports: [\"443:5000\"] and the alias registry.example.com");

pub(super) static SETTING_BESIDE_PROXY: Rule = Rule::ignored(
    "setting-beside-proxy",
    "A cache of another registry has no settings against its being one",
)
.about(Scope::Registries)
.why("With REGISTRY_PROXY_REMOTEURL a registry answers 405 to each deletion, and has to store what it gets.")
.example("REGISTRY_STORAGE_DELETE_ENABLED=true beside REGISTRY_PROXY_REMOTEURL");

pub(super) static SETTING_OUTSIDE_SECTION: Rule = Rule::verdict("setting-outside-section", "A setting that is read within its section is given with it")
    .about(Scope::Registries)
    .why("Registry 2 wants the sections readonly and uploadpurging of storage.maintenance as a whole, in YAML, and ends with \"config key must contain additional keys\" where one of their settings has a variable of its own.")
    .example("REGISTRY_STORAGE_MAINTENANCE_READONLY_ENABLED=true");

pub(super) static SETTING_VALUE: Rule = Rule::verdict("setting-value", "A setting of a registry has a value of its type")
    .about(Scope::Registries)
    .why("The registry reads each value as YAML, and ends at its start where that is not of the type that its configuration declares: a log level, true or false, a number, a duration with a unit, a list, a map. A list or a map is given as YAML too. A few values do not end it, and do nothing.")
    .example("REGISTRY_LOG_LEVEL=loud");

pub(super) static STORAGE_DRIVER: Rule = Rule::verdict("storage-driver", "A registry has a storage driver that it knows, with what that needs")
    .about(Scope::Registries)
    .why("The registry ends with a panic at its start with another driver, or where a parameter is missing that the driver needs.")
    .example("REGISTRY_STORAGE=s3 without REGISTRY_STORAGE_S3_REGION");

pub(super) static TWO_KINDS: Rule = Rule::verdict("two-kinds", "A registry has one storage driver and one kind of authentication")
    .about(Scope::Registries)
    .why("Each variable of a driver adds that driver, beside the filesystem of the image's configuration, unless REGISTRY_STORAGE names one: with two the registry does not start. Of two kinds of authentication it takes one, which is another one at some of its starts.")
    .example("REGISTRY_STORAGE_S3_BUCKET=images without REGISTRY_STORAGE=s3");

pub(super) static CERTIFICATE_NOT_TRUSTED: Rule = Rule::verdict("certificate-not-trusted", "A service trusts the certificate of the registry that it asks")
    .about(Scope::Registries)
    .why("A certificate of an authority of your own is refused by each program that is not told of the authority: a web page (docker-registry-browser) by CA_FILE, a scanner (trivy) by a directory of SSL_CERT_DIR.")
    .example("DOCKER_REGISTRY_URL=https://registry.example.com:5000 without CA_FILE");

pub(super) static DELETION_REFUSED: Rule =
    Rule::risky("deletion-refused", "A web page offers to delete images where the registry deletes them")
        .about(Scope::Registries)
        .why("A registry answers 405 to each deletion unless REGISTRY_STORAGE_DELETE_ENABLED is true.")
        .example("ENABLE_DELETE_IMAGES=true beside a registry without REGISTRY_STORAGE_DELETE_ENABLED");

pub(super) static LOGIN_REFUSED: Rule = Rule::verdict("login-refused", "A service signs in as a user who is there, with the right password")
    .about(Scope::Registries)
    .why("The users of a registry have hashes of their passwords. A service beside it, such as a scanner, has a password itself: after a change of one of the two it cannot sign in. It also needs the right to pull, and a login at the address that it asks.")
    .example("SCANNER_PASSWORD=old beside the hash of a new password in auth_config.yml");

pub(super) static REGISTRY_ASKED_ELSEWHERE: Rule = Rule::risky("registry-asked-elsewhere", "A service asks the registry at an address that the registry has")
    .about(Scope::Registries)
    .why("At another port or name nothing answers. The address that a web page shows to people has to be the one that clients reach: the published port.")
    .example("PUBLIC_REGISTRY_URL=registry.example.com:5000 beside ports: [\"443:5000\"]");

pub(super) static REGISTRY_ASKED_OTHERWISE: Rule = Rule::verdict("registry-asked-otherwise", "A service asks a registry that has TLS with TLS")
    .about(Scope::Registries)
    .why("A registry with TLS answers 400 to http, and one without TLS ends the connection of a client that begins with it.")
    .example("DOCKER_REGISTRY_URL=http://registry.example.com:5000 beside REGISTRY_HTTP_TLS_CERTIFICATE");
