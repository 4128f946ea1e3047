//! The failures of a service that count for what was sent: those of earlier versions do not.

use super::record::ServiceRecord;
use crate::marathon::{Failure, Instance};
use crate::source::Kind;

impl ServiceRecord {
    /// The failures of the wanted definition, by task. Before the first description it is not known whose they are: those of
    /// a definition that is replaced come in as well.
    pub(crate) fn own_failures(&self) -> impl Iterator<Item = &Failure> {
        self.failures.values().filter(|_| self.view.is_some())
    }

    /// How many instances have ended by themselves since the watch began.
    pub(crate) fn new_failures(&self) -> usize {
        self.own_failures().count().saturating_sub(self.failed_before)
    }

    /// Takes in the version that a task runs.
    pub(crate) fn note_version(&mut self, task: &str, version: &str) {
        if self.kind == Kind::Pod && !version.is_empty() && !self.versions.contains_key(task) {
            self.versions.insert(task.to_owned(), version.to_owned());
        }
    }

    /// Takes in the versions that instances run, where this one is stored.
    pub(crate) fn note_versions(&mut self, instances: &[Instance], stored: &str) {
        for instance in instances {
            self.has_seen_others |= instance.version != stored;
            for task in &instance.tasks {
                self.note_version(task, &instance.version);
            }
        }
    }

    /// Takes in a failure, which may have been told before.
    pub(crate) fn fail(&mut self, mut failure: Failure) {
        if failure.version.is_empty()
            && let Some(version) = self.versions.get(&failure.task)
        {
            failure.version.clone_from(version);
        }
        if self.known_failures.contains(&failure.task) {
            return;
        }
        if self.is_of_another(&failure) {
            // An answer without its version may have told of it.
            self.failures.remove(&failure.task);
            return;
        }
        if !self.failures.contains_key(&failure.task) {
            self.refused.was_used();
        }
        let known = self.failures.entry(failure.task.clone()).or_default();
        if known.message.is_empty() || known.agent.is_empty() {
            let or_known = |new: String, known: &mut String| {
                if new.is_empty() { std::mem::take(known) } else { new }
            };
            *known = Failure {
                message: or_known(failure.message, &mut known.message),
                version: or_known(failure.version, &mut known.version),
                ..failure
            };
        }
    }

    /// Keeps only the failures of the stored definition.
    pub(crate) fn forget_failures_of_others(&mut self) {
        let mut failures = std::mem::take(&mut self.failures);
        failures.retain(|_, failure| !self.is_of_another(failure));
        self.failures = failures;
    }

    /// Whether a failure is not about the stored definition, as far as is known.
    fn is_of_another(&self, failure: &Failure) -> bool {
        let Some(stored) = self.view.as_ref().map(|view| &view.version) else { return false };
        if !failure.version.is_empty() {
            return failure.version != *stored;
        }
        // It ended before that definition came, or may be of an instance that is being replaced.
        let is_older = !failure.at.is_empty() && failure.at < *stored;
        is_older || self.has_seen_others
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Awaited, ServiceView};
    use super::*;

    fn seen(version: &str) -> ServiceView {
        ServiceView { version: version.to_owned(), wanted: 1, ..ServiceView::default() }
    }

    fn failed(task: &str, at: &str) -> Failure {
        let [task, at] = [task, at].map(str::to_owned);
        Failure { task, at, ..Failure::default() }
    }

    #[test]
    fn a_failure_without_a_version_is_that_of_its_task() {
        let mut pod = ServiceRecord::new("/p", Kind::Pod, Awaited::Gone);
        pod.note_version("p.1.c.1", "1");
        pod.note_version("p.2.c.1", "2");
        pod.see(seen("2"));
        pod.fail(failed("p.1.c.1", "3"));
        assert_eq!(pod.new_failures(), 0, "of another version");
        pod.fail(failed("p.2.c.1", "3"));
        assert_eq!(pod.new_failures(), 1);
        // Whose this one is, an event tells later.
        pod.fail(failed("p.3.c.1", "3"));
        assert_eq!(pod.new_failures(), 2, "there is no other version");
        pod.fail(Failure { version: "1".to_owned(), ..failed("p.3.c.1", "") });
        assert_eq!(pod.new_failures(), 1);
        pod.fail(failed("p.4.c.1", "1"));
        assert_eq!(pod.new_failures(), 1, "from before this version");
        pod.has_seen_others = true;
        pod.fail(failed("p.5.c.1", "3"));
        assert_eq!(pod.new_failures(), 1, "of any version");
    }

    #[test]
    fn what_is_told_of_a_failure_later_does_not_hide_what_is_known() {
        let mut app = ServiceRecord::new("/a", Kind::App, Awaited::Gone);
        app.see(seen("2"));
        let version = "2".to_owned();
        app.fail(Failure { version, message: "exit 1".to_owned(), ..failed("a.1", "3") });
        app.fail(failed("a.1", "3"));
        let known = app.own_failures().next().expect("a failure");
        assert_eq!((&*known.version, &*known.message), ("2", "exit 1"));
    }
}
