//! Logs that live, die and lose what was never synced.

use proptest::prelude::*;

use super::*;

/// One step of a log's life.
#[derive(Debug, Clone)]
enum Step {
    Add(u64),
    Tend,
    /// The process dies; files that were never synced are as they were, cut, gone, or have a byte flipped, and some that were
    /// removed are there again.
    Die(Vec<(usize, Harm)>, bool),
    /// A byte of a file that lies is flipped.
    Flip(usize, usize),
}

#[derive(Debug, Clone)]
enum Harm {
    Gone,
    Cut(usize),
    Flipped(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let harm = prop_oneof![
        Just(Harm::Gone),
        any::<usize>().prop_map(Harm::Cut),
        any::<usize>().prop_map(Harm::Flipped)
    ];
    let harms = prop::collection::vec((any::<usize>(), harm), 0..4);
    let step = prop_oneof![
        8 => (1_u64..120).prop_map(Step::Add),
        2 => Just(Step::Tend),
        2 => (harms, any::<bool>()).prop_map(|(harms, again)| Step::Die(harms, again)),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(file, at)| Step::Flip(file, at)),
    ];
    prop::collection::vec(step, 1..24)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

fn harm(path: &Path, harm: &Harm) {
    match harm {
        Harm::Gone => drop(fs::remove_file(path)),
        Harm::Cut(at) => {
            let bytes = fs::read(path).unwrap_or_default();
            fs::write(path, &bytes[..at % (bytes.len() + 1)]).unwrap();
        }
        Harm::Flipped(at) => flip(path, *at),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever lies there after a crash, and whatever breaks meanwhile: a look-up fails or says what the log says.
    #[test]
    fn no_loss_of_power_and_no_damage_hides_an_entry(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let (mut hashes, mut model) = (open(folder.path(), 8), Model::default());
        let mut removed: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Add(many) => model.add(&entries(0, model.size, many)),
                Step::Tend => drop(hashes.tend()),
                Step::Die(harms, again) => {
                    let files = files(folder.path());
                    for (file, what) in harms.iter().filter(|_| !files.is_empty()) {
                        harm(&files[file % files.len()], what);
                    }
                    if again {
                        removed.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
                    }
                    hashes = open(folder.path(), 8);
                }
                Step::Flip(file, at) => {
                    let files = files(folder.path());
                    if !files.is_empty() {
                        flip(&files[file % files.len()], at);
                    }
                }
            }
            removed.extend(files(folder.path()).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())));
            let mut tries = 0..100;
            while model.check(&hashes).is_err() {
                prop_assert!(tries.next().is_some(), "it never covers the log");
                follow(&hashes, 0, model.size, 32);
            }
        }
    }
}
