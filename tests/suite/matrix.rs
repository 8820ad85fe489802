//! The table of tests/MATRIX.md: every case of the reliability matrix has a test that exists, or a reason.

use std::collections::BTreeSet;
use std::fs;

/// The rows: case numbers, and the cell that says where they are tested.
fn rows(text: &str) -> Vec<(BTreeSet<u32>, String)> {
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let number = |text: &str| text.trim().parse::<u32>().ok();
        let numbers: Option<BTreeSet<u32>> = cells.get(1)?.split(',').map(number).collect();
        Some((numbers?, (*cells.get(3)?).to_owned()))
    };
    text.lines().filter_map(row).collect()
}

/// The tests that a cell names, as `path::name`.
fn tests(cell: &str) -> impl Iterator<Item = (&str, &str)> {
    cell.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::"))
}

/// Whether a file holds a test of this name.
fn is_test(path: &str, name: &str) -> bool {
    let text = fs::read_to_string(path).unwrap_or_default();
    let head = format!("fn {name}()");
    text.split("#[test]").skip(1).any(|after| after.trim_start().starts_with(&head))
}

#[test]
fn every_test_of_the_matrix_exists() {
    let text = fs::read_to_string("tests/MATRIX.md").unwrap();
    let mut n_tests = 0;
    for (numbers, cell) in rows(&text) {
        for (path, name) in tests(&cell) {
            assert!(is_test(path, name), "case {numbers:?}: there is no test {path}::{name}");
            n_tests += 1;
        }
    }
    assert!(n_tests > 100, "the table is read: {n_tests}");
}

#[test]
fn every_case_is_in_the_matrix() {
    let text = fs::read_to_string("tests/MATRIX.md").unwrap();
    let rows = rows(&text);
    let numbers: Vec<u32> = rows.iter().flat_map(|(numbers, _)| numbers.iter().copied()).collect();
    let expected: Vec<u32> = (1..=128).collect();
    assert_eq!(numbers, expected, "each case once, in order");
    for (numbers, cell) in &rows {
        let says_why = cell.contains("later:");
        assert!(tests(cell).next().is_some() || says_why, "case {numbers:?} has neither a test nor a reason");
    }
}

#[test]
fn every_test_that_names_a_case_is_in_the_matrix() {
    let matrix = fs::read_to_string("tests/MATRIX.md").unwrap();
    for entry in fs::read_dir("tests/suite").unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let names = text.split("#[test]\nfn ").skip(1).map(|rest| rest.split('(').next().unwrap());
        let is_numbered = |name: &&str| {
            let digits = name[1..].trim_start_matches(|c: char| c.is_ascii_digit());
            name.starts_with(|c| ('a'..='l').contains(&c)) && digits.len() + 1 < name.len() && digits.starts_with('_')
        };
        for name in names.filter(is_numbered) {
            assert!(matrix.contains(&format!("::{name}`")), "{}: {name} is not in tests/MATRIX.md", path.display());
        }
    }
}
