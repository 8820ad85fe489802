//! The calls that change the disk: all of them that publishing makes, so that a test can fail or end it at each.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::{Errno, Result};
use rustix::path::Arg;

use crate::hash::{ContentHash, StreamHasher};
use crate::output::Manifest;

/// The file calls of one publication.
#[derive(Debug, Clone, Default)]
pub(super) struct Calls {
    #[cfg(test)]
    pub(super) plan: Option<std::sync::Arc<plan::Plan>>,
}

impl Calls {
    /// Whether the call goes ahead: in tests not at the one that is to fail, nor after the one that was the last.
    #[cfg(test)]
    fn next(&self) -> Result<()> {
        self.plan.as_ref().map_or(Ok(()), |plan| plan.next())
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, clippy::unnecessary_wraps, reason = "calls go ahead but in tests")]
    fn next(&self) -> Result<()> {
        Ok(())
    }

    pub(super) fn create(&self, at: impl AsFd, name: impl Arg) -> Result<File> {
        self.next()?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(at, name, flags, Mode::from_raw_mode(0o666)).map(File::from)
    }

    pub(super) fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.next() {
            // A write that fails or dies has often written a part.
            _ = file.write_all(&bytes[..bytes.len() / 2]);
            return Err(error.into());
        }
        file.write_all(bytes)
    }

    /// Writes a manifest; the hash of its bytes. That of a large site is never in memory whole.
    pub(super) fn write_manifest(&self, file: &mut File, manifest: &Manifest) -> io::Result<ContentHash> {
        const CHUNK: usize = 1 << 18;
        let mut hashed = Hashed { calls: self, file, hasher: StreamHasher::new() };
        let mut chunks = BufWriter::with_capacity(CHUNK, &mut hashed);
        manifest.write_json(&mut chunks)?;
        chunks.flush()?;
        drop(chunks);
        Ok(hashed.hasher.finish())
    }

    /// Makes a file share the blocks of another.
    pub(super) fn share(&self, file: &File, source: &File) -> Result<()> {
        self.next()?;
        rustix::fs::ioctl_ficlone(file, source)
    }

    pub(super) fn make_folder(&self, at: impl AsFd, name: impl Arg) -> Result<()> {
        self.next()?;
        rustix::fs::mkdirat(at, name, Mode::from_raw_mode(0o777))
    }

    pub(super) fn rename(&self, from: impl AsFd, name: impl Arg, to: impl AsFd, new_name: impl Arg) -> Result<()> {
        self.next()?;
        rustix::fs::renameat(from, name, to, new_name)
    }

    /// Renames to a name that is free. The second look is for file systems that cannot promise it.
    pub(super) fn rename_new(
        &self,
        from: impl AsFd,
        name: impl Arg + Copy,
        to: impl AsFd,
        new_name: impl Arg + Copy,
    ) -> Result<()> {
        self.next()?;
        match rustix::fs::renameat_with(&from, name, &to, new_name, RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                match rustix::fs::statat(&to, new_name, AtFlags::SYMLINK_NOFOLLOW) {
                    Err(Errno::NOENT) => rustix::fs::renameat(&from, name, &to, new_name),
                    Ok(_) => Err(Errno::EXIST),
                    Err(error) => Err(error),
                }
            }
            result => result,
        }
    }

    pub(super) fn exchange(&self, at: impl AsFd, one: impl Arg, other: impl Arg) -> Result<()> {
        self.next()?;
        #[cfg(test)]
        if let Some(plan) = &self.plan {
            plan.exchange()?;
        }
        rustix::fs::renameat_with(&at, one, &at, other, RenameFlags::EXCHANGE)
    }

    pub(super) fn link(&self, from: impl AsFd, name: impl Arg, to: impl AsFd, new_name: impl Arg) -> Result<()> {
        self.next()?;
        rustix::fs::linkat(from, name, to, new_name, AtFlags::empty())
    }

    /// Deletes a file, if it is there and no folder.
    pub(super) fn unlink(&self, at: impl AsFd, name: impl Arg) -> Result<()> {
        self.next()?;
        match rustix::fs::unlinkat(at, name, AtFlags::empty()) {
            Err(Errno::NOENT | Errno::ISDIR) => Ok(()),
            result => result,
        }
    }

    /// Deletes a folder, if it is there and empty.
    pub(super) fn remove_folder(&self, at: impl AsFd, name: impl Arg) -> Result<()> {
        self.next()?;
        match rustix::fs::unlinkat(at, name, AtFlags::REMOVEDIR) {
            Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST | Errno::NOTDIR) => Ok(()),
            result => result,
        }
    }

    /// Waits until the disk has a file or folder.
    pub(super) fn sync(&self, file: impl AsFd) -> Result<()> {
        self.next()?;
        rustix::fs::fsync(file)
    }

    /// Waits until the disk has all of a file system.
    pub(super) fn sync_all(&self, file: BorrowedFd<'_>) -> Result<()> {
        self.next()?;
        match rustix::fs::syncfs(file) {
            Err(Errno::NOSYS) => {
                rustix::fs::sync();
                Ok(())
            }
            result => result,
        }
    }

    /// Writes a whole new file.
    pub(super) fn put(&self, at: &OwnedFd, name: impl Arg, bytes: &[u8]) -> io::Result<File> {
        let mut file = self.create(at, name)?;
        self.write(&mut file, bytes)?;
        Ok(file)
    }
}

/// Hashes what is written.
struct Hashed<'w> {
    calls: &'w Calls,
    file: &'w mut File,
    hasher: StreamHasher,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.calls.write(self.file, bytes)?;
        self.hasher.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(super) mod plan {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use rustix::io::{Errno, Result};

    /// What is to happen at a call.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(in crate::write) enum Kind {
        /// The call fails, and those after it do not.
        Fail(Errno),
        /// No call does anything any more, as if the process had been killed.
        Die,
    }

    /// What the file system can exchange.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(in crate::write) enum Exchanges {
        All,
        /// Not the second time, which is that of folders: so do layered file systems.
        Files,
        None,
    }

    /// A fault at one call.
    #[derive(Debug)]
    pub(in crate::write) struct Plan {
        pub(in crate::write) kind: Kind,
        /// The number of the call, from 0.
        pub(in crate::write) at: usize,
        pub(in crate::write) exchanges: Exchanges,
        pub(in crate::write) n_exchanges: AtomicUsize,
        /// How many calls there were.
        pub(in crate::write) calls: AtomicUsize,
    }

    impl Plan {
        pub(super) fn exchange(&self) -> Result<()> {
            let n = self.n_exchanges.fetch_add(1, Ordering::SeqCst);
            match self.exchanges {
                Exchanges::All => Ok(()),
                Exchanges::Files if n == 0 => Ok(()),
                Exchanges::Files => Err(Errno::XDEV),
                Exchanges::None => Err(Errno::INVAL),
            }
        }

        pub(super) fn next(&self) -> Result<()> {
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            match self.kind {
                Kind::Fail(errno) if call == self.at => Err(errno),
                Kind::Die if call >= self.at => Err(Errno::IO),
                Kind::Fail(_) | Kind::Die => Ok(()),
            }
        }
    }
}
