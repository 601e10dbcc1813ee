//! Rust text with comments and the contents of literals blanked, so that searches find code alone.

/// The code of a text; every character that is not code becomes a space, newlines stay.
pub fn only(text: &str) -> String {
    let mut scanner = Scanner { rest: text, code: String::with_capacity(text.len()) };
    while let Some(first) = scanner.rest.chars().next() {
        match scanner.skipped(first) {
            Some(length) => scanner.blank(length),
            None => scanner.keep(first),
        }
    }
    scanner.code
}

/// Whether `word` stands at byte `at` of `code` as a word of its own.
fn is_word(code: &str, at: usize, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let before = code[..at].chars().next_back();
    let after = code[at + word.len()..].chars().next();
    !before.is_some_and(part_of_name) && !after.is_some_and(part_of_name)
}

/// The lines, from 1, on which a word (or a path, or anything that begins and ends as a word) stands.
pub fn lines_with(code: &str, word: &str) -> Vec<usize> {
    let on = |line: &str| line.match_indices(word).any(|(at, _)| is_word(line, at, word));
    code.lines().zip(1..).filter(|(line, _)| on(line)).map(|(_, number)| number).collect()
}

struct Scanner<'a> {
    rest: &'a str,
    code: String,
}

impl Scanner<'_> {
    fn keep(&mut self, c: char) {
        self.code.push(c);
        self.rest = &self.rest[c.len_utf8()..];
    }

    fn blank(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length);
        self.code.extend(gone.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }

    /// The bytes of the comment or literal that begins here.
    fn skipped(&self, first: char) -> Option<usize> {
        let rest = self.rest;
        match first {
            '/' if rest.starts_with("//") => Some(rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => Some(block_comment(rest)),
            '"' => Some(1 + string(&rest[1..])),
            'r' if !self.inside_name() => raw_string(rest),
            '\'' => character(rest),
            _ => None,
        }
    }

    /// Whether the character before belongs to a name, other than the `b` and `c` of literals.
    fn inside_name(&self) -> bool {
        let mut before = self.code.chars().rev();
        let named = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        match before.next() {
            Some('b' | 'c') => named(before.next()),
            last => named(last),
        }
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The bytes up to and with the closing quote.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let hashes = rest[1..].chars().take_while(|&c| c == '#').count();
    let body = rest[1 + hashes..].strip_prefix('"')?;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(match body.find(&close) {
        Some(at) => 2 + hashes + at + close.len(),
        None => rest.len(),
    })
}

/// A character literal; `None` for a lifetime.
fn character(rest: &str) -> Option<usize> {
    let mut after = rest[1..].char_indices();
    let (_, first) = after.next()?;
    if first == '\\' {
        // The escaped character may itself be a quote.
        return rest[3..].find('\'').map(|at| 3 + at + 1);
    }
    let (at, second) = after.next()?;
    (second == '\'').then_some(1 + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, code: &str) {
        let found = only(text);
        assert_eq!(found.split_whitespace().collect::<Vec<_>>().join(" "), code);
        assert_eq!(found.chars().count(), text.chars().count());
        assert_eq!(found.lines().count(), text.lines().count());
    }

    #[test]
    fn comments_and_literals_are_blanked() {
        check("a // b\nc /* d /* e */ f */ g", "a c g");
        check(r#"let s = "un\"safe \\" + t;"#, "let s = + t;");
        check("r#\"a \" b\"# + br\"c\" + for_ + r", "+ b + for_ + r");
        check(r"match c { '\'' => 'x', '{' => '}', _ => ä }", "match c { => , => , _ => ä }");
        check("fn f<'a>(x: &'a str) -> &'static str {}", "fn f<'a>(x: &'a str) -> &'static str {}");
        check("\"never closed\n", "");
    }

    #[test]
    fn words_are_whole() {
        assert_eq!(lines_with("unsafe_code\nunsafe {\nx(unsafe)", "unsafe"), [2, 3]);
        assert_eq!(lines_with("use std::env;\nmystd::env", "std::env"), [1]);
    }
}
