use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::env::Env;
use crate::ops::{ErrorCode, OpError};
use crate::workspace::start_command;

/// Programs whose configuration is known.
pub const HOSTS: &[&str] = &["claude-code", "claude-desktop", "cursor", "vscode", "zed"];

/// Where a program keeps its servers, and what has to stand there.
#[derive(Clone, PartialEq, Debug)]
pub struct ClientFile {
    /// The file.
    pub path: PathBuf,
    /// The member that holds all servers.
    pub key: &'static str,
    /// Our server's entry.
    pub entry: Value,
}

/// The name under which the server is entered.
const NAME: &str = "plandown";

impl ClientFile {
    /// What the program `host` needs to find this server for the project at `root`. `None` for a
    /// program that is not in [`HOSTS`].
    #[must_use]
    pub fn of(env: &dyn Env, host: &str, root: &Path) -> Option<Self> {
        let home = env.home().unwrap_or(root);
        let shown = root.display().to_string();
        // Clients start the server with a search path of their own; what this one does not find by its
        // name is named in full.
        let command = start_command(env, NAME);
        // Files inside the project are shared: they name no directory of this machine.
        let args = |root: &str| json!(["mcp", "--root", root]);
        let entry = |root: &str| json!({ "type": "stdio", "command": command, "args": args(root) });
        let bare = |root: &str| json!({ "command": command, "args": args(root), "env": {} });
        let config = env.var("XDG_CONFIG_HOME").filter(|d| !d.is_empty()).map(PathBuf::from);
        let config = config.unwrap_or_else(|| home.join(".config"));
        Some(match host {
            "claude-code" => Self { path: root.join(".mcp.json"), key: "mcpServers", entry: entry(".") },
            "cursor" => Self { path: root.join(".cursor/mcp.json"), key: "mcpServers", entry: bare(".") },
            "vscode" => Self {
                path: root.join(".vscode/mcp.json"),
                key: "servers",
                entry: entry("${workspaceFolder}"),
            },
            "claude-desktop" => {
                let dir = if cfg!(target_os = "macos") {
                    home.join("Library/Application Support/Claude")
                } else if cfg!(windows) {
                    env.var("APPDATA")
                        .map_or_else(|| home.join("AppData/Roaming"), PathBuf::from)
                        .join("Claude")
                } else {
                    config.join("Claude")
                };
                Self { path: dir.join("claude_desktop_config.json"), key: "mcpServers", entry: bare(&shown) }
            }
            "zed" => {
                Self { path: config.join("zed/settings.json"), key: "context_servers", entry: bare(&shown) }
            }
            _ => return None,
        })
    }

    /// The file as it would be if there was nothing else in it.
    #[must_use]
    pub fn snippet(&self) -> String {
        let whole = json!({ self.key: { NAME: self.entry } });
        format!("{whole:#}\n")
    }
}

/// The file's text with the server entered; everything else stays byte for byte. `None` when it
/// is entered like this already.
///
/// # Errors
/// `already-exists` for another entry of that name; `not-editable` for what is not JSON, even with
/// comments.
pub fn add_server(file: &ClientFile, text: &str) -> Result<Option<String>, OpError> {
    if text.trim().is_empty() {
        return Ok(Some(file.snippet()));
    }
    let by_hand = |why: &str| {
        OpError::new(ErrorCode::NotEditable, format!("`{}` {why}", file.path.display()))
            .hint("add the printed entry by hand")
    };
    let bare = bare(text);
    let before: Value = serde_json::from_str(&bare).map_err(|_| by_hand("is not JSON"))?;
    if let Some(present) = before.get(file.key).and_then(|servers| servers.get(NAME)) {
        if *present == file.entry {
            return Ok(None);
        }
        return Err(OpError::new(
            ErrorCode::AlreadyExists,
            format!("`{}` has another server called `{NAME}`", file.path.display()),
        )
        .hint("remove it there first"));
    }
    let mut wanted = before.clone();
    let Some(root) = wanted.as_object_mut() else { return Err(by_hand("is no JSON object")) };
    let servers = root.entry(file.key).or_insert_with(|| json!({}));
    let Some(servers) = servers.as_object_mut() else {
        return Err(by_hand("holds its servers in another form"));
    };
    servers.insert(NAME.to_owned(), file.entry.clone());
    let entry = indented(&format!("\"{NAME}\": {:#}", file.entry), 4);
    let is_empty = |servers: &Value| servers.as_object().is_some_and(serde_json::Map::is_empty);
    let (at, insert) = if let Some(at) = opening(&bare, file.key) {
        let end = if before.get(file.key).is_some_and(is_empty) { "\n  " } else { "," };
        (at, format!("\n{entry}{end}"))
    } else {
        let end = if is_empty(&before) { "\n" } else { "," };
        let at = bare.find('{').map_or(0, |at| at + 1);
        (at, format!("\n  \"{}\": {{\n{entry}\n  }}{end}", file.key))
    };
    let insert = if text.contains("\r\n") { insert.replace('\n', "\r\n") } else { insert };
    let edited = format!("{}{insert}{}", &text[..at], &text[at..]);
    // What was spliced must read back as what was meant, else nothing is written.
    match serde_json::from_str::<Value>(&self::bare(&edited)) {
        Ok(after) if after == wanted => Ok(Some(edited)),
        _ => Err(by_hand("cannot be edited safely")),
    }
}

/// The text as plain JSON, every byte in its place: a byte-order mark, comments and commas before a
/// closing bracket, which editors' settings may have, become spaces.
fn bare(text: &str) -> String {
    let mut out = text.as_bytes().to_vec();
    let blank = |out: &mut [u8]| out.iter_mut().filter(|b| !b"\r\n".contains(b)).for_each(|b| *b = b' ');
    if text.starts_with('\u{feff}') {
        blank(&mut out[..3]);
    }
    let (mut at, mut comma) = (0, None);
    while let Some(&byte) = out.get(at) {
        let rest = &text.as_bytes()[at..];
        let length = match byte {
            b'"' => {
                let mut end = 1;
                while rest.get(end).is_some_and(|b| *b != b'"') {
                    end += 1 + usize::from(rest[end] == b'\\');
                }
                end + 1
            }
            b'/' if rest.starts_with(b"//") => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with(b"/*") => {
                rest.windows(2).skip(2).position(|w| w == b"*/").map_or(rest.len(), |end| end + 4)
            }
            _ => 1,
        };
        match byte {
            b'/' if length > 1 => blank(&mut out[at..at + length]),
            b',' => comma = Some(at),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    out[comma] = b' ';
                }
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => comma = None,
        }
        at += length;
    }
    String::from_utf8(out).unwrap_or_default()
}

fn indented(text: &str, columns: usize) -> String {
    let pad = " ".repeat(columns);
    text.lines().map(|l| format!("{pad}{l}")).collect::<Vec<_>>().join("\n")
}

/// The place after the brace that opens the member `key` of the outermost object.
fn opening(text: &str, key: &str) -> Option<usize> {
    let quoted = format!("\"{key}\"");
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (at, c) in text.char_indices() {
        if in_string {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match c {
            '"' => {
                if depth == 1
                    && let Some(rest) = text[at..].strip_prefix(&quoted)
                    && let Some(value) = rest.trim_start().strip_prefix(':')
                    && value.trim_start().starts_with('{')
                {
                    return Some(text.len() - value.trim_start().len() + 1);
                }
                in_string = true;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> ClientFile {
        ClientFile { path: PathBuf::from("mcp.json"), key: "mcpServers", entry: json!({ "command": NAME }) }
    }

    /// The server is entered, everything that was there stays as it was.
    #[track_caller]
    fn check(text: &str) {
        let edited = add_server(&file(), text).unwrap().expect("a change");
        let value: Value = serde_json::from_str(&bare(&edited)).unwrap();
        assert_eq!(bare(&edited).len(), edited.len());
        assert_eq!(value["mcpServers"]["plandown"], file().entry, "{edited}");
        let mut rest = edited.chars();
        for c in text.trim_end().chars() {
            assert!(rest.any(|r| r == c), "{c:?} of {text:?} is gone from {edited}");
        }
        assert_eq!(
            edited.contains("\r\n"),
            text.contains("\r\n") && !edited.replace("\r\n", "").contains('\n')
        );
        assert_eq!(add_server(&file(), &edited), Ok(None));
    }

    #[test]
    fn the_server_is_entered_and_the_rest_stays() {
        for text in [
            "",
            "{}",
            "{ }\n",
            "{\"a\": 1}",
            "{\n\t\"mcpServers\": {}\n}\n",
            "{\"mcpServers\":{\"other\":{\"command\":\"x\"}},\"z\":[1, 2]}",
            "{\"note\": \"\\\"mcpServers\\\": {\", \"mcpServers\" : { \"o\": {} }}",
            "{\"deep\": {\"mcpServers\": {}}}",
            "// Zed settings\n{\n  // mine\n  \"a\": \"//no, /* no */\", /* x } */\n}\n",
            "{\r\n  \"mcpServers\": {\r\n    \"o\": { \"args\": [\"a\\\\\", ], }, // last\r\n  },\r\n}\r\n",
            "\u{feff}{\"mcpServers\": { /* none yet */ }}",
            "{\"a\": [1, 2, // three\n 4,],}",
        ] {
            check(text);
        }
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        for text in
            ["// comment", "/* {}", "[]", "{\"mcpServers\": 1}", "{\"mcpServers\": {\"plandown\": {}}}", "{"]
        {
            assert!(add_server(&file(), text).is_err(), "{text}");
        }
    }
}
