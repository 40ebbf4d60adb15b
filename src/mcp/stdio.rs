use std::sync::Arc;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio_util::sync::CancellationToken;

use super::door::Door;
use super::drain::DrainOnEof;
use super::server::Server;
use crate::ops::{ErrorCode, OpError};

/// The longest that answers are waited for after the end of input.
const GRACE: Duration = Duration::from_secs(30);

/// The most threads beside the first: two wait at the pipes, the others do what is asked. Each keeps memory of its
/// own, and one client is not served faster by many.
const THREADS: usize = 6;

/// Serves one client over standard input and output until the input ends.
pub fn serve_stdio(door: Door) -> Result<(), OpError> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(async move {
        let shutdown = CancellationToken::new();
        let open = Arc::default();
        let server = Server::new(Arc::new(door), shutdown.clone()).alone(Arc::clone(&open));
        let (read, write) = rmcp::transport::io::stdio_pipes();
        let transport = DrainOnEof::new(AsyncRwTransport::new_server(read, write), shutdown, GRACE, open);
        match server.serve(transport).await {
            Ok(running) => running.waiting().await.map(|_| ()).map_err(|e| e.to_string()),
            // The client went away before it said anything: nothing was asked, nothing failed.
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    });
    // Reading standard input may still block a thread; it must not hold up the end.
    runtime.shutdown_background();
    outcome.map_err(|why| OpError::new(ErrorCode::Internal, format!("the connection failed: {why}")))
}

/// The asynchronous runtime: only this room has one.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, OpError> {
    // One thread: calls begin in the order in which they were read; the work itself is on others.
    tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(THREADS)
        .enable_all()
        .build()
        .map_err(|e| OpError::new(ErrorCode::Internal, format!("the server cannot be started: {e}")))
}
