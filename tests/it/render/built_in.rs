//! The templates that come with the program.

use crate::common::{TestDir, each_case};

#[test]
fn built_in_templates_are_listed_and_shown() {
    let test = TestDir::new();
    insta::assert_snapshot!(test.run(&["templates"]), @r#"
    exit: 0
    ----- stdout -----
    web-docker: a web service on the Docker Engine, on the agent's bridge network, with a health check
      id           required  the app's id, such as /shop/web
      image        required  the image with its tag, such as nginx:1.27.3
      instances    = 1       how many to run
      cpus         = 0.5     share of CPUs of one instance
      mem          = 256     memory of one instance in MiB
      port         = 80      the port the service listens on in its container
      vip          optional  a virtual IP or name with its port, such as /shop/web:80, under which the cluster reaches the service (DC/OS)
      health_path  = "/"     the path that answers 200 to 399 while the service is well
      credentials  optional  URI of an archive with Docker credentials, such as file:///etc/docker.tar.gz, to pull a private image
      env          = {}      environment variables, as a map
      labels       = {}      labels, as a map

    web-ucr: a web service on the Universal Container Runtime, with an address of its own on a container network
      id           required  the app's id, such as /shop/web
      image        required  the image with its tag, such as nginx:1.27.3
      instances    = 1       how many to run
      cpus         = 0.5     share of CPUs of one instance
      mem          = 256     memory of one instance in MiB
      port         = 80      the port the service listens on
      network      = "dcos"  the container network, one that the cluster has
      vip          optional  a virtual IP or name with its port, such as /shop/web:80, under which the cluster reaches the service (DC/OS)
      health_path  = "/"     the path that answers 200 to 399 while the service is well
      pull_config  optional  secret with Docker credentials, such as shop/pull-config, to pull a private image
      env          = {}      environment variables, as a map
      labels       = {}      labels, as a map

    pod: a pod: a service and the helpers that share its network and its fate
      id           required  the pod's id, which starts with a slash: /shop/web
      image        required  the service's image with its tag
      instances    = 1       how many pods to run
      cpus         = 0.5     share of CPUs of the service
      mem          = 256     memory of the service in MiB
      port         = 80      the port the service listens on
      network      = "dcos"  the container network, one that the cluster has
      vip          optional  a virtual IP or name with its port, such as /shop/web:80, under which the cluster reaches the service (DC/OS)
      health_path  = "/"     the path that answers 200 to 399 while the service is well
      sidecars     = []      helpers: a list of maps with name and image, and cpus and mem if they are to differ from 0.1 and 64
      pull_config  optional  secret with Docker credentials, such as shop/pull-config, to pull private images
      environment  = {}      environment variables of all containers, as a map
      labels       = {}      labels, as a map

    worker: a worker on the Universal Container Runtime that listens on no port
      id              required  the app's id, such as /shop/mailer
      image           required  the image with its tag
      cmd             optional  the command line to run instead of the image's own
      instances       = 1       how many to run
      cpus            = 0.1     share of CPUs of one instance
      mem             = 128     memory of one instance in MiB
      health_command  optional  a command that ends with 0 while the worker is well
      grace_seconds   = 30      how long it may take to finish its work when it is stopped
      pull_config     optional  secret with Docker credentials, such as shop/pull-config, to pull a private image
      env             = {}      environment variables, as a map
      labels          = {}      labels, as a map

    stateful: a stateful service on the Universal Container Runtime, with a volume on its agent that outlives it
      id           required  the app's id, such as /shop/db
      image        required  the image with its tag, such as postgres:16.4
      role         optional  the role the volume is reserved for; needed where Marathon runs with the role *, which can reserve nothing
      instances    = 1       how many to run, each with a volume of its own
      cpus         = 1       share of CPUs of one instance; not to be changed later, as it is reserved with the volume
      mem          = 1024    memory of one instance in MiB; not to be changed later either
      port         required  the port the service listens on
      volume_path  = "data"  the directory in the sandbox where the volume appears, one name; point the service at $MESOS_SANDBOX/data
      volume_size  = 1024    the volume's size in MiB
      vip          optional  a virtual IP or name with its port, such as /shop/db:5432, under which the cluster reaches the service (DC/OS)
      pull_config  optional  secret with Docker credentials, such as shop/pull-config, to pull a private image
      env          = {}      environment variables, as a map
      labels       = {}      labels, as a map

    registry: a private Docker registry behind a VIP, with a certificate from the agents' disks
      id            = "/registry"                    the app's id
      image         = "registry:2"                   the registry's image with its tag
      cpus          = 0.5                            share of CPUs
      mem           = 128                            memory in MiB
      vip           = "192.168.0.1:443"              the virtual IP or name with its port under which the cluster reaches the registry; the certificate names it
      certificates  = "/etc/privateregistry/certs/"  the directory on every agent that has the certificate and its key
      certificate   = "domain.crt"                   the certificate's file in there
      key           = "domain.key"                   the key's file in there
      http_secret   optional                         secret with which the registry signs the state of uploads, such as registry/http-secret
      storage       optional                         directory on the agent, or shared by all agents, for the images; without it they are gone with the task
      service_port  = 10000                          the service port
    ----- stderr -----
    "#);
    insta::assert_snapshot!(test.run(&["templates", "show", "nothing"]), @r#"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: there is no template `nothing`: the built-in ones are web-docker, web-ucr, pod, worker, stateful, registry
    "#);
    let shown = test.run(&["templates", "show", "worker"]);
    assert!(shown.starts_with("exit: 0\n----- stdout -----\n{#- milepost: a worker"), "{shown}");
}

#[test]
fn a_shown_template_renders_as_the_built_in_one_does() {
    let values = ["--set", "id=/shop/web", "--set", "image=nginx:1.27.3", "--set", "port=8080"];
    each_case(["web-docker", "web-ucr", "pod", "stateful"], |name| {
        let shown =
            TestDir::new().command(&["templates", "show", name]).output().expect("the program runs").stdout;
        let test = TestDir::new().file("mine.json.j2", shown);
        let render = |template: &str| {
            test.command(&[&["render", template], &values[..]].concat()).output().expect("the program runs")
        };
        let built_in = render(name);
        assert!(built_in.status.success(), "{name}: {built_in:?}");
        assert_eq!(built_in.stdout, render("mine.json.j2").stdout, "{name}");
    });
}

/// The fixtures hold what the built-in templates come to, for tests that need definitions of every kind.
#[test]
fn built_in_templates_render_as_recorded() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/templates");
    let values = format!("{directory}/values.yaml");
    each_case(["web-docker", "web-ucr", "pod", "worker", "stateful", "registry"], |name| {
        let id = format!("id=/shop/{name}");
        let mut args = vec!["render", name, "-f", &values, "--set", &id];
        if name == "registry" {
            args.extend(["--set", "image=registry:2.8.3", "--set", "vip=/registry:5000"]);
        }
        let rendered = TestDir::new().command(&args).output().expect("the program runs");
        let recorded = std::fs::read_to_string(format!("{directory}/{name}.json")).unwrap_or_default();
        let refresh = format!("milepost {} > fixtures/templates/{name}.json", args.join(" "));
        assert_eq!(
            String::from_utf8_lossy(&rendered.stdout),
            recorded,
            "if that is meant to be, run: {refresh}"
        );
    });
}
