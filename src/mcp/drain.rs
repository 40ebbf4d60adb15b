use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::{ClientNotification, ClientRequest, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// What has been asked and not answered yet.
#[derive(Default)]
pub(super) struct Open {
    asked: Mutex<Asked>,
    changed: Notify,
}

#[derive(Default)]
struct Asked {
    ids: HashSet<RequestId>,
    /// Calls of tools in the order in which they came.
    calls: VecDeque<RequestId>,
}

impl Open {
    fn with<T>(&self, act: impl FnOnce(&mut Asked) -> T) -> T {
        act(&mut self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn done(&self, id: &RequestId) {
        self.with(|asked| {
            asked.ids.remove(id);
            asked.calls.retain(|call| call != id);
        });
        self.changed.notify_waiters();
    }

    /// Waits until every call that came before this one is answered: the service takes requests
    /// up in any order, but what is piped in may build on what stands before it.
    pub(super) async fn turn(&self, id: &RequestId) {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            if self.with(|asked| asked.calls.front() == Some(id) || !asked.calls.contains(id)) {
                return;
            }
            changed.await;
        }
    }
}

/// A transport that reports the end of its input only when every request has its answer.
///
/// The service loop stops serving what a running handler sends as soon as it sees the end; the
/// handler's answer would be lost. Holding the end back keeps the loop alive until then.
pub(super) struct DrainOnEof<T> {
    inner: T,
    ended: bool,
    shutdown: CancellationToken,
    grace: Duration,
    open: Arc<Open>,
}

impl<T> DrainOnEof<T> {
    /// Wraps a transport; `shutdown` is cancelled at the end of input, so that what waits for
    /// events can finish; `grace` is the longest that answers are waited for.
    pub(super) fn new(inner: T, shutdown: CancellationToken, grace: Duration, open: Arc<Open>) -> Self {
        Self { inner, ended: false, shutdown, grace, open }
    }
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for DrainOnEof<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        let done = match &item {
            JsonRpcMessage::Response(response) => Some(response.id.clone()),
            JsonRpcMessage::Error(error) => error.id.clone(),
            _ => None,
        };
        let open = Arc::clone(&self.open);
        let sent = self.inner.send(item);
        async move {
            let result = sent.await;
            if let Some(id) = done {
                open.done(&id);
            }
            result
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        if !self.ended {
            if let Some(message) = self.inner.receive().await {
                match &message {
                    JsonRpcMessage::Request(request) => {
                        let calls = matches!(request.request, ClientRequest::CallToolRequest(_));
                        self.open.with(|asked| {
                            asked.ids.insert(request.id.clone());
                            if calls {
                                asked.calls.push_back(request.id.clone());
                            }
                        });
                    }
                    JsonRpcMessage::Notification(notification) => {
                        if let ClientNotification::CancelledNotification(cancelled) =
                            &notification.notification
                            && let Some(id) = &cancelled.params.request_id
                        {
                            self.open.done(id);
                        }
                    }
                    _ => {}
                }
                return Some(message);
            }
            self.ended = true;
            self.shutdown.cancel();
        }
        let open = Arc::clone(&self.open);
        let answered = async move {
            loop {
                let changed = open.changed.notified();
                let mut changed = std::pin::pin!(changed);
                changed.as_mut().enable();
                if open.with(|asked| asked.ids.is_empty()) {
                    return;
                }
                changed.await;
            }
        };
        // When the grace is over, what is still open is given up.
        let _ = tokio::time::timeout(self.grace, answered).await;
        None
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        self.inner.close().await
    }
}
