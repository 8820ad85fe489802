//! The least work that a generator over Markdown can do.
//!
//! `floor INPUT LISTING DEST [--no-markdown]` reads every Markdown file below `INPUT`, runs it
//! through pulldown-cmark, throws the HTML away, and then writes the files named in `LISTING`
//! (lines of `size<TAB>path`) below `DEST`, filled with spaces. The listing comes from a real
//! generator's output, so that the same number of files and bytes goes out.
//!
//! No parsing of front matter, no templates, no lists, no search index, no state: what a real
//! generator needs beyond this time is the price of what it does.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What files are filled from, larger than most pages.
static FILLER: [u8; 1 << 18] = [b' '; 1 << 18];

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (input, listing, dest, markdown) = match args.as_slice() {
        [input, listing, dest] => (input, listing, dest, true),
        [input, listing, dest, flag] if flag == "--no-markdown" => (input, listing, dest, false),
        _ => return Err("usage: floor INPUT LISTING DEST [--no-markdown]".into()),
    };
    let sources = markdown_files(Path::new(input))?;
    each(&sources, |path| read(path, markdown))?;
    let outputs = parse_listing(&fs::read_to_string(listing)?, Path::new(dest))?;
    make_folders(&outputs, Path::new(dest))?;
    each(&outputs, |(size, path)| write(*size, path))?;
    Ok(())
}

/// All `.md` files below a folder.
fn markdown_files(root: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut files, mut folders) = (Vec::new(), vec![root.to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "md") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// Reads one source and, if asked, renders it as Markdown.
fn read(path: &Path, markdown: bool) -> io::Result<()> {
    let bytes = fs::read(path)?;
    if markdown {
        let text = String::from_utf8_lossy(&bytes);
        let mut html = String::with_capacity(text.len() * 3 / 2);
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&text));
        black_box(&html);
    }
    black_box(&bytes);
    Ok(())
}

/// The sizes and paths of the files to write.
fn parse_listing(text: &str, dest: &Path) -> Result<Vec<(usize, PathBuf)>, Box<dyn Error>> {
    text.lines()
        .map(|line| {
            let (size, path) = line.split_once('\t').ok_or("a line of the listing has no tab")?;
            Ok((size.parse()?, dest.join(path)))
        })
        .collect()
}

/// Makes every folder that an output needs, parents first.
fn make_folders(outputs: &[(usize, PathBuf)], dest: &Path) -> io::Result<()> {
    let parents: BTreeSet<&Path> = outputs.iter().filter_map(|(_, path)| path.parent()).collect();
    fs::create_dir_all(dest)?;
    parents.into_iter().try_for_each(fs::create_dir_all)
}

/// Writes one file of the given size.
fn write(size: usize, path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    let mut left = size;
    while left > 0 {
        let part = left.min(FILLER.len());
        file.write_all(&FILLER[..part])?;
        left -= part;
    }
    Ok(())
}

/// Does the same to every item, on all cores; the first failure is returned.
fn each<T: Sync>(items: &[T], work: impl Fn(&T) -> io::Result<()> + Sync) -> io::Result<()> {
    let next = AtomicUsize::new(0);
    let run = || -> io::Result<()> {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(item)?;
        }
        Ok(())
    };
    let cores = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(run)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|_| Err(io::Error::other("a worker died"))))
    })
}
