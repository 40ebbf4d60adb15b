use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use rmcp::RoleServer;
use rmcp::model::ProgressNotificationParam;
use rmcp::service::RequestContext;

use super::tool::PREFIX;

/// Between two signs of life.
const EVERY: Duration = Duration::from_secs(1);

/// Tools that look at every file: their client hears at once that they have begun.
const LONG: &[&str] =
    &["backup_create", "backup_restore", "sync", "cleanup", "validate_integrity", "optimize_performance"];

/// Does the work of a call; a client that gave a progress token hears every second that it goes on.
///
/// What an operation will take is not known before it is done: the value counts seconds and has no total.
pub(super) async fn told<T>(
    context: &RequestContext<RoleServer>,
    tool: &str,
    work: impl Future<Output = T>,
) -> T {
    let Some(token) = context.meta.get_progress_token() else { return work.await };
    let mut work = pin!(work);
    let mut seconds = 0u32;
    let bare = tool.strip_prefix(PREFIX).unwrap_or(tool);
    let mut wait = if LONG.contains(&bare) { Duration::ZERO } else { EVERY };
    loop {
        if !wait.is_zero() {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep(wait) => seconds += 1,
            }
        }
        wait = EVERY;
        let sign = ProgressNotificationParam::new(token.clone(), f64::from(seconds))
            .with_message(format!("{bare}: {seconds} s"));
        // Whoever does not listen any more needs no progress; the work is finished all the same.
        if context.peer.notify_progress(sign).await.is_err() {
            return work.await;
        }
    }
}
