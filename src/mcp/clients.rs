use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::json_edit::{self, Edit};
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

/// The file's text with the server entered, or our own entry brought up to date: the program and the project's
/// place in it, nothing else. Everything else stays byte for byte. `None` when it is entered like this already.
///
/// # Errors
/// `already-exists` for an entry of that name that starts another program; `not-editable` for what is not JSON, even
/// with comments.
pub fn add_server(file: &ClientFile, text: &[u8]) -> Result<Option<String>, OpError> {
    let by_hand = |why: &str| {
        OpError::new(ErrorCode::NotEditable, format!("`{}` {why}", file.path.display()))
            .hint("add the printed entry by hand")
    };
    let text = std::str::from_utf8(text).map_err(|_| by_hand("is not UTF-8"))?;
    if text.trim().is_empty() {
        return Ok(Some(file.snippet()));
    }
    let bare = json_edit::bare(text);
    let before: Value = serde_json::from_str(&bare).map_err(|_| by_hand("is not JSON"))?;
    let mut wanted = before.clone();
    let Some(root) = wanted.as_object_mut() else { return Err(by_hand("is no JSON object")) };
    let servers = root.entry(file.key).or_insert_with(|| json!({}));
    let Some(servers) = servers.as_object_mut() else {
        return Err(by_hand("holds its servers in another form"));
    };
    let edits = match servers.get_mut(NAME) {
        Some(present) => {
            let updated = updated(present, &file.entry).ok_or_else(|| {
                let message = format!("`{}` has another server called `{NAME}`", file.path.display());
                OpError::new(ErrorCode::AlreadyExists, message).hint("remove it there first")
            })?;
            if *present == updated {
                return Ok(None);
            }
            let edits = json_edit::member_at(&bare, &[file.key, NAME])
                .and_then(|place| json_edit::changes(&bare, place, &updated));
            *present = updated;
            edits
        }
        None => {
            servers.insert(NAME.to_owned(), file.entry.clone());
            Some(vec![entering(file, &before, &bare, text.contains("\r\n"))])
        }
    };
    let edited = json_edit::spliced(text, edits.ok_or_else(|| by_hand("cannot be edited safely"))?);
    // What was spliced must read back as what was meant, else nothing is written.
    match serde_json::from_str::<Value>(&json_edit::bare(&edited)) {
        Ok(after) if after == wanted => Ok(Some(edited)),
        _ => Err(by_hand("cannot be edited safely")),
    }
}

/// The edit that enters a server where there is none of the name.
fn entering(file: &ClientFile, before: &Value, bare: &str, crlf: bool) -> Edit {
    let entry = indented(&format!("\"{NAME}\": {:#}", file.entry), 4);
    let is_empty = |servers: &Value| servers.as_object().is_some_and(serde_json::Map::is_empty);
    let (at, insert) = if let Some(place) = json_edit::member_at(bare, &[file.key]) {
        let end = if before.get(file.key).is_some_and(is_empty) { "\n  " } else { "," };
        (place.start + 1, format!("\n{entry}{end}"))
    } else {
        let end = if is_empty(before) { "\n" } else { "," };
        let at = bare.find('{').map_or(0, |at| at + 1);
        (at, format!("\n  \"{}\": {{\n{entry}\n  }}{end}", file.key))
    };
    (at..at, if crlf { insert.replace('\n', "\r\n") } else { insert })
}

/// An entry of ours with the program and the place that are wanted; what else the person has put there stays.
/// `None` for one that does not start this program.
fn updated(present: &Value, wanted: &Value) -> Option<Value> {
    let program = present.get("command")?.as_str()?.rsplit(['/', '\\']).next()?.to_lowercase();
    if program.strip_suffix(".exe").unwrap_or(&program) != NAME {
        return None;
    }
    let mut args: Vec<Value> = present.get("args").map_or(Some(Vec::new()), |a| a.as_array().cloned())?;
    let place = wanted.get("args")?.as_array()?.last()?.clone();
    let is = |value: &Value, word: &str| value.as_str() == Some(word);
    if args.is_empty() {
        args.clone_from(wanted.get("args")?.as_array()?);
    } else if !is(args.first()?, "mcp") {
        return None;
    } else if let Some(at) = args.iter().position(|a| is(a, "--root")) {
        match args.get_mut(at + 1) {
            Some(root) => *root = place,
            None => args.push(place),
        }
    } else if let Some(root) = args.iter_mut().find(|a| a.as_str().is_some_and(|a| a.starts_with("--root=")))
    {
        *root = format!("--root={}", place.as_str()?).into();
    } else {
        args.extend(["--root".into(), place]);
    }
    let mut entry = present.clone();
    let members = entry.as_object_mut()?;
    members.insert("command".to_owned(), wanted.get("command")?.clone());
    members.insert("args".to_owned(), args.into());
    Some(entry)
}

fn indented(text: &str, columns: usize) -> String {
    let pad = " ".repeat(columns);
    text.lines().map(|l| format!("{pad}{l}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use json_edit::bare;

    fn file() -> ClientFile {
        let entry = json!({ "command": NAME, "args": ["mcp", "--root", "."] });
        ClientFile { path: PathBuf::from("mcp.json"), key: "mcpServers", entry }
    }

    /// The server is entered, everything that was there stays as it was.
    #[track_caller]
    fn check(text: &str) {
        let edited = add_server(&file(), text.as_bytes()).unwrap().expect("a change");
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
        assert_eq!(add_server(&file(), edited.as_bytes()), Ok(None));
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
            assert!(add_server(&file(), text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(add_server(&file(), b"{\"\xff\": 1}").unwrap_err().code, ErrorCode::NotEditable);
    }

    /// `from` in a file with comments becomes `to`, and nothing else changes.
    #[track_caller]
    fn check_updated(from: &str, to: &str) {
        let entry = json!({ "command": "/new/plandown", "args": ["mcp", "--root", "/here"] });
        let file = ClientFile { entry, ..file() };
        let around = |entry: &str| {
            format!(
                "// mine\r\n{{ \"x\": [1,],\r\n\t\"mcpServers\": {{ \"a\": {{}}, \"plandown\" : {entry}, }} }}\n"
            )
        };
        let edited = add_server(&file, around(from).as_bytes()).unwrap();
        assert_eq!(edited.as_deref(), Some(around(to).as_str()));
        assert_eq!(add_server(&file, around(to).as_bytes()), Ok(None));
    }

    #[test]
    fn our_own_entry_is_brought_up_to_date_and_what_the_person_added_stays() {
        check_updated(
            r#"{ "command": "/old/bin/plandown", /* why */ "args": [ "mcp", "--root", "/gone", "--profile", "core" ], "env": {"A": "1"} }"#,
            r#"{ "command": "/new/plandown", /* why */ "args": [ "mcp", "--root", "/here", "--profile", "core" ], "env": {"A": "1"} }"#,
        );
        check_updated(
            r#"{"args":["mcp","--root=/gone"],"command":"C:\\bin\\Plandown.exe"}"#,
            r#"{"args":["mcp","--root=/here"],"command":"/new/plandown"}"#,
        );
        check_updated(
            r#"{"command":"plandown","args":["mcp", "--profile","core",]}"#,
            r#"{"command":"/new/plandown","args":["mcp", "--profile","core", "--root", "/here",]}"#,
        );
        check_updated(
            r#"{ "command": "plandown" }"#,
            r#"{ "command": "/new/plandown", "args": ["mcp","--root","/here"] }"#,
        );
    }

    #[test]
    fn another_server_of_our_name_is_left_alone() {
        for entry in [
            r#"{"command":"npx","args":["plandown"]}"#,
            r#"{"url":"http://127.0.0.1:7700/mcp"}"#,
            r#"{"command":"plandown","args":["serve"]}"#,
            r#"{"command":"plandown","args":"mcp"}"#,
        ] {
            let text = format!("{{\"mcpServers\":{{\"plandown\":{entry}}}}}");
            let error = add_server(&file(), text.as_bytes()).unwrap_err();
            assert_eq!(error.code, ErrorCode::AlreadyExists, "{entry}");
        }
        // Of two members of one name a reader sees the last: which one is meant nobody can say.
        let twice = r#"{"mcpServers":{"plandown":{"command":"plandown","args":["mcp"]},"plandown":{"command":"plandown"}}}"#;
        assert!(add_server(&file(), twice.as_bytes()).is_err());
    }
}
