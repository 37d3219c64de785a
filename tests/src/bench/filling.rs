//! What stands in a program's home before it is measured: a ledger read from a vendor, or a database.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use keyturn_authority::{Authority, Config, Limits};
use tokio::runtime::Runtime;

use super::subject::{PASSWORD, Subject};
use super::vault;

/// The vendor of Keyturn's account, outside Keyturn as every vendor is.
#[derive(Debug)]
pub struct Vendor {
    _authority: Authority,
    _runtime: Runtime,
}

impl Subject {
    /// A first start fills the ledger from the rehearsal's authority.
    pub(super) fn fill_ledger(&self) -> Result<()> {
        let running = self.start()?;
        let ledger = self.session.profile("first").join("ledger.db");
        let deadline = Instant::now() + Duration::from_secs(300);
        while count_keys(&ledger).unwrap_or(0) < self.entries {
            if Instant::now() > deadline {
                bail!("the first start did not read {} keys within 5 min", self.entries);
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        running.end()
    }

    /// Makes the rehearsal an account like any other, at an authority in this process: its hundred thousand keys
    /// are the vendor's to remember, not Keyturn's.
    pub(super) fn move_out(&self) -> Result<Vendor> {
        let profile = self.session.profile("first");
        let runtime = Runtime::new()?;
        let mut config =
            Config::new(keyturn_authority::Vendor::Naturalead, profile.join("rehearsal-naturalead.db"));
        config.limits = Limits::unlimited();
        let authority = runtime.block_on(Authority::start(config))?;
        let ledger = rusqlite::Connection::open(profile.join("ledger.db"))?;
        ledger.execute("UPDATE accounts SET rehearsal = 0, base_url = ?", [authority.base_url()])?;
        Ok(Vendor { _authority: authority, _runtime: runtime })
    }

    pub(super) fn fill_database(&self) -> Result<()> {
        let home = self.session.home();
        let (plain, vault) = (home.join("vault.xml"), home.join("vault.kdbx"));
        std::fs::write(&plain, vault::xml(self.entries))?;
        let config = home.join(".config/keepassxc");
        std::fs::create_dir_all(&config)?;
        std::fs::write(config.join("keepassxc.ini"), vault::SETTINGS)?;
        let mut import = self
            .session
            .command("keepassxc-cli")
            .args(["import", "--set-password", "--decryption-time", "1000"])
            .args([&plain, &vault])
            .env("QT_QPA_PLATFORM", "offscreen")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("keepassxc-cli")?;
        import.stdin.take().context("no input")?.write_all(&[PASSWORD, PASSWORD].concat())?;
        if !import.wait()?.success() {
            bail!("keepassxc-cli could not make the database");
        }
        Ok(())
    }
}

fn count_keys(ledger: &Path) -> Result<usize> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(ledger, flags)?;
    Ok(connection.query_row("SELECT count(*) FROM keys", [], |row| row.get::<_, u32>(0))? as usize)
}
