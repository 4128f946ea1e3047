//! `milepost creds verify`: archives that people and enemies make.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use tar::{EntryType, Header};

use super::{CONFIG, WEB, milepost, run, shell};
use crate::common::{TestDir, each_case};

/// A tar file with these entries; names are written as they are, which the library would refuse.
fn archive(entries: &[(&str, EntryType, u32, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, mode, content) in entries {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(*mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        let is_file = *kind == EntryType::Regular;
        header.set_size(if is_file { content.len() as u64 } else { 0 });
        if !is_file && !content.is_empty() {
            header.set_link_name(content).expect("a link");
        }
        header.set_username("root").expect("a name");
        header.set_groupname("root").expect("a name");
        header.set_cksum();
        builder.append(&header, if is_file { content.as_bytes() } else { &[] }).expect("in memory");
    }
    builder.into_inner().expect("in memory")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

const FILE: EntryType = EntryType::Regular;

/// The verdict on an archive with this config file in its place.
fn verdict_on(config: &str) -> String {
    let bytes = archive(&[
        (".docker/", EntryType::Directory, 0o700, ""),
        (".docker/config.json", FILE, 0o600, config),
    ]);
    verdict(&gzip(&bytes))
}

/// What is said of these bytes, without the listing.
fn verdict(bytes: &[u8]) -> String {
    let test = TestDir::new().file("docker.tar.gz", bytes);
    let output = milepost(&test, &["creds", "verify", "docker.tar.gz"], "");
    format!(
        "exit: {}\n{}",
        output.status.code().expect("not killed"),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn the_listing_is_that_of_gnu_tar() {
    let test = TestDir::new()
        .file(".docker/config.json", CONFIG)
        .file("far/name.txt", (0..200_000).map(|n: u32| n.to_string()).collect::<String>());
    shell(
        &test,
        "ln -s ../config.json .docker/link; ln far/name.txt far/hard; printf x > $'far/t\\tn\\\\\\nä'; chmod 4751 far/hard",
    );
    each_case(
        [
            "-cf a.tar .docker",
            "--owner=somebody:1000 --group=a-group-with-a-long-name:1000 -cf a.tar .docker far",
            "--numeric-owner -czf a.tar .docker far",
            "--format=pax -czf a.tar far .docker",
            "--format=v7 --mtime=@86399 -cf a.tar ./.docker",
        ],
        |args| {
            shell(&test, &format!("tar {args}"));
            let output = milepost(&test, &["creds", "verify", "a.tar"], "");
            assert_eq!(String::from_utf8_lossy(&output.stdout), shell(&test, "tar -tvf a.tar"), "{args}");
        },
    );
}

#[test]
fn a_home_directory_as_people_pack_it() {
    let test = TestDir::new()
        .file("home/foo/.docker/config.json", CONFIG)
        .file("home/foo/.docker/key.pem", "x")
        .file("web.json", WEB);
    shell(
        &test,
        "chmod -R go-rwx home; tar --owner=foo:1000 --group=foo:1000 --mtime=@0 --sort=name -czf docker.tar.gz home/foo/.docker",
    );
    insta::assert_snapshot!(run(&test, &["creds", "verify", "docker.tar.gz"]), @r"
    exit: 1
    ----- stdout -----
    drwx------ foo/foo           0 1970-01-01 00:00 home/foo/.docker/
    -rw------- foo/foo         194 1970-01-01 00:00 home/foo/.docker/config.json
    -rw------- foo/foo           1 1970-01-01 00:00 home/foo/.docker/key.pem
    ----- stderr -----
    warning[foreign-file]: home/foo/.docker/key.pem is not needed for a pull, and everybody who reads the sandbox has it
      = help: `milepost creds archive` makes a correct one
    error[misplaced-config]: home/foo/.docker/config.json is not where the Docker Engine looks: .docker/config.json at the top of the sandbox
      = help: pack it from the directory that has .docker in it: `tar -czf docker.tar.gz -C ~ .docker/config.json`
    ");
    shell(
        &test,
        "tar --owner=foo:1000 --group=foo:1000 --mtime=@0 --sort=name -czf docker.tar.gz -C home/foo .docker",
    );
    insta::assert_snapshot!(run(&test, &["creds", "verify", "docker.tar.gz", "--for", "web.json"]), @r"
    exit: 0
    ----- stdout -----
    drwx------ foo/foo           0 1970-01-01 00:00 .docker/
    -rw------- foo/foo         194 1970-01-01 00:00 .docker/config.json
    -rw------- foo/foo           1 1970-01-01 00:00 .docker/key.pem
    ----- stderr -----
    warning[foreign-file]: .docker/key.pem is not needed for a pull, and everybody who reads the sandbox has it
      = help: `milepost creds archive` makes a correct one
    info[foreign-owner]: .docker/ belongs to foo (1000), which is another user or no user on an agent
      = help: `tar --owner=root:0 --group=root:0` packs it for root
    info[foreign-owner]: .docker/config.json belongs to foo (1000), which is another user or no user on an agent
      = help: `tar --owner=root:0 --group=root:0` packs it for root
    warning[foreign-registry]: there are credentials for docker.io, which are not needed here
      = help: everybody who reads the sandbox has them: `milepost creds archive` packs only what the service pulls
    fine: docker.io (user bar, password), registry.example.com:5000 (user foo, password)
    ");
    let strict =
        run(&test, &["creds", "verify", "docker.tar.gz", "--for", "web.json", "--fail-on", "warning"]);
    assert!(strict.starts_with("exit: 1\n"), "{strict}");
}

/// What works on agents is no error: they unpack with libarchive, or tar and unzip.
#[test]
fn what_agents_unpack_is_no_error() {
    if !crate::creds::has_packers() {
        return;
    }
    let test = TestDir::new().file(".docker/config.json", CONFIG).file("real/config.json", CONFIG);
    shell(
        &test,
        "chmod 700 .docker; chmod 600 .docker/config.json; printf x > .docker/._config.json; printf x > ._.docker
        mkdir -p links/.docker hard/.docker deep; cp .docker/config.json links/.docker/real.json
        ln -s real.json links/.docker/config.json; ln -s ../hosts links/.docker/other
        cp .docker/config.json hard/a; ln hard/a hard/.docker/config.json
        cp -r .docker deep/dotdocker; ln -s dotdocker deep/.docker
        tar -cf plain.tar .docker; (cat plain.tar; head -c 3000 /dev/zero) > padded.tar
        gzip -c plain.tar > a.tgz; (cat a.tgz; head -c 512 /dev/zero) > padded.tgz
        tar --format=pax --pax-option=globexthdr.name=g,comment=x -czf pax.tgz .docker
        tar -czf mac.tgz ._.docker .docker; tar -czf links.tgz -C links .docker
        tar -czf hard.tgz -C hard a .docker; tar -czf deep.tgz -C deep dotdocker .docker
        cp plain.tar twice.tar; tar -rf twice.tar .docker/config.json; tar -cjf a.tar.bz2 .docker; tar -cJf a.tar.xz .docker
        xz -9ec plain.tar > big.tar.xz; (cd links; zip -qry ../links.zip .docker); zip -qr a.zip .docker; zip -qr0 stored.zip .docker
        zip -qrP letmein locked.zip .docker; xz --lzma2=dict=256MiB -c plain.tar > huge.tar.xz
        python3 -c \"import zipfile; zipfile.ZipFile('odd.zip', 'w', zipfile.ZIP_LZMA).write('.docker/config.json')\"",
    );
    each_case(
        [
            "plain.tar",
            "padded.tar",
            "a.tgz",
            "padded.tgz",
            "pax.tgz",
            "mac.tgz",
            "links.tgz",
            "hard.tgz",
            "deep.tgz",
            "twice.tar",
            "a.tar.bz2",
            "a.tar.xz",
            "big.tar.xz",
            "a.zip",
            "stored.zip",
            "links.zip",
        ],
        |archive| {
            let said = run(
                &test,
                &[
                    "creds",
                    "verify",
                    archive,
                    "--registry",
                    "docker.io",
                    "--registry",
                    "registry.example.com:5000",
                ],
            );
            assert!(said.starts_with("exit: 0\n") && said.contains("\nfine: docker.io"), "{archive}: {said}");
            assert!(!said.contains("error["), "{archive}: {said}");
        },
    );
    let listing = |archive: &str| {
        let output = milepost(&test, &["creds", "verify", archive], "");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    assert_eq!(listing("a.tar.bz2"), shell(&test, "tar --utc -tvf a.tar.bz2"));
    assert_eq!(listing("a.tar.xz"), shell(&test, "tar --utc -tvf a.tar.xz"));
    assert!(listing("a.zip").contains("-rw------- -/-"), "{}", listing("a.zip"));
    each_case(
        [
            ("odd.zip", "a zip file with another compression than deflate"),
            ("huge.tar.xz", "packed with xz in a way that takes more than 80 MiB of memory to unpack"),
        ],
        |(archive, why)| {
            let said = run(&test, &["creds", "verify", archive, "--registry", "docker.io"]);
            let expected = format!(
                "warning[unopened-archive]: milepost cannot look into this: it is {why}; an agent may unpack it"
            );
            assert!(said.starts_with("exit: 0\n") && said.contains(&expected), "{archive}: {said}");
        },
    );
    let locked = run(&test, &["creds", "verify", "locked.zip"]);
    assert!(
        locked.starts_with("exit: 1\n")
            && locked.contains("error[broken-archive]: the archive is broken: a file in it has a password"),
        "{locked}"
    );
}

/// Of whatever kind an archive is, it has the limits of a tar file, and no bytes make the program panic.
#[test]
fn archives_of_other_kinds_have_the_same_limits() {
    if !crate::creds::has_packers() {
        return;
    }
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    shell(
        &test,
        "tar -cjf a.bz2 .docker; tar -cJf a.xz .docker; zip -qr a.zip .docker; mkdir -p bomb/.docker many
        cp .docker/config.json bomb/.docker; head -c 40000000 /dev/zero > bomb/.docker/zeros
        tar -cjf bomb.bz2 -C bomb .docker; tar -cJf bomb.xz -C bomb .docker; (cd bomb; zip -qr ../bomb.zip .docker)
        for n in $(seq 1100); do : > many/$n; done; zip -qr many.zip many",
    );
    each_case(["bomb.bz2", "bomb.xz", "bomb.zip", "many.zip"], |name| {
        let said = run(&test, &["creds", "verify", name]);
        assert!(said.starts_with("exit: 1\n") && said.contains("error[tar-bomb]: "), "{name}: {said}");
    });
    each_case(["a.bz2", "a.xz", "a.zip"], |name| {
        let whole = std::fs::read(test.path().join(name)).expect("made");
        for length in (3..whole.len()).step_by(41) {
            let said = verdict(&whole[..length]);
            assert!(said.starts_with("exit: 1\nerror["), "{name}, {length} of {}: {said}", whole.len());
        }
        each_case((0..whole.len()).step_by(7), |at| {
            let mut broken = whole.clone();
            broken[at] ^= 0x10;
            let said = verdict(&broken);
            assert!(
                !said.contains("panicked") && (said.starts_with("exit: 0") || said.starts_with("exit: 1")),
                "{name}: {said}"
            );
        });
    });
}

#[test]
fn what_docker_does_not_read_is_an_error() {
    let blank = verdict_on(r#"{"auths": {" r.example.com": {"auth": "YTpi"}}}"#);
    assert!(
        blank.starts_with("exit: 1\nerror[bad-key]: ` r.example.com` does not name a registry"),
        "{blank}"
    );
    let headers = verdict_on(r#"{"auths": {"r.example.com": {"auth": "YTpi"}}, "HttpHeaders": "X: y"}"#);
    assert!(
        headers.starts_with(
            "exit: 1\nerror[bad-config]: `HttpHeaders` is not an object of strings: Docker cannot read"
        ),
        "{headers}"
    );
    let old = verdict(&archive(&[(
        ".dockercfg",
        FILE,
        0o600,
        r#"{"r.example.com": {"auth": "YTpi", "email": ""}}"#,
    )]));
    assert!(
        old.starts_with("exit: 0\nwarning[old-config]: ")
            && old.contains("Docker 23 and later do not read it"),
        "{old}"
    );
}

#[test]
fn what_leads_out_of_the_sandbox_is_rejected() {
    let config = (".docker/config.json", FILE, 0o600, r#"{"auths": {"r": {"auth": "YTpi"}}}"#);
    insta::assert_snapshot!(verdict(&archive(&[config, ("../../etc/cron.d/x", FILE, 0o644, "x")])), @r"
    exit: 1
    error[path-traversal]: ../../etc/cron.d/x leads out of the sandbox
      = help: `milepost creds archive` makes a correct one
    ");
    insta::assert_snapshot!(verdict(&archive(&[(".docker", EntryType::Symlink, 0o777, "/root/.docker")])), @r"
    exit: 1
    error[link-in-archive]: .docker is a link to /root/.docker, which agents do not have, or have as another file
      = help: `tar --dereference` packs the target of a link
    error[no-config]: there is no .docker/config.json in it
      = help: `milepost creds archive` makes a correct one
    ");
    insta::assert_snapshot!(verdict(&archive(&[config, ("pipe", EntryType::Fifo, 0o644, "")])), @r"
    exit: 0
    warning[special-file]: pipe is not a regular file
      = help: `milepost creds archive` makes a correct one
    fine: r (user a, password)
    ");
    // A link beside the config file leads where it wants; the config file itself has to be in the archive.
    let said = verdict(&archive(&[config, ("x", EntryType::Symlink, 0o777, "/etc/hosts")]));
    assert!(said.starts_with("exit: 0\nwarning[link-in-archive]: x is a link"), "{said}");
    each_case(["/root/config.json", "../../config.json", "gone.json", "config.json"], |to| {
        let said = verdict(&archive(&[(".docker/config.json", EntryType::Symlink, 0o777, to)]));
        assert!(
            said.starts_with("exit: 1\nerror[link-in-archive]: .docker/config.json is a link"),
            "{to}: {said}"
        );
    });
}

#[test]
fn tar_bombs_have_their_limits() {
    // 200 MiB of zeros in some 200 KiB.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    for _ in 0..200 {
        encoder.write_all(&vec![0; 1 << 20]).expect("in memory");
    }
    insta::assert_snapshot!(verdict(&encoder.finish().expect("in memory")), @r"
    exit: 1
    error[tar-bomb]: the archive unpacks to more than 16 MiB, too much for credentials: not read further
      = help: `milepost creds archive` makes a correct one
    ");
    let small = gzip(&vec![0; 2 << 20]);
    insta::assert_snapshot!(verdict(&small), @r"
    exit: 1
    error[tar-bomb]: the archive unpacks to more than 100 times its size: not read further
      = help: `milepost creds archive` makes a correct one
    ");
    let many = vec![("x", FILE, 0o600, ""); 1001];
    insta::assert_snapshot!(verdict(&archive(&many)), @r"
    exit: 1
    error[tar-bomb]: the archive has more than 1000 entries: not read further
      = help: `milepost creds archive` makes a correct one
    ");
    // A size that no memory has, told by a header.
    let mut lie = archive(&[(".docker/config.json", FILE, 0o600, "{}")]);
    lie[124..136].copy_from_slice(b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff");
    let sum: u32 = lie[..512]
        .iter()
        .enumerate()
        .map(|(i, b)| if (148..156).contains(&i) { 32 } else { u32::from(*b) })
        .sum();
    lie[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let said = verdict(&lie);
    assert!(said.starts_with("exit: 1\nerror[broken-archive]: "), "{said}");
}

#[test]
fn no_archive_that_is_cut_short_is_fine_and_none_makes_it_panic() {
    let test = TestDir::new().file(".docker/config.json", CONFIG);
    let whole = archive(&[
        (".docker/", EntryType::Directory, 0o700, ""),
        (".docker/config.json", FILE, 0o600, CONFIG),
    ]);
    let packed = gzip(&whole);
    each_case([(&packed, packed.len()), (&whole, 1024 + CONFIG.len())], |(bytes, upto)| {
        for length in (0..upto).step_by(37) {
            let said = verdict(&bytes[..length]);
            assert!(said.starts_with("exit: 1\nerror["), "{length} of {}: {said}", bytes.len());
        }
    });
    insta::assert_snapshot!(verdict(&packed[..packed.len() - 9]), @r"
    exit: 1
    error[broken-archive]: the archive is cut short: it ends within its data
      = help: `milepost creds archive` makes a correct one
    ");
    each_case(0..packed.len(), |at| {
        let mut broken = packed.clone();
        broken[at] ^= 0x10;
        let said = verdict(&broken);
        assert!(
            !said.contains("panicked") && (said.starts_with("exit: 0") || said.starts_with("exit: 1")),
            "{said}"
        );
    });
    drop(test);
}

#[test]
fn other_file_types_are_named() {
    each_case([(&b""[..], "an empty file"), (b"hello", "not a tar file")], |(bytes, what)| {
        let said = verdict(bytes);
        assert!(
            said.starts_with("exit: 1\nerror[not-an-archive]: this is ") && said.contains(what),
            "{said}"
        );
    });
    insta::assert_snapshot!(verdict(CONFIG.as_bytes()), @r"
    exit: 1
    error[not-an-archive]: this is a config file, not an archive: the fetcher puts it into the sandbox under its own name
      = help: pack it: `milepost creds archive --config FILE --for DEFINITION -o docker.tar.gz`
    ");
}

#[test]
fn credentials_that_work_nowhere_are_reported() {
    insta::assert_snapshot!(verdict_on(r#"{"auths": {"quay.io": {}}, "credsStore": "osxkeychain"}"#), @r"
    exit: 1
    error[helper-only]: the credentials are not here: the helper docker-credential-osxkeychain keeps them, and no agent has it
      = help: `milepost creds import` asks the helper and writes a file that agents can read
    ");
    insta::assert_snapshot!(verdict_on(r#"{"auths": {}}"#), @r"
    exit: 1
    error[empty-auths]: there are no credentials in it
      = help: `milepost creds login HOST -u USER --password-stdin` writes them
    ");
    insta::assert_snapshot!(verdict_on(r#"{"auths": {"a": {"auth": "letmein!"}, "b": {"auth": "bGV0bWVpbg=="},
        "c": {"auth": "Zm9vOmxldG1laW4K"}, "d": {"auth": "Zm9v\nOmxldG1laW4="}, "e": {"auth": 7}, "docker.io": {"auth": "YTpi"},
        "https://r:5000/v1/": {"auth": "YTpi"}, "r:5000": {"auth": "YTpj"}, "": {"auth": "YTpi"}}}"#), @r"
    exit: 1
    error[bad-auth]: no credentials for `a`: `auth` is not base64
      = help: `milepost creds login` writes the entry again
    error[bad-auth]: no credentials for `b`: `auth` is base64 of a text without a colon; user:password is expected
      = help: `milepost creds login` writes the entry again
    error[line-break-in-password]: the password for `c` ends in a line break
      = help: `echo` adds one unless it is `echo -n`; `milepost creds login` writes it again
    warning[wrapped-auth]: `auth` for `d` is broken into lines, which Docker skips and others do not
      = help: `base64` breaks lines unless it is `base64 -w0`; `milepost creds login` writes it again
    error[bad-entry]: no credentials for `e`: `auth` is not a string
      = help: `milepost creds login` writes the entry again
    error[wrong-hub-key]: `docker.io` is not where the Docker Engine looks for the credentials of Docker Hub
      = help: the key is `https://index.docker.io/v1/`
    error[bad-key]: `` does not name a registry: it has no host; write it like registry.example.com:5000
      = help: write the registry's host
    warning[repeated-registry]: `https://r:5000/v1/` has other credentials for a registry that another key names too
      = help: keep one of them; which one is read depends on the containerizer
    ");
    insta::assert_snapshot!(verdict_on("{\"auths\": {\"a\": {\"auth\": YTpi}}}"), @r"
    exit: 1
    error[bad-config]: .docker/config.json:1:26: a bare word that is not a JSON value
      = help: `milepost creds login` and `milepost creds archive` make it again
    ");
}

#[test]
fn expiring_tokens_are_reported() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let ecr = |end: &str| {
        let token = encode(&format!(r#"{{"payload":"x","expiration":{end}}}"#));
        format!(
            r#"{{"auths": {{"123456789012.dkr.ecr.eu-central-1.amazonaws.com": {{"auth": "{}"}}}}}}"#,
            encode(&format!("AWS:{token}"))
        )
    };
    insta::assert_snapshot!(verdict_on(&ecr("1486678934")), @r"
    exit: 1
    error[expired-credentials]: the credentials for 123456789012.dkr.ecr.eu-central-1.amazonaws.com expired on 2017-02-09 22:22 UTC
      = help: get new ones
    ");
    insta::assert_snapshot!(verdict_on(&ecr("4102444800")), @r"
    exit: 0
    warning[short-lived]: the credentials for 123456789012.dkr.ecr.eu-central-1.amazonaws.com expire on 2100-01-01 00:00 UTC
      = help: agents pull whenever an instance starts: renew them in time, or use credentials that do not expire
    fine: 123456789012.dkr.ecr.eu-central-1.amazonaws.com (user AWS, password)
    ");
    let google = encode("oauth2accesstoken:ya29.letmein-please");
    insta::assert_snapshot!(verdict_on(&format!(r#"{{"auths": {{"gcr.io": {{"auth": "{google}"}}}}}}"#)), @r"
    exit: 0
    warning[short-lived]: the credentials for gcr.io are an access token of Google, which lasts an hour
      = help: agents pull whenever an instance starts: renew them in time, or use credentials that do not expire
    fine: gcr.io (user oauth2accesstoken, password)
    ");
}

/// Mesos joins the path to the sandbox, and tar and unzip drop the first slash.
#[test]
fn an_absolute_path_is_below_the_sandbox() {
    let config = ("/.docker/config.json", FILE, 0o600, r#"{"auths": {"r": {"auth": "YTpi"}}}"#);
    insta::assert_snapshot!(verdict(&archive(&[config])), @r"
    exit: 0
    warning[absolute-path]: /.docker/config.json is an absolute path, which agents unpack into the sandbox without its first slash
      = help: `milepost creds archive` makes a correct one
    fine: r (user a, password)
    ");
    let elsewhere = ("/root/.docker/config.json", FILE, 0o600, config.3);
    assert!(verdict(&archive(&[elsewhere])).contains("error[misplaced-config]"));
}
