//! The `glasshouse` command.
fn main() -> std::process::ExitCode {
    glasshouse_server::commands::main()
}
