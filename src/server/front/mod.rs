//! The sockets of an embedded Marathon: requests come in, events go out, checks are made, time goes on.

mod check;
mod http;
mod response;
mod shared;
mod stream;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tokio::net::TcpListener;

use super::simulate::agent::Agent;
use super::time::Time;
use super::world::World;
use super::world::options::Options;
use shared::Shared;

/// How an embedded Marathon is run.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) options: Options,
    pub(crate) agents: Option<Vec<Agent>>,
    /// Time stands still until it is moved on.
    pub(crate) is_virtual: bool,
    /// The page at `/ui/` is served.
    pub(crate) has_page: bool,
}

/// A socket that is open, and an address for clients.
#[derive(Debug)]
pub(crate) struct Bound {
    listener: TcpListener,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Opens the socket.
pub(crate) async fn bind(host: &str, port: u16) -> std::io::Result<Bound> {
    let listener = TcpListener::bind((host, port)).await?;
    let address = listener.local_addr()?;
    Ok(Bound { listener, address })
}

/// Serves until it is told to stop.
pub(crate) async fn serve(bound: Bound, running: Running) -> std::io::Result<()> {
    let Running { mut options, agents, is_virtual, has_page } = running;
    options.address = bound.address.to_string();
    let now = Time::now();
    let seed = options.chaos;
    let mut world = World::new(options, now);
    if let Some(agents) = agents {
        world.agents = agents;
    }
    let shared = Arc::new(Shared::new(world, is_virtual.then_some(now), seed, has_page));
    tokio::spawn(drive(shared.clone()));
    tokio::spawn(beat(shared.clone()));
    let router = Router::new()
        .fallback(http::handle)
        .layer(DefaultBodyLimit::disable())
        .with_state(shared.clone());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::select! {
        result = async { axum::serve(bound.listener, service).await } => result,
        () = shared.stopped() => Ok(()),
    }
}

/// Does what is due in the simulated cluster.
async fn drive(shared: Arc<Shared>) {
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

/// Shows clients of event streams that the server is alive, as Jetty does.
async fn beat(shared: Arc<Shared>) {
    let mut every = tokio::time::interval(Duration::from_secs(10));
    loop {
        every.tick().await;
        shared.beat();
    }
}
