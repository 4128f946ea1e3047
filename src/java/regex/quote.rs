//! Replaces `\Q…\E` before anything else is read.

/// The characters of `text`, with those between `\Q` and `\E` (or the end) escaped instead of quoted.
///
/// A digit that begins a quote becomes `\x3N`, so that it does not continue an escape before it. An `\E` outside of quotes
/// stays and is rejected later.
pub(super) fn unquoted(text: &str) -> Vec<char> {
    let mut rest = text.chars().peekable();
    let mut out = Vec::with_capacity(text.len() + 2);
    let mut in_quote = false;
    while let Some(next) = rest.next() {
        match next {
            '\\' if in_quote => {
                if rest.next_if_eq(&'E').is_some() {
                    in_quote = false;
                } else {
                    out.extend(['\\', '\\']);
                }
            }
            '\\' => match rest.next() {
                Some('Q') => {
                    in_quote = true;
                    if let Some(digit) = rest.next_if(char::is_ascii_digit) {
                        out.extend(['\\', 'x', '3', digit]);
                    }
                }
                escaped => {
                    out.push('\\');
                    out.extend(escaped);
                }
            },
            _ => {
                if in_quote && next.is_ascii() && !next.is_ascii_alphanumeric() {
                    out.push('\\');
                }
                out.push(next);
            }
        }
    }
    out
}
