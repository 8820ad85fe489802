//! Folders for tests: making them, and seeing that nothing in them changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use walkdir::WalkDir;

/// An empty folder that everybody can read.
pub(crate) fn folder() -> TempDir {
    let temp = tempfile::tempdir().unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).unwrap();
    temp
}

/// Writes a file and the folders above it.
pub(crate) fn put(root: &Path, file: &str, text: &str) -> PathBuf {
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

/// Everything below a folder: files with their text, links with their target, folders.
pub(crate) fn snapshot(root: &Path) -> BTreeMap<PathBuf, String> {
    let entries = WalkDir::new(root).min_depth(1).into_iter().map(Result::unwrap);
    let content = |path: &Path, kind: fs::FileType| match kind {
        kind if kind.is_symlink() => format!("-> {}", fs::read_link(path).unwrap().display()),
        kind if kind.is_file() => format!("= {}", String::from_utf8_lossy(&fs::read(path).unwrap())),
        kind if kind.is_dir() => "folder".to_owned(),
        _ => "other".to_owned(),
    };
    entries.map(|entry| (entry.path().to_owned(), content(entry.path(), entry.file_type()))).collect()
}

/// Runs a test again in a process of the user `nobody` with `PODLEAF_TEST_FOLDER` set; as ourselves if we are not root.
pub(crate) fn again_as_nobody(test: &str, folder: &Path) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("PODLEAF_TEST_FOLDER", folder).current_dir("/");
    as_nobody(&mut command);
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
}

/// Makes a command run as the user `nobody`, if we are root.
pub(crate) fn as_nobody(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    if we_are_root() {
        command.uid(65534).gid(65534);
    }
}

/// The folder that [`again_as_nobody`] gave, in the process that it started.
pub(crate) fn given_folder() -> Option<PathBuf> {
    std::env::var_os("PODLEAF_TEST_FOLDER").map(PathBuf::from)
}

fn we_are_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
