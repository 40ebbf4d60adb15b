use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use tokio_util::sync::CancellationToken;

use super::door::Door;
use super::server::Server;
use crate::env::Env;
use crate::ops::{ErrorCode, OpError};
use crate::text::ContentHash;

/// Bytes of a request's body; a longer one is refused.
const BODY: usize = 4 * 1024 * 1024;

/// The longest that a request may take until its answer begins.
const DEADLINE: Duration = Duration::from_secs(60);

/// The most requests that are worked on at once; others wait for their turn.
const THREADS: usize = 32;

/// How long a client of the older protocol may be silent before it has to say hello again, and choose its session.
const SILENCE: Duration = Duration::from_secs(3600);

const LOCAL_ORIGINS: [&str; 6] = [
    "http://localhost:*",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "https://localhost:*",
    "https://127.0.0.1:*",
    "https://[::1]:*",
];

/// How to serve over HTTP.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// What a request must carry as its bearer token. Always there unless only this machine can
    /// connect.
    pub token: Option<String>,
}

impl Http {
    /// Whether only programs on this machine can connect.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.address.ip().is_loopback()
    }
}

/// Serves any number of clients over HTTP until the process is told to stop; `ready` hears the
/// address once requests are taken.
pub fn serve_http(door: Door, http: &Http, ready: impl FnOnce(&str)) -> Result<(), OpError> {
    serve_http_as(door, http, |server| server, ready)
}

/// The same with a handler put around each client's server: it answers what it likes itself and
/// hands on the rest. The suite of the protocol is run on it, with the tools that it wants to call.
pub fn serve_http_as<H: ServerHandler>(
    mut door: Door,
    http: &Http,
    mount: impl Fn(Server) -> H + Send + Sync + 'static,
    ready: impl FnOnce(&str),
) -> Result<(), OpError> {
    if !http.is_local() {
        if http.token.is_none() {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                format!("`{}` can be reached from other machines: a token is needed", http.address),
            )
            .hint("name a variable that holds one with `--token-env`"));
        }
        // Nobody from outside chooses a directory on this machine.
        door.bind()?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|e| OpError::new(ErrorCode::Internal, format!("the server cannot be started: {e}")))?;
    let outcome = runtime.block_on(run(door, http, mount, ready));
    runtime.shutdown_background();
    outcome
}

async fn run<H: ServerHandler>(
    door: Door,
    http: &Http,
    mount: impl Fn(Server) -> H + Send + Sync + 'static,
    ready: impl FnOnce(&str),
) -> Result<(), OpError> {
    let failed = |e: std::io::Error| {
        OpError::new(ErrorCode::Unreadable, format!("`{}` cannot be served: {e}", http.address))
            .hint("choose another port; `127.0.0.1:0` takes a free one")
    };
    let listener = tokio::net::TcpListener::bind(http.address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let stop = CancellationToken::new();
    let mut config = StreamableHttpServerConfig::default()
        .with_allowed_origins(LOCAL_ORIGINS)
        .with_max_request_body_bytes(BODY)
        .with_cancellation_token(stop.child_token());
    if !http.is_local() {
        // The token, not the name a client uses for this machine, decides who comes in.
        config = config.disable_allowed_hosts();
    }
    let door = Arc::new(door);
    let shutdown = stop.child_token();
    let mut clients = LocalSessionManager::default();
    clients.session_config.keep_alive = Some(SILENCE);
    let service = StreamableHttpService::new(
        move || Ok(mount(Server::new(Arc::clone(&door), shutdown.clone()))),
        Arc::new(clients),
        config,
    );
    let token: Option<Arc<str>> = http.token.as_deref().map(Arc::from);
    let guard = middleware::from_fn(move |request: Request, next: Next| {
        let token = token.clone();
        async move { guarded(token.as_deref(), request, next).await }
    });
    let app = axum::Router::new().nest_service("/mcp", service).layer(guard);
    ready(&format!("http://{address}/mcp"));
    let ended = {
        let stop = stop.clone();
        async move {
            // Where signals cannot be heard the server runs until it is killed.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            stop.cancel();
        }
    };
    axum::serve(listener, app).with_graceful_shutdown(ended).await.map_err(failed)
}

/// Lets a request in that carries the token, and gives up on one that takes too long.
async fn guarded(token: Option<&str>, request: Request, next: Next) -> Response {
    if let Some(token) = token {
        let given = request.headers().get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
        let given =
            given.and_then(|v| v.split_once(' ')).filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer"));
        if !given.is_some_and(|(_, given)| same(given.trim(), token)) {
            return (
                StatusCode::UNAUTHORIZED,
                [(header::WWW_AUTHENTICATE, "Bearer")],
                "a bearer token is needed\n",
            )
                .into_response();
        }
    }
    match tokio::time::timeout(DEADLINE, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::GATEWAY_TIMEOUT, "the request took too long\n").into_response(),
    }
}

/// A token nobody can guess: 160 bits out of several identifiers with random parts.
#[must_use]
pub fn fresh_token(env: &dyn Env) -> String {
    let drawn: String = (0..4).map(|_| env.uuid_v7()).collect();
    ContentHash::of(drawn.as_bytes()).hex().chars().take(40).collect()
}

/// Compares without telling by its duration how much of it was right.
fn same(given: &str, token: &str) -> bool {
    given.len() == token.len() && given.bytes().zip(token.bytes()).fold(0, |acc, (a, b)| acc | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same("secret", "secret"));
        assert!(!same("secre", "secret") && !same("secreT", "secret") && !same("", "secret"));
    }
}
