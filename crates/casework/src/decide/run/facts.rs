//! What a step does to facts: set, lapse.

use law::pack::{Compute, Scope, Source};

use super::{
    super::{
        compute::{self, Input},
        cond,
    },
    Runner,
};
use crate::{effect::Effect, field::FieldValue, refusal::Reason};

impl Runner<'_> {
    pub(super) fn set(&mut self, fact: usize, source: &Source) {
        let declared = &self.ctx.pack.facts[fact];
        let value = match source {
            Source::Value(value) => Some(*value),
            Source::Field(field, allowed) => self
                .chosen(field)
                .and_then(|id| declared.value(&id))
                .filter(|value| allowed.contains(value)),
            Source::Compute(asked, allowed) => {
                let input = Input {
                    state: &self.state,
                    party: self.party.as_deref(),
                    fields: self.fields,
                    on: self.on,
                    ctx: self.ctx,
                };
                declared
                    .value(compute::compute(*asked, &input))
                    .filter(|value| allowed.contains(value))
            }
        };
        let Some((value, _)) = value.and_then(|v| declared.values.get(usize::from(v))) else {
            // What was proved of the pack rests on the values that it names: any other stops the step.
            let reason = unnamed_value(&declared.title, source);
            self.fault.get_or_insert(reason);
            return;
        };
        let party = (declared.scope == Scope::Party)
            .then(|| self.party.clone())
            .flatten();
        self.emit(Effect::Set {
            fact: declared.id.clone(),
            value: value.clone(),
            party,
        });
    }

    /// What was chosen in a field, or what the form shows there if it was left as it is.
    fn chosen(&self, field: &str) -> Option<String> {
        match self.fields.get(field).filter(|value| !value.is_blank()) {
            Some(FieldValue::YesNo(yes)) => Some(if *yes { "yes" } else { "no" }.to_owned()),
            Some(other) => other.as_text().map(|text| text.trim().to_owned()),
            None => {
                let declared = self.form.iter().find(|f| f.id == field)?;
                declared.default.clone()
            }
        }
    }

    pub(super) fn lapse(&mut self, fact: usize) {
        let Some((from, to)) = self.ctx.pack.facts[fact].lapse else {
            return;
        };
        let now = cond::value_of(&self.state, self.ctx.pack, fact, self.party.as_deref());
        if from >> now & 1 == 1 {
            self.set(fact, &Source::Value(to));
        }
    }
}

/// A value that the pack does not name where it is set.
fn unnamed_value(title: &str, source: &Source) -> Reason {
    let why = match source {
        Source::Compute(asked, _) => {
            let all = Compute::ALL.iter();
            let name = all
                .filter(|(known, ..)| known == asked)
                .map(|(_, name, _)| *name);
            let name = name.collect::<String>();
            format!(
                "程序算出的“{title}”不在程序方案写明的取值（compute=\"{name}\" 的 among）之内，不能办理"
            )
        }
        Source::Field(field, _) => {
            format!("“{title}”须取自“{field}”一栏，该栏没有有效的选项，不能办理")
        }
        Source::Value(_) => format!("程序方案给“{title}”的值不存在，不能办理"),
    };
    Reason::new(why)
        .basis("程序方案须与程序一致，否则对方案的验证不成立")
        .next("请管理员核对程序方案，运行 `zhiheng procedure check` 后重新加载")
}
