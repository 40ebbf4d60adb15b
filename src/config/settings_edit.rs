use serde_yaml::{Mapping, Value};

use super::places::{Entry, Places};
use super::registry::Setting;
use super::settings::{DIAGNOSTICS, Level, MAX_SETTINGS_BYTES, Settings, read, unknown};
use super::yaml;
use crate::diagnostic::{Code, List};
use crate::text::{Edit, Edits, LineIndex, TextRange};

/// Why a setting was not changed. Nothing was written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SetError {
    /// There is no such setting.
    #[error("{0}")]
    Unknown(String),
    /// The value does not fit.
    #[error("{0}")]
    Invalid(String),
    /// The file does not parse; it is mended by hand first.
    #[error("`config.yaml` cannot be read: {0}")]
    Unreadable(String),
    /// The value stands in a form that cannot be edited without losing something.
    #[error("`{key}` stands in a form that is edited by hand only (line {line})")]
    NotEditable {
        /// The key.
        key: String,
        /// 1-based line.
        line: usize,
    },
}

impl Settings {
    /// Sets one key in the text of `config.yaml` and returns the new text.
    ///
    /// Only the value's bytes change; a key that is not there is added to its section, or at the
    /// end. Comments, order, line ends and all other keys stay. The new text is read again and
    /// compared before it is returned.
    ///
    /// # Errors
    /// [`SetError`].
    pub fn set(text: &str, key: &str, value: &str) -> Result<String, SetError> {
        let key = key.trim();
        splice(text, key, &canonical(key, value)?)
    }
}

/// Sets one key of any YAML text, at the top or one level below, to a value that is YAML already; everything else
/// stays as it is, as in [`Settings::set`].
pub(super) fn splice(text: &str, key: &str, value: &str) -> Result<String, SetError> {
    let old = yaml::parse(text, MAX_SETTINGS_BYTES).map_err(|d| SetError::Unreadable(d.message))?;
    let by_hand = |at: usize| SetError::NotEditable {
        key: key.to_owned(),
        line: LineIndex::new(text).line_col(at).line,
    };
    let root = match old {
        Value::Null => Mapping::new(),
        Value::Mapping(map) => map,
        _ => return Err(by_hand(0)),
    };
    let places = Places::of(text);
    let edit = plan(text, &places, &root, key, value).ok_or_else(|| by_hand(0))?;
    let edit = edit.map_err(by_hand)?;
    let at = edit.range.start;
    let new = Edits::new(text, vec![edit]).and_then(|e| e.apply(text)).map_err(|_| by_hand(at))?;
    if is_as_planned(&new, &root, key, value) { Ok(new) } else { Err(by_hand(at)) }
}

/// The value as it will be written.
fn canonical(key: &str, value: &str) -> Result<String, SetError> {
    if let Some(code) = key.strip_prefix("diagnostics.") {
        if Code::parse(code).is_none() {
            return Err(SetError::Unknown(format!("`{code}` is no diagnostic code")));
        }
        let word = value.trim();
        return if Level::WORDS.contains(&word) {
            Ok(word.to_owned())
        } else {
            Err(SetError::Invalid(format!("`{key}` is one of {}", List(Level::WORDS, "or"))))
        };
    }
    let spec = Setting::named(key).ok_or_else(|| SetError::Unknown(unknown(key)))?.spec();
    let given = yaml::parse(value, 4096).unwrap_or_else(|_| Value::String(value.to_owned()));
    Ok(read(spec, &given).map_err(SetError::Invalid)?.to_string())
}

/// The splice; `Some(Err(byte))` where what stands there is not to be touched.
fn plan(text: &str, places: &Places, root: &Mapping, key: &str, value: &str) -> Option<Result<Edit, usize>> {
    if let Some(entry) = places.find(&[key]) {
        return Some(replace(text, places, &[key], entry, value));
    }
    let Some((section, name)) = key.split_once('.') else {
        return append(text, root, places, &format!("{key}: {value}")).map(Ok);
    };
    let name_there = places.children(&[section]).find(|e| e.name.eq_ignore_ascii_case(name));
    if let Some(entry) = name_there {
        return Some(replace(text, places, &[section, &entry.name], entry, value));
    }
    match (places.find(&[section]), root.get(section)) {
        (Some(owner), Some(Value::Mapping(_) | Value::Null)) if owner.value.is_empty() => {
            let child = places.children(&[section]).next();
            let indent = child.map_or(owner.indent + 2, |c| c.indent);
            let eol = LineIndex::new(text).dominant_eol().as_str();
            Some(Ok(Edit::insert(owner.end, format!("{eol}{}{name}: {value}", " ".repeat(indent)))))
        }
        // `sync: {stale: ask}` stays as it is; a dotted key says more.
        (Some(_), _) => append(text, root, places, &format!("{key}: {value}")).map(Ok),
        (None, Some(_)) => None,
        (None, None) => append(text, root, places, &format!("{section}:\n  {name}: {value}")).map(Ok),
    }
}

fn replace(text: &str, places: &Places, path: &[&str], entry: &Entry, value: &str) -> Result<Edit, usize> {
    let below = places.children(path).next().is_some();
    let from = if entry.value.is_empty() { entry.key.end } else { entry.value.start };
    let to = if below { entry.end } else { entry.value.end };
    let old = text.get(from..to).ok_or(from)?;
    let is_block = old.starts_with(['|', '>', '&', '!']) || (old.contains(['\n', '\r']) && !below);
    if is_block || (old.contains('#') && !entry.value.of(text).starts_with(['"', '\''])) {
        return Err(entry.key.start);
    }
    if entry.value.is_empty() {
        // `key:` or `key :`, and perhaps a list below it.
        let colon = text.get(entry.key.end..).and_then(|t| t.find(':')).ok_or(from)?;
        let start = entry.key.end + colon + 1;
        let stop = if below { to.max(start) } else { start };
        return Ok(Edit::replace(TextRange::new(start, stop), format!(" {value}")));
    }
    Ok(Edit::replace(TextRange::new(from, to), value))
}

/// A new line at the end of a file in block style.
fn append(text: &str, root: &Mapping, places: &Places, lines: &str) -> Option<Edit> {
    if !root.is_empty() && places.children(&[]).next().is_none() {
        return None;
    }
    let eol = LineIndex::new(text).dominant_eol().as_str();
    let is_fresh_line = text.is_empty() || text.ends_with(['\n', '\r']) || text == "\u{feff}";
    let before = if is_fresh_line { "" } else { eol };
    Some(Edit::insert(text.len(), format!("{before}{}{eol}", lines.replace('\n', eol))))
}

/// Whether `new` says what `root` says, but for `key`.
fn is_as_planned(new: &str, root: &Mapping, key: &str, value: &str) -> bool {
    let Ok(Value::Mapping(mut after)) = yaml::parse(new, MAX_SETTINGS_BYTES + 4096) else { return false };
    let mut before = root.clone();
    let wanted = yaml::parse(value, 4096).ok();
    let found = [&mut before, &mut after].map(|map| take(map, key));
    before == after && found[1].is_some() && found[1] == wanted
}

/// Takes a key out, dotted or inside its section; an empty section counts as none.
fn take(map: &mut Mapping, key: &str) -> Option<Value> {
    let dotted = map.shift_remove(key);
    let Some((section, name)) = key.split_once('.') else { return dotted };
    let mut inner = None;
    if let Some(Value::Mapping(owner)) = map.get_mut(section) {
        let spelled =
            owner.keys().find(|k| k.as_str().is_some_and(|k| k.eq_ignore_ascii_case(name))).cloned();
        inner = spelled.and_then(|k| owner.shift_remove(&k));
    }
    let is_bare = match map.get(section) {
        Some(Value::Mapping(owner)) => owner.is_empty(),
        Some(Value::Null) => section != DIAGNOSTICS || inner.is_none(),
        _ => false,
    };
    if is_bare {
        map.shift_remove(section);
    }
    dotted.or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, key: &str, value: &str, expected: &str) {
        let new = Settings::set(text, key, value).unwrap();
        assert_eq!(new, expected);
        let got = Settings::parse(&new).0.get(key);
        assert_eq!(got, Settings::parse(&Settings::set("", key, value).unwrap()).0.get(key));
    }

    #[test]
    fn one_value_changes_and_nothing_else() {
        check("", "list.limit", "5", "list:\n  limit: 5\n");
        check(
            "# mine\nviews: [overview]   # few\nx: 1",
            "views",
            "all",
            "# mine\nviews: [all]   # few\nx: 1",
        );
        check(
            "views:\n  - overview\n  - tasks\nday_hours: 6\n",
            "views",
            "none",
            "views: [none]\nday_hours: 6\n",
        );
        check("views:\n- overview\n", "views", "[tasks, artifacts]", "views: [tasks, artifacts]\n");
        check("views: # c\n", "views", "tasks", "views: [tasks] # c\n");
        check("record_dates: \"false\" # q", "record_dates", "yes", "record_dates: true # q");
        check("sync:\r\n  stale: merge # s\r\n", "sync.stale", "ask", "sync:\r\n  stale: ask # s\r\n");
        check(
            "sync:\r\n    rev_marker: no\r\nlist:\r\n",
            "sync.stale",
            "ask",
            "sync:\r\n    rev_marker: no\r\n    stale: ask\r\nlist:\r\n",
        );
        check("sync:\nviews: all", "sync.stale", "ask", "sync:\n  stale: ask\nviews: all");
        check(
            "sync: {rev_marker: true}\n",
            "sync.stale",
            "ask",
            "sync: {rev_marker: true}\nsync.stale: ask\n",
        );
        check("sync.stale: ask\n", "sync.stale", "merge", "sync.stale: merge\n");
        check("views: all", "max_file_bytes", "64 MiB", "views: all\nmax_file_bytes: 67108864\n");
        check("diagnostics:\n  N801: off\n", "diagnostics.n801", "error", "diagnostics:\n  N801: error\n");
        check("\u{feff}views: all\n", "views", "tasks", "\u{feff}views: [tasks]\n");
    }

    #[test]
    fn refusals() {
        let refused = |text: &str, key: &str, value: &str| Settings::set(text, key, value).unwrap_err();
        assert_eq!(
            refused("", "veiws", "x"),
            SetError::Unknown("there is no setting `veiws`; did you mean `views`?".into())
        );
        assert!(matches!(refused("", "list.limit", "-1"), SetError::Invalid(_)));
        assert!(matches!(refused("", "list.limit", "1\nviews: all"), SetError::Invalid(_)));
        assert!(matches!(refused("a: [", "list.limit", "1"), SetError::Unreadable(_)));
        assert!(matches!(refused("{views: all}", "list.limit", "1"), SetError::NotEditable { line: 1, .. }));
        assert!(matches!(
            refused("\nviews:\n  # why\n  - tasks\n", "views", "all"),
            SetError::NotEditable { line: 2, .. }
        ));
        assert!(matches!(refused("views: all\n...\n", "day_hours", "7"), SetError::NotEditable { .. }));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(256))]
        #[test]
        fn other_keys_never_change(
            parts in proptest::collection::vec("views: all|list:|  limit: 7 # n|# c|own: 'x # y'|own2:|  - a|sync: \\{stale: ask\\}|  - b: 1|long: \\||  text # t|", 0..7),
            row in 0..super::super::registry::SETTINGS.len(),
        ) {
            let text = parts.join("\n");
            let spec = super::super::registry::SETTINGS[row];
            if let Ok(new) = Settings::set(&text, spec.key, spec.default) {
                let (before, after) = (Settings::parse(&text).0, Settings::parse(&new).0);
                let default = Settings::default();
                for other in super::super::registry::SETTINGS {
                    let expected = if other.key == spec.key { &default } else { &before };
                    proptest::prop_assert_eq!(after.get(other.key), expected.get(other.key), "{}", new);
                }
                let count = |t: &str| t.matches('#').count();
                proptest::prop_assert_eq!(count(&text), count(&new), "a comment was lost in {}", new);
            }
        }
    }
}
