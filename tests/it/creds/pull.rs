//! Pulling with credentials and trust as milepost makes them, from a real registry: Debian's docker-registry, with
//! htpasswd, over TLS. `milepost creds check` asks for images, skopeo pulls them.

use super::shell;
use crate::common::{TestDir, has_program, has_skopeo};
use crate::docker_registry::{HTPASSWD, Registry, TLS_AND_HTPASSWD};

/// Pushes images by hand, so that all forms of manifests are there: web:1 for amd64, arm:1 for another processor,
/// both:1 a list of the two, oci:1 in the form of OCI.
const PUSH: &str = r#"
send() { curl -sSf --noproxy '*' --cacert "$CA" -u foo:letmein-please "$@"; }
digest() { printf sha256:%s "$(sha256sum <"$1" | cut -d' ' -f1)"; }
blob() { # NAME FILE
  to=$(send -X POST -D- -o /dev/null "https://$HOST/v2/$1/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  send -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary @"$2" "$to&digest=$(digest "$2")"
}
manifest() { # NAME TAG TYPE FILE
  send -o /dev/null -X PUT -H "Content-Type: $3" --data-binary @"$4" "https://$HOST/v2/$1/manifests/$2"
}
part() { printf '{"mediaType": "%s", "size": %s, "digest": "%s"' "$1" "$(wc -c <"$2")" "$(digest "$2")"; }
docker=application/vnd.docker
oci=application/vnd.oci.image
tar -cf layer.tar -C / etc/hostname 2>/dev/null && gzip -n layer.tar
image() { # NAME ARCHITECTURE TYPE CONFIG LAYER
  printf '{"architecture": "%s", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ["%s"]}}' \
    "$2" "sha256:$(gzip -dc layer.tar.gz | sha256sum | cut -d' ' -f1)" >config.json
  blob "$1" config.json
  blob "$1" layer.tar.gz
  printf '{"schemaVersion": 2, "mediaType": "%s", "config": %s}, "layers": [%s}]}' "$3" \
    "$(part "$4" config.json)" "$(part "$5" layer.tar.gz)" >manifest.json
}
v2=$docker.distribution.manifest.v2+json
mkdir parts && cp layer.tar.gz parts && cd parts
image web amd64 $v2 $docker.container.image.v1+json $docker.image.rootfs.diff.tar.gzip
manifest web 1 $v2 manifest.json
image both amd64 $v2 $docker.container.image.v1+json $docker.image.rootfs.diff.tar.gzip
manifest both amd $v2 manifest.json
amd=$(part $v2 manifest.json)
image both arm64 $v2 $docker.container.image.v1+json $docker.image.rootfs.diff.tar.gzip
manifest both arm $v2 manifest.json
list=$docker.distribution.manifest.list.v2+json
printf '{"schemaVersion": 2, "mediaType": "%s", "manifests": [%s, "platform": {"os": "linux", "architecture": "amd64"}},
  %s, "platform": {"os": "linux", "architecture": "arm64"}}]}' $list "$amd" "$(part $v2 manifest.json)" >list.json
manifest both 1 $list list.json
image arm arm64 $v2 $docker.container.image.v1+json $docker.image.rootfs.diff.tar.gzip
manifest arm 1 $v2 manifest.json
image oci amd64 $oci.manifest.v1+json $oci.config.v1+json $oci.layer.v1.tar+gzip
manifest oci 1 $oci.manifest.v1+json manifest.json
"#;

/// A definition of each kind, for images of the registry.
fn definitions(host: &str) -> [(&'static str, String); 2] {
    let app = |id: &str, image: &str| {
        format!(
            "{{\n  \"id\": \"/shop/{id}\",\n  \"container\": {{ \"type\": \"DOCKER\", \"docker\": {{ \"image\": \
             \"{host}/{image}\" }} }}\n}}"
        )
    };
    let apps = ["web:1", "web:2", "web", "other:1", "arm:1", "both:1", "oci:1"];
    let apps: Vec<String> = apps.iter().map(|image| app(&image.replace(':', "-"), image)).collect();
    let containers = ["web:1", "both:1", "oci:1"].map(|image| {
        format!(
            "    {{ \"name\": \"{}\", \"resources\": {{ \"cpus\": 0.1, \"mem\": 32 }},\n      \"image\": {{ \"kind\": \
             \"DOCKER\", \"id\": \"{host}/{image}\" }} }}",
            image.replace(':', "-")
        )
    });
    let pod =
        format!("{{\n  \"id\": \"/shop/pod\",\n  \"containers\": [\n{}\n  ]\n}}\n", containers.join(",\n"));
    [("apps.json", format!("[{}]\n", apps.join(",\n"))), ("pod.json", pod)]
}

/// A registry with images in it, whose certificate a new authority has signed; and its host.
fn registry() -> Option<(TestDir, Registry, String)> {
    let test = TestDir::new().file("htpasswd", HTPASSWD);
    let made = test.run(&["registry", "cert", "--dns", "localhost", "--ip", "127.0.0.1", "--ca", "-o", "."]);
    assert!(made.starts_with("exit: 0\n"), "{made}");
    let registry = Registry::start(&test, TLS_AND_HTPASSWD)?;
    let host = format!("localhost:{}", registry.port);
    let ca = test.path().join("ca.crt");
    shell(&test, &format!("HOST={host} CA={}\n{PUSH}", ca.display()));
    let [apps, pod] = definitions(&host);
    let test = test.file(apps.0, apps.1).file(pod.0, pod.1);
    Some((test, registry, host))
}

/// Has an agent, whose root is a directory of the test directory, trust the registry by our script.
fn trust(test: &TestDir, host: &str) {
    let trust =
        test.command(&["registry", "trust", "--host", host, "--ca", "ca.crt"]).output().expect("it runs");
    std::fs::write(test.path().join("trust.sh"), trust.stdout).expect("written");
    shell(test, "ROOT=$PWD/agent sh trust.sh 2>/dev/null");
}

/// Runs milepost with the test directory as its home; the registry's host and digests are left out of what it said.
fn run(test: &TestDir, host: &str, args: &[&str]) -> String {
    let mut command = test.command(args);
    let output = command.env("HOME", test.path()).write_stdin("letmein-please").output().expect("it runs");
    test.describe(&output).replace(host, "[REGISTRY]")
}

/// Credentials and trust by milepost alone, and what a real client makes of them.
#[test]
fn pulls_with_our_credentials_and_our_trust_succeed() {
    let Some((test, _registry, host)) = registry() else { return };
    let run = |args: &[&str]| run(&test, &host, args);
    let fine = |args: &[&str]| {
        let said = run(args);
        assert!(said.starts_with("exit: 0\n"), "{args:?}: {said}");
    };
    // What the agents trust, by our script, run where it plays the agent.
    trust(&test, &host);
    let ca = format!("agent/etc/docker/certs.d/{host}/ca.crt");
    // What they pull with.
    fine(&[
        "creds",
        "login",
        &host,
        "-u",
        "foo",
        "--password-stdin",
        "--ca-file",
        &ca,
        "--config",
        "config.json",
    ]);
    fine(&["creds", "archive", "--config", "config.json", "--for", "apps.json", "-o", "docker.tar.gz"]);
    let archive = format!("file://{}/docker.tar.gz", test.path().display());
    fine(&["wire", "apps.json", "--archive", &archive, "--write"]);
    fine(&["wire", "pod.json", "--secret", "shop/pullConfig", "--write"]);
    fine(&[
        "creds",
        "secret",
        "shop/pullConfig",
        "--config",
        "config.json",
        "--for",
        "pod.json",
        "-o",
        "secret.json",
    ]);
    insta::assert_snapshot!(run(&["creds", "check", "apps.json", "--ca-file", &ca]));
    insta::assert_snapshot!(run(&[
        "creds",
        "check",
        "pod.json",
        "--ca-file",
        &ca,
        "--config",
        "secret.json"
    ]));
    let untrusting = run(&["creds", "check", "pod.json", "--config", "secret.json"]);
    assert!(untrusting.starts_with("exit: 1\n"), "{untrusting}");
    assert_eq!(untrusting.matches("error[not-trusted]").count(), 3, "{untrusting}");
    if !has_skopeo() {
        return;
    }
    let pull = format!(
        "mkdir sandbox && tar -xzf docker.tar.gz -C sandbox
        for image in web:1 both:1 oci:1; do
          skopeo --override-arch amd64 --override-os linux copy --quiet --src-cert-dir agent/etc/docker/certs.d/{host} \
            --src-authfile sandbox/.docker/config.json docker://{host}/$image dir:pulled-$image
          test -s pulled-$image/manifest.json
        done
        skopeo copy --quiet --src-cert-dir agent/etc/docker/certs.d/{host} --src-authfile secret.json \
          docker://{host}/web:1 dir:by-secret
        ! skopeo copy --quiet --src-cert-dir agent/etc/docker/certs.d/{host} --src-no-creds \
          docker://{host}/web:1 dir:by-nobody 2>/dev/null
        ! skopeo copy --quiet --src-authfile secret.json docker://{host}/web:1 dir:untrusting 2>/dev/null"
    );
    shell(&test, &pull);
}

/// Docker's own client with the sandbox as its home, which is how Mesos runs it. It asks the registry itself.
#[test]
fn docker_reads_the_archive_as_it_lies_in_the_sandbox() {
    if !has_program("docker", "--version", "Debian: apt-get install docker.io") {
        return;
    }
    let Some((test, _registry, host)) = registry() else { return };
    let run = |args: &[&str]| run(&test, &host, args);
    let login =
        ["creds", "login", &host, "-u", "foo", "--password-stdin", "--no-check", "--config", "config.json"];
    assert!(run(&login).starts_with("exit: 0\n"));
    let archive = ["creds", "archive", "--config", "config.json", "--for", "apps.json", "-o"];
    assert!(run(&[&archive[..], &["docker.tar.gz"]].concat()).starts_with("exit: 0\n"));
    // Its own certificates of registries are the machine's, which a test leaves alone.
    let script = format!(
        "mkdir sandbox nothing && tar -xzf docker.tar.gz -C sandbox
        inspect() {{ HOME=$PWD/$1 DOCKER_CONFIG= docker manifest inspect --insecure {host}/web:1; }}
        inspect sandbox | grep -c schemaVersion
        ! inspect nothing 2>/dev/null"
    );
    assert_eq!(shell(&test, &script), "1\n");
}

/// OpenSSL finds the authority by the hash that our script has made a link of, as curl does for Mesos.
#[test]
fn the_registry_is_trusted_by_its_subject_hash() {
    if !crate::openssl::is_there() {
        return;
    }
    let Some((test, registry, host)) = registry() else { return };
    trust(&test, &host);
    let port = registry.port;
    let verified = shell(
        &test,
        &format!(
            "openssl s_client -connect localhost:{port} -servername localhost -verify_return_error -verify_hostname localhost \
              -CApath agent/var/lib/dcos/pki/tls/certs </dev/null 2>/dev/null | grep 'Verify return code' | head -1
            curl -sS --noproxy '*' -o /dev/null -w '%{{http_code}}\\n' -u foo:letmein-please \
              --capath agent/var/lib/dcos/pki/tls/certs https://{host}/v2/"
        ),
    );
    assert_eq!(verified, "Verify return code: 0 (ok)\n200\n");
}

#[test]
fn images_are_pinned_to_what_their_puller_reads() {
    let Some((test, _registry, host)) = registry() else { return };
    let run = |args: &[&str]| run(&test, &host, args);
    let login =
        ["creds", "login", &host, "-u", "foo", "--password-stdin", "--no-check", "--config", "config.json"];
    assert!(run(&login).starts_with("exit: 0\n"));
    assert!(
        run(&["wire", "apps.json", "--archive", "file:///etc/docker.tar.gz", "--write"])
            .starts_with("exit: 0\n")
    );
    assert!(run(&["wire", "pod.json", "--secret", "shop/pullConfig", "--write"]).starts_with("exit: 0\n"));
    let (apps, pod) = (test.read("apps.json"), test.read("pod.json"));
    let check = [
        "creds",
        "check",
        "apps.json",
        "pod.json",
        "--ca-file",
        "ca.crt",
        "--config",
        "config.json",
        "--pin",
    ];
    let diff = run(&[&check[..], &["--diff"]].concat());
    assert!(diff.starts_with("exit: 1\n") && (apps == test.read("apps.json")), "{diff}");
    let written = run(&[&check[..], &["--write"]].concat());
    assert!(written.contains("pinned apps.json: 3 images\n"), "{written}");
    let digest = |name: &str, form: &str| {
        let of = format!(
            "curl -sS --noproxy '*' --cacert ca.crt -u foo:letmein-please -H 'Accept: application/vnd.{form}+json' \
             https://{host}/v2/{name}/manifests/1 | sha256sum | cut -d' ' -f1"
        );
        shell(&test, &of).trim().to_owned()
    };
    let (web, list) = (
        digest("web", "docker.distribution.manifest.v2"),
        digest("both", "docker.distribution.manifest.list.v2"),
    );
    let (amd, oci) =
        (digest("both", "docker.distribution.manifest.v2"), digest("oci", "oci.image.manifest.v1"));
    let pinned = |text: &str, pins: &[(&str, &str)]| {
        pins.iter().fold(text.to_owned(), |text, (name, digest)| {
            text.replace(&format!("{host}/{name}:1\""), &format!("{host}/{name}@sha256:{digest}\""))
        })
    };
    assert_eq!(test.read("apps.json"), pinned(&apps, &[("web", &web), ("both", &list), ("oci", &oci)]));
    assert_eq!(test.read("pod.json"), pinned(&pod, &[("web", &web), ("both", &amd)]));
    // What is pinned stays as it is.
    let again = run(&[&check[..], &["--write"]].concat());
    assert!(again.contains("unchanged apps.json\n") && again.contains("unchanged pod.json\n"), "{again}");
}
