//! The sockets of an embedded Marathon: requests come in, events go out, checks are made, time goes on.

mod check;
mod http;
mod origin;
mod page;
mod response;
mod shared;
mod stream;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service as _;

use super::simulate::agent::Agent;
use super::time::Time;
use super::world::World;
use super::world::options::Options;
use super::world::saved::Saved;
use crate::source::{FileError, write_privately};
use origin::KnownHosts;
use shared::{KeptPoint, SharedServer};

/// How an embedded Marathon is run.
#[derive(Debug)]
pub(crate) struct ServerSetup {
    pub(crate) options: Options,
    pub(crate) agents: Option<Vec<Agent>>,
    /// Time stands still until it is moved on.
    pub(crate) is_virtual: bool,
    /// The file that keeps what the server holds.
    pub(crate) state: Option<PathBuf>,
    /// `/ui` is a page.
    pub(crate) has_page: bool,
    /// What it begins with.
    pub(crate) saved: Option<Saved>,
    /// Names that clients may call it, beside addresses and `localhost`.
    pub(crate) names: Vec<String>,
    /// Tells whoever runs it of what goes wrong while it serves.
    pub(crate) warn: fn(&str),
}

/// A socket that is open, and an address for clients.
#[derive(Debug)]
pub(crate) struct OpenSocket {
    listener: TcpListener,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Opens the socket.
pub(crate) async fn bind(host: &str, port: u16) -> std::io::Result<OpenSocket> {
    let listener = TcpListener::bind((host, port)).await?;
    let address = listener.local_addr()?;
    Ok(OpenSocket { listener, address })
}

/// Serves until it is asked to stop.
///
/// # Errors
/// When what it holds cannot be written to its file at the start.
pub(crate) async fn serve(bound: OpenSocket, running: ServerSetup) -> std::io::Result<()> {
    let ServerSetup { mut options, agents, is_virtual, state, has_page, saved, names, warn } = running;
    options.address = bound.address.to_string();
    let now = Time::now();
    let seed = options.chaos;
    let mut world = World::new(options, now);
    if let Some(agents) = agents {
        world.agents = agents;
    }
    if let Some(saved) = saved {
        world.restore(saved);
    }
    let hosts = KnownHosts { address: bound.address, names };
    let shared = Arc::new(SharedServer::new(world, is_virtual.then_some(now), seed, has_page, hosts, warn));
    if let Some(file) = state {
        // A file that cannot be written is reported before anything is answered.
        let kept = Arc::new(KeptFile { file, written: Mutex::default() });
        kept.save(&shared).map_err(std::io::Error::other)?;
        #[cfg(unix)]
        {
            let (kept, shared) = (kept.clone(), shared.clone());
            crate::source::before_end(move || {
                if let Err(error) = kept.save(&shared) {
                    warn(&not_kept(&error));
                }
            });
        }
        tokio::spawn(keep(shared.clone(), kept, warn));
    }
    tokio::spawn(drive(shared.clone()));
    tokio::spawn(beat(shared.clone()));
    let router =
        Router::new().fallback(http::handle).layer(DefaultBodyLimit::disable()).with_state(shared.clone());
    loop {
        let (stream, client) = tokio::select! {
            accepted = bound.listener.accept() => if let Ok(accepted) = accepted {
                accepted
            } else {
                // Too many open files, or a client that has left: the others go on.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            },
            () = shared.stopped() => return Ok(()),
        };
        let _ = stream.set_nodelay(true);
        tokio::spawn(connection(stream, client, router.clone()));
    }
}

/// Serves one connection. Header names are written as Jetty writes them; the date is set with the others.
async fn connection(stream: TcpStream, client: SocketAddr, router: Router) {
    let service = hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(client));
        router.clone().call(request)
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .title_case_headers(true)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that breaks off is its client's affair.
    let _ = connection.await;
}

/// Does what is due in the simulated cluster.
async fn drive(shared: Arc<SharedServer>) {
    loop {
        let next = shared.advance();
        match next {
            Some(wait) => {
                let _ = tokio::time::timeout(wait, shared.woken()).await;
            }
            None => shared.woken().await,
        }
    }
}

/// Writes what the server holds to its file, a moment after each change. Each failure after a success is reported.
async fn keep(shared: Arc<SharedServer>, kept: Arc<KeptFile>, warn: fn(&str)) {
    let mut every = tokio::time::interval(Duration::from_millis(200));
    let mut is_told = false;
    loop {
        every.tick().await;
        match kept.save(&shared) {
            Ok(()) => is_told = false,
            // What cannot be written now may be written the next time.
            Err(error) if !is_told => {
                warn(&not_kept(&error));
                is_told = true;
            }
            Err(_) => {}
        }
    }
}

fn not_kept(error: &FileError) -> String {
    format!("what the server holds is not kept: {error}")
}

/// The file that the server keeps what it holds in, and what is in it.
struct KeptFile {
    file: PathBuf,
    written: Mutex<Option<KeptPoint>>,
}

impl KeptFile {
    /// Writes what the server holds where that is not what is in the file.
    fn save(&self, shared: &SharedServer) -> Result<(), FileError> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let Some((point, saved)) = shared.changed_since(written.as_ref()) else { return Ok(()) };
        let Ok(text) = serde_json::to_string_pretty(&saved) else { return Ok(()) };
        write_privately(&self.file, text.as_bytes())?;
        *written = Some(point);
        Ok(())
    }
}

/// Shows clients of event streams that the server is alive, as Jetty does.
async fn beat(shared: Arc<SharedServer>) {
    let mut every = tokio::time::interval(Duration::from_secs(10));
    loop {
        every.tick().await;
        shared.beat();
    }
}
