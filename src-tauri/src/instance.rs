//! One window a profile: a second start asks the first to come forward, and ends.
//!
//! Not the single-instance plugin: it knows one instance per user, while profiles live side by side, and on
//! Linux it needs a session bus. Here the profile's lock decides, and a loopback port with a token in the
//! profile carries the one word.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FILE: &str = "instance";
const WAIT: Duration = Duration::from_secs(2);

/// Listens for a second start and calls `come_forward` for each.
///
/// # Errors
/// When no loopback port can be had or the profile cannot be written.
pub(crate) fn listen(profile: &Path, come_forward: impl Fn() + Send + 'static) -> std::io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut token = [0_u8; 16];
    getrandom::fill(&mut token).map_err(std::io::Error::other)?;
    let token = hex::encode(token);
    write_private(&path(profile), &format!("{}\n{token}", listener.local_addr()?.port()))?;
    std::thread::Builder::new().name("instance".into()).spawn(move || {
        for stream in listener.incoming() {
            match stream.and_then(|stream| heard(stream, &token)) {
                Ok(true) => come_forward(),
                Ok(false) => tracing::warn!("a request without this profile's token was ignored"),
                Err(error) => tracing::debug!(%error, "could not hear a second start"),
            }
        }
    })?;
    Ok(())
}

/// Asks the instance that holds `profile` to show its window.
///
/// # Errors
/// When none answers.
pub(crate) fn call_forward(profile: &Path) -> std::io::Result<()> {
    let text = std::fs::read_to_string(path(profile))?;
    let (port, token) = text.split_once('\n').ok_or(std::io::ErrorKind::InvalidData)?;
    let port: u16 = port.parse().map_err(std::io::Error::other)?;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_write_timeout(Some(WAIT))?;
    stream.write_all(token.as_bytes())
}

fn heard(mut stream: TcpStream, token: &str) -> std::io::Result<bool> {
    stream.set_read_timeout(Some(WAIT))?;
    let mut said = vec![0_u8; token.len()];
    stream.read_exact(&mut said)?;
    Ok(said == token.as_bytes())
}

fn path(profile: &Path) -> PathBuf {
    profile.join(FILE)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_calls_the_first_forward() {
        let dir = std::env::temp_dir().join(format!("keyturn-instance-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let (sender, heard) = std::sync::mpsc::channel();
        listen(&dir, move || sender.send(()).unwrap()).unwrap();
        call_forward(&dir).unwrap();
        heard.recv_timeout(WAIT).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
