//! What must hold when a soak is over.

use std::path::{Path, PathBuf};
use std::process::Command;

use glasshouse_verifier::size::TreeSize;
use serde_json::Value;

use super::Soak;
use super::crew::Figures;
use super::exactly_once::{self, Told};
use super::generations::Trend;
use super::report::Report;

/// The size that the checkpoint in a ledger's folder has.
///
/// # Errors
/// A file that is no checkpoint.
pub fn published_size(ledger: &Path) -> Result<u64, String> {
    let path = ledger.join("public/checkpoint");
    let note = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let size = note.lines().nth(1).and_then(|line| line.parse().ok());
    size.ok_or_else(|| format!("{} is no checkpoint", path.display()))
}

/// Stops the server and looks at everything that it leaves.
pub(super) fn judge(
    soak: &mut Soak,
    told: Vec<(String, Vec<Told>)>,
    figures: Figures,
    seconds: f64,
) -> Result<Report, String> {
    let dir = soak.world.dir();
    let size = published_size(&dir)?;
    if figures.followed.iter().any(|followed| *followed != size) {
        return Err(format!("followers got to {:?} of {size} entries", figures.followed));
    }
    let status = soak.server.take().expect("the server runs").stop();
    if status != Some(0) {
        return Err(format!("the server ended with {status:?} when it was told to stop"));
    }
    let tree = TreeSize::new(size).map_err(|error| error.to_string())?;
    let sent: u64 = told.iter().map(|(_, told)| told.len() as u64).sum();
    if sent == 0 {
        return Err("no statement was sent in that time, so nothing was judged".to_owned());
    }
    let found = exactly_once::check(&told, exactly_once::entries(&dir.join("public"), tree))?;
    if found != sent {
        return Err(format!("{found} entries for {sent} statements"));
    }
    let (status, output, errors) = soak.world.command(&["fsck", "--dir", dir.to_str().unwrap()]);
    if status != 0 {
        return Err(format!("fsck: {output}{errors}"));
    }
    let audited = verify(soak, &dir)?;
    let left = temporary_files(&dir);
    if !left.is_empty() {
        return Err(format!("temporary files are left: {left:?}"));
    }
    let trend = Trend::of(&soak.generations);
    let report = Report {
        arguments: soak.arguments.clone(),
        seconds,
        size,
        sent,
        figures,
        audited,
        witness_kills: soak.witness_kills,
        generations: soak.generations.clone(),
        trend,
    };
    // The figures help whoever wants to know why.
    trend.map_or(Ok(()), |trend| trend.check()).map_err(|grew| format!("{report}\n{grew}"))?;
    Ok(report)
}

/// `glasshouse-verify log` over the folder, with every text and, where there were witnesses, their quorum. How many entries it
/// checked.
fn verify(soak: &Soak, dir: &Path) -> Result<u64, String> {
    let own = dir.join("policy.txt");
    let policy = soak.witnesses.as_ref().map_or(own.as_path(), |witnesses| witnesses.policy_file());
    let output = Command::new(soak.arguments.verifier())
        .args(["log", "--json", "--policy"])
        .arg(policy)
        .arg(dir.join("public"))
        .current_dir(soak.world.scratch())
        .output()
        .map_err(|error| format!("{}: {error}", soak.arguments.verifier().display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("glasshouse-verify log: {}: {text}{errors}", output.status));
    }
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    answer["size"].as_u64().ok_or_else(|| format!("glasshouse-verify log says no size: {text}"))
}

/// What a process that was killed in the middle of writing may leave, and the next start must take away.
fn temporary_files(ledger: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![ledger.to_owned()]);
    while let Some(folder) = open.pop() {
        let is_scratch = folder == ledger.join("tmp") || folder == ledger.join("stage");
        for file in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = file.path();
            let is_half_made = path.extension().is_some_and(|ending| ending == "new" || ending == "part");
            match path.is_dir() {
                true => open.push(path),
                false if is_scratch || is_half_made => found.push(path),
                false => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, missing_docs)]
    use super::*;

    #[test]
    fn what_a_kill_may_leave_is_found() {
        let scratch = tempfile::tempdir().unwrap();
        for folder in ["tmp", "stage", "public/tile"] {
            std::fs::create_dir_all(scratch.path().join(folder)).unwrap();
        }
        for file in ["state", "public/checkpoint", "public/tile/000"] {
            std::fs::write(scratch.path().join(file), b"").unwrap();
        }
        assert_eq!(temporary_files(scratch.path()), [] as [PathBuf; 0]);
        for file in ["tmp/7", "stage/9", "place.new", "public/tile/001.part"] {
            let path = scratch.path().join(file);
            std::fs::write(&path, b"").unwrap();
            assert_eq!(temporary_files(scratch.path()), [path.as_path()]);
            std::fs::remove_file(path).unwrap();
        }
    }
}
