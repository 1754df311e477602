//! The `glasshouse` command.

/// A fifth of the server's time under load goes into memory with the system's own.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    glasshouse_server::commands::main()
}
