use similar::TextDiff;

/// The difference of two texts as `diff -u` and `git apply` have it, three lines of context;
/// empty where they are equal. `path` has `/` and no leading one.
#[must_use]
pub fn unified_diff(path: &str, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    // A file outside the project is named whole.
    let path = path.trim_start_matches('/');
    TextDiff::from_lines(old, new)
        .unified_diff()
        .context_radius(3)
        .header(&format!("a/{path}"), &format!("b/{path}"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::unified_diff;

    #[test]
    fn one_line() {
        assert_eq!(unified_diff("p", "a\nb\n", "a\nb\n"), "");
        assert_eq!(unified_diff("p", "a\nb\n", "a\nc\n"), "--- a/p\n+++ b/p\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        assert!(unified_diff("/etc/p", "a\n", "b\n").starts_with("--- a/etc/p\n+++ b/etc/p\n"));
    }
}
