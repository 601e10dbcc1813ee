//! Small helpers for messages: the nearest names, lists cut short.

/// The number of single-character edits between two words (Levenshtein 1966).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// What is compared of a word.
fn short(word: &str) -> String {
    word.chars().take(64).collect::<String>().to_lowercase()
}

/// Up to three of `known`, the most similar to `word` first, case ignored; ties keep their order.
pub(crate) fn most_similar<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let word = short(word);
    let mut all: Vec<(usize, &str)> = known.map(|k| (distance(&word, &short(k)), k)).collect();
    all.sort_by_key(|(d, _)| *d);
    all.into_iter().take(3).map(|(_, k)| k).collect()
}

/// What was probably meant by a mistyped word: the candidate that the fewest edits of a character
/// lead to (Levenshtein 1966), case ignored, the first of equals; `None` if even that takes more
/// than a third of the word's length and one.
///
/// ```
/// assert_eq!(mlp_data::nearest("iriss", ["digits", "iris"]), Some("iris"));
/// assert_eq!(mlp_data::nearest("titanic", ["digits", "iris"]), None);
/// ```
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = short(word);
    let near = candidates.into_iter().map(|c| (distance(&word, &short(c)), c));
    let (edits, best) = near.min_by_key(|(edits, _)| *edits)?;
    (edits <= 1 + word.chars().count() / 3).then_some(best)
}

/// `` `a`, `b`, … and 7 more``: at most `most` names in back quotes.
pub(crate) fn listed<S: AsRef<str>>(names: &[S], most: usize) -> String {
    let mut text = String::new();
    for (i, name) in names.iter().take(most).enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        text.push_str(&format!("`{}`", shown(name.as_ref())));
    }
    if names.len() > most {
        text.push_str(&format!(" and {} more", names.len() - most));
    }
    text
}

/// A value as a message shows it: control characters escaped, cut after 40 characters.
pub(crate) fn shown(value: &str) -> String {
    let mut text: String = value.chars().take(40).flat_map(char::escape_debug).collect();
    if value.chars().nth(40).is_some() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_comes_first() {
        let known = ["Age", "Survived", "Sex"];
        assert_eq!(most_similar("survive", known.into_iter())[0], "Survived");
        assert_eq!(most_similar("sec", known.into_iter())[0], "Sex");
    }

    #[test]
    fn only_a_word_that_is_near_was_meant() {
        for (word, expected) in
            [("Sruvived", Some("Survived")), ("ages", Some("Age")), ("x", None), ("Cabin", None)]
        {
            assert_eq!(nearest(word, ["Survived", "Age"]), expected, "{word}");
        }
        assert_eq!(nearest("ab", ["bb", "aa"]), Some("bb"));
        assert_eq!(nearest("a", []), None);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(listed(&["a", "b", "c"], 2), "`a`, `b` and 1 more");
        assert_eq!(shown("a\tb"), "a\\tb");
    }
}
