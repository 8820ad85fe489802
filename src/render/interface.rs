//! Interface words: data files per language, filled with numbers and names.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::hash::{ContentHash, Hasher};
use crate::model::podcast::Synthetic;
use crate::model::time::Day;

/// The words of one language.
#[derive(Debug, Clone)]
pub struct Interface {
    words: Table,
    /// The words as templates see them.
    pub value: tera::Value,
    /// Hash of the words: part of the key of every page in this language.
    pub hash: ContentHash,
}

impl Interface {
    /// The words of a file; `fallback` fills what it lacks.
    ///
    /// # Errors
    /// The file is no TOML.
    pub fn parse(text: &str, fallback: Option<&Interface>) -> Result<Self, toml::de::Error> {
        let mut words = fallback.map(|fallback| fallback.words.clone()).unwrap_or_default();
        words.extend(toml::from_str::<Table>(text)?);
        let hash = Hasher::new().json(&words).finish();
        let value = tera::Value::from_serializable(&words);
        Ok(Self { words, value, hash })
    }

    /// The words of a key; the key itself where there are none.
    pub fn text(&self, key: &str) -> String {
        self.words.get(key).and_then(Value::as_str).unwrap_or(key).to_owned()
    }

    /// The words of some keys as JSON, for scripts.
    pub fn json(&self, keys: &[&str]) -> String {
        let words: BTreeMap<&str, &Value> = keys.iter().filter_map(|key| Some((*key, self.words.get(*key)?))).collect();
        serde_json::to_string(&words).unwrap_or_default()
    }

    /// The words of a key with its `{placeholders}` filled.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        filled(&self.text(key), values)
    }

    /// The sentence that says what a machine made.
    pub fn disclosure(&self, made: &[Synthetic]) -> String {
        let parts: Vec<String> = made.iter().map(|part| self.text(&format!("synthetic_{}", part.name()))).collect();
        self.fill("synthetic", &[("parts", &self.list(&parts))])
    }

    /// The plural form for `n`, with `n` in it, grouped by thousands.
    pub fn count(&self, key: &str, n: u64) -> String {
        let form = if n == 1 { "one" } else { "other" };
        let table = self.words.get(key).and_then(Value::as_table);
        let text = table.and_then(|table| table.get(form).or_else(|| table.get("other"))).and_then(Value::as_str);
        filled(text.unwrap_or(&self.text(key)), &[("n", &grouped(n))])
    }

    /// A day with its year.
    pub fn date_long(&self, day: Day) -> String {
        self.date("date_long", day)
    }

    /// A day without its year.
    pub fn date_short(&self, day: Day) -> String {
        self.date("date_short", day)
    }

    /// Names in a row.
    pub fn list(&self, names: &[String]) -> String {
        names.join(&self.text("list_separator"))
    }

    fn date(&self, key: &str, day: Day) -> String {
        let months = self.words.get("months").and_then(Value::as_array);
        let month = months.and_then(|months| months.get(day.month as usize - 1)).and_then(Value::as_str);
        let month = month.map_or_else(|| day.month.to_string(), str::to_owned);
        self.fill(key, &[("day", &day.day.to_string()), ("month", &month), ("year", &day.year.to_string())])
    }
}

/// A number with commas between thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (idx, digit) in digits.chars().enumerate() {
        if idx > 0 && (digits.len() - idx).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Fills placeholders in one pass, so that a value that holds braces stays as it is.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else { break };
        let name = &rest[open + 1..open + close];
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[open..=open + close]),
        }
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_filled_once() {
        assert_eq!(filled("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
