//! The program: reads its arguments and hands over to the shell.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    keyturn_shell::run()
}
