//! Why an image cannot be pulled, as rules.

use crate::finding::{Rule, Scope};

/// The rules declared here.
pub(crate) static RULES: &[&Rule] = &[
    &BAD_CREDENTIALS,
    &BAD_REFERENCE,
    &NOT_AUTHORISED,
    &NOT_FOR_UCR,
    &NOT_TRUSTED,
    &NO_SUCH_IMAGE,
    &NO_SUCH_TAG,
    &ODD_ANSWER,
    &UNKNOWN_CREDENTIALS,
    &UNREACHABLE,
    &WRONG_KEY,
    &WRONG_PLATFORM,
];

pub(super) static WRONG_PLATFORM: Rule = Rule::ignored(
    "wrong-platform",
    "An image is for the platform of the agents",
)
.about(Scope::Images)
.why("An image is built for an operating system and a processor. On another one its program does not start.")
.example("An image that was built on a Mac for linux/arm64, and agents that are linux/amd64.");

pub(super) static NOT_FOR_UCR: Rule = Rule::ignored("not-for-ucr", "An image is in a form that UCR reads")
    .about(Scope::Images)
    .why(
        "The Universal Container Runtime reads Docker's own manifests (schema 1 and 2) and no index of several images, \
         which is what `docker buildx` pushes unless told otherwise.",
    )
    .example("docker buildx build --push -t registry.example.com/web:1.4 .");

pub(super) static NO_SUCH_TAG: Rule = Rule::ignored("no-such-tag", "The registry has the tag or digest")
    .about(Scope::Images)
    .why("The image is there without this tag: it was never pushed under it, or was deleted.")
    .example(r#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/web:1.4.O"}}}"#);

pub(super) static NO_SUCH_IMAGE: Rule = Rule::ignored("no-such-image", "The registry has the image")
    .about(Scope::Images)
    .why("The registry has no image of this name. An image appears with its first tag.")
    .example(r#"{"id": "/web", "container": {"docker": {"image": "registry.example.com/wbe:1.4.0"}}}"#);

pub(super) static NOT_AUTHORISED: Rule =
    Rule::ignored("not-authorised", "The registry gives the image to who pulls it")
        .about(Scope::Images)
        .why(
            "The credentials are missing, wrong, or for a user who may not pull this image. Some registries answer the \
             same for an image that they do not have.",
        )
        .example("milepost creds check web.json --user ci --password-stdin");

pub(super) static WRONG_KEY: Rule = Rule::ignored("wrong-key", "Credentials are under the key that is looked up")
    .about(Scope::Images)
    .why("Docker and Mesos look credentials up by the registry's host with its port. An entry under another key is not found.")
    .example(r#"{"auths": {"registry.example.com": {…}}} and the image registry.example.com:5000/web:1.4"#);

pub(super) static UNKNOWN_CREDENTIALS: Rule =
    Rule::ignored("unknown-credentials", "The credentials of a definition can be looked at")
        .about(Scope::Images)
        .why("The credentials are in a secret store or at a URI that cannot be read from here, so the pull was not tried.")
        .example("A pull config whose secret is in the store of a cluster, and no DCOS_URL.");

pub(super) static BAD_CREDENTIALS: Rule =
    Rule::ignored("bad-credentials", "What a definition gives as credentials holds some")
        .about(Scope::Images)
        .why("The archive or secret that the definition names is missing, or is not a config file or an archive of one.")
        .example(r#"{"fetch": [{"uri": "file:///etc/docker.tar.gz"}]} where that file is not an archive"#);

pub(super) static NOT_TRUSTED: Rule = Rule::ignored("not-trusted", "The registry's certificate is trusted")
    .about(Scope::Images)
    .why("Docker and Mesos do not talk to a registry whose certificate is not signed by an authority they trust.")
    .example("A registry with a self-signed certificate. `milepost registry trust` has agents trust it.");

pub(super) static UNREACHABLE: Rule = Rule::ignored("unreachable", "The registry answers")
    .about(Scope::Images)
    .why("There was no answer: the name is wrong, nothing listens there, or a firewall is between. Agents may see another network.")
    .example("registry.example.com:5001/web:1.4, where nothing listens on port 5001");

pub(super) static ODD_ANSWER: Rule = Rule::ignored("odd-answer", "The registry answers as a registry does")
    .about(Scope::Images)
    .why(
        "The answer is not one of the registry API: another server listens there, or the registry is broken.",
    )
    .example("An image at the host of a web page, such as www.example.com/web:1.4.");

pub(super) static BAD_REFERENCE: Rule =
    Rule::ignored("bad-reference", "An image's name is one that can be looked up")
        .about(Scope::Images)
        .why("No registry can be asked for the name: it is not a reference as `docker pull` takes it.")
        .example(r#"{"id": "/web", "container": {"docker": {"image": "Registry.example.com/Web"}}}"#);
