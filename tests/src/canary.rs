//! Looks for secrets where none may be: in files, in output, in another process's memory, in every encoding that
//! software commonly makes of a text.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// The byte forms of one secret: UTF-8, UTF-16, hex, base64 at each of its three alignments, URL-encoded.
#[must_use]
pub fn forms(secret: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = secret.as_bytes();
    let mut forms = vec![
        ("utf-8", bytes.to_vec()),
        ("utf-16", secret.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("hex", hex::encode(bytes).into_bytes()),
        ("HEX", hex::encode_upper(bytes).into_bytes()),
        ("url", url::form_urlencoded::byte_serialize(bytes).collect::<String>().into_bytes()),
        ("url, every byte", bytes.iter().map(|b| format!("%{b:02X}")).collect::<String>().into_bytes()),
    ];
    for skip in 0..3 {
        // Without the characters at both ends, which depend on the neighbours.
        let encoded = STANDARD_NO_PAD.encode([&vec![0; skip], bytes].concat());
        forms.push(("base64", encoded.as_bytes()[4..encoded.len() - 4].to_vec()));
    }
    forms
}

/// Every place below `dir` whose bytes hold one of `secrets`.
pub fn in_files(dir: &Path, secrets: &[&str]) -> Result<Vec<String>> {
    let wanted: Vec<_> = secrets.iter().flat_map(|secret| forms(secret)).collect();
    let mut hits = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(path) = waiting.pop() {
        let meta = path.symlink_metadata()?;
        if meta.is_dir() {
            for entry in std::fs::read_dir(&path)? {
                waiting.push(entry?.path());
            }
        } else if meta.is_file() {
            let bytes = std::fs::read(&path)?;
            hits.extend(
                wanted
                    .iter()
                    .filter(|(_, form)| holds(&bytes, form))
                    .map(|(name, _)| format!("{} ({name})", path.display())),
            );
        }
    }
    Ok(hits)
}

/// How often `secret` stands in the memory of a process, in UTF-8 or UTF-16.
pub fn in_memory(pid: u32, secret: &str) -> Result<usize> {
    let wanted: Vec<_> = forms(secret).into_iter().take(2).map(|(_, form)| form).collect();
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut pages = File::open(format!("/proc/{pid}/pagemap"))?;
    let mut hits = 0;
    for (from, to) in resident(&std::fs::read_to_string(format!("/proc/{pid}/smaps"))?) {
        hits += in_region(&mut memory, &mut pages, from, to, &wanted);
    }
    Ok(hits)
}

/// The writable regions of which anything is in memory or swapped out. JavaScript engines reserve many gigabytes
/// of which nothing is.
fn resident(smaps: &str) -> Vec<(u64, u64)> {
    let mut regions = Vec::new();
    let mut current = None;
    for line in smaps.lines() {
        let mut words = line.split_whitespace();
        let (Some(first), Some(second)) = (words.next(), words.next()) else { continue };
        if let Some((from, to)) = first.split_once('-')
            && let (Ok(from), Ok(to)) = (u64::from_str_radix(from, 16), u64::from_str_radix(to, 16))
        {
            current = second.starts_with("rw").then_some((from, to));
        } else if matches!(first, "Rss:" | "Swap:") && second != "0" {
            regions.extend(current.take());
        }
    }
    regions
}

const PAGE: u64 = 4096;
const PIECE: u64 = 4 * 1024 * 1024;
/// So much is asked about at a time.
const STRETCH: u64 = 256 * PIECE;

/// A region that cannot be read (a guard, a device) holds nothing of ours. A stretch or a piece of it without a page
/// in memory is passed over.
fn in_region(memory: &mut File, pages: &mut File, from: u64, to: u64, wanted: &[Vec<u8>]) -> usize {
    let (mut at, mut hits) = (from, 0);
    while at < to {
        let stretch = (at + STRETCH).min(to);
        if any_page(pages, at, stretch) {
            while at < stretch {
                let end = (at + PIECE).min(stretch);
                if any_page(pages, at, end) {
                    hits += in_piece(memory, at, end, to, wanted);
                }
                at = end;
            }
        }
        at = stretch;
    }
    hits
}

/// Reads a page more than the piece: a secret may stand across its end.
fn in_piece(memory: &mut File, from: u64, end: u64, limit: u64, wanted: &[Vec<u8>]) -> usize {
    let mut bytes = Vec::new();
    let length = (end + PAGE).min(limit) - from;
    if memory.seek(SeekFrom::Start(from)).is_err()
        || memory.by_ref().take(length).read_to_end(&mut bytes).is_err()
    {
        return 0;
    }
    let before = usize::try_from(end - from).unwrap_or(usize::MAX);
    wanted.iter().map(|form| count(&bytes, form, before)).sum()
}

/// Whether any page of the stretch is in memory or swapped out. Where that cannot be told, it is read.
fn any_page(pages: &mut File, from: u64, to: u64) -> bool {
    const IN_MEMORY_OR_SWAPPED: u64 = 0b11 << 62;
    let mut entries = vec![0_u8; usize::try_from((to - from) / PAGE * 8).unwrap_or(0)];
    if pages.seek(SeekFrom::Start(from / PAGE * 8)).is_err() || pages.read_exact(&mut entries).is_err() {
        return true;
    }
    entries.chunks_exact(8).any(|entry| {
        entry.try_into().map(u64::from_le_bytes).is_ok_and(|entry| entry & IN_MEMORY_OR_SWAPPED != 0)
    })
}

fn holds(bytes: &[u8], form: &[u8]) -> bool {
    memchr::memmem::find(bytes, form).is_some()
}

fn count(bytes: &[u8], form: &[u8], before: usize) -> usize {
    memchr::memmem::find_iter(bytes, form).filter(|at| *at < before).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The search itself must be able to fail: each form is found where it was planted.
    #[test]
    fn a_planted_secret_is_found_in_every_form() {
        let dir = tempfile::tempdir().unwrap();
        let secret = "nl_live_0123456789abcdef0123456789abcdef";
        for (n, (_, form)) in forms(secret).iter().enumerate() {
            std::fs::write(dir.path().join(n.to_string()), [b"before ", form.as_slice(), b" after"].concat())
                .unwrap();
        }
        let hits = in_files(dir.path(), &[secret]).unwrap();
        for n in 0..forms(secret).len() {
            assert!(
                hits.iter().any(|hit| hit.contains(&format!("/{n} ("))),
                "form {n} was not found: {hits:?}"
            );
        }
    }

    #[test]
    fn a_secret_in_this_process_is_found_in_its_memory() {
        let secret: String = std::iter::repeat_n("q7", 20).collect();
        assert!(in_memory(std::process::id(), &secret).unwrap() > 0);
        assert_eq!(secret.len(), 40);
    }
}
