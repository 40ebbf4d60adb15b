use super::{Exported, around_tasks, counted, id_of};
use crate::import::{Draft, DraftTask};
use crate::model::{Field, Priority, TaskStatus, write_minutes};

/// Fields that have a `key:value` word of their own.
const DATES: &[(Field, &str)] = &[
    (Field::Due, "due"),
    (Field::Start, "start"),
    (Field::Scheduled, "scheduled"),
    (Field::Started, "started"),
    (Field::Cancelled, "cancelled"),
];

/// Words before a colon that the importer takes out of a title.
const PAIRS: &[&str] = &[
    "due",
    "t",
    "start",
    "scheduled",
    "started",
    "cancelled",
    "id",
    "dep",
    "depends",
    "parent",
    "formerly",
    "owner",
    "pri",
    "est",
    "act",
    "status",
];

pub(super) fn write(draft: &Draft) -> Exported {
    let mut out = String::new();
    let (mut texts, mut fields) = (0, 0);
    let mut altered = Altered::default();
    for task in &draft.tasks {
        line(&mut out, draft, task, &mut fields);
        altered.look(draft, task);
        texts += usize::from(!task.description.trim().is_empty());
    }
    let mut lost = around_tasks(draft);
    lost.push(("decisions", draft.decisions.len()));
    lost.push((
        "group descriptions",
        draft.groups.iter().filter(|g| !g.description.trim().is_empty()).count(),
    ));
    lost.push(("descriptions", texts));
    lost.push(("fields", fields));
    lost.push(("creation dates", altered.created));
    lost.push(("underscores and odd blanks in names", altered.names));
    lost.push(("odd blanks in titles", altered.blanks));
    lost.push(("words of titles, which are quoted", altered.quoted));
    Exported { files: vec![("todo.txt".to_owned(), out.into_bytes())], lost: counted(&lost) }
}

/// What comes back in another spelling.
#[derive(Default)]
struct Altered {
    created: usize,
    names: usize,
    blanks: usize,
    quoted: usize,
}

impl Altered {
    fn look(&mut self, draft: &Draft, task: &DraftTask) {
        let is_date = |field| task.field(field).is_some_and(|d| d.len() == 10);
        let has_place = task.status != TaskStatus::Completed || is_date(Field::Completion);
        let created = task.field(Field::Created).is_some();
        self.created += usize::from(created && !(is_date(Field::Created) && has_place));
        let group = task.group.and_then(|g| draft.groups.get(g)).map(|g| g.path.as_str());
        let names = group.into_iter().chain(task.tags()).chain(task.specialist.as_deref());
        self.names += names.filter(|name| word(name).replace('_', " ") != **name).count();
        let plain = task.title.split_whitespace().collect::<Vec<_>>().join(" ");
        self.blanks += usize::from(plain != task.title);
        self.quoted += usize::from(title(&task.title) != plain);
    }
}

fn word(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("_")
}

fn line(out: &mut String, draft: &Draft, task: &DraftTask, lost: &mut usize) {
    let mut words: Vec<String> = Vec::new();
    let date = |field| task.field(field).filter(|d| d.len() == 10).map(str::to_owned);
    let letter = task.field(Field::Priority).and_then(Priority::parse);
    let letter = letter.map(|p| char::from(b'A' + p.level() - 1));
    if task.status == TaskStatus::Completed {
        words.push("x".to_owned());
        let completion = date(Field::Completion);
        // A creation date alone would be read as the completion date.
        let created = date(Field::Created).filter(|_| completion.is_some());
        words.extend(completion.into_iter().chain(created));
    } else {
        words.extend(letter.map(|l| format!("({l})")));
        words.extend(date(Field::Created));
    }
    words.push(title(&task.title));
    if let Some(group) = task.group.and_then(|g| draft.groups.get(g)) {
        words.push(format!("+{}", word(&group.path)));
    }
    words.extend(task.tags().into_iter().map(|t| format!("@{}", word(t))));
    if task.status == TaskStatus::Completed {
        words.extend(letter.map(|l| format!("pri:{l}")));
    } else if task.status != TaskStatus::Pending {
        words.push(format!("status:{}", task.status.key()));
    }
    for (field, key) in DATES {
        words.extend(task.field(*field).map(|d| format!("{key}:{}", word(d))));
    }
    words.extend(task.specialist.as_deref().map(|s| format!("owner:{}", word(s))));
    words.extend(task.estimate.map(|m| format!("est:{}", write_minutes(m))));
    words.extend(task.actual.map(|m| format!("act:{}", write_minutes(m))));
    words.push(format!("id:{}", id_of(task)));
    let plain = task.depends_on.iter().filter(|d| !d.contains([' ', ',']));
    words.extend(plain.map(|d| format!("dep:{d}")));
    let parent = task.parent.and_then(|p| draft.tasks.get(p));
    words.extend(parent.map(|p| format!("parent:{}", id_of(p))));
    let aliases: Vec<&str> =
        task.aliases.iter().map(String::as_str).filter(|a| !a.contains([' ', ','])).collect();
    if !aliases.is_empty() {
        words.push(format!("formerly:{}", aliases.join(",")));
    }
    let known = |key: &str| {
        DATES.iter().any(|(f, _)| f.key() == key)
            || ["priority", "created", "completion", "tags"].contains(&key)
    };
    *lost += task.fields.iter().filter(|(k, _)| !known(k)).count();
    *lost += usize::from(task.status != TaskStatus::Completed && task.field(Field::Completion).is_some());
    *lost += task.depends_on.iter().filter(|d| d.contains([' ', ','])).count();
    out.push_str(&words.join(" "));
    out.push('\n');
}

/// A title whose words are not taken for marks of the format.
fn title(raw: &str) -> String {
    let words = raw.split_whitespace().enumerate().map(|(i, w)| {
        let is_mark = w.len() > 1 && w.starts_with(['+', '@']);
        let is_start = i == 0 && (w == "x" || (w.len() == 3 && w.starts_with('(') && w.ends_with(')')));
        let is_pair = w.split_once(':').is_some_and(|(k, v)| !v.is_empty() && PAIRS.contains(&k));
        let is_date = i == 0 && crate::model::DateValue::parse(w).is_some();
        if is_mark || is_start || is_pair || is_date { format!("'{w}'") } else { w.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}
