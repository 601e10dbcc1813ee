//! What an answer is good for: where in the file it begins, or why it is none.

use super::Miss;
use super::request::Head;

/// Where an answer begins in the file; or why it is none.
pub(super) fn expected(head: &Head, had: u64, bytes: u64) -> Result<u64, Miss> {
    let gone = |why: String| Err(Miss::Gone(why));
    match head.status {
        200 | 206 => {}
        // The file there is not longer than what came from elsewhere.
        416 => return gone(format!("has no bytes after {had} (416)")),
        408 | 425 | 429 | 500.. => {
            let why = format!("answers {}", head.status);
            return Err(Miss::Later(why, head.retry_after));
        }
        status => return gone(format!("answers {status}")),
    }
    if head.html {
        return gone("an HTML page".into());
    }
    let start = match (head.status, head.range) {
        (206, Some((start, total))) if start == had && total.is_none_or(|total| total == bytes) => {
            start
        }
        (206, Some((_, Some(total)))) if total != bytes => {
            return gone(format!("a file of {total} bytes, where {bytes} are expected"));
        }
        (206, _) => return gone("another part of the file than was asked for".into()),
        _ => 0,
    };
    match head.length {
        Some(0) => Err(Miss::Later("an empty answer".into(), None)),
        Some(length) if start + length != bytes => {
            gone(format!("a file of {} bytes, where {bytes} are expected", start + length))
        }
        _ => Ok(start),
    }
}

/// Whether a file begins as pages do. No data set does.
pub(super) fn is_html(start: &[u8]) -> bool {
    let start = start.trim_ascii_start();
    let begins = |with: &str| {
        start.get(..with.len()).is_some_and(|s| s.eq_ignore_ascii_case(with.as_bytes()))
    };
    begins("<!doctype html") || begins("<html")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16) -> Head {
        Head { status, ..Head::default() }
    }

    #[test]
    fn answers_are_told_apart() {
        let why = |head: Head| match expected(&head, 10, 100) {
            Ok(start) => format!("from {start}"),
            Err(Miss::Gone(why)) => format!("gone: {why}"),
            Err(Miss::Later(why, after)) => format!("later: {why} {after:?}"),
            Err(_) => unreachable!(),
        };
        let range = |start, total| Some((start, total));
        assert_eq!(why(Head { length: Some(100), ..head(200) }), "from 0");
        assert_eq!(
            why(Head { range: range(10, Some(100)), length: Some(90), ..head(206) }),
            "from 10"
        );
        assert_eq!(why(Head { range: range(10, None), ..head(206) }), "from 10");
        assert!(why(Head { range: range(9, Some(100)), ..head(206) }).contains("another part"));
        assert!(why(Head { range: range(10, Some(99)), ..head(206) }).contains("of 99 bytes"));
        assert!(
            why(Head { range: range(10, Some(100)), length: Some(89), ..head(206) })
                .contains("of 99 bytes")
        );
        assert!(why(head(206)).starts_with("gone"));
        assert!(why(Head { length: Some(99), ..head(200) }).contains("gone: a file of 99 bytes"));
        assert!(why(Head { html: true, ..head(200) }).contains("gone: an HTML page"));
        for status in [301, 400, 401, 403, 404, 410, 416, 451] {
            assert!(why(head(status)).starts_with("gone"), "{status}");
        }
        for status in [408, 429, 500, 502, 503, 599] {
            assert!(why(head(status)).starts_with("later"), "{status}");
        }
    }

    #[test]
    fn pages_are_known_by_their_beginning() {
        assert!(is_html(b"\n <!DOCTYPE html><html>") && is_html(b"<HTML>"));
        assert!(!is_html(b"5.1,3.5\n") && !is_html(b"<") && !is_html(b""));
    }
}
