//! House rules: the layer table of ARCHITECTURE.md holds for every import.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

type Layers = BTreeMap<String, (u32, Vec<String>)>;

fn layers() -> Layers {
    let text = fs::read_to_string("ARCHITECTURE.md").unwrap();
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let mut layers = Layers::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split('|').collect();
        let Ok(layer) = cells[1].trim().parse() else { continue };
        names(cells[2]).into_iter().for_each(|name| _ = layers.insert(name, (layer, names(cells[3]))));
    }
    layers
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path))
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path)
        }
    }
    found.sort();
    found
}

/// The imports of a file that its module's layer does not allow.
fn forbidden(layers: &Layers, module: &str, text: &str) -> Vec<String> {
    let (layer, siblings) = &layers[module];
    let shell = matches!(module, "disk" | "write");
    let mut found = Vec::new();
    for rest in text.split("crate::").skip(1) {
        let target: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let Some((other, _)) = layers.get(&target).filter(|_| target != module) else { continue };
        let allowed = if shell { *other <= 1 } else { other < layer || (other == layer && siblings.contains(&target)) };
        if !allowed {
            found.push(format!("{module} (layer {layer}) imports {target} (layer {other})"));
        }
    }
    found
}

#[test]
fn every_import_goes_down() {
    let layers = layers();
    assert!(layers.len() > 12, "the table is read");
    for path in sources(Path::new("src")) {
        let below = path.strip_prefix("src").unwrap();
        let module =
            below.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if matches!(module.as_str(), "lib" | "main" | "fingerprint") {
            continue;
        }
        assert!(layers.contains_key(&module), "{module} is in the table of ARCHITECTURE.md");
        let bad = forbidden(&layers, &module, &fs::read_to_string(&path).unwrap());
        assert!(bad.is_empty(), "{}: {bad:?}", path.display());
    }
}

#[test]
fn an_import_that_goes_up_is_found() {
    let layers = layers();
    assert_eq!(forbidden(&layers, "parse", "use crate::graph::Archive;").len(), 1);
    assert_eq!(forbidden(&layers, "write", "use crate::parse::words::Words;").len(), 1);
    assert!(forbidden(&layers, "graph", "use crate::parse::words::Words;").is_empty());
}
