use std::collections::BTreeMap;

use serde_yaml::Value;

use super::registry::{SETTINGS, Setting, SettingKind, SettingSpec};
use super::yaml::{Source, kind, text_of, texts_of};
use crate::diagnostic::{Code, Diagnostic, List, Severity, did_you_mean};

/// Largest settings file that is read.
pub(super) const MAX_SETTINGS_BYTES: usize = 1 << 20;

/// The section whose keys are diagnostic codes.
pub(super) const DIAGNOSTICS: &str = "diagnostics";

/// A setting's value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SettingValue {
    /// `true` or `false`.
    Bool(bool),
    /// A number, in the unit that the key names.
    Int(u64),
    /// A word or a file name.
    Word(String),
    /// Words, each once, in the order written.
    Words(Vec<String>),
}

impl std::fmt::Display for SettingValue {
    /// As it would be written in the file.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(b) => write!(f, "{b}"),
            Self::Int(n) => write!(f, "{n}"),
            Self::Word(w) => f.write_str(w),
            Self::Words(words) => write!(f, "[{}]", words.join(", ")),
        }
    }
}

/// How grave a diagnostic code is to be taken in this workspace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Not reported.
    Off,
    /// Reported as this.
    As(Severity),
}

impl Level {
    /// All words, `default` among them.
    pub(super) const WORDS: &'static [&'static str] = &["off", "hint", "info", "warning", "error", "default"];

    /// Any word but `default`, which is no level.
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "off" | "false" => Self::Off,
            "hint" => Self::As(Severity::Hint),
            "info" => Self::As(Severity::Info),
            "warning" => Self::As(Severity::Warning),
            "error" => Self::As(Severity::Error),
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::As(severity) => severity.word(),
        }
    }
}

/// One line of `config show`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SettingRow {
    /// The key.
    pub key: String,
    /// The value in force, as it would be written.
    pub value: String,
    /// The default, as it would be written.
    pub default: String,
    /// Whether the file sets it.
    pub is_set: bool,
    /// What may be written: `merge or ask`.
    pub allowed: String,
    /// One line for people.
    pub doc: &'static str,
}

/// The settings in force: what the file says, else the defaults.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Settings {
    set: BTreeMap<Setting, SettingValue>,
    levels: BTreeMap<Code, Level>,
}

impl Settings {
    /// Reads `config.yaml`. Total: what cannot be used keeps its default, with a finding.
    #[must_use]
    pub fn parse(text: &str) -> (Self, Vec<Diagnostic>) {
        let mut this = Self::default();
        let (mut source, value) = Source::read(text, MAX_SETTINGS_BYTES);
        match value {
            None | Some(Value::Null) => {}
            Some(Value::Mapping(map)) => {
                for (key, value) in &map {
                    this.top(&mut source, &text_of(key).unwrap_or_default(), value);
                }
            }
            Some(other) => {
                let message = format!("settings are `key: value` lines, not {}", kind(&other));
                source.report(Code::M009, &[], message);
            }
        }
        (this, source.findings)
    }

    fn top(&mut self, source: &mut Source<'_>, key: &str, value: &Value) {
        let is_section = key == DIAGNOSTICS || SETTINGS.iter().any(|s| section_of(s) == Some(key));
        match value {
            Value::Mapping(inner) if is_section => {
                for (name, value) in inner {
                    let name = text_of(name).unwrap_or_default();
                    self.take(source, &[key, &name], &format!("{key}.{name}"), value);
                }
            }
            Value::Null if is_section => {}
            other if is_section => {
                let message = format!("`{key}` holds further keys, not {}", kind(other));
                source.report(Code::M009, &[key], message);
            }
            // `sync.stale: ask` on one line means the same.
            _ => self.take(source, &[key], key, value),
        }
    }

    fn take(&mut self, source: &mut Source<'_>, path: &[&str], key: &str, value: &Value) {
        if let Some(code) = key.strip_prefix("diagnostics.") {
            let word = text_of(value).unwrap_or_default();
            match (Code::parse(code), Level::parse(&word)) {
                (None, _) => source.report(Code::M002, path, format!("`{code}` is no diagnostic code")),
                (Some(code), Some(level)) => _ = self.levels.insert(code, level),
                (Some(code), None) if word == "default" => _ = self.levels.remove(&code),
                (Some(_), None) => {
                    let message = format!("`{key}` is one of {}", List(Level::WORDS, "or"));
                    source.report(Code::M009, path, message);
                }
            }
            return;
        }
        let Some(setting) = Setting::named(key) else {
            source.report(Code::M002, path, unknown(key));
            return;
        };
        match read(setting.spec(), value) {
            Ok(value) => _ = self.set.insert(setting, value),
            Err(message) => {
                let message = format!("{message}; `{}` is used", setting.spec().default);
                source.report(Code::M009, path, message);
            }
        }
    }

    /// The value in force.
    #[must_use]
    pub fn value(&self, setting: Setting) -> SettingValue {
        self.set.get(&setting).cloned().unwrap_or_else(|| default_of(setting.spec()))
    }

    /// A yes-or-no setting; `false` for one of another kind.
    #[must_use]
    pub fn is(&self, setting: Setting) -> bool {
        self.value(setting) == SettingValue::Bool(true)
    }

    /// A number; 0 for a setting of another kind.
    #[must_use]
    pub fn number(&self, setting: Setting) -> u64 {
        if let SettingValue::Int(n) = self.value(setting) { n } else { 0 }
    }

    /// A word or file name, as written.
    #[must_use]
    pub fn word(&self, setting: Setting) -> String {
        self.value(setting).to_string()
    }

    /// Whether the views of this word are generated: `all` is all of them.
    #[must_use]
    pub fn has_view(&self, word: &str) -> bool {
        match self.value(Setting::Views) {
            SettingValue::Words(words) => {
                !words.iter().any(|w| w == "none") && words.iter().any(|w| w == word || w == "all")
            }
            _ => false,
        }
    }

    /// How this workspace wants a code to be taken; `None` leaves it as declared.
    #[must_use]
    pub fn level(&self, code: Code) -> Option<Level> {
        self.levels.get(&code).copied()
    }

    /// The value of a key as it would be written; `None` for an unknown key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        if let Some(code) = key.strip_prefix("diagnostics.") {
            let code = Code::parse(code)?;
            return Some(self.level(code).map_or("default", Level::word).to_owned());
        }
        Some(self.value(Setting::named(key)?).to_string())
    }

    /// Every setting with its value, default and meaning, in the order of the registry; then the
    /// diagnostics that the file sets.
    #[must_use]
    pub fn describe(&self) -> Vec<SettingRow> {
        let rows = SETTINGS.iter().map(|spec| SettingRow {
            key: spec.key.to_owned(),
            value: self.value(spec.setting).to_string(),
            default: spec.default.to_owned(),
            is_set: self.set.contains_key(&spec.setting),
            allowed: allowed(spec.kind),
            doc: spec.doc,
        });
        let levels = self.levels.iter().map(|(code, level)| SettingRow {
            key: format!("{DIAGNOSTICS}.{}", code.info().code.to_lowercase()),
            value: level.word().to_owned(),
            default: "default".to_owned(),
            is_set: true,
            allowed: List(Level::WORDS, "or").to_string(),
            doc: code.info().summary,
        });
        rows.chain(levels).collect()
    }
}

/// The section a key stands in.
fn section_of(spec: &SettingSpec) -> Option<&'static str> {
    spec.key.split_once('.').map(|(section, _)| section)
}

/// One sentence about an unknown key.
pub(super) fn unknown(key: &str) -> String {
    let guesses = did_you_mean(key, SETTINGS.iter().map(|s| s.key));
    if guesses.is_empty() {
        format!("there is no setting `{key}`")
    } else {
        format!("there is no setting `{key}`; did you mean {}?", List(&guesses, "or"))
    }
}

/// What a value of this kind may be, in words.
fn allowed(kind: SettingKind) -> String {
    match kind {
        SettingKind::Bool => "`true` or `false`".to_owned(),
        SettingKind::Int(low, high) => format!("a whole number from {low} to {high}"),
        SettingKind::Bytes(low, high) => format!("a number of bytes from {low} to {high}, such as `32 MiB`"),
        SettingKind::Word(words) => List(words, "or").to_string(),
        SettingKind::Words(words) => format!("a list of {}", List(words, "and")),
        SettingKind::FileName => "the name of a YAML file in `roles/`".to_owned(),
    }
}

/// Reads a value; the error is one sentence.
pub(super) fn read(spec: &SettingSpec, value: &Value) -> Result<SettingValue, String> {
    let text = text_of(value);
    let text = text.as_deref().map(str::trim);
    let got = match spec.kind {
        SettingKind::Bool => match text {
            Some("true" | "yes" | "on") => Some(SettingValue::Bool(true)),
            Some("false" | "no" | "off") => Some(SettingValue::Bool(false)),
            _ => None,
        },
        SettingKind::Int(low, high) => {
            let n = text.and_then(|t| t.parse::<u64>().ok());
            n.filter(|n| (low..=high).contains(n)).map(SettingValue::Int)
        }
        SettingKind::Bytes(low, high) => {
            let n = text.and_then(bytes);
            n.filter(|n| (low..=high).contains(n)).map(SettingValue::Int)
        }
        SettingKind::Word(words) => {
            text.filter(|t| words.contains(t)).map(|t| SettingValue::Word(t.to_owned()))
        }
        SettingKind::Words(words) => words_of(value, words).map(SettingValue::Words),
        SettingKind::FileName => {
            text.filter(|t| super::shipped::is_mode_file_name(t)).map(|t| SettingValue::Word(t.to_owned()))
        }
    };
    got.ok_or_else(|| {
        let shown = text.map_or_else(|| kind(value).to_owned(), |t| format!("`{}`", clipped(t)));
        format!("`{}` is {}, not {shown}", spec.key, allowed(spec.kind))
    })
}

fn words_of(value: &Value, known: &[&str]) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    for item in texts_of(value)? {
        for word in item.split(',').map(str::trim).filter(|w| !w.is_empty()) {
            if !known.contains(&word) {
                return None;
            }
            if !words.iter().any(|w| w == word) {
                words.push(word.to_owned());
            }
        }
    }
    Some(words)
}

/// Reads `33554432`, `512 KiB`, `32MiB`, `1 GB`; KB and KiB are both 1024.
fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let factor: u64 = match text[digits..].trim().to_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(factor)
}

fn clipped(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn default_of(spec: &SettingSpec) -> SettingValue {
    let value = serde_yaml::from_str(spec.default).unwrap_or(Value::Null);
    // A test reads every default; this is what an unreadable one would be.
    read(spec, &value).unwrap_or(SettingValue::Bool(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Code, &str, &str)]) -> Settings {
        let (settings, findings) = Settings::parse(text);
        let got: Vec<_> = findings.iter().map(|d| (d.code, d.span.of(text), d.message.as_str())).collect();
        assert_eq!(got, expected);
        settings
    }

    #[test]
    fn every_default_can_be_read_and_is_written_as_declared() {
        for row in Settings::default().describe() {
            assert_eq!(row.value, row.default, "{}", row.key);
            assert!(!row.is_set);
            let spec = Setting::named(&row.key).unwrap().spec();
            assert!(read(spec, &serde_yaml::from_str(spec.default).unwrap()).is_ok(), "{}", row.key);
        }
    }

    #[test]
    fn values_come_from_the_file() {
        let text = "views: all\nmax_file_bytes: 2 MiB\nrecord_dates: yes\nsync: {stale: ask}\n\
                    watch.quiet_ms: 50\ndiagnostics:\n  n801: off\n  task-title-repeated: error\n  t101: default\n";
        let s = check(text, &[]);
        assert!(s.has_view("overview") && s.has_view("tasks") && s.is(Setting::RecordDates));
        assert_eq!((s.number(Setting::MaxFileBytes), s.number(Setting::WatchQuietMs)), (2 << 20, 50));
        assert_eq!(
            (s.word(Setting::SyncStale), s.word(Setting::SessionTemplate)),
            ("ask".into(), "lean".into())
        );
        assert_eq!((s.level(Code::N801), s.level(Code::T101)), (Some(Level::Off), None));
        assert_eq!(s.level(Code::T109), Some(Level::As(Severity::Error)));
        assert_eq!(s.get("diagnostics.N801").as_deref(), Some("off"));
        assert_eq!(s.get("views").as_deref(), Some("[all]"));
        assert_eq!(s.get("veiws"), None);
        assert!(Settings::default().has_view("overview") && !Settings::default().has_view("tasks"));
        assert!(!check("views: none", &[]).has_view("overview"));
    }

    #[test]
    fn mistakes_have_places_and_keep_the_default() {
        let s = check(
            "# mine\nlist:\n  limit: many # all\nveiws: x\nsync: 3\ndiagnostics: {n801: loud, zzz: off}\n",
            &[
                (
                    Code::M009,
                    "many",
                    "`list.limit` is a whole number from 1 to 1000000, not `many`; `20` is used",
                ),
                (Code::M002, "x", "there is no setting `veiws`; did you mean `views`?"),
                (Code::M009, "3", "`sync` holds further keys, not a number"),
                (
                    Code::M009,
                    "{n801: loud, zzz: off}",
                    "`diagnostics.n801` is one of `off`, `hint`, `info`, `warning`, `error`, or `default`",
                ),
                (Code::M002, "{n801: loud, zzz: off}", "`zzz` is no diagnostic code"),
            ],
        );
        assert_eq!(s, Settings::default());
        check("- a\n", &[(Code::M009, "- a", "settings are `key: value` lines, not a list")]);
        check(
            "default_mode: ../../etc/passwd",
            &[(
                Code::M009,
                "../../etc/passwd",
                "`default_mode` is the name of a YAML file in `roles/`, not `../../etc/passwd`; `default_roles.yaml` is used",
            )],
        );
        let (s, findings) = Settings::parse("a: [1\nb: 2");
        assert_eq!((s, findings[0].code), (Settings::default(), Code::M001));
        assert_eq!(Settings::parse(&"a: 1\n".repeat(3 << 20)).1[0].code, Code::M006);
    }

    #[test]
    fn a_thousand_mistakes_are_not_a_thousand_findings() {
        let text = (0..5000).map(|i| format!("k{i}: 1")).collect::<Vec<_>>().join("\n");
        assert_eq!(Settings::parse(&text).1.len(), 100);
    }
}
