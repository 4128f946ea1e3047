//! `milepost image push` and `milepost registry backup` against Debian's docker-registry, side by side with skopeo.
//!
//! `cargo bench --bench images` prints, with the limits:
//!
//! - push: an image of 500 MB in 10 layers, of which half compresses, as `docker save` writes it and as an OCI layout: the
//!   time over that of `skopeo copy` of the same (1.2 times) and peak memory (64 MiB); of the layout, which is sent as it is,
//!   the throughput over that of a bare client that uploads the same blobs, as many at a time (0.7 times);
//! - backup: 1,000 tags of small images: the time over that of `skopeo sync` of the same (1.5 times), and over that of a quarter
//!   of the tags (4 times would be linear).
//!
//! `MILEPOST_BENCH_MB` and `MILEPOST_BENCH_TAGS` change the sizes (20 and 40 take less than a minute), and `-- push` or `-- backup`
//! runs one of the two. Nothing is measured where docker-registry or skopeo is not
//! installed (Debian: `apt-get install docker-registry skopeo`).

#![expect(clippy::disallowed_methods, reason = "a benchmark writes and reads plain files of its own")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

#[path = "common/server.rs"]
mod server;

use server::{MILEPOST, median};

const RUNS: usize = 3;
const LAYERS: usize = 10;
const AT_ONCE: usize = 4;

/// A part of the benchmark: its name, and what it does with a scratch directory.
type Part = (&'static str, fn(&Path));

fn main() {
    let filter: Option<String> = std::env::args().skip(1).find(|arg| arg != "--bench");
    let is_there = |program| Command::new(program).arg("--version").output().is_ok();
    if !["docker-registry", "skopeo"].into_iter().all(is_there) {
        println!("SKIPPED: docker-registry or skopeo is not installed");
        return;
    }
    let parts: [Part; 2] = [("push", push), ("backup", backup)];
    for (name, part) in parts {
        if filter.as_ref().is_none_or(|filter| filter == name) {
            let scratch = tempfile::tempdir().expect("a scratch directory");
            part(scratch.path());
        }
    }
}

fn size_of(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |value| value.parse().expect("a number"))
}

/// A registry that ends with this value.
struct Registry {
    child: Child,
    address: String,
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Registry {
    fn start(scratch: &Path) -> Self {
        let address =
            TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
        let images = scratch.join("images").display().to_string();
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {images}\nhttp:\n  addr: {address}\n"
        );
        let file = scratch.join("registry.yml");
        std::fs::write(&file, config).expect("written");
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("docker-registry");
        while TcpStream::connect(&address).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, address }
    }
}

fn digest_of(content: &[u8]) -> String {
    let hex = |text: String, byte: &u8| text + &format!("{byte:02x}");
    digest(&SHA256, content).as_ref().iter().fold("sha256:".to_owned(), hex)
}

/// Writes an archive of one image as `docker save` does.
fn save(to: &Path, layers: &[Vec<u8>]) {
    let mut tar = tar::Builder::new(File::create(to).expect("made"));
    let mut add = |name: &str, content: &[u8]| {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, content).expect("added");
    };
    let names: Vec<String> = (0..layers.len()).map(|number| format!("{number}/layer.tar")).collect();
    for (name, layer) in names.iter().zip(layers) {
        add(name, layer);
    }
    let ids: Vec<String> = layers.iter().map(|layer| digest_of(layer)).collect();
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": ids },
    })
    .to_string();
    let name = format!("{}.json", digest_of(config.as_bytes()).trim_start_matches("sha256:"));
    add(&name, config.as_bytes());
    let saved = json!([{ "Config": name, "RepoTags": ["bench:1"], "Layers": names }]);
    add("manifest.json", saved.to_string().as_bytes());
    tar.finish().expect("written");
}

/// An OCI layout that grows.
struct Layout {
    root: PathBuf,
    index: Vec<Value>,
    random: u64,
}

impl Layout {
    fn at(root: PathBuf) -> Self {
        std::fs::create_dir_all(root.join("blobs/sha256")).expect("made");
        std::fs::write(root.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("written");
        Self { root, index: Vec::new(), random: 1 }
    }

    fn blob(&self, media_type: &str, content: &[u8]) -> Value {
        let digest = digest_of(content);
        std::fs::write(self.root.join("blobs").join(digest.replace(':', "/")), content).expect("written");
        json!({ "mediaType": media_type, "digest": digest, "size": content.len() })
    }

    /// Bytes of which half compresses: noise and words, by turns.
    fn mixed(&mut self, size: usize) -> Vec<u8> {
        const PART: usize = 50_000;
        let words: Vec<Vec<u8>> = (0..2000)
            .map(|length| self.noise(3 + length % 7).iter().map(|b| b'a' + b % 26).collect())
            .collect();
        let mut bytes = Vec::with_capacity(size + 3 * PART);
        while bytes.len() < size {
            bytes.extend(self.noise(PART));
            for choice in self.noise(PART / 4).chunks_exact(2) {
                let choice = usize::from(u16::from_le_bytes([choice[0], choice[1]]));
                bytes.extend(&words[choice % words.len()]);
                bytes.push(b' ');
            }
        }
        bytes.truncate(size);
        bytes
    }

    /// Bytes that do not compress (xorshift).
    fn noise(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(size + 8);
        while bytes.len() < size {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            bytes.extend(self.random.to_le_bytes());
        }
        bytes.truncate(size);
        bytes
    }

    /// Adds an image of such layers, which are packed here: its blobs.
    fn image<'l>(&mut self, name: &str, layers: impl Iterator<Item = &'l [u8]>) -> Vec<Value> {
        let kind = "application/vnd.oci.image.layer.v1.tar+gzip";
        let (mut blobs, mut ids) = (Vec::new(), Vec::new());
        for layer in layers {
            let mut packed = GzEncoder::new(Vec::new(), Compression::new(4));
            packed.write_all(layer).expect("packed");
            blobs.push(self.blob(kind, &packed.finish().expect("packed")));
            ids.push(digest_of(layer));
        }
        let layers = blobs;
        let config = json!({
            "architecture": "amd64", "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": ids },
        });
        let config = self.blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({ "schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers });
        let mut entry = self.blob(kind, manifest.to_string().as_bytes());
        entry["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
        self.index.push(entry);
        [layers, vec![config]].concat()
    }

    fn finish(&self) {
        let index = json!({ "schemaVersion": 2, "manifests": self.index });
        std::fs::write(self.root.join("index.json"), index.to_string()).expect("written");
    }
}

/// Runs a command that has to do well: the time it took, and its peak memory in KiB.
fn timed(command: &mut Command) -> (Duration, f64) {
    // Not a pipe: it would fill up with a line for each image, and hold the command up.
    let mut messages = tempfile::tempfile().expect("a file");
    let to = messages.try_clone().expect("a file");
    let start = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(to).spawn().expect("it runs");
    let mut peak = 0.0;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child") {
            break status;
        }
        peak = server::memory(child.id(), "VmHWM").unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(10));
    };
    let time = start.elapsed();
    let mut said = String::new();
    messages.rewind().expect("a file");
    messages.read_to_string(&mut said).expect("UTF-8");
    assert!(status.success(), "{command:?}: {said}");
    (time, peak)
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn milepost(scratch: &Path) -> Command {
    let mut command = Command::new(MILEPOST);
    command.env_clear().env("HOME", scratch);
    command
}

fn skopeo() -> Command {
    let mut command = Command::new("skopeo");
    command.arg("--insecure-policy");
    command
}

fn push(scratch: &Path) {
    let megabytes = size_of("MILEPOST_BENCH_MB", 500);
    let mut layout = Layout::at(scratch.join("layout"));
    let layers: Vec<Vec<u8>> = (0..LAYERS).map(|_| layout.mixed(megabytes * 1_000_000 / LAYERS)).collect();
    let saved = scratch.join("saved.tar");
    save(&saved, &layers);
    let blobs = layout.image("1", layers.iter().map(|layer| &**layer));
    layout.finish();
    drop(layers);
    let bare = median(
        (0..RUNS).map(|_| into_registry(scratch, |to| upload_all(to, &layout.root, &blobs))).collect(),
    );
    for (form, source, transport) in
        [("docker save", &saved, "docker-archive:"), ("an OCI layout", &layout.root, "oci:")]
    {
        let source = source.to_str().expect("UTF-8");
        let from = format!("{transport}{source}");
        let (mut ours, mut theirs, mut peak) = (Vec::new(), Vec::new(), 0.0_f64);
        for _ in 0..RUNS {
            theirs.push(into_registry(scratch, |to| {
                let to = format!("docker://{to}/bench:1");
                timed(skopeo().args(["copy", "--dest-tls-verify=false", &from, &to])).0
            }));
            ours.push(into_registry(scratch, |to| {
                let (time, memory) =
                    timed(milepost(scratch).args(["image", "push", source, &format!("{to}/bench:1")]));
                peak = peak.max(memory);
                time
            }));
        }
        let (ours, theirs) = (median(ours), median(theirs));
        println!(
            "push of {megabytes} MB in {LAYERS} layers, {form}: milepost {ours:.2?}, skopeo {theirs:.2?}: {:.2} times (limit \
             1.2); peak memory {:.1} MiB (limit 64)",
            ratio(ours, theirs),
            peak / 1024.0
        );
        if form != "docker save" {
            println!("  a bare upload {bare:.2?}: {:.2} of its throughput (at least 0.7)", ratio(bare, ours));
        }
    }
}

/// Does something with a registry whose storage is empty, so that nothing is there.
fn into_registry<T>(scratch: &Path, work: impl FnOnce(&str) -> T) -> T {
    let directory = tempfile::tempdir_in(scratch).expect("a directory");
    let registry = Registry::start(directory.path());
    work(&registry.address)
}

/// Uploads blobs on several threads, and nothing else.
fn upload_all(address: &str, layout: &Path, blobs: &[Value]) -> Duration {
    let (start, next) = (Instant::now(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(blob) = blobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    upload(address, layout, blob["digest"].as_str().expect("a digest"));
                }
            });
        }
    });
    start.elapsed()
}

fn upload(address: &str, layout: &Path, digest: &str) {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let mut reader = BufReader::new(&stream);
    let mut writer = &stream;
    let head =
        format!("POST /v2/bench/blobs/uploads/ HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\n\r\n");
    writer.write_all(head.as_bytes()).expect("sent");
    let location = answered(&mut reader, "202").expect("a location");
    let path = location.trim_start_matches("http://").trim_start_matches(address);
    let mut file = File::open(layout.join("blobs").join(digest.replace(':', "/"))).expect("a blob");
    let size = file.metadata().expect("a size").len();
    let head =
        format!("PUT {path}&digest={digest} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {size}\r\n\r\n");
    writer.write_all(head.as_bytes()).expect("sent");
    std::io::copy(&mut file, &mut writer).expect("sent");
    answered(&mut reader, "201");
}

/// Reads an answer of this status without a body: its location.
fn answered(reader: &mut BufReader<&TcpStream>, status: &str) -> Option<String> {
    let (mut location, mut line) = (None, String::new());
    reader.read_line(&mut line).expect("an answer");
    assert!(line.contains(status), "{line}");
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        location = line.strip_prefix("Location: ").map(|to| to.trim().to_owned()).or(location);
    }
    location
}

fn backup(scratch: &Path) {
    let tags = size_of("MILEPOST_BENCH_TAGS", 1000);
    let quarter = timed_backups(scratch, tags / 4).0;
    let (ours, theirs) = timed_backups(scratch, tags);
    println!(
        "backup of {tags} tags: milepost {ours:.2?}, skopeo sync {theirs:.2?}: {:.2} times (limit 1.5); a quarter of them \
         {quarter:.2?}: {:.2} times (linear is 4)",
        ratio(ours, theirs),
        ratio(ours, quarter)
    );
}

/// The times of milepost and of skopeo for so many tags.
fn timed_backups(scratch: &Path, tags: usize) -> (Duration, Duration) {
    let scratch = scratch.join(tags.to_string());
    let mut layout = Layout::at(scratch.join("layout"));
    for number in 0..tags {
        let layer = layout.noise(4096);
        layout.image(&format!("bench:{number}"), std::iter::once(&*layer));
    }
    layout.finish();
    let registry = Registry::start(&scratch);
    let root = layout.root.to_str().expect("UTF-8");
    timed(milepost(&scratch).args(["image", "push", root, &registry.address, "--all"]));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        let to = scratch.join(format!("ours-{run}/")).display().to_string();
        ours.push(timed(milepost(&scratch).args(["registry", "backup", &registry.address, "-o", &to])).0);
        let to = scratch.join(format!("theirs-{run}")).display().to_string();
        let from = format!("{}/bench", registry.address);
        let sync = ["sync", "--src", "docker", "--dest", "dir", "--src-tls-verify=false", &from, &to];
        theirs.push(timed(skopeo().args(sync)).0);
    }
    (median(ours), median(theirs))
}
