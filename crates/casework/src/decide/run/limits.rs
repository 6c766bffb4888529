//! What a step does to time limits: start, stop, go on, extend, put on record.

use jiff::civil::Date;
use law::{
    pack::{DayOf, EXTENSION_REASON, Length, LimitId, LimitStatus, Scope},
    term::Direction,
};

use super::{
    super::{extend, measure},
    Runner,
};
use crate::effect::{Effect, Extension, Span};

impl Runner<'_> {
    fn limit_party(&self, limit: LimitId) -> Option<String> {
        (self.ctx.pack.limits[limit].scope == Scope::Party)
            .then(|| self.party.clone())
            .flatten()
    }

    pub(super) fn start(&mut self, limit: LimitId) {
        let back = self.ctx.pack.limits[limit].direction == Direction::Back;
        let on = self.back_limit_on.filter(|_| back).unwrap_or(self.on);
        self.start_on(limit, on);
    }

    fn start_on(&mut self, limit: LimitId, on: Date) {
        let pack = self.ctx.pack;
        let declared = &pack.limits[limit];
        let party = self.limit_party(limit);
        let count = match &declared.length {
            Length::Fixed(count) => Some(*count),
            Length::Config(key) => self
                .ctx
                .config
                .get(pack, key, self.on)
                .and_then(|v| u32::try_from(v).ok()),
            Length::Field(_) => None,
        };
        let span = match (&declared.length, count) {
            (Length::Field(field), _) => self.date(field).map(Span::Until),
            (_, Some(count)) => Some(Span::Term(count, declared.unit, declared.direction)),
            _ => None,
        };
        let Some(span) = span else { return };
        // One run at a time: what still ran is over when the limit begins anew.
        self.status(limit, LimitStatus::Ended, |now| {
            matches!(now, LimitStatus::Running | LimitStatus::Paused)
        });
        self.emit(Effect::Start {
            limit: declared.code.clone(),
            party,
            on,
            span,
            roll: declared.roll,
        });
    }

    /// A limit that was stopped goes on with the days that it has left; one that never ran starts.
    pub(super) fn go_on(&mut self, limit: LimitId) {
        let party = self.limit_party(limit);
        let code = &self.ctx.pack.limits[limit].code;
        if self.state.limit_status(code, party.as_deref()) == LimitStatus::Idle {
            self.start(limit);
        } else {
            self.status(limit, LimitStatus::Running, |now| now == LimitStatus::Ended);
        }
    }

    /// A limit that lies behind: it ran from a day to another, or ran out before.
    pub(super) fn measure(&mut self, limit: LimitId, from: &DayOf, to: &DayOf) {
        let [from, to] = [from, to].map(|day| measure::day(day, &self.state, self.fields, self.on));
        let before = self.state.limits.len();
        self.start_on(limit, from);
        if self.state.limits.len() == before {
            return;
        }
        let (code, party) = (&self.ctx.pack.limits[limit].code, self.limit_party(limit));
        let Some(run) = self.state.limit(code, party.as_deref()) else {
            return;
        };
        let (status, on) = match run.due(self.ctx.calendar) {
            Ok(due) if due.on < to => (LimitStatus::Expired, due.on),
            _ => (LimitStatus::Ended, to),
        };
        self.emit(Effect::Limit {
            limit: code.clone(),
            party,
            status,
            on,
        });
    }

    /// A limit that runs is longer; whether it may be was asked before.
    pub(super) fn extend(&mut self, limit: LimitId, key: &str) {
        let Some(count) = extend::count(self.ctx, key, self.on) else {
            return;
        };
        let extension = Extension {
            count,
            reason: self.text(EXTENSION_REASON),
            basis: extend::basis(self.ctx, key, self.on),
            approved_by: self.approver.clone().unwrap_or_default(),
            on: self.on,
        };
        self.emit(Effect::Extended {
            limit: self.ctx.pack.limits[limit].code.clone(),
            party: self.limit_party(limit),
            extension,
        });
    }

    pub(super) fn status(
        &mut self,
        limit: LimitId,
        status: LimitStatus,
        from: impl Fn(LimitStatus) -> bool,
    ) {
        let code = self.ctx.pack.limits[limit].code.clone();
        let party = self.limit_party(limit);
        if from(self.state.limit_status(&code, party.as_deref())) {
            // A limit cannot rest before it began, nor go on before it rested.
            let run = self.state.limit(&code, party.as_deref());
            let first = run.and_then(|run| match (run.status, status) {
                (_, LimitStatus::Paused) => Some(run.on),
                (LimitStatus::Paused, _) => run.pauses.last().map(|pause| pause.from),
                _ => None,
            });
            let on = first.map_or(self.on, |first| first.max(self.on));
            self.emit(Effect::Limit {
                limit: code,
                party,
                status,
                on,
            });
        }
    }
}
