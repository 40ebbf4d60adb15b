use std::path::PathBuf;

use crate::disk::real_path;
use crate::env::Env;

/// What starts this very program from any directory: its bare name where the search path finds
/// the same file under it, else its whole path.
pub fn start_command(env: &dyn Env, name: &str) -> String {
    let Some(exe) = env.exe() else { return name.to_owned() };
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = env.var("PATH").unwrap_or_default();
    let first = std::env::split_paths(path)
        .filter(|dir| dir.is_absolute())
        .find_map(|dir: PathBuf| real_path(&dir.join(&file)));
    let own = real_path(&exe);
    if own.is_some() && first == own { name.to_owned() } else { exe.display().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::FixedEnv;
    use crate::model::Timestamp;
    use std::time::Duration;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "tests lay out real files")]
    fn the_bare_name_is_enough_only_where_it_means_this_program() {
        let tmp = tempfile::tempdir().unwrap();
        let file = format!("tool{}", std::env::consts::EXE_SUFFIX);
        let (ours, other) = (tmp.path().join("ours").join(&file), tmp.path().join("other").join(&file));
        for file in [&ours, &other] {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "").unwrap();
        }
        let check = |dirs: &[&str], expected: &str| {
            let dirs = dirs.iter().map(|d| tmp.path().join(d));
            let path = std::env::join_paths(dirs).unwrap().into_string().unwrap();
            let env = FixedEnv::new(Timestamp::from_unix(0), Duration::ZERO, 1)
                .with_var("PATH", &path)
                .with_exe(&ours);
            assert_eq!(start_command(&env, "tool"), expected, "{path}");
        };
        let whole = ours.display().to_string();
        check(&[], &whole);
        check(&["none"], &whole);
        check(&["none", "ours"], "tool");
        check(&["other", "ours"], &whole);
        check(&["ours", "other"], "tool");
        let unknown = FixedEnv::new(Timestamp::from_unix(0), Duration::ZERO, 1);
        assert_eq!(start_command(&unknown, "tool"), "tool");
    }
}
