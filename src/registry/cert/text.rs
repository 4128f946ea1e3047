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
}

impl TextFault {
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
        }
    }
}

impl fmt::Display for TextFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mark => "begins with a byte order mark, behind which Go finds nothing",
            Self::Utf16 => "is UTF-16 text, in which neither Go nor OpenSSL finds anything",
            Self::Lines => "has a PEM block that is not on lines of its own, in which neither Go nor OpenSSL finds anything",
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
    } else {
        has_mark.then_some(TextFault::Mark)
    }
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
    }
}
