//! The one place that talks to the memory itself: a page that is not swapped, not dumped, and wiped.
//!
//! Knows nothing of what the bytes are for. Windows has no page of its own here: the bytes are only wiped.
#![allow(unsafe_code)]

use zeroize::Zeroize;

use super::KEY_LENGTH;

/// The vault's key. No `Clone`, no `Debug`; wiped on drop.
pub(super) struct LockedKey {
    #[cfg(unix)]
    page: std::ptr::NonNull<[u8; KEY_LENGTH]>,
    #[cfg(not(unix))]
    page: Box<[u8; KEY_LENGTH]>,
}

#[cfg(unix)]
impl LockedKey {
    /// Copies `key` into a page of its own; the caller wipes theirs.
    pub(super) fn new(key: &[u8; KEY_LENGTH]) -> Self {
        // SAFETY: an anonymous private mapping at an address of the kernel's choice touches no memory of ours.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                KEY_LENGTH,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if address == libc::MAP_FAILED {
            std::alloc::handle_alloc_error(std::alloc::Layout::new::<[u8; KEY_LENGTH]>());
        }
        // SAFETY: the mapping above begins at `address` and is at least KEY_LENGTH long.
        if unsafe { libc::mlock(address, KEY_LENGTH) } != 0 {
            tracing::warn!(
                "the vault's key could not be locked into memory: the limit of locked memory is reached"
            );
        }
        #[cfg(target_os = "linux")]
        // SAFETY: same mapping; the advice changes only what a core dump holds.
        if unsafe { libc::madvise(address, KEY_LENGTH, libc::MADV_DONTDUMP) } != 0 {
            tracing::warn!("the vault's key could not be kept out of core dumps");
        }
        let Some(page) = std::ptr::NonNull::new(address.cast::<[u8; KEY_LENGTH]>()) else {
            std::alloc::handle_alloc_error(std::alloc::Layout::new::<[u8; KEY_LENGTH]>());
        };
        // SAFETY: `page` points to KEY_LENGTH zeroed, writable bytes that nothing else refers to.
        unsafe { page.as_ptr().write(*key) };
        Self { page }
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        // SAFETY: the mapping lives until drop and is written only in `new` and `drop`.
        unsafe { self.page.as_ref() }
    }
}

#[cfg(unix)]
impl Drop for LockedKey {
    fn drop(&mut self) {
        // SAFETY: `&mut self` is the only access, and the mapping is still there.
        unsafe { self.page.as_mut() }.zeroize();
        // SAFETY: the mapping was made with this address and length and is not used after this. Unmapping
        // unlocks it as well.
        unsafe { libc::munmap(self.page.as_ptr().cast(), KEY_LENGTH) };
    }
}

// SAFETY: the page belongs to this value alone; shared access only reads it.
#[cfg(unix)]
unsafe impl Send for LockedKey {}
// SAFETY: as above.
#[cfg(unix)]
unsafe impl Sync for LockedKey {}

#[cfg(not(unix))]
impl LockedKey {
    pub(super) fn new(key: &[u8; KEY_LENGTH]) -> Self {
        Self { page: Box::new(*key) }
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.page
    }
}

#[cfg(not(unix))]
impl Drop for LockedKey {
    fn drop(&mut self) {
        self.page.zeroize();
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// The lines of the kernel's account of the mapping that holds `address`.
    fn mapping(address: usize) -> String {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut found = String::new();
        let mut inside = false;
        for line in maps.lines() {
            let first = line.split(' ').next().unwrap_or("");
            if let Some((from, to)) = first.split_once('-')
                && let (Ok(from), Ok(to)) = (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16))
            {
                inside = (from..to).contains(&address);
            }
            if inside {
                found.push_str(line);
                found.push('\n');
            }
        }
        found
    }

    #[test]
    fn the_key_lies_in_a_page_that_is_neither_swapped_nor_dumped() {
        let key = LockedKey::new(&[7; KEY_LENGTH]);
        assert_eq!(key.bytes(), &[7; KEY_LENGTH]);
        let flags = mapping(key.bytes().as_ptr() as usize);
        let flags = flags.lines().find(|line| line.starts_with("VmFlags")).unwrap();
        assert!(flags.contains(" lo"), "{flags}");
        assert!(flags.contains(" dd"), "{flags}");
    }
}
