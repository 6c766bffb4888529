//! Files that a command names: only what was uploaded to the very case, as it was.

use casework::field::FileRef;

use super::*;

#[tokio::test]
async fn a_command_names_only_files_that_were_uploaded_to_its_case() {
    let Some(bureau) = bureau().await else { return };
    let (a, office) = (bureau.who("a").await, &bureau.office);
    let case = bureau.opened().await;
    let put = |stream: &str| {
        office
            .store()
            .objects()
            .put(stream, b"%PDF-1.7 scan")
            .unwrap()
    };
    let digest = put("case-elsewhere");
    let named = |size_bytes: u64, name: &str, media: &str| FileRef {
        name: name.to_owned(),
        digest: digest.clone(),
        size_bytes,
        media_type: media.to_owned(),
    };
    let try_with = async |file: FileRef| {
        let mut fields = filing();
        fields.insert("scan".to_owned(), FieldValue::Upload(file));
        let asked = command("c2", "A05", Act::Take, fields, &["b"], 1);
        let Err(OfficeError::Refused(refusal)) = office.act(&a, Via::Api, &case, asked).await
        else {
            panic!("a step that asks for no file took one")
        };
        refusal.sentence()
    };
    let pdf = "application/pdf";
    let told = try_with(named(13, "笔录.pdf", pdf)).await;
    assert!(
        told.contains("附件“笔录.pdf”不在本案已上传的文件中"),
        "{told}"
    );
    put(&case);
    let told = try_with(named(12, "笔录.pdf", pdf)).await;
    assert!(told.contains("大小与上传的不符"), "{told}");
    for (name, media) in [("一\n二", pdf), ("笔录.pdf", "text/html; x=<b>")] {
        let told = try_with(named(13, name, media)).await;
        assert!(told.contains("文件名或者类型写法不对"), "{told}");
    }
    // A sweep under way leaves what a command is about to name.
    let day = std::time::Duration::from_secs(86_400);
    let (objects, now) = (office.store().objects(), std::time::SystemTime::now());
    let key = store::ObjectKey {
        stream: case.clone(),
        digest: digest.clone(),
    };
    objects.renew(&key).unwrap();
    let note = bureau.folder.path().join("objects/.pending");
    let note = note.join(format!("{case}.{digest}"));
    let opened = std::fs::File::options().write(true).open(note).unwrap();
    opened.set_modified(now - 2 * day).unwrap();
    assert_eq!(
        objects.pending(day, now).unwrap(),
        std::slice::from_ref(&key)
    );
    try_with(named(13, "笔录.pdf", pdf)).await;
    assert!(!objects.discard(&key, day, now).unwrap());
    // With the file in place what is left is that the step has no such field.
    let told = try_with(named(13, "笔录.pdf", pdf)).await;
    assert!(!told.contains("附件"), "{told}");
    assert_eq!(office.case(&a, &case).await.unwrap().state.version, 1);
}
