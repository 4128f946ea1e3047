//! The procedures of the founding documents that are about credentials, each by its heading.

use serde_json::Value as Json;

use super::{milepost, run, shell};
use crate::common::{TestDir, each_case};

/// What the founding documents show after `tar -tvf ~/docker.tar.gz`.
const LISTING: &str = "\
drwx------ root/root         0 2015-07-28 02:54 .docker/
-rw------- root/root       114 2015-07-28 01:31 .docker/config.json
";

/// A listing without what differs from day to day: the file's size and the times.
fn without_times(listing: &str) -> String {
    let size = regex::Regex::new(r" +\d+ \d{4}-\d\d-\d\d \d\d:\d\d ").expect("a pattern");
    size.replace_all(listing, " … ").into_owned()
}

/// Logs in to a registry as the documents do.
fn logged_in(host: &str) -> TestDir {
    let test = TestDir::new();
    let args = ["creds", "login", host, "-u", "foo", "--password-stdin"];
    assert!(milepost(&test, &args, "hard-to-guess-password\n").status.success());
    test
}

/// Document 000, "Create a Docker credentials configuration file"; 003, "Step 1: Create a Credentials File".
#[test]
fn create_a_docker_credentials_configuration_file() {
    let test = logged_in("some.docker.host.com");
    let config: Json = serde_json::from_str(&test.read(".docker/config.json")).expect("JSON");
    // echo -n foo:hard-to-guess-password | base64
    assert_eq!(
        config,
        serde_json::json!({"auths": {"some.docker.host.com": {"auth": "Zm9vOmhhcmQtdG8tZ3Vlc3MtcGFzc3dvcmQ="}}})
    );
    assert_eq!((test.mode(".docker"), test.mode(".docker/config.json")), (0o700, 0o600));
    assert_eq!(shell(&test, "ls .docker"), "config.json\n");
}

/// Document 000, "Using `cluster_docker_credentials` to set cluster-wide registry credentials".
#[test]
fn using_cluster_docker_credentials_to_set_cluster_wide_registry_credentials() {
    let test = logged_in("some.docker.host.com");
    let output = milepost(&test, &["creds", "cluster"], "");
    let parameters = String::from_utf8(output.stdout).expect("UTF-8");
    let as_written = parameters.replace(": '", " = \"").replace("'\n", "\"\n");
    assert_eq!(
        as_written,
        "cluster_docker_credentials = \"{}\"\n\
         cluster_docker_credentials_enabled = \"true\"\n\
         cluster_docker_credentials_write_to_etc = \"true\"\n\
         cluster_docker_credentials_dcos_owned = \"false\"\n"
    );
    let talk = String::from_utf8(output.stderr).expect("UTF-8");
    each_case(
        [
            "/etc/mesosphere/docker_credentials",
            "sudo systemctl restart dcos-mesos-slave ",
            "sudo systemctl restart dcos-mesos-slave-public ",
        ],
        |words| {
            assert!(talk.contains(words), "{words}: {talk}");
        },
    );
    let write = ["creds", "cluster", "--registry", "some.docker.host.com", "-o", "docker_credentials"];
    assert!(milepost(&test, &write, "").status.success());
    assert_eq!(test.mode("docker_credentials"), 0o600);
    let check = ["creds", "cluster", "--check", "docker_credentials"];
    assert!(milepost(&test, &check, "").status.success());
    each_case(["", "\n", "{", "[]", "{\"auths\": []}", "auths: {}\n"], |invalid| {
        let test = TestDir::new().file("docker_credentials", invalid);
        let output = run(&test, &check);
        assert!(
            output.starts_with("exit: 1\n") && output.contains("does not start with it"),
            "{invalid}: {output}"
        );
    });
}

/// Documents 000, "Step 1: Create an archive of the Docker credentials", and 003, "Step 1: Compress Docker credentials".
#[test]
fn create_an_archive_of_the_docker_credentials() {
    let test = logged_in("some.docker.host.com");
    let make = ["creds", "archive", "--registry", "some.docker.host.com", "-o", "docker.tar.gz"];
    assert!(milepost(&test, &make, "").status.success());
    let by_tar = shell(&test, "tar -tvf docker.tar.gz");
    assert_eq!(without_times(&by_tar), without_times(LISTING));
    let output = milepost(&test, &["creds", "verify", "docker.tar.gz"], "");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout), by_tar);
}

/// As a person does it, with tar itself; the check is then `creds verify`.
#[test]
fn compress_your_docker_folder_and_its_contents() {
    let test = logged_in("some.docker.host.com");
    shell(&test, "tar --owner=root:0 --group=root:0 -czf docker.tar.gz .docker");
    let output = milepost(&test, &["creds", "verify", "docker.tar.gz"], "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout), shell(&test, "tar -tvf docker.tar.gz"));
    assert_eq!(without_times(&String::from_utf8_lossy(&output.stdout)), without_times(LISTING));
}

/// Documents 000, "Step 2: Add the path to each service definition", and 003, "Step 2: Add URI path to app definition":
/// the archive is made for the very definition, and wired into it.
#[test]
fn add_the_path_to_each_service_definition() {
    let test = logged_in("some.docker.host.com").fixture("seeds/000-app-archive.json");
    let app = "000-app-archive.json";
    assert!(milepost(&test, &["creds", "archive", "--for", app, "-o", "docker.tar.gz"], "").status.success());
    let verify = ["creds", "verify", "docker.tar.gz", "--for", app];
    assert!(milepost(&test, &verify, "").status.success());
    let wire = ["wire", app, "--archive", "file:///etc/docker.tar.gz", "--write"];
    assert!(milepost(&test, &wire, "").status.success());
    let wired: Json = serde_json::from_str(&test.read(app)).expect("JSON");
    assert_eq!(wired["fetch"], serde_json::json!([{"uri": "file:///etc/docker.tar.gz"}]));
}

/// Document 000, "Step 1: Create the secret": the file looks like the one that is shown, and `auth` is what
/// `echo -n … | base64` makes.
#[test]
fn create_the_secret() {
    let test = TestDir::new();
    let login = ["creds", "login", "docker.io", "-u", "myuser@domain.com", "--password-stdin"];
    assert!(milepost(&test, &login, "hard-to-guess-password").status.success());
    let make = ["creds", "secret", "mesos-docker/pullConfig", "--registry", "docker.io", "-o", "config.json"];
    let output = milepost(&test, &make, "");
    assert!(output.status.success());
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        talk.contains("dcos security secrets create --file=config.json mesos-docker/pullConfig\n"),
        "{talk}"
    );
    let auth = shell(&test, "echo -n myuser@domain.com:hard-to-guess-password | base64 -w0");
    let config: Json = serde_json::from_str(&test.read("config.json")).expect("JSON");
    assert_eq!(config, serde_json::json!({"auths": {"https://index.docker.io/v1/": {"auth": auth}}}));
}

/// Document 000, "Step 2: Add the secret to your service or pod definition": `/mesos-docker` may read its secret. The pod
/// of the document, `/simple-pod`, may not read `pod/pullConfig`, and is told so.
#[test]
fn add_the_secret_to_your_service_or_pod_definition() {
    let test = logged_in("docker.io")
        .file(
            "app.json",
            r#"{"id": "/mesos-docker", "container": {"type": "MESOS", "docker": {"image": "team/web"}}}"#,
        )
        .fixture("seeds/000-pod-secret.json");
    let secret = |path, file| {
        run(&test, &["creds", "secret", path, "--registry", "docker.io", "--for", file, "-o", "config.json"])
    };
    assert!(secret("/mesos-docker/pullConfig", "app.json").starts_with("exit: 0\n"));
    insta::assert_snapshot!(secret("/pod/pullConfig", "000-pod-secret.json"), @r#"
    exit: 1
    ----- stdout -----
    ----- stderr -----
    note: 000-pod-secret.json: left out: pod "/simple-pod" is a template: nothing has filled in `<your/private/image>`; fill it with the tool it was written for; `milepost render` takes Jinja's form only, `{{ name }}`
    warning[unreachable-secret]: 000-pod-secret.json: pod "/simple-pod" may not read pod/pullConfig, which is for the services in its space
    wrote config.json; store it, then delete the file:
      dcos security secrets create --file=config.json pod/pullConfig
    "#);
}

/// Document 003, "Registry 1.0 - Docker pre 1.6": a `.dockercfg`.
#[test]
fn registry_1_0_docker_pre_1_6() {
    let test = logged_in("some.docker.host.com");
    let make = ["creds", "archive", "--registry", "some.docker.host.com", "--dockercfg", "-o", ".dockercfg"];
    assert!(milepost(&test, &make, "").status.success());
    let config: Json = serde_json::from_str(&test.read(".dockercfg")).expect("JSON");
    assert_eq!(
        config,
        serde_json::json!({"some.docker.host.com": {"auth": "Zm9vOmhhcmQtdG8tZ3Vlc3MtcGFzc3dvcmQ="}})
    );
    let shown = run(&test, &["creds", "show", "--config", ".dockercfg"]);
    assert!(shown.contains("some.docker.host.com  foo   password"), "{shown}");
}

/// Document 004: `docker login localhost:5000`.
#[test]
fn you_can_login_pull_push_repository_on_localhost_5000() {
    let test = TestDir::new();
    let login = ["creds", "login", "localhost:5000", "-u", "jgsqware", "--password-stdin"];
    assert!(milepost(&test, &login, "jgsqware\n").status.success());
    let app = r#"{"id": "/git", "container": {"docker": {"image": "localhost:5000/jgsqware/ubuntu-git"}}}"#;
    let test = test.file("git.json", app);
    insta::assert_snapshot!(run(&test, &["creds", "archive", "--for", "git.json", "-o", "docker.tar.gz"]), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote docker.tar.gz: credentials for localhost:5000
    ");
}
