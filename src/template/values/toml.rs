//! Values in TOML. Numbers keep their spelling, and tables their order.

use std::ops::Range;

use serde_json::{Map, Number, Value as Json};
use toml::de::{DeTable, DeValue};

use crate::report::FileFault;

use super::super::slot::MAX_DEPTH;
use super::{Values, ValuesError, merge};

impl Values {
    /// Adds the values of a TOML text.
    pub(super) fn add_toml(&mut self, name: &str, text: &str) -> Result<(), ValuesError> {
        let table = DeTable::parse(text).map_err(|error| {
            let message = error.message().trim().replace('\n', ", ");
            let range = error.span().unwrap_or_default();
            ValuesError::Unusable(FileFault::among_secrets(name, text, &range, message))
        })?;
        let unusable = |range: Range<usize>, message: String| {
            ValuesError::Unusable(FileFault::among_secrets(name, text, &range, message))
        };
        let mut layer = Map::new();
        for (key, value) in in_order(table.get_ref()) {
            let value =
                self.take_toml(value.get_ref(), 0).map_err(|message| unusable(value.span(), message))?;
            layer.insert(key, value);
        }
        merge(&mut self.root, Json::Object(layer));
        self.note_file(name, text, None);
        Ok(())
    }

    fn take_toml(&mut self, value: &DeValue<'_>, depth: usize) -> Result<Json, String> {
        if depth > MAX_DEPTH {
            return Err(format!("values nest deeper than {MAX_DEPTH} levels"));
        }
        Ok(match value {
            DeValue::String(text) => Json::String(text.to_string()),
            DeValue::Boolean(value) => Json::Bool(*value),
            // JSON has no dates: the characters as a string.
            DeValue::Datetime(date) => Json::String(date.to_string()),
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .map(Json::from)
                .map_err(|_| "an integer beyond 64 bits".to_owned())?,
            DeValue::Float(float) => {
                let text = float.as_str();
                let number = text.parse().ok().and_then(Number::from_f64);
                let number = number.ok_or_else(|| "JSON cannot represent `inf` and `nan`".to_owned())?;
                self.spellings.note(&number, text.strip_prefix('+').unwrap_or(text));
                Json::Number(number)
            }
            DeValue::Array(items) => items
                .iter()
                .map(|item| self.take_toml(item.get_ref(), depth + 1))
                .collect::<Result<_, _>>()?,
            DeValue::Table(table) => in_order(table)
                .into_iter()
                .map(|(key, value)| Ok((key, self.take_toml(value.get_ref(), depth + 1)?)))
                .collect::<Result<Map<_, _>, String>>()?
                .into(),
        })
    }
}

fn in_order<'t, 'i>(table: &'t DeTable<'i>) -> Vec<(String, &'t ::toml::Spanned<DeValue<'i>>)> {
    let mut members: Vec<_> = table.iter().collect();
    members.sort_by_key(|(key, _)| key.span().start);
    members.into_iter().map(|(key, value)| (key.get_ref().to_string(), value)).collect()
}
