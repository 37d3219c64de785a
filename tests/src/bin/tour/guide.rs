//! What the tour leaves: each step printed and pictured.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Result;
use keyturn_tests::page::Page;

/// Prints each step and takes its picture.
pub(crate) struct Guide {
    dir: PathBuf,
    step: usize,
    began: Instant,
}

impl Guide {
    /// Its pictures go to `KEYTURN_TOUR_DIR`, or below `target`.
    pub(crate) fn new() -> Self {
        let named = std::env::var_os("KEYTURN_TOUR_DIR").map(PathBuf::from);
        Self { dir: named.unwrap_or_else(|| "target/tour".into()), step: 0, began: Instant::now() }
    }

    /// Takes a picture of what the page shows now, named by its number and words.
    pub(crate) async fn show(&mut self, page: &Page, words: &str) -> Result<()> {
        self.step += 1;
        let name: String = words
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .take(48)
            .collect();
        let path = self.dir.join(format!("{:02}-{}.png", self.step, name.trim_matches('-')));
        page.screenshot(&path).await?;
        println!("{:>2}. [{:>5.1} s] {words}", self.step, self.began.elapsed().as_secs_f32());
        Ok(())
    }

    pub(crate) fn end(&self) {
        println!("The tour is over: {} pictures in {}.", self.step, self.dir.display());
    }
}
