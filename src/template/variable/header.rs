//! A template's header: a comment at its top that describes it and its variables.
//!
//! ```text
//! {#- milepost: a web service behind a load balancer
//!   id: the app's id, such as /shop/web
//!   image: the image with its tag
//! -#}
//! ```
//!
//! Required variables and defaults are not in the header, because the template itself defines them.

/// The content of a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// The text after `milepost:`.
    pub(super) summary: Option<String>,
    /// Name and description, in the header's order.
    pub(super) variables: Vec<(String, String)>,
}

impl Header {
    /// The header of a template's text; empty when it has none.
    pub(super) fn of(text: &str) -> Self {
        let mut header = Self::default();
        let comment = text.trim_start().strip_prefix("{#").and_then(|rest| rest.split_once("#}"));
        let Some((comment, _)) = comment else {
            return header;
        };
        let comment = comment.trim_start_matches(['-', '+']).trim_end_matches(['-', '+']);
        let Some(body) = comment.trim_start().strip_prefix("milepost:") else {
            return header;
        };
        let mut lines = body.lines();
        header.summary = lines.next().map(str::trim).filter(|summary| !summary.is_empty()).map(str::to_owned);
        for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
            let named = line.split_once(": ").filter(|(name, _)| !name.contains(char::is_whitespace));
            match (named, header.variables.last_mut()) {
                (Some((name, description)), _) => {
                    header.variables.push((name.to_owned(), description.trim().to_owned()));
                }
                (None, Some((_, description))) => {
                    description.push(' ');
                    description.push_str(line);
                }
                (None, None) => {}
            }
        }
        header
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_and_describes() {
        let text = "{#- milepost: a web service\n  id: where it\n    lives\n  docker.image: with tag\n-#}\n{\"id\": 1}";
        let header = Header::of(text);
        assert_eq!(header.summary.as_deref(), Some("a web service"));
        let expected = [("id", "where it lives"), ("docker.image", "with tag")];
        assert_eq!(header.variables, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
        assert_eq!(Header::of("{# a note #}{}"), Header::default());
        assert_eq!(Header::of("{}"), Header::default());
    }
}
