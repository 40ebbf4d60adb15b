use super::door::{Client, Door};
use super::tools;
use crate::ops::{
    Context, ErrorCode, OpError, Operation, SessionList, SessionListInput, ShowInput, Status, StatusInput,
    TaskShow,
};

const SCHEME: &str = "plandown://";

/// Where things stand.
pub(super) const STATUS: &str = "plandown://status";

/// Templates of addresses: (address, name, title, type).
pub(super) const TEMPLATES: &[(&str, &str, &str, &str)] = &[
    ("plandown://session/{id}", "session", "A session's Markdown file", "text/markdown"),
    ("plandown://session/{id}/overview", "overview", "A session with derived values", "text/markdown"),
    ("plandown://task/{id}", "task", "A task and what is around it", "text/plain"),
];

/// What an address names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Address {
    /// Where things stand.
    Status,
    /// A session's file.
    Session(String),
    /// A session with derived values.
    Overview(String),
    /// A task.
    Task(String),
}

impl Address {
    /// Reads an address; `None` for one of another kind.
    pub(super) fn parse(uri: &str) -> Option<Self> {
        let path = uri.strip_prefix(SCHEME)?;
        if path == "status" {
            return Some(Self::Status);
        }
        let (kind, rest) = path.split_once('/')?;
        let decoded = |text: &str| percent_decoded(text).filter(|t| !t.is_empty());
        match kind {
            "session" => match rest.strip_suffix("/overview") {
                Some(id) => decoded(id).map(Self::Overview),
                None => decoded(rest).map(Self::Session),
            },
            "task" => decoded(rest).map(Self::Task),
            _ => None,
        }
    }

    fn mime(&self) -> &'static str {
        match self {
            Self::Session(_) | Self::Overview(_) => "text/markdown",
            Self::Status | Self::Task(_) => "text/plain",
        }
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// A session as a resource: address, name, title.
pub(super) struct Row {
    /// Its address.
    pub uri: String,
    /// Its id.
    pub name: String,
    /// Its name.
    pub title: String,
}

/// The sessions that are there, a page at a time, and whether there are more.
pub(super) fn sessions(door: &Door, client: &Client, offset: usize) -> Result<(Vec<Row>, bool), OpError> {
    const PAGE: usize = 100;
    door.with(client, |cx| {
        let input = SessionListInput { limit: Some(PAGE), offset, ..SessionListInput::default() };
        let view = SessionList::run(cx, input)?;
        let more = offset + view.sessions.len() < view.total;
        let rows = view.sessions.into_iter().map(|s| Row {
            uri: format!("{SCHEME}session/{}", s.id),
            title: super::words::line(&s.name),
            name: s.id,
        });
        Ok((rows.collect(), more))
    })
}

/// A resource's type and text. `Ok(None)` when there is nothing at that address.
pub(super) fn read(
    door: &Door,
    client: &Client,
    uri: &str,
) -> Result<Option<(&'static str, String)>, OpError> {
    let Some(address) = Address::parse(uri) else { return Ok(None) };
    let found = door.with(client, |cx| text(cx, &address));
    match found {
        Ok(text) => Ok(Some((address.mime(), text))),
        Err(error)
            if matches!(
                error.code,
                ErrorCode::SessionNotFound
                    | ErrorCode::TaskNotFound
                    | ErrorCode::Ambiguous
                    | ErrorCode::NotFound
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn text(cx: &Context<'_>, address: &Address) -> Result<String, OpError> {
    match address {
        Address::Status => Ok(tools::status(&Status::run(cx, StatusInput::default())?)),
        Address::Task(id) => {
            Ok(tools::detail(&TaskShow::run(cx, ShowInput { task: id.clone() })?, usize::MAX))
        }
        Address::Session(word) => {
            let directory = cx.workspace.directory(&cx.session_named(word)?)?;
            Ok(cx.workspace.snapshot(&directory)?.lifted.document.text().to_owned())
        }
        Address::Overview(word) => {
            let directory = cx.workspace.directory(&cx.session_named(word)?)?;
            Ok(cx.workspace.overview(&directory)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, address: Option<&Address>) {
        assert_eq!(Address::parse(uri).as_ref(), address, "{uri}");
    }

    #[test]
    fn addresses_are_read() {
        check("plandown://status", Some(&Address::Status));
        check("plandown://session/a", Some(&Address::Session("a".into())));
        check("plandown://session/a%20b/overview", Some(&Address::Overview("a b".into())));
        check("plandown://task/t-1", Some(&Address::Task("t-1".into())));
        for wrong in [
            "file:///etc/passwd",
            "plandown://",
            "plandown://session/",
            "plandown://x/y",
            "plandown://task/%ff",
            "plandown://task/%4",
        ] {
            check(wrong, None);
        }
    }
}
