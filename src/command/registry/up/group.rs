//! The step that makes a registry with its token server.

use super::steps::{RegistryFiles, Steps, line};

impl Steps<'_> {
    /// Makes what the token server and its registry need; what is there stays.
    pub(super) fn group_line(&self) -> Vec<String> {
        let mut line = line(&["registry", "group", "-o", &self.path(""), "--admin", &self.args.username]);
        line.extend(["--keep", "--password-file"].map(str::to_owned));
        line.push(self.path("password"));
        line.extend(self.options());
        line
    }

    /// The user of a file that is there, and what is missing beside it.
    pub(super) fn group_lines(&self) -> Vec<Vec<String>> {
        let RegistryFiles { certificate, key, users } = &self.files;
        let is_there = |file: &str| self.file(file).exists();
        let mut lines = Vec::new();
        // A password that is missing is made, and is another one then.
        let is_known = is_there("password") && matches!(self.has_password(), Ok(Some(true)));
        if is_there(users) && !is_known {
            lines.push(self.user_line());
        }
        if lines.is_empty() || ![certificate, key, "registry.json"].into_iter().all(is_there) {
            lines.push(self.group_line());
        }
        lines
    }
}
