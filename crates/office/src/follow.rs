//! An open case follows a newer version of its procedure (程序从新).

use std::sync::Arc;

use casework::switch::{is_due, switch};
use jiff::civil::Date;
use law::pack::switch_plan;

use crate::{Office, cases::CaseFile, error::OfficeError};

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
        self.record(&file, &event, &newer, id).await?;
        self.cache().forget(&file.id);
        self.load_case(&file.id).await
    }
}
