//! The command `glasshouse` as tests start and kill it: the same library behind the same three lines.

fn main() -> std::process::ExitCode {
    glasshouse_server::commands::main()
}
