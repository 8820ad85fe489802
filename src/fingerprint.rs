//! Build script: a number for the program's own sources, so that what an older program remembered is not believed.

#![allow(clippy::print_stdout, reason = "it is how a build script speaks to cargo")]

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let mut files = BTreeMap::new();
    for name in ["src", "templates", "static", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={name}");
        read(&Path::new(&root).join(name), name, &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    println!("cargo::rustc-env=PODLEAF_FINGERPRINT={:016x}", hasher.finish());
    Ok(())
}

fn read(path: &Path, name: &str, files: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    if !path.is_dir() {
        files.insert(name.to_owned(), fs::read(path)?);
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        read(&entry.path(), &format!("{name}/{}", entry.file_name().to_string_lossy()), files)?;
    }
    Ok(())
}
