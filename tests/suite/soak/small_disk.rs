//! A disk that can be filled: a tmpfs that only the server and its command line see, so that nothing
//! stays mounted however the test ends.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Bytes that are written at a time to fill the disk up.
const CHUNK_BYTES: usize = 64 * 1024;

/// A small file system, mounted in a namespace of its own. It goes when this goes.
pub(super) struct SmallDisk {
    /// Holds the namespace; ends when its standard input does.
    holder: Child,
    place: PathBuf,
    root: bool,
}

impl SmallDisk {
    /// Mounts `mib` MiB at `place`, and `more_mib` that are taken until they are given back. Needs root, or a
    /// system that lets users have namespaces.
    pub(super) fn mount(place: &Path, mib: usize, more_mib: usize) -> Self {
        std::fs::create_dir_all(place).unwrap();
        let root = rustix::process::geteuid().is_root();
        let mut command = Command::new("unshare");
        if !root {
            command.args(["--user", "--map-root-user"]);
        }
        let mut holder = command
            .args(["--mount", "--propagation", "private", "--", "sh", "-c"])
            .arg("mount -t tmpfs -o \"size=$1\" andon-soak \"$2\" && echo mounted && exec cat")
            .args(["sh", &format!("{}m", mib + more_mib), place.to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("`unshare` (Debian's util-linux) makes the small disk");
        let mut said = String::new();
        BufReader::new(holder.stdout.as_mut().unwrap()).read_line(&mut said).unwrap();
        assert_eq!(
            said.trim(),
            "mounted",
            "no small disk could be mounted, so what happens on a full one was NOT tested; run as root (in a container: with --cap-add SYS_ADMIN) or where users may have namespaces. What the system said stands above"
        );
        let disk = Self { holder, place: place.to_owned(), root };
        let mut ballast = std::fs::File::create(disk.ballast()).unwrap();
        let chunk = vec![0; 1024 * 1024];
        (0..more_mib).for_each(|_| ballast.write_all(&chunk).unwrap());
        disk
    }

    /// What runs a command where the disk is seen.
    pub(super) fn command(&self) -> Vec<String> {
        let target = self.holder.id().to_string();
        let mut words = vec!["nsenter", "--target", &target, "--mount"];
        if !self.root {
            words.extend(["--user", "--preserve-credentials"]);
        }
        words.push("--");
        words.into_iter().map(str::to_owned).collect()
    }

    /// The disk as this process reaches it.
    fn seen_from_here(&self) -> PathBuf {
        let place = self.place.strip_prefix("/").unwrap();
        Path::new("/proc").join(self.holder.id().to_string()).join("root").join(place)
    }

    /// Takes all room that is left.
    pub(super) fn fill(&self) {
        let mut ballast = std::fs::File::options().append(true).open(self.ballast()).unwrap();
        let mut size = CHUNK_BYTES;
        while size > 0 {
            match ballast.write_all(&vec![0; size]) {
                Ok(()) => {}
                Err(e) if e.kind() == std::io::ErrorKind::StorageFull => size /= 2,
                Err(e) => panic!("{e}"),
            }
        }
    }

    /// Gives `mib` MiB of it back, however much the others have used meanwhile.
    pub(super) fn free(&self, mib: usize) {
        let ballast = std::fs::File::options().write(true).open(self.ballast()).unwrap();
        let left = ballast.metadata().unwrap().len().checked_sub(mib as u64 * 1024 * 1024);
        ballast.set_len(left.expect("the ballast is large enough for every round")).unwrap();
    }

    /// Copies the database to a folder that everybody sees.
    pub(super) fn copy_database(&self, to: &Path) {
        for name in ["andon.db", "andon.db-wal"] {
            let from = self.seen_from_here().join(name);
            if from.exists() {
                std::fs::copy(from, to.join(name)).unwrap();
            }
        }
    }

    fn ballast(&self) -> PathBuf {
        self.seen_from_here().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        // Without its input it ends; nobody can do anything about it if it does not.
        let _ = self.holder.wait();
    }
}
