use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// The longest that the head of a request may take. Who says nothing, or too little, holds no connection for ever.
const HEAD: Duration = Duration::from_secs(30);

/// The most connections at once; further ones wait to be taken.
const MOST: u32 = 256;

/// How long nothing is taken after the system refused to hand out another connection.
const PAUSE: Duration = Duration::from_millis(500);

/// Takes connections until it is told to stop, then lets those that are open finish their answers.
pub(super) async fn serve(listener: TcpListener, app: Router, stop: CancellationToken) {
    let free = Arc::new(Semaphore::new(MOST as usize));
    loop {
        let next = async {
            // Never closed, so there is always one to come.
            let place = Arc::clone(&free).acquire_owned().await;
            (accepted(&listener).await, place)
        };
        let (stream, place) = tokio::select! {
            () = stop.cancelled() => break,
            next = next => next,
        };
        let (app, stop) = (app.clone(), stop.clone());
        tokio::spawn(async move {
            answer(stream, app, stop).await;
            drop(place);
        });
    }
    drop(listener);
    // Fails only where it was closed.
    let _ = free.acquire_many(MOST).await;
}

async fn accepted(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // An answer goes out in small pieces; none is to wait for the receipt of the one before.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            // The client changed its mind.
            Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn answer(stream: TcpStream, app: Router, stop: CancellationToken) {
    // Else the version would be read first, and for that there is no limit of time.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    let serving = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut serving = pin!(serving);
    tokio::select! {
        // Whatever a client does wrong ends its own connection.
        _ = serving.as_mut() => return,
        () = stop.cancelled() => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}
