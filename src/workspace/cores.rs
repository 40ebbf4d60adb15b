use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Does the same to each of many, on every core; the answers stand in the order of the items.
pub fn on_every_core<'a, T: Sync, R: Send>(items: &'a [T], work: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let cores = cores(items.len());
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return done };
            done.push((at, work(item)));
        }
    };
    let mut done = thread::scope(|scope| {
        // A machine that is out of threads does it with those it has.
        let helpers = (1..cores).map_while(|_| thread::Builder::new().spawn_scoped(scope, run).ok());
        let helpers: Vec<_> = helpers.collect();
        let mut done = run();
        for helper in helpers {
            match helper.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// How many threads are worth it for so many items; one at least.
pub(super) fn cores(items: usize) -> usize {
    match items {
        0 | 1 => 1,
        many => thread::available_parallelism().map_or(1, usize::from).min(many).min(16),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_done_once_and_in_its_place() {
        for many in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..many).collect();
            let doubled: Vec<usize> = items.iter().map(|n| n * 2).collect();
            assert_eq!(on_every_core(&items, |n| n * 2), doubled);
        }
    }
}
