use std::path::Path;

use super::{Error, Git};

/// What a throw-away merge is made of.
#[derive(Clone, Copy, Debug)]
pub struct Trial<'a> {
    /// The driver's command line, as it is configured.
    pub driver: &'a str,
    /// The text of `.gitattributes`.
    pub attributes: &'a str,
    /// The file that both sides change.
    pub path: &'a str,
    /// Base, ours, theirs.
    pub texts: [&'a str; 3],
}

/// Makes a repository in the empty directory `dir`, lets Git really merge two branches in it with the
/// given driver, and returns what came out. Whatever the user's own Git is set to plays no part.
///
/// # Errors
/// [`Error`] where the merge does not come out clean.
pub fn trial_merge(dir: &Path, trial: &Trial<'_>) -> Result<Vec<u8>, Error> {
    let git = Git::alone(dir);
    git.run(&["init", "-q", "."])?;
    for (key, value) in [
        ("user.name", "plandown"),
        ("user.email", "plandown@localhost"),
        ("core.hooksPath", ".no-hooks"),
        ("core.autocrlf", "false"),
        ("merge.plandown.name", "trial"),
        ("merge.plandown.driver", trial.driver),
    ] {
        git.set(key, value)?;
    }
    let attributes = object(&git, trial.attributes)?;
    let [base, ours, theirs] = trial.texts;
    let base = commit(&git, &attributes, trial.path, base, None)?;
    let ours = commit(&git, &attributes, trial.path, ours, Some(&base))?;
    let theirs = commit(&git, &attributes, trial.path, theirs, Some(&base))?;
    git.run(&["checkout", "-q", "--force", "-B", "trial", &ours])?;
    git.run(&["merge", "-q", "--no-edit", "--no-ff", &theirs])?;
    git.run(&["cat-file", "blob", &format!("HEAD:{}", trial.path)])
}

fn object(git: &Git, text: &str) -> Result<String, Error> {
    let out = git.run_with(&["hash-object", "-w", "--stdin", "--no-filters"], text.as_bytes())?;
    Ok(String::from_utf8_lossy(&out).trim().to_owned())
}

fn commit(
    git: &Git,
    attributes: &str,
    path: &str,
    text: &str,
    parent: Option<&str>,
) -> Result<String, Error> {
    for (object, path) in [(attributes, ".gitattributes"), (&object(git, text)?, path)] {
        git.run(&["update-index", "--add", "--cacheinfo", &format!("100644,{object},{path}")])?;
    }
    let tree = git.run(&["write-tree"])?;
    let tree = String::from_utf8_lossy(&tree).trim().to_owned();
    let mut args = vec!["commit-tree", tree.as_str(), "-m", "trial"];
    if let Some(parent) = parent {
        args.extend(["-p", parent]);
    }
    Ok(String::from_utf8_lossy(&git.run(&args)?).trim().to_owned())
}
