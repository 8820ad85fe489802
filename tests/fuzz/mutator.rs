//! Inputs: samples with changes at random, the same for the same seed.

/// Numbers at random: SplitMix64.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % (end.max(1) as u64)) as usize
    }

    fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        let most = if self.below(4) == 0 { len } else { 24 };
        start..(start + self.below(most + 1)).min(len)
    }
}

/// No input is longer.
const MAX_BYTES: usize = 256 * 1024;

/// Pieces that mean something to one parser or another.
const PIECES: [&str; 64] = [
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "\u{2028}",
    "\u{FEFF}",
    "\0",
    "+++\n",
    "---\n",
    "title = \"",
    "date: ",
    "[a]\n",
    "'''",
    "\"\"\"",
    "&a ",
    "*a ",
    "# ",
    "## 1. ",
    "**Ann Li:** ",
    "**",
    "Ann Li: ",
    "Ann Li\n",
    "Bo Ek (00:12):\n",
    "(00:25)\n",
    "[00:01:02.5] ",
    "\\[04:01\\]",
    "99:99:99",
    "-1:00",
    "25:00:00",
    "[laughter]",
    "主持人：",
    "海",
    "。",
    "１、",
    "一、",
    "> ",
    "- ",
    "1) ",
    "| a | b |\n",
    "[a](b)",
    "<!--",
    "-->",
    "<p>",
    "</p>",
    "<cite>",
    "<time>",
    "<v Ann>",
    "</v>",
    "&amp;",
    "&#x",
    "WEBVTT\n\n",
    "00:01.000 --> 00:02.000\n",
    "1\n00:00:01,000 --> 00:00:02,000\n",
    "NOTE ",
    "STYLE\n",
    "{",
    "}",
    "[",
    "\"segments\": [",
    "\"start\": 1e400,",
    "\"text\": \"\\ud800\"",
    "\"chapters\": [",
    "{\"startTime\": 0, \"title\": \"",
    "<psc:chapter start=\"",
];

/// An input like one of the samples, or like one of those that were made before.
pub(crate) fn mutant(samples: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = samples[numbers.below(samples.len())].clone();
    for _ in 0..=numbers.below(8) {
        change(&mut bytes, samples, numbers);
    }
    bytes.truncate(MAX_BYTES);
    bytes
}

fn change(bytes: &mut Vec<u8>, samples: &[Vec<u8>], numbers: &mut Numbers) {
    let (range, at) = (numbers.range(bytes.len()), numbers.below(bytes.len() + 1));
    match numbers.below(20) {
        0..3 if at < bytes.len() => bytes[at] ^= 1 << numbers.below(8),
        0..3 => bytes.push(b'\n'),
        3 => bytes.insert(at, numbers.next() as u8),
        4..7 => _ = bytes.drain(range),
        7..9 => {
            let copy = bytes[range].to_vec();
            bytes.splice(at..at, copy);
        }
        9..15 => {
            let piece = PIECES[numbers.below(PIECES.len())].bytes();
            let end = if numbers.below(2) == 0 { at } else { range.end.max(at) };
            bytes.splice(at..end, piece);
        }
        15..17 => {
            let other = &samples[numbers.below(samples.len())];
            let part = other[numbers.range(other.len())].to_vec();
            bytes.splice(at..at, part);
        }
        17 => {
            let digits: Vec<usize> = (0..bytes.len()).filter(|&idx| bytes[idx].is_ascii_digit()).collect();
            if !digits.is_empty() {
                bytes[digits[numbers.below(digits.len())]] = b'0' + numbers.below(10) as u8;
            }
        }
        18 => bytes.truncate(at),
        _ if numbers.below(8) > 0 => {}
        _ => {
            // What is quadratic shows when there is much of it.
            let range = if range.is_empty() { 0..bytes.len().min(40) } else { range };
            let piece = bytes[range].to_vec();
            let n_copies = numbers.below(MAX_BYTES / 4) / piece.len().max(1);
            bytes.splice(at..at, piece.repeat(n_copies));
        }
    }
}
