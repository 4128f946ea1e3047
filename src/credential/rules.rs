//! What can be wrong with credentials, and with the definitions they are wired into, as rules.

use crate::finding::{Rule, Scope};

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[
    &ABSOLUTE_PATH,
    &ARCHIVE_NEEDS_DOCKER_ENGINE,
    &BAD_AUTH,
    &BAD_CONFIG,
    &BAD_ENTRY,
    &BAD_KEY,
    &BROKEN_ARCHIVE,
    &CERTIFICATES_NEED_DOCKER_ENGINE,
    &EMPTY_AUTHS,
    &EMPTY_ENTRY,
    &EMPTY_FILE,
    &EXPIRED_CREDENTIALS,
    &FOREIGN_FILE,
    &FOREIGN_OWNER,
    &FOREIGN_REGISTRY,
    &HELPER_ONLY,
    &LEFT_TO_HELPER,
    &LINE_BREAK_IN_PASSWORD,
    &LINK_IN_ARCHIVE,
    &MISPLACED_CONFIG,
    &MISSING_REGISTRY,
    &NEEDS_DOCKER_ENGINE,
    &NOTHING_TO_PULL,
    &NOTHING_TO_WIRE,
    &NOT_AN_ARCHIVE,
    &NOT_A_LIST,
    &NO_AUTH,
    &NO_CONFIG,
    &NO_CONTAINERS_TO_CHOOSE,
    &NO_CREDENTIALS,
    &NO_SUCH_CONTAINER,
    &OLD_CONFIG,
    &PATH_TRAVERSAL,
    &PULL_CONFIG_CLASH,
    &PULL_CONFIG_NEEDS_IMAGE,
    &READABLE_BY_ALL,
    &REPEATED_FILE,
    &REPEATED_REGISTRY,
    &SECRET_CLASH,
    &SHORT_LIVED,
    &SPECIAL_FILE,
    &TAR_BOMB,
    &TOKEN_FOR_MESOS,
    &UNOPENED_ARCHIVE,
    &UNREADABLE_CONFIG,
    &VOLUME_IN_THE_WAY,
    &WRAPPED_AUTH,
    &WRITABLE_BY_OTHERS,
    &WRONG_HUB_KEY,
];

pub(super) static EMPTY_AUTHS: Rule = Rule::ignored("empty-auths", "A config file has credentials in it")
    .about(Scope::Credentials)
    .why(
        "Docker and Mesos read a config file without entries in `auths` and say nothing: they pull without credentials, \
         and a private image is `unauthorized`.",
    )
    .example(r#"{"auths": {}}"#);

pub(super) static REPEATED_REGISTRY: Rule =
    Rule::risky("repeated-registry", "A config file has one entry for each registry")
        .about(Scope::Credentials)
        .why(
            "`registry.example.com` and `https://registry.example.com/v1/` are keys of the same registry. Which of two \
             entries is read depends on the reader, so that one pull works and another does not.",
        )
        .example(
            "{\"auths\": {\n  \"registry.example.com\": {\"auth\": \"Y2k6b25l\"},\n  \"https://registry.example.com\": \
             {\"auth\": \"Y2k6dHdv\"}\n}}",
        );

pub(super) static FOREIGN_REGISTRY: Rule =
    Rule::risky("foreign-registry", "Credentials are for registries that are needed")
        .about(Scope::Credentials)
        .why(
            "Everyone who can read a task's sandbox has all credentials in it. A file for one service holds what that \
             service pulls with, and nothing more.",
        )
        .example("milepost creds verify docker.tar.gz --for web.json\n\nweb.json pulls from registry.example.com, and the \
                  archive has credentials for quay.example.com too.");

pub(super) static MISSING_REGISTRY: Rule =
    Rule::ignored("missing-registry", "Every registry that is needed has credentials")
        .about(Scope::Credentials)
        .why(
            "A pull from a registry without an entry is made without credentials. The key has to be the registry's host \
             with its port: `registry.example.com` and `registry.example.com:5000` are two registries to Docker.",
        )
        .example("milepost creds verify docker.tar.gz --for web.json\n\nweb.json pulls from registry.example.com:5000, and \
                  the archive has credentials for registry.example.com.");

pub(super) static LEFT_TO_HELPER: Rule =
    Rule::ignored("left-to-helper", "Credentials are in the config file, not left to a helper")
        .aliases(&["helper"])
        .about(Scope::Credentials)
        .why(
            "`credsStore` and `credHelpers` name programs that keep the credentials on the machine of `docker login`. \
             Agents do not have those programs. With `credsStore` Docker reads nothing else, so the other entries are \
             useless too.",
        )
        .example("{\"auths\": {\"registry.example.com\": {\"auth\": \"Y2k6bGV0bWVpbg==\"}}, \"credsStore\": \"pass\"}");

pub(super) static HELPER_ONLY: Rule =
    Rule::ignored("helper-only", "A config file does not leave all its credentials to a helper")
        .about(Scope::Credentials)
        .why(
            "This is what `docker login` leaves where a helper is set up: the file names the helper and has no password \
             in it. On an agent, which has no such helper, it is worth nothing. `milepost creds import` asks the helper.",
        )
        .example(r#"{"auths": {"registry.example.com": {}}, "credsStore": "osxkeychain"}"#);

pub(super) static BAD_KEY: Rule = Rule::ignored("bad-key", "The key of an entry names a registry")
    .about(Scope::Credentials)
    .why("Credentials are looked up by the registry's host. An entry whose key is not a host is never found.")
    .example(r#"{"auths": {"registry example com": {"auth": "Y2k6bGV0bWVpbg=="}}}"#);

pub(super) static EMPTY_ENTRY: Rule = Rule::ignored("empty-entry", "An entry has credentials")
    .about(Scope::Credentials)
    .why("`docker login` leaves an empty entry where a helper keeps the credentials. On an agent it is worth nothing.")
    .example(r#"{"auths": {"registry.example.com": {}}}"#);

pub(super) static BAD_AUTH: Rule = Rule::ignored("bad-auth", "`auth` is base64 of USER:PASSWORD")
    .about(Scope::Credentials)
    .why("Docker and Mesos decode `auth` and split it at the first colon. What cannot be decoded is no credentials.")
    .example(r#"{"auths": {"registry.example.com": {"auth": "ci:letmein"}}}"#);

pub(super) static BAD_ENTRY: Rule = Rule::ignored("bad-entry", "An entry has the form that Docker reads")
    .about(Scope::Credentials)
    .why("An entry is an object whose members are strings, with a user and a password or a token.")
    .example(r#"{"auths": {"registry.example.com": "ci:letmein"}}"#);

pub(super) static TOKEN_FOR_MESOS: Rule = Rule::ignored("token-for-mesos", "Mesos gets a password, not a token")
    .about(Scope::Credentials)
    .why(
        "Mesos reads `auth` and nothing else: it does not know `identitytoken` and `registrytoken`, with which Docker \
         signs in. A token that is used like a password can be in `auth`.",
    )
    .example(r#"{"auths": {"registry.example.com": {"auth": "Y2k6", "identitytoken": "…"}}}"#);

pub(super) static WRONG_HUB_KEY: Rule =
    Rule::ignored("wrong-hub-key", "The credentials of Docker Hub are under the key that Docker looks for")
        .aliases(&["hub-key"])
        .about(Scope::Credentials)
        .why("Docker looks for `https://index.docker.io/v1/` and for no other name of Docker Hub.")
        .example(r#"{"auths": {"docker.io": {"auth": "Y2k6bGV0bWVpbg=="}}}"#);

pub(super) static LINE_BREAK_IN_PASSWORD: Rule =
    Rule::ignored("line-break-in-password", "A password does not end in a line break")
        .aliases(&["line-break"])
        .about(Scope::Credentials)
        .why("The line break is sent as a part of the password, and the registry rejects it.")
        .example("echo ci:letmein | base64\n\n`echo` adds a line break; `echo -n` does not.");

pub(super) static WRAPPED_AUTH: Rule = Rule::ignored("wrapped-auth", "`auth` is in one line")
    .about(Scope::Credentials)
    .why("`base64` breaks long lines. Docker skips the line breaks, and Mesos sends them as they are.")
    .example("echo -n ci:a-long-password | base64\n\n`base64` breaks lines after 76 characters; `base64 -w0` does not.");

pub(super) static NO_AUTH: Rule = Rule::ignored("no-auth", "An entry for Mesos has `auth`")
    .about(Scope::Credentials)
    .why("Docker reads `username` and `password` too. Mesos reads `auth` only.")
    .example(r#"{"auths": {"registry.example.com": {"username": "ci", "password": "letmein"}}}"#);

pub(super) static EXPIRED_CREDENTIALS: Rule =
    Rule::ignored("expired-credentials", "Credentials have not expired")
        .aliases(&["expired"])
        .about(Scope::Credentials)
        .why("A token that says when it ends is rejected by the registry after that time.")
        .example("`auth` holds a JSON Web Token whose `exp` is in the past.");

pub(super) static SHORT_LIVED: Rule =
    Rule::risky("short-lived", "Credentials last as long as the service that pulls with them")
        .about(Scope::Credentials)
        .why(
            "Agents pull whenever an instance starts, on any agent, months after the deployment. Tokens of Amazon ECR \
             last 12 hours, those of Google and GitHub one hour, the token of a GitLab job as long as the job.",
        )
        .example("aws ecr get-login-password | milepost creds login 123456789012.dkr.ecr.eu-central-1.amazonaws.com -u AWS \
                  --password-stdin");

pub(super) static BAD_CONFIG: Rule = Rule::ignored("bad-config", "A config file is one that Docker and Mesos read")
    .about(Scope::Credentials)
    .why("A config file is a JSON object in UTF-8. Docker stops at any other, and an agent does not start with it.")
    .example(r#"{"auths": {"registry.example.com": {"auth": "Y2k6bGV0bWVpbg=="},}}"#);

pub(super) static EMPTY_FILE: Rule =
    Rule::ignored("empty-file", "The credentials file of a cluster is not empty")
        .about(Scope::Credentials)
        .why("An agent does not start with an empty file. A blank configuration is `{}`.")
        .example("milepost creds cluster --check /dev/null");

pub(super) static NO_CREDENTIALS: Rule =
    Rule::style("no-credentials", "The credentials file of a cluster has credentials in it")
        .aliases(&["blank"])
        .about(Scope::Credentials)
        .why("Clusters start with a blank configuration, which is valid and gives no pull any credentials.")
        .example("{}");

pub(super) static NOT_AN_ARCHIVE: Rule = Rule::ignored("not-an-archive", "Credentials are fetched as a tar archive")
    .about(Scope::Credentials)
    .why(
        "The Mesos fetcher unpacks archives into the sandbox. A config file that is fetched as it is lies in the sandbox \
         under its own name, where Docker does not look.",
    )
    .example("milepost creds verify ~/.docker/config.json");

pub(super) static UNOPENED_ARCHIVE: Rule =
    Rule::risky("unopened-archive", "An archive of credentials can be looked into")
        .about(Scope::Credentials)
        .why(
            "milepost looks into .tar, .tar.gz, .tar.bz2, .tar.xz and .zip. A zip file with another compression than deflate, \
             and xz that takes more than 80 MiB of memory, it does not unpack: whether the credentials are in the right \
             place was not checked, and `wire` and `creds check` take such an archive for one of credentials by its name only.",
        )
        .example("zip -Z bzip2 docker.zip .docker/config.json && milepost creds verify docker.zip");

pub(super) static OLD_CONFIG: Rule =
    Rule::risky("old-config", "An archive of credentials has the form that all Docker Engines read")
        .about(Scope::Credentials)
        .why(
            "`.dockercfg` is the form of Docker 1.6. Later ones read it only where there is no `.docker/config.json`, and \
             Docker 23 and later do not read it at all.",
        )
        .example("tar -czf docker.tar.gz -C ~ .dockercfg");

pub(super) static BROKEN_ARCHIVE: Rule =
    Rule::ignored("broken-archive", "An archive can be unpacked to its end")
        .about(Scope::Credentials)
        .why("The fetcher fails, and the task with it, when an archive is cut off or damaged.")
        .example("head -c 100 docker.tar.gz > cut.tar.gz && milepost creds verify cut.tar.gz");

pub(super) static TAR_BOMB: Rule = Rule::ignored("tar-bomb", "An archive of credentials is small")
    .about(Scope::Credentials)
    .why("An archive that unpacks to very much, or to very many files, fills the disk of the agent.")
    .example("head -c 10G /dev/zero > config.json && tar -czf docker.tar.gz config.json");

pub(super) static ABSOLUTE_PATH: Rule = Rule::risky("absolute-path", "Paths in an archive are relative")
    .about(Scope::Credentials)
    .why("Mesos, tar and unzip drop the first slash, so that the file is in the sandbox under the rest of its path. Who unpacks it with `tar -P` overwrites a file of the machine.")
    .example("tar -czPf docker.tar.gz /home/ci/.docker/config.json");

pub(super) static PATH_TRAVERSAL: Rule =
    Rule::ignored("path-traversal", "Paths in an archive stay in the sandbox")
        .about(Scope::Credentials)
        .why("A path with `..` leads out of the sandbox, to files of the agent or of other tasks.")
        .example("tar -czPf docker.tar.gz ../.docker/config.json");

pub(super) static LINK_IN_ARCHIVE: Rule =
    Rule::ignored("link-in-archive", "Links in an archive of credentials lead to files in it")
        .aliases(&["link"])
        .about(Scope::Credentials)
        .why("What a link points at is not on the agents, or is something else there.")
        .example("ln -s /etc/docker/config.json .docker/config.json && tar -czf docker.tar.gz .docker");

pub(super) static SPECIAL_FILE: Rule =
    Rule::ignored("special-file", "An archive of credentials has regular files and directories only")
        .about(Scope::Credentials)
        .why("Devices and pipes have no place in credentials; a reader of a pipe waits for ever.")
        .example("mkfifo .docker/config.json && tar -czf docker.tar.gz .docker");

pub(super) static REPEATED_FILE: Rule =
    Rule::ignored("repeated-file", "An archive has .docker/config.json once")
        .about(Scope::Credentials)
        .why("Of several the last is the one that stays in the sandbox; the others are overwritten.")
        .example("tar -rf docker.tar .docker/config.json");

pub(super) static FOREIGN_FILE: Rule = Rule::risky(
    "foreign-file",
    "An archive of credentials has nothing else in it",
)
.about(Scope::Credentials)
.why("A pull needs .docker/config.json. Everyone who can read the sandbox can read the other files too.")
.example("tar -czf docker.tar.gz -C ~ .docker .ssh");

pub(super) static MISPLACED_CONFIG: Rule =
    Rule::ignored("misplaced-config", "config.json is in .docker at the top of an archive")
        .aliases(&["misplaced"])
        .about(Scope::Credentials)
        .why("Docker looks for .docker/config.json at the top of the sandbox, and nowhere else.")
        .example("tar -czf docker.tar.gz -C ~/.docker config.json");

pub(super) static NO_CONFIG: Rule = Rule::ignored(
    "no-config",
    "An archive of credentials has .docker/config.json",
)
.about(Scope::Credentials)
.why("Docker looks for .docker/config.json, or before Docker 1.7 for .dockercfg, and for nothing else.")
.example("tar -czf docker.tar.gz auth.json");

pub(super) static UNREADABLE_CONFIG: Rule =
    Rule::ignored("unreadable-config", "The config file can be read by its owner where it is unpacked")
        .about(Scope::Credentials)
        .why("The fetcher keeps the mode that the archive has. Without the owner's read bit nothing can read the file.")
        .example("chmod 000 .docker/config.json && tar -czf docker.tar.gz .docker/config.json");

pub(super) static WRITABLE_BY_OTHERS: Rule = Rule::risky(
    "writable-by-others",
    "The config file can be changed by its owner only",
)
.aliases(&["writable"])
.about(Scope::Credentials)
.why("Another user of the agent could replace the credentials, and send pulls to a registry of their own.")
.example("chmod 666 .docker/config.json && tar -czf docker.tar.gz .docker/config.json");

pub(super) static FOREIGN_OWNER: Rule = Rule::risky("foreign-owner", "An archive's files belong to root")
    .aliases(&["owner"])
    .about(Scope::Credentials)
    .why("`tar` records the user who packs. That user's number is another user, or none, on an agent.")
    .example("tar -czf docker.tar.gz -C ~ .docker/config.json\n\n`--owner=root:0 --group=root:0` packs it for root.");

pub(super) static READABLE_BY_ALL: Rule = Rule::style(
    "readable-by-all",
    "The config file can be read by its owner only",
)
.aliases(&["readable"])
.about(Scope::Credentials)
.why(
    "Every user of an agent can read the credentials in the sandbox. Mode 0600 is enough unless Mesos runs \
             Docker as another user than it unpacks as.",
)
.example("chmod 644 .docker/config.json && tar -czf docker.tar.gz .docker/config.json");

pub(super) static NOTHING_TO_WIRE: Rule =
    Rule::ignored("nothing-to-wire", "A group or list has a service to wire")
        .about(Scope::Wiring)
        .why(
            "Without an app there is no image to pull. Marathon ignores the pods of a group that is created.",
        )
        .example(r#"{"id": "/team", "apps": []}"#);

pub(super) static NOTHING_TO_PULL: Rule = Rule::ignored("nothing-to-pull", "A service that is wired pulls an image")
    .about(Scope::Wiring)
    .why("Credentials of a registry are for pulling an image. A service that runs a command of the agent pulls none.")
    .example(r#"{"id": "/web", "cmd": "sleep 100"}"#);

pub(super) static NOT_A_LIST: Rule = Rule::verdict("not-a-list", "A field that is wired into is an array")
    .about(Scope::Wiring)
    .why("Nothing can be added to a value that is not an array, and Marathon rejects such a definition.")
    .example(
        r#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/web:1"}}, "fetch": {}}"#,
    );

pub(super) static ARCHIVE_NEEDS_DOCKER_ENGINE: Rule =
    Rule::ignored("archive-needs-docker-engine", "An archive of credentials is wired into a service of the Docker Engine")
        .about(Scope::Wiring)
        .why(
            "Only the Docker Engine reads credentials in the sandbox. The Universal Container Runtime takes them as a \
             secret: `milepost wire --secret`.",
        )
        .example("milepost wire pod.json --archive file:///etc/docker.tar.gz");

pub(super) static CERTIFICATES_NEED_DOCKER_ENGINE: Rule = Rule::ignored(
    "certificates-need-docker-engine",
    "The volume for Docker's certificates is wired into a service of the Docker Engine",
)
.about(Scope::Wiring)
.why("Only Docker reads /etc/docker/certs.d. A service of the Universal Container Runtime has no use for it.")
.example("milepost wire pod.json --docker-certs");

pub(super) static VOLUME_IN_THE_WAY: Rule = Rule::ignored(
    "volume-in-the-way",
    "The place of a volume that is wired is free",
)
.about(Scope::Wiring)
.why("A container has one volume at each path. milepost does not replace a volume that the definition has.")
.example(r#"{"containerPath": "/etc/docker/certs.d", "hostPath": "/srv/certs", "mode": "RO"}"#);

pub(super) static NO_CONTAINERS_TO_CHOOSE: Rule =
    Rule::ignored("no-containers-to-choose", "`--containers` is for pods")
        .about(Scope::Wiring)
        .why("An app has one container at most, so there is nothing to choose.")
        .example("milepost wire app.json --secret web/pull --containers web");

pub(super) static NO_SUCH_CONTAINER: Rule =
    Rule::ignored("no-such-container", "`--containers` names containers of the pod")
        .about(Scope::Wiring)
        .why(
            "A name that the pod does not have is probably misspelt. Nothing is wired until it is corrected.",
        )
        .example("milepost wire pod.json --secret web/pull --containers wbe");

pub(super) static PULL_CONFIG_NEEDS_IMAGE: Rule =
    Rule::ignored("pull-config-needs-image", "A container with a pull config has a Docker image")
        .about(Scope::Wiring)
        .why("A pull config belongs to an image of kind DOCKER. Marathon rejects it beside any other.")
        .example(r#"{"name": "web", "image": {"kind": "APPC", "id": "example.com/web"}}"#);

pub(super) static PULL_CONFIG_CLASH: Rule = Rule::ignored(
    "pull-config-clash",
    "A container that is wired has no other pull config",
)
.about(Scope::Wiring)
.why("milepost does not replace credentials that the definition names already: remove one of the two.")
.example(r#"milepost wire web.json --secret web/pull, where web.json pulls with the secret "other" already"#);

pub(super) static SECRET_CLASH: Rule = Rule::ignored("secret-clash", "The name of a secret that is wired is free")
    .about(Scope::Wiring)
    .why(
        "A definition's `secrets` has one source for each name. milepost does not change the source of a secret that is \
         there: give the new one another name with `--name`.",
    )
    .example(r#"milepost wire web.json --secret web/pull, where web.json has {"pullConfigSecret": {"source": "other"}}"#);

pub(super) static NEEDS_DOCKER_ENGINE: Rule =
    Rule::ignored("needs-docker-engine", "An app that is moved to UCR needs nothing that only the Docker Engine has")
        .about(Scope::Wiring)
        .why(
            "`--convert` and `migrate --containerizer mesos` move an app to the Universal Container Runtime only when it \
             does the same there. Options of `docker run`, privileges and volume plugins have no counterpart.",
        )
        .example(r#"{"docker": {"image": "registry.example.com/web:1", "parameters": [{"key": "hostname", "value": "web"}]}}"#);
