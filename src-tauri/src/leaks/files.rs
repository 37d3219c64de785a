//! A dropped file as bytes to search, or the reason why nothing in it was looked through. Knows nothing of keys.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use keyturn_core::leak::LARGEST;
use zeroize::Zeroizing;

/// What holds text that is not to be seen as it lies there, by its first bytes.
const PACKED: [(&[u8], &str); 9] = [
    (b"PK\x03\x04", "an archive or a document of an office program: unpack it, or copy its text out"),
    (b"%PDF", "a PDF: copy its text out"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it first"),
    (b"\xfd7zXZ\0", "packed with xz: unpack it first"),
    (b"BZh", "packed with bzip2: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first"),
    (b"Rar!", "a RAR archive: unpack it first"),
    (b"\x89PNG", "a picture: nothing in it is read"),
    (b"\xff\xd8\xff", "a picture: nothing in it is read"),
];

/// How a file is called where its folder does not matter.
pub(super) fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// The bytes of a file.
///
/// # Errors
/// Why they were not read, as a person may be told.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    if path.is_dir() {
        return Err("a folder: drop the files in it".to_owned());
    }
    let failed = |error: std::io::Error| format!("it could not be read: {}", error.kind());
    let bytes = bounded(File::open(path).map_err(failed)?).map_err(failed)?.ok_or_else(too_large)?;
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let unpacked = bounded(MultiGzDecoder::new(&**bytes));
        return unpacked
            .map_err(|_| "it begins like a gzip file and cannot be unpacked".to_owned())?
            .ok_or_else(too_large);
    }
    match PACKED.iter().find(|(begins, _)| bytes.starts_with(begins)) {
        Some((_, why)) => Err((*why).to_owned()),
        None => Ok(bytes),
    }
}

fn too_large() -> String {
    format!("it is larger than {} MB: search it in parts", LARGEST / 1024 / 1024)
}

/// All of it, or nothing where that is too much. The room is taken at once, so that no copy of the text is left where it
/// grew from.
fn bounded(from: impl Read) -> std::io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST + 2));
    from.take(LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() <= LARGEST).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// A file, what is in it, and what is read or why not.
    type Case<'a> = (&'a str, Vec<u8>, Result<&'a [u8], &'a str>);

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn f11_every_file_is_read_or_the_reason_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let twice = [packed(b"one "), packed(b"two")].concat();
        let table: [Case<'_>; 9] = [
            ("a.log", b"plain".to_vec(), Ok(b"plain")),
            ("b.log.gz", packed(b"packed"), Ok(b"packed")),
            ("twice.gz", twice, Ok(b"one two")),
            ("empty", Vec::new(), Ok(b"")),
            ("bomb.gz", packed(&vec![b'x'; LARGEST + 1]), Err("larger than 10 MB")),
            ("large", vec![b'x'; LARGEST + 1], Err("larger than 10 MB")),
            ("cut.gz", packed(b"cut short")[..12].to_vec(), Err("cannot be unpacked")),
            ("c.zip", b"PK\x03\x04rest".to_vec(), Err("unpack it")),
            ("d.pdf", b"%PDF-1.7".to_vec(), Err("a PDF")),
        ];
        for (name, bytes, expected) in &table {
            let path = dir.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            match (expected, read(&path)) {
                (Ok(expected), Ok(bytes)) => assert_eq!(*expected, bytes.as_slice(), "{name}"),
                (Err(why), Err(told)) => assert!(told.contains(why), "{name}: {told}"),
                (expected, told) => panic!("{name}: {:?} instead of {expected:?}", told.err()),
            }
        }
        assert!(read(dir.path()).unwrap_err().contains("a folder"));
        assert!(read(&dir.path().join("gone")).unwrap_err().contains("could not be read"));
    }
}
