//! The layer below SQLite: its own file system, whose writes, cuts, deletions and syncs are noted on the way.
//!
//! This is the one module with unsafe code, since SQLite takes a file system as tables of C functions. What it rests on:
//! - The tables are copies of SQLite's own with some places taken by functions of the same signature; they are leaked,
//!   so they live as long as SQLite may use them.
//! - A file's functions are called by SQLite with the pointer that was opened, until it is closed; between the two
//!   [`OPEN`] knows which disk and which functions of SQLite's own belong to it. Such a pointer is only passed on.
//! - What SQLite says of a buffer (pointer and length) holds during the call, and the bytes are copied in it.
#![expect(
    unsafe_code,
    reason = "SQLite's file systems are tables of C functions"
)]

use std::{
    collections::BTreeMap,
    ffi::{CStr, OsStr, c_char, c_int, c_void},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    ptr, slice,
    sync::{
        Arc, Mutex, MutexGuard, Once, PoisonError, Weak,
        atomic::{AtomicPtr, Ordering},
    },
};

use rusqlite::ffi::{
    self, SQLITE_IOERR_FSYNC, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE, SQLITE_OK, sqlite3_file,
    sqlite3_io_methods, sqlite3_vfs,
};

use super::{Disk, Op};

/// An open file of a disk, with SQLite's own functions for it.
#[derive(Clone)]
struct Open {
    disk: Arc<Disk>,
    path: PathBuf,
    real: &'static sqlite3_io_methods,
}

/// Open files by the address that SQLite knows them by.
static OPEN: Mutex<BTreeMap<usize, Open>> = Mutex::new(BTreeMap::new());
/// Disks that are served.
static DISKS: Mutex<Vec<Weak<Disk>>> = Mutex::new(Vec::new());
/// Our functions for each table of SQLite's own, by its address.
static TABLES: Mutex<BTreeMap<usize, &'static sqlite3_io_methods>> = Mutex::new(BTreeMap::new());
/// SQLite's own file system.
static REAL: AtomicPtr<sqlite3_vfs> = AtomicPtr::new(ptr::null_mut());

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes what SQLite does below the disk's root from now on.
pub(super) fn serve(disk: &Arc<Disk>) -> io::Result<()> {
    static ONCE: Once = Once::new();
    ONCE.call_once(register);
    if REAL.load(Ordering::Acquire).is_null() {
        return Err(io::Error::other("SQLite takes no file system"));
    }
    let mut disks = lock(&DISKS);
    disks.retain(|known| known.strong_count() > 0);
    disks.push(Arc::downgrade(disk));
    Ok(())
}

/// Puts the layer in the place of SQLite's own file system, for every connection that is opened from then on.
fn register() {
    // SAFETY: without a name it gives the default file system, which SQLite keeps for the life of the process.
    let real = unsafe { ffi::sqlite3_vfs_find(ptr::null()) };
    if real.is_null() {
        return;
    }
    // SAFETY: it is not null, and the struct is plain data of integers, pointers and functions.
    let mut ours = unsafe { ptr::read(real) };
    ours.zName = c"notes".as_ptr();
    ours.pNext = ptr::null_mut();
    ours.xOpen = Some(open);
    ours.xDelete = Some(delete);
    REAL.store(real, Ordering::Release);
    // SAFETY: leaked, so it outlives SQLite's use of it.
    let taken = unsafe { ffi::sqlite3_vfs_register(Box::leak(Box::new(ours)), 1) };
    if taken != SQLITE_OK {
        REAL.store(ptr::null_mut(), Ordering::Release);
    }
}

/// The disk that a name lies on.
///
/// # Safety
/// The name is null or ends with a zero.
unsafe fn place(name: *const c_char) -> Option<(Arc<Disk>, PathBuf)> {
    if name.is_null() {
        return None;
    }
    // SAFETY: not null, and as the caller says.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    let path = Path::new(OsStr::from_bytes(bytes));
    let disks = lock(&DISKS);
    // Where a folder is served anew, the latest disk counts.
    let mut disks = disks.iter().rev().filter_map(Weak::upgrade);
    let disk = disks.find(|disk| path.starts_with(&disk.root))?;
    Some((disk, path.to_owned()))
}

fn known(file: *mut sqlite3_file) -> Option<Open> {
    lock(&OPEN).get(&(file as usize)).cloned()
}

unsafe extern "C" fn open(
    _: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let real = REAL.load(Ordering::Acquire);
    // SAFETY: SQLite's name of a file is null or a C string.
    let place = unsafe { place(name) };
    if let Some((disk, path)) = &place {
        disk.opened(path);
    }
    // SAFETY: set before the layer was registered, and never freed.
    let Some(function) = (unsafe { (*real).xOpen }) else {
        return ffi::SQLITE_CANTOPEN;
    };
    // SAFETY: the arguments are SQLite's, with its own file system in the place of the copy.
    let opened = unsafe { function(real, name, file, flags, out) };
    if opened != SQLITE_OK {
        return opened;
    }
    let Some((disk, path)) = place else {
        return opened;
    };
    // SAFETY: a file that was opened has its table set, and tables are static in SQLite.
    let Some(real) = (unsafe { (*file).pMethods.as_ref() }) else {
        return opened;
    };
    // SAFETY: as above; the file is not in use before this returns.
    unsafe { (*file).pMethods = table(real) };
    lock(&OPEN).insert(file as usize, Open { disk, path, real });
    opened
}

fn table(real: &'static sqlite3_io_methods) -> &'static sqlite3_io_methods {
    let key = ptr::from_ref(real) as usize;
    lock(&TABLES).entry(key).or_insert_with(|| {
        // SAFETY: plain data of an integer and functions.
        let mut ours = unsafe { ptr::read(real) };
        // Nothing is mapped into memory: what is written there would not be noted.
        ours.iVersion = ours.iVersion.min(2);
        ours.xFetch = None;
        ours.xUnfetch = None;
        ours.xClose = Some(close);
        ours.xWrite = Some(write);
        ours.xTruncate = Some(truncate);
        ours.xSync = Some(sync);
        Box::leak(Box::new(ours))
    })
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    let open = lock(&OPEN).remove(&(file as usize));
    match open.and_then(|open| open.real.xClose) {
        // SAFETY: the file as SQLite gave it, and its own function for it.
        Some(function) => unsafe { function(file) },
        None => ffi::SQLITE_IOERR_CLOSE,
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    bytes: *const c_void,
    count: c_int,
    at: i64,
) -> c_int {
    let Some(open) = known(file) else {
        return SQLITE_IOERR_WRITE;
    };
    let (Ok(size), Ok(place), Some(function)) = (
        usize::try_from(count),
        usize::try_from(at),
        open.real.xWrite,
    ) else {
        return SQLITE_IOERR_WRITE;
    };
    // SAFETY: SQLite gives so many bytes there, for the time of the call.
    let written = unsafe { slice::from_raw_parts(bytes.cast::<u8>(), size) }.to_vec();
    if open
        .disk
        .note(&open.path, Op::Write(place, written))
        .is_err()
    {
        return SQLITE_IOERR_WRITE;
    }
    // SAFETY: the arguments are SQLite's, and so is the function.
    unsafe { function(file, bytes, count, at) }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, size: i64) -> c_int {
    let Some(open) = known(file) else {
        return SQLITE_IOERR_TRUNCATE;
    };
    let (Ok(to), Some(function)) = (usize::try_from(size), open.real.xTruncate) else {
        return SQLITE_IOERR_TRUNCATE;
    };
    if open.disk.note(&open.path, Op::Truncate(to)).is_err() {
        return SQLITE_IOERR_TRUNCATE;
    }
    // SAFETY: the arguments are SQLite's, and so is the function.
    unsafe { function(file, size) }
}

/// Syncs by the notes alone.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _: c_int) -> c_int {
    match known(file).map(|open| open.disk.sync(&open.path)) {
        Some(Ok(())) => SQLITE_OK,
        _ => SQLITE_IOERR_FSYNC,
    }
}

unsafe extern "C" fn delete(_: *mut sqlite3_vfs, name: *const c_char, sync_dir: c_int) -> c_int {
    let real = REAL.load(Ordering::Acquire);
    // SAFETY: SQLite's name of a file is a C string.
    if let Some((disk, path)) = unsafe { place(name) } {
        let noted = disk.note(&path, Op::Delete);
        let synced = match sync_dir {
            0 => Ok(()),
            _ => disk.sync(&path),
        };
        if noted.and(synced).is_err() {
            return ffi::SQLITE_IOERR_DELETE;
        }
    }
    // SAFETY: set before the layer was registered, and never freed.
    match unsafe { (*real).xDelete } {
        // SAFETY: the arguments are SQLite's, with its own file system in the place of the copy.
        Some(function) => unsafe { function(real, name, sync_dir) },
        None => ffi::SQLITE_IOERR_DELETE,
    }
}
