//! Where the server listens, and under which names it answers.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs};

use crate::diagnostic::io::reason;
use crate::diagnostic::{Diagnostic, Fault};

/// The port of the preview where none is asked for; those after it where it is taken.
const PORT: u16 = 4000;
const N_TRIED: u16 = 10;

/// The sockets of the server, and its names.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) listeners: Vec<TcpListener>,
    pub(super) names: Names,
}

/// The hosts that the server answers for.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// As in an address: `127.0.0.1`, `[::1]`, `desk.local`.
    pub(super) host: String,
    pub(super) port: u16,
    /// Whether it listens on every interface, so that any number of this machine may be its name.
    is_everywhere: bool,
}

impl Names {
    /// `http://127.0.0.1:4000`.
    pub(super) fn origin(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    /// Whether a `Host` header or the authority of a request names this server. A name that somebody else owns is
    /// refused even if it leads here: another site's script could read the pages through it.
    pub(super) fn include(&self, authority: &str) -> bool {
        let port_at = authority.rfind(':').filter(|&at| !authority[at..].contains(']'));
        let (host, port) = match port_at {
            Some(at) => (&authority[..at], authority[at + 1..].parse().ok()),
            None => (authority, Some(80)),
        };
        let is_known =
            ["localhost", "127.0.0.1", "[::1]", &self.host].iter().any(|name| host.eq_ignore_ascii_case(name));
        let number = host.trim_start_matches('[').trim_end_matches(']');
        port == Some(self.port) && (is_known || self.is_everywhere && number.parse::<IpAddr>().is_ok())
    }
}

/// Listens on `interface` (loopback without one), at `port` or a free one.
///
/// # Errors
/// The port that was asked for is taken, or there is no such interface.
pub(super) fn listen(interface: Option<&str>, port: Option<u16>) -> Result<Address, Diagnostic> {
    let asked = interface.map(|name| name.trim_start_matches('[').trim_end_matches(']'));
    let ips = match asked {
        None => vec![IpAddr::V4(Ipv4Addr::LOCALHOST)],
        Some(name) => ips(name)?,
    };
    let ports: Vec<u16> = port.map_or_else(|| (PORT..PORT + N_TRIED).chain([0]).collect(), |port| vec![port]);
    let mut last = None;
    for port in ports {
        match bind(&ips, port, asked.is_none()) {
            Ok(listeners) => {
                let port = listeners[0].local_addr().map_or(port, |address| address.port());
                let first = ips[0];
                let host = match (asked, first) {
                    (_, ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
                    (_, IpAddr::V6(_)) if asked.is_none_or(|name| name.parse::<IpAddr>().is_ok()) => {
                        format!("[{first}]")
                    }
                    (Some(name), _) => name.to_ascii_lowercase(),
                    (None, ip) => ip.to_string(),
                };
                return Ok(Address { listeners, names: Names { host, port, is_everywhere: first.is_unspecified() } });
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => last = Some((port, error)),
            Err(error) => {
                last = Some((port, error));
                break;
            }
        }
    }
    let (port, error) = last.unwrap_or((PORT, io::Error::other("no port is free")));
    let shown = asked.unwrap_or("127.0.0.1");
    let message = format!("cannot listen on port {port} of {shown}: {}", reason(&error));
    let diagnostic = Diagnostic::error("cannot-listen", message).fault(Fault::Machine);
    Err(match error.kind() {
        ErrorKind::AddrInUse => diagnostic.help("give another `--port`, or none: then a free one is taken"),
        ErrorKind::PermissionDenied => diagnostic.help("ports below 1024 are kept by the system: give a higher one"),
        _ => diagnostic.help("give an address of this machine to `--interface`, such as 127.0.0.1"),
    })
}

fn ips(name: &str) -> Result<Vec<IpAddr>, Diagnostic> {
    let found = (name, 0).to_socket_addrs().map(|all| all.map(|address| address.ip()).collect::<Vec<_>>());
    found.ok().filter(|all| !all.is_empty()).ok_or_else(|| {
        Diagnostic::error("cannot-listen", format!("there is no interface `{}`", crate::diagnostic::io::escaped(name)))
            .fault(Fault::Machine)
            .help("give an address of this machine, such as 127.0.0.1 or 0.0.0.0")
    })
}

/// Binds all addresses; on loopback also `[::1]`, since browsers may try that one first for `localhost`.
fn bind(ips: &[IpAddr], port: u16, is_default: bool) -> io::Result<Vec<TcpListener>> {
    let mut listeners = Vec::new();
    let mut port = port;
    let mut first_error = None;
    for ip in ips {
        match TcpListener::bind(SocketAddr::new(*ip, port)) {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    if let (true, Some(error)) = (listeners.is_empty(), first_error) {
        return Err(error);
    }
    if is_default {
        match TcpListener::bind(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port)) {
            Ok(listener) => listeners.push(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            // A machine without IPv6.
            Err(_) => {}
        }
    }
    listeners.iter().try_for_each(|listener| listener.set_nonblocking(true))?;
    Ok(listeners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered() {
        let names = Names { host: "desk.local".to_owned(), port: 4000, is_everywhere: false };
        for good in ["localhost:4000", "127.0.0.1:4000", "[::1]:4000", "DESK.local:4000"] {
            assert!(names.include(good), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "localhost:4001",
            "evil.example:4000",
            "10.0.0.1:4000",
            "localhost:",
            "localhost.:4000",
            "a@localhost:4000",
            "127.0.0.1:4000:4000",
            "[::1]",
            "::1:4000",
            "localhost:4000.evil.example",
        ] {
            assert!(!names.include(bad), "{bad}");
        }
        let everywhere = Names { host: "127.0.0.1".to_owned(), port: 80, is_everywhere: true };
        assert!(
            everywhere.include("10.0.0.1") && everywhere.include("[fe80::1]:80") && !everywhere.include("evil.example")
        );
    }
}
