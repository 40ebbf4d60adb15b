use std::collections::{HashMap, HashSet};

use super::mode::{Mode, Role};
use super::yaml::Source;
use crate::diagnostic::{Code, Count, did_you_mean};

/// The role that gives work to all others.
pub(super) const ORCHESTRATOR: &str = "task_orchestrator";

/// Roles that most plans need.
const USUAL: &[&str] = &["architect", "implementer", "documenter"];

/// What can be said about a mode as a whole.
pub(super) fn check(mode: &Mode, source: &mut Source<'_>) {
    for role in &mode.roles {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if role.name.is_empty() || role.name.len() > 64 || !role.name.chars().all(is_name) {
            let message =
                format!("the role name `{}` has other characters than letters, digits and `_`", role.name);
            source.report(Code::M009, &[&role.name], message);
        }
        if role.definition.is_empty() {
            source.report(
                Code::M009,
                &[&role.name],
                format!("the role `{}` has no `role_definition`", role.name),
            );
        }
    }
    required(mode, source);
    references(mode, source);
    cycles(mode, source);
}

fn required(mode: &Mode, source: &mut Source<'_>) {
    let orchestrator = mode.role(ORCHESTRATOR);
    match orchestrator {
        None => source.report(Code::M003, &[], format!("the role `{ORCHESTRATOR}` is missing")),
        Some(role) if role.specialist_roles.is_empty() => {
            let message = format!("`{ORCHESTRATOR}` lists no `specialist_roles`");
            source.report(Code::M003, &[ORCHESTRATOR], message);
        }
        Some(_) => {}
    }
    let is_listed = |name: &str| {
        mode.role(name).is_some()
            || orchestrator.is_some_and(|o| o.specialist_roles.iter().any(|(n, _)| n == name))
    };
    let own = mode.validation.required_roles.iter().map(String::as_str);
    let own: Vec<&str> = own.filter(|n| !USUAL.contains(n) && *n != ORCHESTRATOR).collect();
    // A mode that says what it needs is not asked for what others need.
    let usual = if mode.validation.required_roles.is_empty() { USUAL } else { &[] };
    for name in usual.iter().copied().filter(|n| !is_listed(n)) {
        source.report(Code::M003, &[], format!("the role `{name}` is missing"));
    }
    let stated = mode.validation.required_roles.iter().map(String::as_str).filter(|n| USUAL.contains(n));
    for name in own.into_iter().chain(stated).filter(|n| mode.role(n).is_none()) {
        let path = ["validation_rules", "required_roles"];
        source.report(Code::M003, &path, format!("the role `{name}` is required by this mode and missing"));
    }
    let count = u64::try_from(mode.specialists().count()).unwrap_or(u64::MAX);
    let people = Count(usize::try_from(count).unwrap_or(usize::MAX), "specialist");
    if let Some(least) = mode.validation.minimum_specialist_count.filter(|n| count < *n) {
        let path = ["validation_rules", "minimum_specialist_count"];
        source.report(Code::M003, &path, format!("the mode has {people}; its own rule asks for {least}"));
    }
    if let Some(most) = mode.validation.maximum_specialist_count.filter(|n| count > *n) {
        let path = ["validation_rules", "maximum_specialist_count"];
        source.report(Code::M006, &path, format!("the mode has {people}; its own rule allows {most}"));
    }
}

fn references(mode: &Mode, source: &mut Source<'_>) {
    let names: HashSet<&str> = mode.roles.iter().map(|r| r.name.as_str()).collect();
    let mut undefined = |name: &str, path: &[&str]| {
        if mode.role(name).is_none() {
            let guess = did_you_mean(name, names.iter().copied());
            let hint = guess.first().map(|g| format!("; did you mean `{g}`?")).unwrap_or_default();
            source.report(Code::M004, path, format!("the role `{name}` is named but not defined{hint}"));
        }
    };
    for role in &mode.roles {
        for (name, _) in &role.specialist_roles {
            undefined(name, &[&role.name, "specialist_roles", name]);
        }
    }
    for rule in &mode.routing {
        let at = ["task_routing_rules", rule.class.as_str()];
        if let Some(name) = &rule.required_specialist {
            undefined(name, &[at[0], at[1], "required_specialist"]);
        }
        for name in &rule.secondary_review {
            undefined(name, &[at[0], at[1], "secondary_review"]);
        }
    }
}

/// Roles that give work to each other in a circle. Depth first, iterative.
fn cycles(mode: &Mode, source: &mut Source<'_>) {
    let index: HashMap<&str, usize> =
        mode.roles.iter().enumerate().map(|(i, r)| (r.name.as_str(), i)).collect();
    let targets = |role: &Role| -> Vec<usize> {
        role.specialist_roles.iter().filter_map(|(n, _)| index.get(n.as_str()).copied()).collect()
    };
    // 0 unseen, 1 on the way, 2 done
    let mut state = vec![0u8; mode.roles.len()];
    for root in 0..mode.roles.len() {
        let mut way: Vec<(usize, Vec<usize>)> = Vec::new();
        if state[root] == 0 {
            state[root] = 1;
            way.push((root, targets(&mode.roles[root])));
        }
        while let Some((at, todo)) = way.last_mut() {
            let Some(next) = todo.pop() else {
                state[*at] = 2;
                way.pop();
                continue;
            };
            match state[next] {
                0 => {
                    state[next] = 1;
                    way.push((next, targets(&mode.roles[next])));
                }
                1 => {
                    let from = way.iter().position(|(i, _)| *i == next).unwrap_or(0);
                    let ring = way[from..].iter().map(|(i, _)| *i).chain([next]);
                    let ring: Vec<&str> = ring.map(|i| mode.roles[i].name.as_str()).collect();
                    let message = format!("roles give work to each other in a circle: {}", ring.join(" → "));
                    source.report(Code::M005, &[ring[0], "specialist_roles"], message);
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Mode;
    use crate::diagnostic::{Code, Severity};

    #[track_caller]
    fn check(text: &str, expected: &[(Code, &str)]) -> Mode {
        let (mode, findings) = Mode::parse(text);
        let got: Vec<_> = findings.iter().map(|d| (d.code, d.span.of(text))).collect();
        assert_eq!(got, expected, "{findings:#?}");
        mode
    }

    const SMALL: &str = "task_orchestrator:\n  prompt: plans\n  specialist_roles:\n    architect: a\n    implementer: b\n    documenter: c\narchitect: {role_definition: d}\nimplementer: {role_definition: d, mood: calm}\ndocumenter: {role_definition: d}\n";

    #[test]
    fn a_small_mode_is_good() {
        let mode = check(SMALL, &[]);
        assert_eq!(mode.role("Task_Orchestrator").unwrap().definition, "plans");
        assert_eq!(mode.role("implementer").unwrap().extra, [("mood".to_owned(), "calm".to_owned())]);
        assert_eq!(mode.specialists().collect::<Vec<_>>(), ["architect", "implementer", "documenter"]);
        assert_eq!(mode.title("my_own-mode.yaml"), "my own mode");
    }

    #[test]
    fn mistakes_are_found_where_they_stand() {
        let text = format!("{SMALL}bad name:\n  role_definition: x\nempty:\n  expertise: [a]\nversion: 2\n");
        check(&text, &[(Code::M002, "2"), (Code::M009, "bad name"), (Code::M009, "empty")]);
        let text = format!(
            "{SMALL}mode_configuration:\n  max_subtask_depth: deep\n  default_complexity: hard\n  x: 1\n"
        );
        check(&text, &[(Code::M002, "1"), (Code::M009, "hard"), (Code::M009, "deep")]);
        let text = format!(
            "{SMALL}task_routing_rules:\n  security_tasks:\n    required_specialist: architekt\n    secondary_review: [documenter, nobody]\n  x: y\n"
        );
        check(&text, &[(Code::M009, "y"), (Code::M004, "architekt"), (Code::M004, "[documenter, nobody]")]);
    }

    #[test]
    fn roles_that_are_missing_are_warnings() {
        let text = "writer:\n  role_definition: w\n";
        let (_, findings) = Mode::parse(text);
        assert_eq!(findings.len(), 4);
        assert!(findings.iter().all(|d| d.code == Code::M003 && d.severity() == Severity::Warning));
        assert!(Mode::is_usable(&findings));
        let text = format!(
            "{SMALL}validation_rules:\n  required_roles: [editor]\n  minimum_specialist_count: 4\n  maximum_specialist_count: 2\n"
        );
        let mode = check(&text, &[(Code::M003, "[editor]"), (Code::M003, "4"), (Code::M006, "2")]);
        assert_eq!(mode.validation.minimum_specialist_count, Some(4));
    }

    #[test]
    fn circles_are_errors() {
        let text = SMALL.replace("architect: {", "architect: {specialist_roles: [documenter], ");
        check(&text, &[]);
        let text = text.replace("documenter: {", "documenter: {specialist_roles: [architect], ");
        let (_, findings) = Mode::parse(&text);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].code, Code::M005);
        assert!(
            findings[0].message.ends_with("documenter → architect → documenter")
                || findings[0].message.ends_with("architect → documenter → architect")
        );
        assert!(!Mode::is_usable(&findings));
    }

    #[test]
    fn broken_files() {
        check("- a\n", &[(Code::M009, "- a")]);
        check("a: b: c", &[(Code::M001, ":")]);
        let many: Vec<String> = (0..600).map(|i| format!("r{i}: {{role_definition: x}}")).collect();
        let many = many.join("\n");
        assert!(Mode::parse(&many).1.iter().any(|d| d.code == Code::M006));
        let long = format!("r: {{role_definition: \"{}\"}}", "x".repeat(70_000));
        assert!(Mode::parse(&long).1.iter().any(|d| d.code == Code::M006));
        assert_eq!(Mode::parse("").1[0].code, Code::M009);
    }

    #[test]
    fn older_role_files_load_without_errors() {
        let root = std::path::Path::new("../shared/fixtures/legacy");
        let files = walkdir::WalkDir::new(root).into_iter().flatten().map(walkdir::DirEntry::into_path);
        let files: Vec<_> = files.filter(|p| p.parent().is_some_and(|d| d.ends_with("roles"))).collect();
        if files.is_empty() {
            #[expect(clippy::print_stderr, reason = "a skipped test is seen")]
            {
                eprintln!("skipped: no older role files beside the project");
            }
            return;
        }
        for file in files {
            #[expect(clippy::disallowed_methods, reason = "a test reads a fixture")]
            let text = std::fs::read_to_string(&file).unwrap();
            let (mode, findings) = Mode::parse(&text);
            assert!(Mode::is_usable(&findings), "{}: {findings:#?}", file.display());
            assert!(mode.roles.len() >= 5, "{}", file.display());
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(96))]
        #[test]
        fn any_mode_is_read(parts in proptest::collection::vec("(  ){0,2}(a|task_orchestrator|role_definition|specialist_roles|task_routing_rules|validation_rules|minimum_specialist_count|mode_configuration|default_complexity)(: (x|1|\\[a, b\\]|\\{a: b\\}|true)|:)", 0..10)) {
            let text = parts.join("\n");
            for d in Mode::parse(&text).1 {
                proptest::prop_assert!(text.get(d.span.start..d.span.end).is_some());
            }
        }
    }
}
