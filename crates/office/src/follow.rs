//! An open case follows a newer version of its procedure (程序从新).

use std::sync::Arc;

use casework::switch::{is_due, switch};
use jiff::civil::Date;
use law::pack::switch_plan;

use crate::{Office, act::TRIES, cases::CaseFile, error::OfficeError};

impl Office {
    /// Brings a case over to the version of its procedure that applies on that day (程序从新).
    pub(crate) async fn follow(
        &self,
        file: Arc<CaseFile>,
        day: Date,
    ) -> Result<Arc<CaseFile>, OfficeError> {
        let Ok(newer) = self.pack_on(day) else {
            // A day before every version: the step itself says what is wrong with it.
            return Ok(file);
        };
        let mut file = file;
        for _ in 0..TRIES {
            if file.state.version == 0 || !is_due(&file.pack, &newer, day) {
                return Ok(file);
            }
            let plan = switch_plan(&file.pack, &newer).map_err(|faults| {
                let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
                OfficeError::Invalid(format!("本案不能换版：{}", lines.join("；")))
            })?;
            let Some(plan) = plan else {
                return Ok(file);
            };
            let (calendar, from) = (self.calendar(), newer.in_force_from);
            let event = switch(&file.state, &plan, &file.pack, &newer, from, &calendar);
            let id = format!("switch-{}-{}", file.id, file.state.version + 1);
            let written = self.record(&file, &event, &newer, id).await?;
            self.cache().forget(&file.id);
            file = self.load_case(&file.id).await?;
            if written {
                return Ok(file);
            }
            // An event that was quicker need not have brought the switch: a late entry is dated before it.
        }
        Err(OfficeError::Conflict {
            current_version: file.state.version,
            changed: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use casework::event::Phase;
    use jiff::civil::date;

    use crate::{
        Office, builtin_pack_files,
        publish::tests::{Bureau, event, opening},
    };

    /// The same installation with a next version of the procedure, in force from 10 March 2026.
    async fn with_next_version(bureau: &Bureau) -> Office {
        let mut pack = builtin_pack_files();
        let head = pack.get_mut("00-head.kdl").unwrap();
        let old = "version=\"2026.1\" from=\"2021-07-15\" region=\"全国\"";
        assert!(head.contains(old));
        let over = "{ over \"2026.1\" region=\"全国\" by=\"newer\" basis=\"《立法法》第一百零三条\" level=\"law\" }";
        let new = format!("version=\"2026.2\" from=\"2026-03-10\" region=\"全国\" {over}");
        *head = head.replace(old, &new);
        head.push_str(
            "switch from=\"2026.1\" basis=\"某程序规定第九条（虚构）\" level=\"rule\" {}\n",
        );
        bureau.under(pack).await
    }

    #[tokio::test]
    async fn a_case_comes_over_though_a_late_entry_was_quicker_than_its_switch() {
        let Some(bureau) = Bureau::open().await else {
            return;
        };
        bureau.write("case-1", vec![opening()]).await;
        let (office, day) = (with_next_version(&bureau).await, date(2026, 3, 10));
        office.clock().advance_to(day);
        let read = office.load_case("case-1").await.unwrap();
        // The process that knows the older version alone enters something late.
        bureau.write("case-1", vec![event(Vec::new())]).await;
        let file = office.follow(read, day).await.unwrap();
        assert_eq!(file.pack.version, "2026.2");
        let phases: Vec<Phase> = file.events.iter().map(|e| e.acted.phase).collect();
        assert_eq!(phases, [Phase::Taken, Phase::Taken, Phase::Switched]);
    }
}
