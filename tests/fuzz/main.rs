//! Fuzzing on stable: `cargo run --profile fuzz --example fuzz -- TARGET SECONDS [SEED]`; see README.md beside this.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use podleaf::hash::ContentHash;

use crate::mutator::{Numbers, mutant};
use crate::samples::samples;
use crate::targets::{TARGETS, Target};

mod mutator;
mod samples;
mod targets;

/// The program's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// No input may take longer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Nor all of them more memory, in MiB.
const MEMORY: u64 = 512;
/// Inputs that are kept to be changed further.
const POOL: usize = 64;

/// The input at hand, and since when.
type Open = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (name, seconds) = (arguments.next().unwrap_or_default(), arguments.next());
    let seconds = seconds.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let seed = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let target = TARGETS.iter().find(|target| target.name == name);
    let (Some(target), Some(seconds)) = (target, seconds) else {
        let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
        say(&format!("usage: fuzz TARGET SECONDS [SEED]\ntargets: {}", names.join(", ")));
        return ExitCode::from(2);
    };
    std::panic::set_hook(Box::new(|_| {}));
    let open = Open::default();
    let watched = Arc::clone(&open);
    thread::spawn(move || watch(target, &watched));
    // A thread of the program has as much stack.
    let worker = thread::spawn(move || run(target, seconds, seed, &open));
    match worker.join() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

/// Checks inputs until the time is over; whether all were good.
fn run(target: &Target, seconds: Duration, seed: u64, open: &Open) -> bool {
    let mut samples = samples(target);
    let (n_samples, mut numbers) = (samples.len(), Numbers(seed));
    let (mut n_inputs, mut n_bytes, mut slowest) = (0_u64, 0, (Duration::ZERO, Vec::new()));
    let kept = last_input(target);
    let started = Instant::now();
    while started.elapsed() < seconds {
        let input = mutant(&samples, &mut numbers);
        // A stack that overflows ends the process, and this is what is left.
        fs::write(&kept, &input).expect("the target folder can be written to");
        let begun = Instant::now();
        *open.lock().unwrap_or_else(PoisonError::into_inner) = Some((begun, input.clone()));
        let result = catch_unwind(AssertUnwindSafe(|| (target.check)(&input)));
        let took = begun.elapsed();
        *open.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Err(panic) = result {
            let words = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
            return failed(target, &input, &format!("panics: {}", words.unwrap_or_default()));
        }
        (n_inputs, n_bytes) = (n_inputs + 1, n_bytes + input.len());
        if took > slowest.0 {
            slowest = (took, input.clone());
        }
        if samples.len() < n_samples + POOL {
            samples.push(input);
        } else {
            samples[n_samples + numbers.below(POOL)] = input;
        }
    }
    let slow_input = kept.with_extension("slowest");
    fs::write(&slow_input, &slowest.1).expect("the target folder can be written to");
    let (name, peak) = (target.name, peak_mib());
    say(&format!(
        "{name}: {n_inputs} inputs of {} bytes on average in {} s from seed {seed}\n  slowest: {:.1} ms for {} bytes, kept as {}\n  peak: {peak} MiB",
        n_bytes as u64 / n_inputs.max(1),
        seconds.as_secs(),
        slowest.0.as_secs_f64() * 1000.0,
        slowest.1.len(),
        slow_input.display(),
    ));
    peak < MEMORY || failed(target, &slowest.1, "takes part in a run with too much memory")
}

/// Ends the process where an input takes too long or too much memory.
fn watch(target: &Target, open: &Open) {
    loop {
        thread::sleep(Duration::from_millis(100));
        let now = open.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some((begun, input)) = now else { continue };
        let why = match (begun.elapsed() > PATIENCE, peak_mib() > MEMORY) {
            (true, _) => "takes longer than 5 s",
            (_, true) => "takes more than 512 MiB",
            (false, false) => continue,
        };
        failed(target, &input, why);
        std::process::exit(1);
    }
}

/// Keeps a bad input where the tests find it.
fn failed(target: &Target, input: &[u8], why: &str) -> bool {
    let folder = root().join("tests/fuzz/found");
    let path = folder.join(format!("{}--{}", target.name, ContentHash::of(input).letters(8)));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input));
    say(&format!("{}: an input {why}\n  kept as {}: {kept:?}", target.name, path.display()));
    false
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn last_input(target: &Target) -> PathBuf {
    let folder = root().join("target/fuzz-inputs");
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    folder.join(target.name)
}

/// The most memory that the process had, in MiB; 0 where the system does not say.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

#[expect(clippy::print_stdout, reason = "a report")]
fn say(text: &str) {
    println!("{text}");
}
