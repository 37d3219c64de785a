//! A file for the person: only they can read it, it replaces no other, and it is there whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::profile::{private_file, sync_dir};

/// A file that is being written under another name. Dropped before [`Outgoing::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct Outgoing {
    out: BufWriter<File>,
    part: PathBuf,
    path: PathBuf,
    finished: bool,
}

impl Outgoing {
    /// Begins `stem.ending` in `dir`, with a number where that is taken.
    ///
    /// # Errors
    /// Where nothing can be written there.
    pub fn create(dir: &Path, stem: &str, ending: &str) -> io::Result<Self> {
        std::fs::create_dir_all(dir)?;
        let names = (1..).map(|number| match number {
            1 => format!("{stem}.{ending}"),
            number => format!("{stem}-{number}.{ending}"),
        });
        for name in names {
            let path = dir.join(&name);
            // Takes the name, so that of two exports at once each gets its own.
            match private_file().create_new(true).write(true).open(&path) {
                Ok(_) => {
                    let part = dir.join(format!(".{name}.part"));
                    let file = private_file().create(true).truncate(true).write(true).open(&part);
                    let file = file.inspect_err(|_| drop(std::fs::remove_file(&path)))?;
                    return Ok(Self { out: BufWriter::new(file), part, path, finished: false });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Puts the whole file in its place, on disk, and says where that is.
    ///
    /// # Errors
    /// Where it cannot be written; nothing is left of it then.
    pub fn finish(mut self) -> io::Result<PathBuf> {
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        std::fs::rename(&self.part, &self.path)?;
        self.finished = true;
        self.path.parent().map_or(Ok(()), sync_dir)?;
        Ok(self.path.clone())
    }
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if !self.finished {
            for path in [&self.part, &self.path] {
                if let Err(error) = std::fs::remove_file(path) {
                    tracing::warn!(%error, "an unfinished export could not be removed");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_export_replaces_no_other_and_only_its_owner_can_read_it() {
        let dir = tempfile::TempDir::new().unwrap();
        for (text, name) in [("one", "list.csv"), ("two", "list-2.csv")] {
            let mut file = Outgoing::create(dir.path(), "list", "csv").unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let path = file.finish().unwrap();
            assert_eq!(path, dir.path().join(name));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            }
        }
        assert_eq!(names(dir.path()), ["list-2.csv", "list.csv"]);
    }

    #[test]
    fn an_export_that_is_given_up_leaves_nothing() {
        let dir = tempfile::TempDir::new().unwrap();
        let mut file = Outgoing::create(dir.path(), "list", "csv").unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }
}
