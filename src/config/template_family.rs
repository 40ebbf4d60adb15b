use super::task_template::Template;
use super::template_read::{MAX_TASKS, problems};
use crate::diagnostic::Code;

/// Longest chain of templates that extend each other.
const MAX_CHAIN: usize = 16;

/// Why a template cannot be joined with what it extends.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FamilyError {
    /// There is no such template.
    #[error("`{child}` extends `{base}`, which is not there")]
    Missing {
        /// The template that names it.
        child: String,
        /// The name.
        base: String,
    },
    /// Templates extend each other in a circle.
    #[error("templates extend each other in a circle: {}", .0.join(" → "))]
    Cycle(Vec<String>),
    /// The chain or the result is over a limit.
    #[error("{0}")]
    Limit(String),
    /// The joined template names what it does not have.
    #[error("{message}")]
    Broken {
        /// What kind of finding.
        code: Code,
        /// One sentence.
        message: String,
    },
}

impl FamilyError {
    /// The finding's code.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Missing { .. } => Code::M009,
            Self::Cycle(_) => Code::M005,
            Self::Limit(_) => Code::M006,
            Self::Broken { code, .. } => *code,
        }
    }
}

/// Joins a template with everything it extends, found by name with `lookup`.
///
/// The base comes first; a parameter or root task of the same name is replaced where it stood, with
/// everything below it. The result extends nothing.
///
/// # Errors
/// [`FamilyError`].
pub fn resolve(
    template: Template,
    lookup: &mut dyn FnMut(&str) -> Option<Template>,
) -> Result<Template, FamilyError> {
    let mut chain = vec![template];
    while let Some(base) = chain.last().and_then(|t| t.extends.clone()) {
        let child = chain.last().map(|t| t.id.clone()).unwrap_or_default();
        if chain.iter().any(|t| t.id == base) {
            let mut ring: Vec<String> =
                chain.iter().map(|t| t.id.clone()).skip_while(|id| *id != base).collect();
            ring.push(base);
            return Err(FamilyError::Cycle(ring));
        }
        if chain.len() >= MAX_CHAIN {
            return Err(FamilyError::Limit(format!("more than {MAX_CHAIN} templates extend each other")));
        }
        let Some(mut found) = lookup(&base) else { return Err(FamilyError::Missing { child, base }) };
        found.id = base;
        chain.push(found);
    }
    let mut joined = chain.pop().unwrap_or_default();
    while let Some(child) = chain.pop() {
        joined = join(joined, child);
    }
    joined.extends = None;
    if joined.tasks.len() > MAX_TASKS {
        return Err(FamilyError::Limit(format!("`{}` has more than {MAX_TASKS} tasks", joined.id)));
    }
    match problems(&joined).into_iter().next() {
        None => Ok(joined),
        Some((code, message)) => Err(FamilyError::Broken { code, message }),
    }
}

fn join(base: Template, child: Template) -> Template {
    let mut parameters = base.parameters;
    for own in child.parameters {
        match parameters.iter_mut().find(|p| p.name == own.name) {
            Some(inherited) => *inherited = own,
            None => parameters.push(own),
        }
    }
    let mut tasks: Vec<Subtree> = subtrees(base.tasks);
    for own in subtrees(child.tasks) {
        match tasks.iter_mut().find(|t| t.name() == own.name()) {
            Some(inherited) => *inherited = own,
            None => tasks.push(own),
        }
    }
    let mut all = Vec::new();
    for subtree in tasks {
        let offset = all.len();
        all.extend(subtree.0.into_iter().map(|mut t| {
            t.parent = t.parent.map(|p| p + offset);
            t
        }));
    }
    Template { parameters, tasks: all, ..child }
}

/// A root task and everything below it; parents count from its start.
struct Subtree(Vec<super::task_template::TemplateTask>);

impl Subtree {
    fn name(&self) -> Option<&str> {
        self.0.first().map(|t| t.id.as_str())
    }
}

fn subtrees(tasks: Vec<super::task_template::TemplateTask>) -> Vec<Subtree> {
    let mut found: Vec<Subtree> = Vec::new();
    let mut start = 0;
    for (i, mut task) in tasks.into_iter().enumerate() {
        if let (Some(parent), Some(subtree)) = (task.parent, found.last_mut()) {
            task.parent = Some(parent.saturating_sub(start));
            subtree.0.push(task);
        } else {
            start = i;
            task.parent = None;
            found.push(Subtree(vec![task]));
        }
    }
    found
}
