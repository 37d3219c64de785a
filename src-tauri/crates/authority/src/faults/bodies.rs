//! Bodies that no honest server sends: one that breaks off, and one that is too long.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::Frame;

/// One piece of the white space.
static SPACES: [u8; 64 * 1024] = [b' '; 64 * 1024];

/// Sends `sent`, lets the server flush it, and then fails, so that the connection is cut.
pub(super) fn broken(sent: Bytes) -> Body {
    Body::new(Broken { sent: Some(sent), flushed: false })
}

struct Broken {
    sent: Option<Bytes>,
    flushed: bool,
}

impl HttpBody for Broken {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(sent) = self.sent.take().filter(|sent| !sent.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(sent))));
        }
        if !self.flushed {
            // A body that is not ready makes the server flush what it has; one that fails does not.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}

/// `bytes` after this many megabytes of white space: still the same JSON. Never in memory as a whole.
pub(super) fn huge(megabytes: u32, bytes: Bytes) -> Body {
    Body::new(Huge { spaces: u64::from(megabytes) * 1024 * 1024, end: Some(bytes) })
}

struct Huge {
    spaces: u64,
    end: Option<Bytes>,
}

impl HttpBody for Huge {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.spaces == 0 {
            return Poll::Ready(self.end.take().map(|end| Ok(Frame::data(end))));
        }
        let length = usize::try_from(self.spaces).map_or(SPACES.len(), |left| left.min(SPACES.len()));
        self.spaces -= length as u64;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&SPACES[..length])))))
    }
}
