//! The `milepost` binary: hands the process's arguments to the library and turns the outcome into an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    milepost::main()
}
