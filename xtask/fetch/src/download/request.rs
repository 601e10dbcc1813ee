//! A request and its answer, by ureq. Nothing is decided here about what the answer is good for.

use super::proxy;
use std::io::Read;
use std::time::Duration;
use ureq::Agent;
use ureq::config::Config;

/// How long is waited for whom.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection, and for the next bytes.
    pub stall: Duration,
    /// Before the second round; doubled with each.
    pub back_off: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { stall: Duration::from_secs(30), back_off: Duration::from_secs(1) }
    }
}

/// What sends requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client {
    /// How patient it is.
    pub patience: Patience,
}

/// What is told of an answer before its body.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The code.
    pub status: u16,
    /// `Content-Length`.
    pub length: Option<u64>,
    /// `Content-Range`: the first byte, and the size of the file.
    pub range: Option<(u64, Option<u64>)>,
    /// `ETag`.
    pub tag: Option<String>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<Duration>,
    /// Whether it calls itself HTML.
    pub html: bool,
}

/// An answer.
pub struct Answer {
    /// What is told before its body.
    pub head: Head,
    /// The body.
    pub body: Box<dyn Read>,
    /// For how long nothing may come.
    pub stall: Duration,
}

impl Client {
    /// Asks for a file from its byte `from` on, if it is still that of the validator `tag`.
    ///
    /// # Errors
    /// There is no answer: why.
    pub fn get(&self, url: &str, from: u64, tag: Option<&str>) -> Result<Answer, String> {
        let stall = self.patience.stall;
        let proxy = match proxy::of(url, &|name| std::env::var(name).ok()) {
            None => None,
            Some(proxy) => Some(ureq::Proxy::new(&proxy).map_err(|e| format!("proxy: {e}"))?),
        };
        let config = Config::builder()
            .http_status_as_error(false)
            .user_agent(concat!("mlp-fetch-data/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .proxy(proxy)
            .timeout_resolve(Some(stall))
            .timeout_connect(Some(stall))
            .timeout_recv_response(Some(stall))
            .timeout_per_read(Some(stall))
            .build();
        let mut request = Agent::new_with_config(config).get(url);
        if from > 0 {
            request = request.header("Range", format!("bytes={from}-"));
            if let Some(tag) = tag {
                request = request.header("If-Range", tag);
            }
        }
        let response = request.call().map_err(|error| match error {
            ureq::Error::Timeout(_) => format!("no answer within {} s", stall.as_secs_f64()),
            error => error.to_string(),
        })?;
        let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
        let head = Head {
            status: response.status().as_u16(),
            length: header("content-length").and_then(|text| text.trim().parse().ok()),
            range: header("content-range").and_then(|text| content_range(&text)),
            tag: header("etag"),
            retry_after: header("retry-after").and_then(|text| seconds(&text)),
            html: header("content-type")
                .is_some_and(|text| text.to_ascii_lowercase().starts_with("text/html")),
        };
        Ok(Answer { head, body: Box::new(response.into_body().into_reader()), stall })
    }
}

/// `bytes 10-99/100`, `bytes 10-99/*`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (start, _) = range.split_once('-')?;
    let total = if total == "*" { None } else { Some(total.trim().parse().ok()?) };
    Some((start.trim().parse().ok()?, total))
}

/// Seconds to wait; a date is left to the growing pauses.
fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse().ok().map(Duration::from_secs)
}

/// Whether a body ended since nothing came for long.
pub fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock)
        || error.to_string().starts_with("timeout")
}

/// The host of an address, for the screen.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    // Never a password.
    authority.rsplit('@').next().unwrap_or(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read() {
        assert_eq!(content_range("bytes 10-99/100"), Some((10, Some(100))));
        assert_eq!(content_range("bytes 0-0/*"), Some((0, None)));
        for wrong in ["", "bytes */100", "items 1-2/3", "bytes 1/2", "bytes 1-2/x"] {
            assert_eq!(content_range(wrong), None, "{wrong}");
        }
        assert_eq!(seconds(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(seconds("Wed, 21 Oct 2015 07:28:00 GMT"), None);
        assert_eq!(host("https://a:b@host.org:8080/path?x"), "host.org:8080");
    }
}
