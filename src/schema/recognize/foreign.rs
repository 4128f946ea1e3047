//! Fields by which files of other tools are known.

/// Names at the top of other tools' files, and what such a file is. No definition that a real Marathon took has one of them.
const MARKS: &[(&str, &str)] = &[
    ("schedule", "it has a `schedule`, as a Chronos job has"),
    ("scheduleTimeZone", "it has a `scheduleTimeZone`, as a Chronos job has"),
    ("run", "it has a `run`, as a Metronome job has"),
    ("activeRuns", "it has `activeRuns`, as a Metronome job has"),
    ("apiVersion", "it has an `apiVersion`, as Kubernetes objects have"),
    ("properties", "it has `properties`, as a JSON Schema has"),
    ("definitions", "it has `definitions`, as a JSON Schema has"),
    ("$defs", "it has `$defs`, as a JSON Schema has"),
    ("swagger", "it is a description of an HTTP API"),
    ("openapi", "it is a description of an HTTP API"),
    ("Resources", "it has `Resources`, as a CloudFormation template has"),
    ("AWSTemplateFormatVersion", "it is a CloudFormation template"),
    ("contentVersion", "it has a `contentVersion`, as an Azure template has"),
    ("containerDefinitions", "it has `containerDefinitions`, as an ECS task has"),
    ("TaskGroups", "it has `TaskGroups`, as a Nomad job has"),
    ("requestId", "it has a `requestId`, as a deploy of Singularity has"),
    ("requestType", "it has a `requestType`, as a request of Singularity has"),
    ("packagingVersion", "it is a package of the DC/OS Universe"),
    ("devDependencies", "it is a package of npm"),
    ("scripts", "it has `scripts`, as a package of npm has"),
    ("compilerOptions", "it has `compilerOptions`, as settings of TypeScript have"),
    ("extends", "it has `extends`, as settings of a compiler or linter have"),
    ("hosts", "it has `hosts`, as a playbook of Ansible has"),
    ("stages", "it has `stages`, as a pipeline has"),
    ("site_name", "it has a `site_name`, as settings of MkDocs have"),
    ("slaveId", "it has a `slaveId`, as a running task has"),
    ("slave_id", "it has a `slave_id`, as a running task has"),
    ("framework_id", "it has a `framework_id`, as a running task has"),
    ("frameworks", "it has `frameworks`, as the state of a Mesos master has"),
    ("appId", "it has an `appId`, as a running task has"),
    ("affectedApps", "it has `affectedApps`, as a running deployment has"),
    ("eventType", "it has an `eventType`, as an event of Marathon has"),
];

/// What a file with this name at its top is; nothing when the name is no mark.
pub(super) fn what(name: &str) -> Option<&'static str> {
    MARKS.iter().find(|(mark, _)| *mark == name).map(|(_, what)| *what)
}
