use super::*;

fn objects() -> (tempfile::TempDir, Objects) {
    let dir = tempfile::tempdir().unwrap();
    let objects = Objects::local(dir.path().join("o"), Suite::Gm).unwrap();
    (dir, objects)
}

#[test]
fn bytes_put_twice_are_stored_once_and_read_back() {
    let (_dir, objects) = objects();
    let digest = objects.put("case-1", b"paper").unwrap();
    assert_eq!(objects.put("case-1", b"paper").unwrap(), digest);
    assert_eq!(objects.get("case-1", &digest).unwrap(), b"paper");
    assert_eq!(
        objects.list().unwrap(),
        [ObjectKey {
            stream: "case-1".into(),
            digest
        }]
    );
}

#[test]
fn a_changed_file_is_refused() {
    let (dir, objects) = objects();
    let digest = objects.put("case-1", b"paper").unwrap();
    fs::write(dir.path().join("o/case-1").join(&digest), b"other").unwrap();
    assert!(matches!(
        objects.get("case-1", &digest),
        Err(StoreError::Damaged(_))
    ));
}

#[test]
fn names_cannot_lead_out_of_the_folder() {
    let (_dir, objects) = objects();
    let digest = "a".repeat(64);
    for stream in ["..", ".", "", "a/b", "../x", "a\0", "/etc"] {
        assert!(
            matches!(
                objects.get(stream, &digest),
                Err(StoreError::NotFound { .. })
            ),
            "{stream:?}"
        );
        assert!(objects.put(stream, b"x").is_err(), "{stream:?}");
    }
    assert!(objects.get("case-1", "../../etc/passwd").is_err());
}

fn received(objects: &Objects, bytes: &[u8]) -> Incoming {
    let mut upload = objects.receive().unwrap();
    bytes.chunks(3).for_each(|part| upload.write(part).unwrap());
    upload
}

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn an_upload_in_parts_is_the_object_of_the_whole() {
    let (dir, objects) = objects();
    let upload = received(&objects, b"a photograph");
    assert_eq!(upload.size_bytes(), 12);
    let digest = objects.put_upload("case-1", upload).unwrap();
    assert_eq!(digest, objects.put("case-1", b"a photograph").unwrap());
    assert_eq!(objects.list().unwrap().len(), 1);
    drop(received(&objects, b"given up"));
    let left = fs::read_dir(dir.path().join("o").join(INCOMING)).unwrap();
    assert_eq!(left.count(), 0);
}

#[test]
fn what_was_never_received_whole_goes_when_it_is_old() {
    let (dir, objects) = objects();
    // As after a power cut: nobody is there to let go of it.
    std::mem::forget(received(&objects, b"half"));
    let now = SystemTime::now();
    assert!(objects.pending(DAY, now).unwrap().is_empty());
    let left = || fs::read_dir(dir.path().join("o").join(INCOMING)).unwrap();
    assert_eq!(left().count(), 1);
    assert!(objects.pending(DAY, now + 2 * DAY).unwrap().is_empty());
    assert_eq!(left().count(), 0);
}

#[test]
fn an_upload_received_anew_is_not_discarded() {
    let (_dir, objects) = objects();
    let digest = objects
        .put_upload("case-1", received(&objects, b"twice"))
        .unwrap();
    let upload = ObjectKey {
        stream: "case-1".into(),
        digest,
    };
    let later = SystemTime::now() + 2 * DAY;
    assert_eq!(
        objects.pending(DAY, later).unwrap(),
        std::slice::from_ref(&upload)
    );
    // The same bytes come again just before the sweep gets to them.
    objects
        .put_upload("case-1", received(&objects, b"twice"))
        .unwrap();
    assert!(!objects.discard(&upload, DAY, SystemTime::now()).unwrap());
    assert_eq!(objects.get("case-1", &upload.digest).unwrap(), b"twice");
    assert!(objects.discard(&upload, DAY, later).unwrap());
    assert!(objects.get("case-1", &upload.digest).is_err());
    assert!(objects.pending(DAY, later).unwrap().is_empty());
}

/// Makes what looks like a file that went between being listed and being looked at.
#[cfg(unix)]
fn vanished(path: &Path) {
    std::os::unix::fs::symlink("nowhere", path).unwrap();
}

#[test]
#[cfg(unix)]
fn what_vanishes_meanwhile_ends_no_sweep() {
    let (dir, objects) = objects();
    let digest = objects
        .put_upload("case-1", received(&objects, b"loose"))
        .unwrap();
    let root = dir.path().join("o");
    vanished(&root.join(INCOMING).join("part"));
    let note = format!("case-0.{}", "a".repeat(64));
    vanished(&root.join(PENDING).join(note));
    let later = SystemTime::now() + 2 * DAY;
    let found = objects.pending(DAY, later).unwrap();
    let upload = ObjectKey {
        stream: "case-1".into(),
        digest,
    };
    assert_eq!(found, std::slice::from_ref(&upload));
    // Another process settles it first: its file stays.
    objects.settle(&upload).unwrap();
    objects.settle(&upload).unwrap();
    assert!(!objects.discard(&upload, DAY, later).unwrap());
    assert_eq!(objects.get("case-1", &upload.digest).unwrap(), b"loose");
}

#[test]
fn an_upload_about_to_be_named_is_not_discarded() {
    let (dir, objects) = objects();
    let digest = objects
        .put_upload("case-1", received(&objects, b"evidence"))
        .unwrap();
    let upload = ObjectKey {
        stream: "case-1".into(),
        digest,
    };
    let note = objects.note(&upload).unwrap();
    let long_ago = SystemTime::now() - 2 * DAY;
    let opened = File::options().write(true).open(&note).unwrap();
    opened.set_modified(long_ago).unwrap();
    let now = SystemTime::now();
    assert_eq!(objects.pending(DAY, now).unwrap().len(), 1);
    // The sweep has found it, and a command that names it comes before the sweep gets to it.
    let size = objects.size_to_name("case-1", &upload.digest).unwrap();
    assert_eq!(size, Some(8));
    assert!(!objects.discard(&upload, DAY, now).unwrap());
    assert_eq!(objects.get("case-1", &upload.digest).unwrap(), b"evidence");
    // A paper has no note, and gets none.
    let paper = objects.put("case-1", b"paper").unwrap();
    assert_eq!(objects.size_to_name("case-1", &paper).unwrap(), Some(5));
    assert_eq!(objects.size_to_name("..", &paper).unwrap(), None);
    let notes = fs::read_dir(dir.path().join("o").join(PENDING)).unwrap();
    assert_eq!(notes.count(), 1);
}

#[test]
fn papers_are_never_pending() {
    let (_dir, objects) = objects();
    objects.put("case-1", b"paper").unwrap();
    let later = SystemTime::now() + 2 * DAY;
    assert!(objects.pending(DAY, later).unwrap().is_empty());
}
