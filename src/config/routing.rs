use super::mode::{Mode, RoutingRule};

/// Degrees of complexity, easiest first.
pub const COMPLEXITIES: &[&str] = &["simple", "moderate", "complex", "very_complex"];

/// Known classes of tasks and the words that put a task into them; the first class that fits is
/// taken.
const CLASSES: &[(&str, &[&str])] = &[
    ("security_tasks", &["security", "vulnerability", "audit", "compliance", "encryption"]),
    ("performance_tasks", &["performance", "optimization", "speed", "bottleneck", "profiling"]),
    ("testing_tasks", &["test", "testing", "validation", "verification", "qa"]),
    ("documentation_tasks", &["document", "documentation", "guide", "manual", "readme"]),
];

/// The class of everything else.
const GENERAL: &str = "general_tasks";

/// Where a task should go.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Route {
    /// The class it fell into.
    pub class: String,
    /// Who does it; `None` where the mode does not say.
    pub specialist: Option<String>,
    /// Who looks at it afterwards.
    pub secondary_review: Vec<String>,
    /// Steps of complexity added.
    pub complexity_boost: i64,
    /// Whether its tasks may be worked on at once.
    pub parallel_execution: bool,
}

impl Mode {
    /// Routes a task by the words of its title and description.
    ///
    /// The mode's own classes (rules with keywords) come first, in order, then the known ones.
    /// A specialist that the mode does not define is not taken.
    #[must_use]
    pub fn route(&self, text: &str) -> Route {
        let text = text.to_lowercase();
        let words: std::collections::HashSet<&str> =
            text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let fits = |keyword: &str| {
            if keyword.contains(' ') {
                return text.contains(keyword);
            }
            // `tests`, `audits`; a longer word such as `latest` is another word.
            words.contains(keyword) || words.contains(format!("{keyword}s").as_str())
        };
        let own = self.routing.iter().find(|r| r.keywords.iter().any(|k| fits(k)));
        let known =
            || CLASSES.iter().find(|(_, words)| words.iter().any(|w| fits(w))).map_or(GENERAL, |c| c.0);
        let class = own.map_or_else(|| known().to_owned(), |r| r.class.clone());
        let rule = own.or_else(|| self.routing.iter().find(|r| r.class == class));
        let Some(rule) = rule else { return Route { class, ..Route::default() } };
        let RoutingRule {
            required_specialist, secondary_review, complexity_boost, parallel_execution, ..
        } = rule.clone();
        Route {
            class,
            specialist: required_specialist.filter(|s| self.role(s).is_some()),
            secondary_review: secondary_review.into_iter().filter(|s| self.role(s).is_some()).collect(),
            complexity_boost,
            parallel_execution,
        }
    }
}

/// A complexity moved by `boost` steps, within the known ones; an unknown word stays.
#[must_use]
pub fn boosted(complexity: &str, boost: i64) -> &str {
    let Some(at) = COMPLEXITIES.iter().position(|c| *c == complexity) else { return complexity };
    let last = COMPLEXITIES.len() - 1;
    let to = i64::try_from(at).unwrap_or(0).saturating_add(boost).clamp(0, i64::try_from(last).unwrap_or(0));
    COMPLEXITIES.get(usize::try_from(to).unwrap_or(0)).copied().unwrap_or(complexity)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODE: &str = "a: {role_definition: x}\nb: {role_definition: x}\ntask_routing_rules:\n  security_tasks: {required_specialist: a, secondary_review: [b, nobody], complexity_boost: 1, parallel_execution: true}\n  ui_work: {keywords: [Button, sign in], required_specialist: b}\n  testing_tasks: {required_specialist: nobody}\n";

    #[track_caller]
    fn check(text: &str, class: &str, specialist: Option<&str>) -> Route {
        let route = Mode::parse(MODE).0.route(text);
        assert_eq!((route.class.as_str(), route.specialist.as_deref()), (class, specialist), "{text}");
        route
    }

    #[test]
    fn words_decide() {
        let route = check("Run a Security audit of the manual", "security_tasks", Some("a"));
        assert_eq!((route.secondary_review, route.complexity_boost), (vec!["b".to_owned()], 1));
        assert!(route.parallel_execution);
        check("security of the buttons", "ui_work", Some("b"));
        check("make sign in work", "ui_work", Some("b"));
        check("write tests", "testing_tasks", None);
        check("take the latest contest", "general_tasks", None);
        check("speed", "performance_tasks", None);
        check("", "general_tasks", None);
    }

    #[test]
    fn boosts_stay_in_range() {
        for (word, boost, expected) in [
            ("simple", 1, "moderate"),
            ("complex", 9, "very_complex"),
            ("simple", -1, "simple"),
            ("odd", 1, "odd"),
        ] {
            assert_eq!(boosted(word, boost), expected);
        }
        assert_eq!(boosted("moderate", i64::MIN), "simple");
    }
}
