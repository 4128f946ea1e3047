//! What Go and OpenSSL do not find in a PEM text. The parser used here reads more than they do.

use std::fmt;

/// Why a registry finds no certificate, or no key, in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextFault {
    /// A byte order mark comes before the first line.
    Mark,
    /// UTF-16.
    Utf16,
    /// A block is not on lines of its own.
    Lines,
    /// Empty lines within a block, which Go skips.
    Blanks,
}

impl TextFault {
    /// Whether Go reads the text, and so a registry and the Docker Engine do.
    pub(crate) fn is_fine_for_go(self) -> bool {
        self == Self::Blanks
    }

    /// What to do.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Mark => "save it without a byte order mark: sed -i '1s/^\\xef\\xbb\\xbf//' FILE",
            Self::Utf16 => {
                "save it as ASCII or UTF-8 without a byte order mark: iconv -f utf-16 -t ascii FILE"
            }
            Self::Lines => {
                "its line breaks were lost, as in a variable or in YAML: write `-----BEGIN …-----`, the base64 text and \
                 `-----END …-----` on lines of their own"
            }
            Self::Blanks => "remove the empty lines: sed -i '/^[[:space:]]*$/d' FILE",
        }
    }
}

impl fmt::Display for TextFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mark => "begins with a byte order mark, behind which Go finds nothing",
            Self::Utf16 => "is UTF-16 text, in which neither Go nor OpenSSL finds anything",
            Self::Lines => "has a PEM block that is not on lines of its own, in which neither Go nor OpenSSL finds anything",
            Self::Blanks => {
                "has empty lines within a PEM block: Go, and so Docker, reads it, and OpenSSL, and so the agents' fetcher \
                 and curl, does not"
            }
        })
    }
}

/// The first fault of a PEM text (Go, `encoding/pem.Decode`; OpenSSL, `PEM_read_bio`). Text around the blocks is none.
pub(crate) fn fault(content: &[u8]) -> Option<TextFault> {
    if content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]) {
        return Some(TextFault::Utf16);
    }
    let text = content.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(content);
    let has_mark = text.len() != content.len() && text.starts_with(b"-----BEGIN ");
    let is_broken = |line: &[u8]| {
        let line = line.trim_ascii_end();
        let boundaries = count(line, b"-----BEGIN ") + count(line, b"-----END ");
        let is_alone = boundaries == 1
            && (line.starts_with(b"-----BEGIN ") || line.starts_with(b"-----END "))
            && line.len() > 16
            && line.ends_with(b"-----");
        boundaries > 0 && !is_alone
    };
    if text.split(|byte| *byte == b'\n').any(is_broken) {
        Some(TextFault::Lines)
    } else if has_mark {
        Some(TextFault::Mark)
    } else {
        has_blanks(text).then_some(TextFault::Blanks)
    }
}

/// Whether a block has empty lines that OpenSSL does not take. One right after the first line ends its headers, of which there
/// may be none.
fn has_blanks(text: &[u8]) -> bool {
    let (mut is_inside, mut is_first, mut lines) = (false, false, 0);
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii_end();
        if line.starts_with(b"-----BEGIN ") {
            (is_inside, is_first, lines) = (true, true, 0);
        } else if line.starts_with(b"-----END ") {
            is_inside = false;
        } else if is_inside && line.is_empty() {
            lines += usize::from(!is_first);
            is_first = false;
        } else if is_inside {
            // After a header an empty line has to come.
            is_first = line.contains(&b':');
        }
        if is_inside && lines > 0 {
            return true;
        }
    }
    false
}

/// The text without the empty lines of blocks, as Go reads it.
pub(super) fn without_blanks(content: &[u8]) -> Vec<u8> {
    if !has_blanks(content) {
        return content.to_vec();
    }
    let mut is_inside = false;
    // After the headers of an encrypted key an empty line has to come.
    let mut has_headers = false;
    let is_kept = |line: &&[u8]| {
        if line.starts_with(b"-----BEGIN ") {
            (is_inside, has_headers) = (true, false);
        } else if line.starts_with(b"-----END ") {
            is_inside = false;
        }
        has_headers |= line.contains(&b':');
        let is_dropped = is_inside && !has_headers && line.trim_ascii().is_empty();
        !is_dropped
    };
    let kept: Vec<&[u8]> = content.split(|byte| *byte == b'\n').filter(is_kept).collect();
    kept.join(&b'\n')
}

fn count(line: &[u8], wanted: &[u8]) -> usize {
    memchr::memmem::find_iter(line, wanted).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "subject=CN = a\n-----BEGIN CERTIFICATE-----\r\nMIIB\n-----END CERTIFICATE----- \n";

    #[test]
    fn what_others_do_not_find_is_told() {
        assert_eq!(fault(CLEAN.as_bytes()), None);
        let block = &CLEAN[15..];
        assert_eq!(fault(format!("\u{feff}{block}").as_bytes()), Some(TextFault::Mark));
        // A line before the first block takes the mark.
        assert_eq!(fault(format!("\u{feff}{CLEAN}").as_bytes()), None);
        for broken in
            [block.replace(['\r', '\n'], ""), block.replace(['\r', '\n'], " "), format!("x {block}")]
        {
            assert_eq!(fault(broken.as_bytes()), Some(TextFault::Lines), "{broken}");
        }
        assert_eq!(fault(&[0xff, 0xfe, b'-', 0]), Some(TextFault::Utf16));
        // As Go and OpenSSL 3.0 were seen to read them.
        let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
        for blank in ["", "  ", "\r"] {
            let after_begin = format!("{begin}\n{blank}\nMIIB\nAAAA\n{end}\n\n");
            assert_eq!(fault(after_begin.as_bytes()), None, "{after_begin:?}");
            for lines in [
                format!("{begin}\nMIIB\n{blank}\nAAAA\n{end}\n"),
                format!("{begin}\nMIIB\nAAAA\n{blank}\n{end}\n"),
                format!("{begin}\n{blank}\n{blank}\nMIIB\nAAAA\n{end}\n"),
            ] {
                assert_eq!(fault(lines.as_bytes()), Some(TextFault::Blanks), "{lines:?}");
                let read = pem::parse(without_blanks(lines.as_bytes())).expect("Go reads it");
                assert_eq!(read.contents().len(), 6);
            }
        }
    }
}
