//! Threads whose work can wait. Where the cores do not suffice for all, they get the lesser share, so that what somebody waits
//! for is done first.

/// How nice a thread is that builds what answers can do without for a moment (`nice(2)`).
const NICE: i32 = 10;

/// Makes the calling thread one that lets others go first, and with it those that it starts from now on. Linux alone tells
/// threads of one process apart; elsewhere nothing changes.
pub(crate) fn let_others_go_first() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "a thread could not be made nicer");
    }
}
