//! One integration binary: every test here runs the built program or checks a committed artefact.
