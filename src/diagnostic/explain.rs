use super::Code;

macro_rules! pages {
    ($($code:ident)*) => {
        /// The page of a code, as Markdown: `# CODE name`, the summary, then the sections
        /// "What it means", "Why it matters", "Example" and "What to do".
        ///
        /// An example fenced as `markdown` is a whole session file that has the finding; one fenced
        /// as `text` tells a situation.
        #[must_use]
        pub fn page(code: Code) -> &'static str {
            match code {
                $(Code::$code => include_str!(concat!("pages/", stringify!($code), ".md")),)*
            }
        }
    };
}

pages! {
    F001 F002 F003 F004 F005 F006 F007 F008 F009 F010
    S101 S102 S103 S104 S105 S106 S107 S108 S109 S110 S111
    H201 H202 H203 H204 H205 H206 H207 H208 H209 H210
    L401 L402 L403 L404 L405 L406
    G301 G302 G303 G304 G305 G306
    T101 T102 T103 T104 T105 T106 T108 T109 T110 T111 T112 T113 T114 T115 T116 T117 T118 T119 T120
    T122 T123 T199
    I501 I502 I503 I504 I505 I506
    D601 D602 D603 D604 D605 D606 D607 D608
    R701 R702 R703 R704 R705 R706 R707 R708 R709
    N801 N802
    W901 W902 W903
    X001 X002 X003 X004 X005 X006 X007 X008 X009
    M001 M002 M003 M004 M005 M006 M007 M008 M009
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Repair;

    const HEADINGS: [&str; 4] = ["What it means", "Why it matters", "Example", "What to do"];

    /// The lines of a page that stand outside code blocks, and how many code blocks there are.
    fn outside_fences(page: &str) -> (Vec<&str>, usize) {
        let (mut out, mut fence, mut count) = (Vec::new(), 0, 0);
        for line in page.lines() {
            let line = line.trim_start();
            let ticks = line.len() - line.trim_start_matches('`').len();
            if fence > 0 {
                if ticks >= fence && ticks == line.len() {
                    fence = 0;
                }
            } else if ticks >= 3 {
                (fence, count) = (ticks, count + 1);
            } else {
                out.push(line);
            }
        }
        assert_eq!(fence, 0, "a code block is not closed");
        (out, count)
    }

    #[track_caller]
    fn section<'a>(page: &'a str, heading: &str) -> &'a str {
        let (_, rest) = page.split_once(&format!("\n## {heading}\n")).unwrap();
        rest.trim()
    }

    #[test]
    fn pages_have_their_shape() {
        for &code in Code::ALL {
            let (page, info) = (page(code), code.info());
            let head = format!("# {code} {}\n\n{}\n\n## What it means\n\n", info.name, info.summary);
            assert!(page.starts_with(&head), "{code}: first line and summary");
            let (lines, fences) = outside_fences(page);
            let headings: Vec<_> = lines.iter().filter_map(|l| l.strip_prefix("## ")).collect();
            assert_eq!(headings, HEADINGS, "{code}");
            assert_eq!(fences, 1, "{code}: one example");
            for heading in HEADINGS {
                let text = section(page, heading);
                assert!(!text.is_empty() && !text.starts_with("##"), "{code}: {heading} is empty");
            }
            assert!(
                page.ends_with(".\n") && !page.contains('\r'),
                "{code}: ends in a sentence and a line end"
            );
            assert!(page.lines().count() <= 36, "{code}: too long");
        }
    }

    #[test]
    fn the_advice_names_the_repair() {
        for &code in Code::ALL {
            let advice = section(page(code), "What to do").replace('\n', " ");
            let (safe, unsafe_) =
                (advice.contains("plandown check --fix"), advice.contains("plandown check --unsafe-fixes"));
            let expected = match (code, code.info().repair) {
                // Not mended in a text: the mode of a directory, and a write that is tried again.
                (Code::X001 | Code::W902, _) | (_, Repair::Manual) => (false, false),
                (_, Repair::Safe) => (true, false),
                (_, Repair::Unsafe) => (false, true),
            };
            assert_eq!((safe, unsafe_), expected, "{code}: {advice}");
        }
    }

    #[test]
    fn summaries_are_one_fact_each() {
        for info in Code::ALL.iter().map(|c| c.info()) {
            let summary = info.summary;
            assert!(!summary.ends_with('.') && !summary.contains([';', '"', ':']), "{summary}");
            assert!(summary.len() <= 90, "{summary}");
            let first = summary.split(' ').next().unwrap_or_default();
            assert!(first == "TOML" || first.starts_with(|c: char| c.is_lowercase()), "{summary}");
        }
    }
}
