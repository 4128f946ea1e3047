//! `milepost creds login` and `milepost creds show`.

use super::{CONFIG, NO_CHECK, milepost, run, run_with_stdin, shell};
use crate::common::{TestDir, each_case, has_script, says_fault};

const LOGIN: [&str; 6] = ["creds", "login", "registry.example.com:5000", "-u", "foo", "--password-stdin"];

#[test]
fn other_entries_and_settings_stay() {
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    shell(&test, "chmod 644 .docker/config.json");
    insta::assert_snapshot!(run_with_stdin(&test, &LOGIN, "another one\r\n"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    wrote [DIR]/.docker/config.json: foo at registry.example.com:5000; the registry was not asked
    ");
    insta::assert_snapshot!(test.read(".docker/config.json"), @r#"
    {
      "auths": {
        "https://index.docker.io/v1/": { "auth": "YmFyOmxldG1laW4tcGxlYXNl" },
        "registry.example.com:5000": { "auth": "Zm9vOmFub3RoZXIgb25l" }
      },
      "detachKeys": "ctrl-x"
    }
    "#);
    assert_eq!(test.mode(".docker/config.json"), 0o600);
    insta::assert_snapshot!(run_with_stdin(&test, &LOGIN, "another one"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    unchanged [DIR]/.docker/config.json: foo at registry.example.com:5000; the registry was not asked
    ");
}

#[test]
fn spellings_of_docker_hub_are_folded_into_one() {
    let config =
        r#"{"auths": {"docker.io": {"auth": "YTpi"}, "https://registry-1.docker.io/v2/": {"auth": "YTpj"}}}"#;
    let test = TestDir::new().file("config.json", config);
    let login =
        ["creds", "login", "index.docker.io", "-u", "bar", "--password-stdin", "--config", "config.json"];
    assert!(run_with_stdin(&test, &login, "letmein-please").starts_with("exit: 0\n"));
    insta::assert_snapshot!(
        test.read("config.json"),
        @r#"
    {"auths": { "https://index.docker.io/v1/": { "auth": "YmFyOmxldG1laW4tcGxlYXNl" } }}
    "#
    );
}

#[test]
fn a_helper_in_the_way_is_reported() {
    let test = TestDir::new().file(".docker/config.json", r#"{"credsStore": "desktop"}"#);
    insta::assert_snapshot!(run_with_stdin(&test, &LOGIN, "letmein-please"), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    warning: [DIR]/.docker/config.json leaves registry.example.com:5000 to docker-credential-desktop: Docker on this machine asks that program and ignores the file
    wrote [DIR]/.docker/config.json: foo at registry.example.com:5000; the registry was not asked
    ");
}

#[test]
fn what_cannot_be_right_is_rejected_and_nothing_is_written() {
    let refused = |args: &[&str], stdin: &str| {
        let test = TestDir::new();
        let output = run_with_stdin(&test, args, stdin);
        assert!(!test.path().join(".docker").exists(), "{output}");
        output
    };
    insta::assert_snapshot!(refused(&LOGIN, "\n"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: these credentials for registry.example.com:5000 cannot be used: the password is empty
    ");
    insta::assert_snapshot!(refused(&LOGIN, "two\nlines\n"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: these credentials for registry.example.com:5000 cannot be used: the password has a control character in it, such as a line break, which no registry accepts
    ");
    let with_colon = ["creds", "login", "r.example.com", "-u", "a:b", "--password-stdin"];
    insta::assert_snapshot!(refused(&with_colon, "x"), @r"
    exit: 2
    ----- stdout -----
    ----- stderr -----
    error: these credentials for r.example.com cannot be used: a user name cannot have a colon in it: the rest would be taken for the password
    ");
    let no_password = ["creds", "login", "r.example.com", "-u", "a"];
    assert!(refused(&no_password, "").contains("there is no terminal to ask for the password at"));
    let large = "x".repeat(70_000);
    assert!(refused(&LOGIN, &large).contains("more than 65536 bytes"));
}

#[test]
fn a_file_that_is_no_config_is_left_alone_and_not_quoted() {
    each_case(
        [
            (
                "{\"auths\": {\"r\": {\"auth\": c2VjcmV0}}}",
                "config.json:1:26: a bare word that is not a JSON value",
            ),
            ("", "config.json:1:1: the file is empty"),
            ("[]", "config.json:1:1: this is an array, not an object"),
            (
                "{\"auths\": \"c2VjcmV0\"}",
                "config.json:1:11: `auths` is a string, not an object of registries",
            ),
            (
                "{\"auths\": {\"r\": {\"auth\": \"c2VjcmV0",
                "config.json:1:26: the text ends in the middle of a value",
            ),
        ],
        |(text, expected)| {
            let test = TestDir::new().file(".docker/config.json", text);
            let output = run_with_stdin(&test, &LOGIN, "letmein-please");
            assert!(output.starts_with("exit: 2\n") && says_fault(&output, expected), "{output}");
            assert!(!output.contains("c2VjcmV0"), "{output}");
            assert_eq!(test.read(".docker/config.json"), text);
        },
    );
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    let program = env!("CARGO_BIN_EXE_milepost");
    // No file may grow beyond 0 bytes; without the signal that says so, the write itself fails.
    let script = format!(
        "trap '' XFSZ; ulimit -f 0; printf x | HOME=$PWD {program} creds login r.example.com -u foo --password-stdin {} \
         2>&1 || echo exit $?; ls -A .docker",
        NO_CHECK.join(" ")
    );
    let output = shell(&test, &script);
    let expected = "/.docker/config.json: File too large (os error 27)\nexit 2\nconfig.json\n";
    assert!(output.starts_with("error: cannot write ") && output.ends_with(expected), "{output}");
    assert_eq!(test.read(".docker/config.json"), CONFIG);
}

#[test]
fn show_tells_everything_but_the_secrets() {
    let config = r#"{
      "auths": {
        "registry.example.com": {"auth": "Zm9vOmxldG1laW4tcGxlYXNl"},
        "docker.io": {"username": "bar", "password": "letmein-please"},
        "token.example.com": {"auth": "Zm9vOg==", "identitytoken": "letmein-please"},
        "gcr.io": {"auth": "b2F1dGgyYWNjZXNzdG9rZW46bGV0bWVpbi1wbGVhc2U="},
        "bad.example.com": {"auth": "letmein-please"},
        "user:letmein-please@odd.example.com": {"auth": "Zm9vOmxldG1laW4tcGxlYXNl"},
        "kept.example.com": {},
        "own.example.com": {}
      },
      "credsStore": "desktop",
      "credHelpers": {"own.example.com": "ecr-login"}
    }"#;
    let test = TestDir::new().file(".docker/config.json", config);
    insta::assert_snapshot!(run(&test, &["creds", "show"]), @r"
    exit: 0
    ----- stdout -----
    REGISTRY              USER               KIND              ENDS
    registry.example.com  foo                password
    docker.io             bar                password
    token.example.com     foo                identity token
    gcr.io                oauth2accesstoken  password          after an hour
    bad.example.com                          helper desktop
    ***@odd.example.com   foo                password
    kept.example.com                         helper desktop
    own.example.com                          helper ecr-login
    (all others)                             helper desktop
    ----- stderr -----
    ");
    let test = TestDir::new().file("there/config.json", "{}");
    let output = test.command(&["creds", "show"]).env("DOCKER_CONFIG", "there").output().expect("runs");
    insta::assert_snapshot!(test.describe(&output), @r"
    exit: 0
    ----- stdout -----
    ----- stderr -----
    there/config.json has no credentials
    ");
    let output = test.command(&["creds", "show"]).output().expect("runs");
    assert!(test.describe(&output).contains("neither DOCKER_CONFIG nor HOME is set"));
}

#[test]
fn no_message_has_a_password_in_it() {
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    let output = milepost(
        &test,
        &["creds", "login", "foo:letmein-please@r.example.com", "-u", "a", "--password-stdin"],
        "",
    );
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(talk.contains("it has a user name, perhaps with a password"), "{talk}");
}

#[test]
fn a_terminal_is_asked_for_the_password() {
    let test = TestDir::new();
    if !has_script() {
        return;
    }
    let program = env!("CARGO_BIN_EXE_milepost");
    let line = format!(
        "printf 'letmein-please\\n' | HOME=$PWD script -qec '{program} creds login r.example.com -u foo {}' /dev/null",
        NO_CHECK.join(" ")
    );
    let shown = shell(&test, &line);
    assert!(shown.contains("Password of foo at r.example.com: "), "{shown}");
    // foo:letmein-please
    assert!(test.read(".docker/config.json").contains("Zm9vOmxldG1laW4tcGxlYXNl"), "{shown}");
}

/// Whatever ends the program, the terminal shows again what is typed.
#[test]
fn a_signal_at_the_prompt_leaves_the_terminal_as_it_was() {
    if !has_script() {
        return;
    }
    let test = TestDir::new();
    let login = format!(
        "trap : INT QUIT HUP TERM; tty >tty; sh -c 'echo $$ >pid; exec {} creds login r.example.com -u foo {}'; \
         stty -a >after; touch done",
        env!("CARGO_BIN_EXE_milepost"),
        NO_CHECK.join(" ")
    );
    let test = test.file("login.sh", login);
    let wait =
        "wait_for() { n=0; until eval \"$1\"; do n=$((n+1)); [ $n -lt 600 ] || exit 9; sleep 0.05; done; }";
    each_case(
        ["kill -INT $(cat pid)", "kill -TERM $(cat pid)", "kill -HUP $(cat pid)", "printf '\\003' >&7"],
        |end| {
            let line = format!(
                "{wait}; rm -f pid tty after done pipe; mkfifo pipe; \
             HOME=$PWD script -qec 'sh login.sh' /dev/null <pipe >/dev/null & exec 7>pipe; \
             wait_for '[ -s tty ] && stty -F $(cat tty) -a | grep -q -- \" -echo \"'; {end}; wait_for '[ -e done ]'; exec 7>&-; wait"
            );
            shell(&test, &line);
            let modes = test.read("after");
            assert!(modes.contains(" echo ") && modes.contains(" icanon "), "{end}: {modes}");
        },
    );
}

/// What is written to a pipe or a device is not read from there before.
#[test]
fn a_config_file_that_is_no_file_is_written_to() {
    let test = TestDir::new();
    let program = env!("CARGO_BIN_EXE_milepost");
    let login = format!(
        "printf letmein-please | HOME=$PWD {program} creds login r.example.com -u foo --password-stdin {}",
        NO_CHECK.join(" ")
    );
    let shown = shell(
        &test,
        &format!(
            "mkfifo pipe; {login} --config pipe & cat pipe; wait; {login} --config /dev/null; {login} --config /dev/stdout"
        ),
    );
    // foo:letmein-please
    assert_eq!(shown.matches("Zm9vOmxldG1laW4tcGxlYXNl").count(), 2, "{shown}");
    assert!(!std::fs::metadata("/dev/null").expect("there").is_file());
}

/// A file with credentials is for its owner, whatever its mode was before; it is never opened to more.
#[cfg(unix)]
#[test]
fn the_mode_of_the_file_gets_no_wider() {
    each_case([0o640, 0o644, 0o664, 0o600], |before| {
        let test = TestDir::new().file("config.json", CONFIG).with_mode("config.json", before);
        let args =
            ["creds", "login", "a.example.com", "-u", "me", "--password-stdin", "--config", "config.json"];
        let said = run_with_stdin(&test, &args, "letmein-please");
        assert!(said.starts_with("exit: 0\n"), "{said}");
        assert_eq!(test.mode("config.json"), 0o600, "{before:o}");
    });
    let help = TestDir::new().run(&["creds", "login", "--help"]);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("Only its owner can read the file (0600), whatever its mode was before"), "{help}");
}

/// Credentials that cannot be read are no reason to ask without any: the registry's 401 would send the user elsewhere.
#[cfg(feature = "net")]
#[test]
fn unreadable_credentials_are_told_where_they_are_used() {
    let config = |entry: &str| format!(r#"{{"auths": {{"localhost:1": {entry}}}}}"#);
    let cases = [
        (
            r#"{"auth": "!!!"}"#,
            "config.json: the credentials for localhost:1 cannot be used: `auth` is not base64",
        ),
        (r#"{"auth": "Zm9v"}"#, "without a colon; user:password is expected"),
        // What `docker login` leaves beside a helper is no fault. Nothing listens at this port.
        ("{}", "localhost:1"),
    ];
    for (entry, told) in cases {
        let test = TestDir::new().file("config.json", config(entry));
        let said = test.run(&["image", "list", "localhost:1", "--config", "config.json"]);
        assert!(said.starts_with("exit: 2\n"), "{said}");
        assert_eq!(said.contains("cannot be used"), entry != "{}", "{said}");
        assert!(said.contains(told), "{said}");
    }
}
