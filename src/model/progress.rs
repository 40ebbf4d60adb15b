use super::TaskStatus;

/// How far a set of tasks has come. Cancelled tasks do not count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Completed tasks.
    pub completed: usize,
    /// Tasks that are not cancelled.
    pub total: usize,
    /// Tasks in progress.
    pub in_progress: usize,
}

impl Progress {
    /// Completed per cent, rounded down; 0 where there is nothing to do.
    #[must_use]
    pub fn percent(self) -> usize {
        (self.completed * 100).checked_div(self.total).unwrap_or(0)
    }

    /// `33% (2/6 tasks)`, the form of a derived header field.
    #[must_use]
    pub fn phrase(self) -> String {
        let noun = if self.total == 1 { "task" } else { "tasks" };
        format!("{}% ({}/{} {noun})", self.percent(), self.completed, self.total)
    }

    /// The sum of two disjoint sets.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            completed: self.completed + other.completed,
            total: self.total + other.total,
            in_progress: self.in_progress + other.in_progress,
        }
    }
}

impl FromIterator<TaskStatus> for Progress {
    fn from_iter<I: IntoIterator<Item = TaskStatus>>(statuses: I) -> Self {
        let mut p = Self::default();
        for status in statuses {
            p.total += usize::from(status != TaskStatus::Cancelled);
            p.completed += usize::from(status == TaskStatus::Completed);
            p.in_progress += usize::from(status == TaskStatus::InProgress);
        }
        p
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelled_tasks_do_not_count() {
        use TaskStatus as S;
        let p: Progress = [S::Completed, S::Pending, S::InProgress, S::Cancelled].into_iter().collect();
        assert_eq!((p.completed, p.total, p.in_progress, p.percent()), (1, 3, 1, 33));
        assert_eq!(p.phrase(), "33% (1/3 tasks)");
        assert_eq!(Progress::default().percent(), 0);
    }
}
