//! What Jackson, Marathon's JSON parser, says of a malformed text (2.x).

/// Of a body without a value.
pub(crate) fn empty(body: &[u8]) -> String {
    format!("No content to map due to end-of-input\n at [Source: (byte[]){}; line: 1, column: 0]", source(body))
}

/// The text as Jackson quotes it: its first 500 bytes.
fn source(body: &[u8]) -> String {
    const MOST: usize = 500;
    let text = String::from_utf8_lossy(&body[..body.len().min(MOST)]);
    match body.len().checked_sub(MOST).filter(|left| *left > 0) {
        Some(left) => format!("\"{text}\"[truncated {left} bytes]"),
        None => format!("\"{text}\""),
    }
}

/// Why a text is not JSON, in Jackson's words; nothing where this does not know.
pub(crate) fn explain(body: &[u8]) -> Option<String> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let mut scan = Scan { body, at: 0 };
    scan.document().err()
}

struct Scan<'b> {
    body: &'b [u8],
    at: usize,
}

const EXPECTED: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    fn space(&mut self) -> Result<(), String> {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => self.at += 1,
                b'/' => {
                    return Err("Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized as one \
                                since Feature 'ALLOW_COMMENTS' not enabled for parser)"
                        .to_owned());
                }
                0..=31 => {
                    return Err(format!(
                        "Illegal character ((CTRL-CHAR, code {byte})): only regular white space (\\r, \\n, \\t) is allowed \
                         between tokens"
                    ));
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// The values of a text. After the first one Jackson only looks at the next token.
    fn document(&mut self) -> Result<(), String> {
        self.space()?;
        self.values()?;
        self.space()?;
        match self.peek() {
            None | Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9') => Ok(()),
            Some(byte @ (b']' | b'}')) => Err(self.unbalanced(byte, None)),
            Some(_) => self.scalar().map(|_| ()),
        }
    }

    fn unbalanced(&self, byte: u8, open: Option<u8>) -> String {
        let open = open.map_or("root", |open| if open == b'{' { "Object" } else { "Array" });
        let expected = if byte == b']' { '}' } else { ']' };
        format!("Unexpected close marker '{}': expected '{expected}' (for {open} starting at [Source: (byte[]){}; line: 1, column: 0])", char::from(byte), source(self.body))
    }

    /// A value with everything in it, with a stack of its own.
    fn values(&mut self) -> Result<(), String> {
        let mut open: Vec<(u8, usize)> = Vec::new();
        loop {
            // Here a value is expected.
            self.space()?;
            match self.peek() {
                Some(byte @ (b'{' | b'[')) => {
                    open.push((byte, self.at));
                    self.at += 1;
                    self.space()?;
                    let close = if byte == b'{' { b'}' } else { b']' };
                    if self.peek() == Some(close) {
                        self.at += 1;
                        open.pop();
                    } else if byte == b'{' {
                        self.name(&open)?;
                        continue;
                    } else if self.peek().is_some() {
                        continue;
                    } else {
                        return Err(self.end(&open));
                    }
                }
                Some(_) => self.scalar()?,
                None => return Err(self.end(&open)),
            }
            if !self.after_value(&mut open)? {
                return Ok(());
            }
        }
    }

    /// What follows a value: closes what is open, and stops before the next value. Whether there is one.
    fn after_value(&mut self, open: &mut Vec<(u8, usize)>) -> Result<bool, String> {
        while let Some((kind, _)) = open.last().copied() {
            self.space()?;
            let (close, name) = if kind == b'{' { (b'}', "Object") } else { (b']', "Array") };
            match self.peek() {
                Some(byte) if byte == close => {
                    self.at += 1;
                    open.pop();
                }
                Some(b',') => {
                    self.at += 1;
                    self.space()?;
                    if kind == b'{' {
                        self.name(open)?;
                    } else if self.peek().is_none() {
                        return Err(self.end(open));
                    }
                    return Ok(true);
                }
                Some(byte @ (b'}' | b']')) => return Err(self.unbalanced(byte, Some(kind))),
                Some(_) => {
                    return Err(format!("Unexpected character ({}): was expecting comma to separate {name} entries", self.shown()));
                }
                None => return Err(self.end(open)),
            }
        }
        Ok(false)
    }

    fn end(&self, open: &[(u8, usize)]) -> String {
        let Some((kind, at)) = open.last() else { return "Unexpected end-of-input".to_owned() };
        let name = if *kind == b'{' { "Object" } else { "Array" };
        if self.body[..self.at].trim_ascii_end().last() == Some(&b':') {
            return format!("Unexpected end-of-input within/between {name} entries");
        }
        let before = &self.body[..*at];
        let line = before.split(|byte| *byte == b'\n').count();
        let column = at - before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1) + 1;
        format!(
            "Unexpected end-of-input: expected close marker for {name} (start marker at [Source: (byte[]){}; line: {line}, \
             column: {column}])",
            source(self.body)
        )
    }

    /// A member's name and its colon.
    fn name(&mut self, open: &[(u8, usize)]) -> Result<(), String> {
        match self.peek() {
            Some(b'"') => self.string()?,
            Some(_) => {
                return Err(format!("Unexpected character ({}): was expecting double-quote to start field name", self.shown()));
            }
            None => return Err(self.end(open)),
        }
        self.space()?;
        match self.peek() {
            Some(b':') => {
                self.at += 1;
                self.space()?;
                if self.peek().is_none() { Err(self.end(open)) } else { Ok(()) }
            }
            Some(_) => Err(format!(
                "Unexpected character ({}): was expecting a colon to separate field name and value",
                self.shown()
            )),
            None => Err(self.end(open)),
        }
    }

    fn shown(&self) -> String {
        let rest = String::from_utf8_lossy(&self.body[self.at..self.body.len().min(self.at + 4)]).into_owned();
        let letter = rest.chars().next().unwrap_or(' ');
        let code = u32::from(letter);
        if code <= 32 {
            return format!("(CTRL-CHAR, code {code})");
        }
        if code > 255 {
            return format!("'{letter}' (code {code} / 0x{code:x})");
        }
        format!("'{letter}' (code {code})")
    }

    fn string(&mut self) -> Result<(), String> {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => return Ok(()),
                b'\\' => {
                    match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                        Some(b'u') => {
                            for offset in 1..=4 {
                                match self.body.get(self.at + offset) {
                                    Some(digit) if digit.is_ascii_hexdigit() => {}
                                    Some(_) => {
                                        self.at += offset;
                                        return Err(format!(
                                            "Unexpected character ({}): expected a hex-digit for character escape sequence",
                                            self.shown()
                                        ));
                                    }
                                    None => return Err("Unexpected end-of-input in character escape sequence".to_owned()),
                                }
                            }
                        }
                        Some(_) => return Err(format!("Unrecognized character escape {}", self.shown())),
                        None => return Err("Unexpected end-of-input in character escape sequence".to_owned()),
                    }
                    self.at += 1;
                }
                0..=31 => {
                    return Err(format!(
                        "Illegal unquoted character ((CTRL-CHAR, code {byte})): has to be escaped using backslash to be \
                         included in string value"
                    ));
                }
                _ => {}
            }
        }
        Err("Unexpected end-of-input: was expecting closing quote for a string value".to_owned())
    }

    fn scalar(&mut self) -> Result<(), String> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't' | b'f' | b'n' | b'N') => self.word(),
            Some(b'+') => Err(format!("Unexpected character ({}): expected a valid value {EXPECTED}", self.shown())),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => self.word(),
            _ => Err(format!("Unexpected character ({}): expected a valid value {EXPECTED}", self.shown())),
        }
    }

    fn word(&mut self) -> Result<(), String> {
        let rest = &self.body[self.at..];
        let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len());
        let word = String::from_utf8_lossy(&rest[..end]).into_owned();
        match word.as_str() {
            "true" | "false" | "null" => {
                self.at += end;
                Ok(())
            }
            "NaN" => Err("Non-standard token 'NaN': enable JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS to allow".to_owned()),
            _ => Err(format!("Unrecognized token '{word}': was expecting {EXPECTED}")),
        }
    }

    fn digits(&mut self) -> usize {
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - begin
    }

    fn number(&mut self) -> Result<(), String> {
        if self.peek() == Some(b'-') {
            self.at += 1;
            if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                return Err(format!(
                    "Unexpected character ({}) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric \
                     value",
                    self.shown()
                ));
            }
        }
        if self.peek() == Some(b'0') && self.body.get(self.at + 1).is_some_and(u8::is_ascii_digit) {
            return Err("Invalid numeric value: Leading zeroes not allowed".to_owned());
        }
        self.digits();
        if self.peek() == Some(b'.') {
            self.at += 1;
            if self.digits() == 0 {
                return Err(format!(
                    "Unexpected character ({}) in numeric value: Decimal point not followed by a digit",
                    self.shown()
                ));
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            if self.digits() == 0 {
                return Err(format!(
                    "Unexpected character ({}) in numeric value: Exponent indicator not followed by a digit",
                    self.shown()
                ));
            }
        }
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}') => Ok(()),
            Some(_) => Err(format!(
                "Unexpected character ({}): Expected space separating root-level values",
                self.shown()
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::explain;

    #[test]
    fn texts_are_jacksons() {
        let cases = [
            ("{\"id\": \"/x\",}", "Unexpected character ('}' (code 125)): was expecting double-quote to start field name"),
            ("{", "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (byte[])\"{\"; line: 1, column: 1])"),
            ("{\"a\": ", "Unexpected end-of-input within/between Object entries"),
            ("{} more", "Unrecognized token 'more': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"),
            ("{\"a\": 012}", "Invalid numeric value: Leading zeroes not allowed"),
        ];
        for (text, said) in cases {
            assert_eq!(explain(text.as_bytes()).as_deref(), Some(said), "{text}");
        }
        for text in ["{}{}", "[1, 2.5e3, {\"a\": [null]}]", "\"x\""] {
            assert_eq!(explain(text.as_bytes()), None, "{text}");
        }
    }
}
