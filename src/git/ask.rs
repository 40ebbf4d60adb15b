use std::path::{Path, PathBuf};

use super::{Error, Git};

/// Which of the versions that the staging area holds of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// The one to be committed.
    Merged,
    /// The common ancestor of an unfinished merge.
    Base,
    /// The branch that was checked out.
    Ours,
    /// The branch that came in.
    Theirs,
}

/// A file in a tree or in the staging area.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its path below the directory that was asked from, with `/`.
    pub path: String,
    /// The name of its content.
    pub object: String,
    /// Which version it is.
    pub stage: Stage,
}

impl Git {
    /// Whether the directory belongs to a repository with a worktree.
    #[must_use]
    pub fn is_worktree(&self) -> bool {
        self.line(&["rev-parse", "--is-inside-work-tree"]).is_ok_and(|answer| answer == "true")
    }

    /// A setting, whoever made it; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Absent`]
    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        let (code, out, _) = self.call(&["config", "--get", key], &[])?;
        Ok((code == Some(0)).then(|| trimmed(&out)))
    }

    /// Makes a setting of this repository.
    ///
    /// # Errors
    /// [`Error`]
    pub fn set(&self, key: &str, value: &str) -> Result<(), Error> {
        self.run(&["config", "--local", key, value]).map(|_| ())
    }

    /// Takes a setting of this repository back; whether it was there.
    ///
    /// # Errors
    /// [`Error`]
    pub fn unset(&self, key: &str) -> Result<bool, Error> {
        if self.call(&["config", "--local", "--get", key], &[])?.0 != Some(0) {
            return Ok(false);
        }
        self.run(&["config", "--local", "--unset-all", key]).map(|_| true)
    }

    /// Where a hook of this repository is looked for.
    ///
    /// # Errors
    /// [`Error`]
    pub fn hook(&self, name: &str) -> Result<PathBuf, Error> {
        Ok(self.dir().join(self.line(&["rev-parse", "--git-path", &format!("hooks/{name}")])?))
    }

    /// The full name of the commit or tree that `revision` names; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Absent`]
    pub fn tree(&self, revision: &str) -> Result<Option<String>, Error> {
        let wanted = format!("{revision}^{{tree}}");
        let args = ["rev-parse", "-q", "--verify", "--end-of-options", &wanted];
        let (code, out, _) = self.call(&args, &[])?;
        Ok((code == Some(0)).then(|| trimmed(&out)))
    }

    /// The commit where two branches parted; `None` where they never were one.
    ///
    /// # Errors
    /// [`Error::Absent`]
    pub fn merge_base(&self, a: &str, b: &str) -> Result<Option<String>, Error> {
        let (code, out, _) = self.call(&["merge-base", "--end-of-options", a, b], &[])?;
        Ok((code == Some(0)).then(|| trimmed(&out)))
    }

    /// The files of a tree below `folder`.
    ///
    /// # Errors
    /// [`Error`]
    pub fn files_of(&self, tree: &str, folder: &str) -> Result<Vec<Entry>, Error> {
        let out = self.run(&["ls-tree", "-r", "-z", tree, "--", folder])?;
        // `100644 blob <object>\t<path>`
        Ok(records(&out)
            .filter_map(|record| {
                let (head, path) = record.split_once('\t')?;
                let mut words = head.split(' ');
                let (kind, object) = (words.nth(1)?, words.next()?);
                let entry = Entry { path: path.to_owned(), object: object.to_owned(), stage: Stage::Merged };
                (kind == "blob").then_some(entry)
            })
            .collect())
    }

    /// The files of the staging area below `folder`.
    ///
    /// # Errors
    /// [`Error`]
    pub fn staged(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let out = self.run(&["ls-files", "--stage", "-z", "--", folder])?;
        // `100644 <object> <stage>\t<path>`
        Ok(records(&out)
            .filter_map(|record| {
                let (head, path) = record.split_once('\t')?;
                let mut words = head.split(' ').skip(1);
                let (object, stage) = (words.next()?, words.next()?);
                let stage = match stage {
                    "0" => Stage::Merged,
                    "1" => Stage::Base,
                    "2" => Stage::Ours,
                    _ => Stage::Theirs,
                };
                Some(Entry { path: path.to_owned(), object: object.to_owned(), stage })
            })
            .collect())
    }

    /// Paths below `folder` whose staged content is not that of the last commit, deleted ones left
    /// out. Before the first commit that is everything.
    ///
    /// # Errors
    /// [`Error`]
    pub fn staged_changes(&self, folder: &str) -> Result<Vec<String>, Error> {
        let args = ["diff", "--cached", "--name-only", "--relative", "--no-renames", "--diff-filter=d", "-z"];
        let args: Vec<&str> = args.into_iter().chain(["--", folder]).collect();
        Ok(records(&self.run(&args)?).map(|path| path.to_string()).collect())
    }

    /// Contents, in the order asked for.
    ///
    /// # Errors
    /// [`Error`]; also where one of them is not there.
    pub fn contents(&self, objects: &[&str]) -> Result<Vec<Vec<u8>>, Error> {
        if objects.is_empty() {
            return Ok(Vec::new());
        }
        let asked = objects.join("\n") + "\n";
        let out = self.run_with(&["cat-file", "--batch"], asked.as_bytes())?;
        let unreadable = || Error::Failed {
            command: "cat-file".to_owned(),
            code: None,
            message: "an object is not there".to_owned(),
        };
        let mut found = Vec::with_capacity(objects.len());
        let mut rest = out.as_slice();
        // `<object> blob <size>\n<content>\n`
        for _ in objects {
            let end = rest.iter().position(|&b| b == b'\n').ok_or_else(unreadable)?;
            let (head, after) = rest.split_at(end);
            let head = String::from_utf8_lossy(head);
            let size: usize = head.rsplit(' ').next().and_then(|n| n.parse().ok()).ok_or_else(unreadable)?;
            let content = after.get(1..=size).ok_or_else(unreadable)?;
            found.push(content.to_vec());
            rest = after.get(size + 2..).unwrap_or_default();
        }
        Ok(found)
    }

    /// Whether `bytes` are what the last commit, the staging area, or the commit before the last merge has at `path`.
    /// Nothing of the repository's is run for it: no monitor, no filter. No, where Git cannot be asked.
    #[must_use]
    pub fn has_version(&self, path: &str, bytes: &[u8]) -> bool {
        let Ok(name) = self.run_with(&["hash-object", "--stdin", "--no-filters"], bytes) else {
            return false;
        };
        ["HEAD", "", "ORIG_HEAD"].into_iter().any(|revision| {
            let object = format!("{revision}:./{path}");
            let args =
                ["-c", "core.fsmonitor=false", "rev-parse", "-q", "--verify", "--end-of-options", &object];
            self.line(&args).is_ok_and(|found| found == trimmed(&name))
        })
    }

    /// Puts what stands in the worktree at `path` into the staging area.
    ///
    /// # Errors
    /// [`Error`]
    pub fn stage(&self, path: &str) -> Result<(), Error> {
        self.run(&["add", "--", path]).map(|_| ())
    }

    /// Merges bytes the way Git does without a driver, into `ours`; whether that was clean.
    ///
    /// # Errors
    /// [`Error`]; then `ours` is as it was.
    pub fn merge_file(
        &self,
        [base, ours, theirs]: [&Path; 3],
        labels: [&str; 3],
        size: usize,
    ) -> Result<bool, Error> {
        let size = format!("--marker-size={size}");
        let mut args = vec!["merge-file".to_owned(), "--diff3".to_owned(), "-q".to_owned(), size];
        // Labels in the order ours, base, theirs.
        for label in [labels[1], labels[0], labels[2]] {
            args.extend(["-L".to_owned(), label.to_owned()]);
        }
        let mut args: Vec<&std::ffi::OsStr> = args.iter().map(std::ffi::OsStr::new).collect();
        args.extend([ours.as_os_str(), base.as_os_str(), theirs.as_os_str()]);
        let (code, _, stderr) = self.call(&args, &[])?;
        match code {
            Some(0) => Ok(true),
            Some(1..=127) => Ok(false),
            code => Err(Error::Failed { command: "merge-file".to_owned(), code, message: trimmed(&stderr) }),
        }
    }

    fn line(&self, args: &[&str]) -> Result<String, Error> {
        self.run(args).map(|out| trimmed(&out))
    }
}

fn trimmed(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\n', '\r']).to_owned()
}

fn records(bytes: &[u8]) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
    bytes.split(|&b| b == 0).filter(|r| !r.is_empty()).map(String::from_utf8_lossy)
}
