//! The files that events name, each read and hashed again.

use std::collections::BTreeMap;

use casework::record::{NamedFile, files_named};

use super::columns::Columns;
use super::{FaultKind, Faults};
use crate::objects::Objects;

/// Files named by the events of a page, to be read after it, and how many were read so far.
#[derive(Default)]
pub(super) struct Files {
    named: BTreeMap<(String, NamedFile), String>,
    pub checked: u64,
}

impl Files {
    /// Takes down what an event at that place names; one file that it names twice is read once.
    pub fn name(&mut self, stream: &str, place: &str, event: &Columns) {
        let body = event.body.as_ref().map_or(&[][..], |(_, body)| body);
        for file in files_named(body) {
            self.named
                .entry((stream.to_owned(), file))
                .or_insert_with(|| place.to_owned());
        }
    }

    /// Reads the files taken down since the last time.
    pub fn check(&mut self, objects: &Objects, faults: &mut Faults) {
        for ((stream, file), place) in std::mem::take(&mut self.named) {
            self.checked += 1;
            let name = file.name.as_deref().unwrap_or(&file.digest);
            let place = format!("{place}的文件《{name}》");
            match objects.get(&stream, &file.digest) {
                Err(fault) => faults.add(FaultKind::Object, place, fault),
                Ok(bytes)
                    if file
                        .size_bytes
                        .is_some_and(|size| size != bytes.len() as u64) =>
                {
                    faults.add(FaultKind::Object, place, "文件大小与记载不符");
                }
                Ok(_) => {}
            }
        }
    }
}
