//! What a failed exchange means, in words made here. Nothing of the library's own text travels: it holds URLs.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use keyturn_core::provider::Fault;

use super::proxy::Proxy;
use crate::words::Censor;

/// The request could not be sent, or nothing came back.
pub(super) fn of_sending(error: reqwest::Error, proxy: Option<&Proxy>) -> Fault {
    let error = error.without_url();
    let cause = cause(&error);
    if error.is_builder() {
        Fault::Address("the request could not be formed".to_owned())
    } else if error.is_connect() {
        match proxy {
            Some(proxy) => proxy.refused(cause),
            None => Fault::Unreachable(cause.unwrap_or("no answer at the address").to_owned()),
        }
    } else if error.is_timeout() {
        Fault::ReplyLost("no answer in time".to_owned())
    } else {
        Fault::ReplyLost(cause.unwrap_or("the connection ended before the answer").to_owned())
    }
}

/// The reply began and did not end.
pub(super) fn of_receiving(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    Fault::ReplyLost(cause(&error).unwrap_or("the connection ended in the middle of the answer").to_owned())
}

pub(super) fn out_of_time(deadline: Duration) -> Fault {
    Fault::ReplyLost(format!("no whole answer within {} s", deadline.as_secs_f32()))
}

/// What a status means at any vendor. `None` for 2xx. An adapter asks its own table first.
pub(super) fn of_status(
    status: u16,
    retry_after: Option<Duration>,
    message: Option<&str>,
    censor: &Censor,
) -> Option<Fault> {
    Some(match status {
        200..=299 => return None,
        401 => Fault::Unauthenticated,
        404 => Fault::NotFound,
        // No vendor says this: something in between does, and has let nothing through.
        407 => Fault::Unreachable("a proxy in between wants a user name and a password".to_owned()),
        429 => Fault::RateLimited { retry_after: retry_after.unwrap_or(super::retry::UNTOLD) },
        status @ 500.. => Fault::Server { status, retry_after },
        status => {
            let message = message.map(|m| censor.sentence(m)).filter(|m| !m.is_empty());
            Fault::Refused {
                status,
                message: message.unwrap_or_else(|| format!("status {status}, no reason given")),
            }
        }
    })
}

/// The reason at the bottom of the chain, where it has a kind that can be told without its text.
fn cause(error: &reqwest::Error) -> Option<&'static str> {
    let mut link: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(current) = link {
        if let Some(words) = current.downcast_ref::<io::Error>().and_then(within) {
            return Some(words);
        }
        if let Some(tls) = current.downcast_ref::<rustls::Error>() {
            return Some(tls_cause(tls));
        }
        link = current.source();
    }
    None
}

/// An I/O error passes over what it wraps when it is asked for its source, and TLS errors are wrapped twice.
fn within(io: &io::Error) -> Option<&'static str> {
    let inner = io.get_ref();
    match (inner.and_then(|e| e.downcast_ref::<rustls::Error>()), inner.and_then(|e| e.downcast_ref())) {
        (Some(tls), _) => Some(tls_cause(tls)),
        (None, Some(io)) => within(io),
        (None, None) => io_cause(io.kind()),
    }
}

fn io_cause(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some("connection refused"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Some("the connection was cut"),
        io::ErrorKind::TimedOut => Some("no answer in time"),
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Some("no way to the network"),
        _ => None,
    }
}

fn tls_cause(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired | Certificate::ExpiredContext { .. } => "its certificate has expired",
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "its certificate is for another host"
            }
            Certificate::UnknownIssuer => "its certificate is from nobody this machine trusts",
            _ => "its certificate is not valid",
        },
        _ => "no secure connection could be made",
    }
}
