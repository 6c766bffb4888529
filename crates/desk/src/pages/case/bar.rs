//! A time limit as a bar from its first day to its last.

use casework::{effect::Span, state::LimitRun};
use jiff::{ToSpan, Unit, civil::Date};
use law::{calendar::Calendar, pack::LimitStatus, term::Direction};

/// How wide the bar is drawn; the page stretches it.
const WIDTH: i64 = 1_000;

/// A bar.
pub struct Bar {
    /// What it shows, in words.
    pub label: String,
    /// What it consists of, the later above the earlier.
    pub parts: Vec<Part>,
}

/// A stretch of days.
pub struct Part {
    pub class: &'static str,
    pub x: i64,
    pub width: i64,
}

/// Days from one day to another.
pub fn whole_days(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to))
        .map_or(0, |span| i64::from(span.get_days()))
}

impl Bar {
    /// The bar of a limit that counts days onward; none for one that counts back from a day, or has no length.
    pub fn of(run: &LimitRun, calendar: &Calendar, today: Date) -> Option<Self> {
        if matches!(run.span, Span::Term(_, _, Direction::Back)) {
            return None;
        }
        let reached = run.ended_on.unwrap_or(today).max(run.on);
        let due = last_day(run, calendar, today)?;
        let end = due.max(reached);
        let whole = whole_days(run.on, end);
        if whole <= 0 {
            return None;
        }
        let x = |day: Date| {
            (whole_days(run.on, day).clamp(0, whole) * WIDTH)
                .checked_div(whole)
                .unwrap_or(0)
        };
        let part = |class, from: Date, to: Date| Part {
            class,
            x: x(from),
            width: x(to) - x(from),
        };
        let mut parts = vec![part("whole", run.on, due)];
        let plain = LimitRun {
            extensions: Vec::new(),
            ..run.clone()
        };
        let base = last_day(&plain, calendar, today).filter(|base| *base < due);
        parts.extend(base.map(|base| part("added", base, due)));
        parts.push(part("passed", run.on, reached.min(due)));
        let counted = |from: Date, to: Date| counted(run, calendar, from, to);
        let mut held = 0;
        for pause in &run.pauses {
            // The first day that does not count begins when the day before it is over.
            let from = pause.from.yesterday().unwrap_or(pause.from).max(run.on);
            let to = pause.to.unwrap_or(reached).min(reached);
            if from < to {
                held += counted(from, to);
                parts.push(part("held", from, to));
            }
        }
        let late = due < reached && run.status != LimitStatus::Ended;
        if late {
            parts.push(part("late", due, reached));
        }
        let passed = counted(run.on, reached) - held;
        let days = if in_workdays(run) {
            "个工作日"
        } else {
            "日"
        };
        let mut label = format!("{} 至 {due}，已计 {passed} {days}", run.on);
        if held > 0 {
            label.push_str(&format!("，停止计算 {held} {days}"));
        }
        if let Some(base) = base {
            label.push_str(&format!("，其中延长 {} {days}", counted(base, due)));
        }
        Some(Self { label, parts })
    }
}

fn in_workdays(run: &LimitRun) -> bool {
    matches!(run.span, Span::Term(_, law::term::Unit::WorkingDay, _))
}

/// Days after one day up to another, as the limit counts them.
fn counted(run: &LimitRun, calendar: &Calendar, from: Date, to: Date) -> i64 {
    let days = whole_days(from, to);
    if !in_workdays(run) {
        return days;
    }
    let after = from.series(1.day()).skip(1);
    let after = after.take(usize::try_from(days).unwrap_or(0));
    let working = after.filter(|day| calendar.is_workday(*day).0).count();
    i64::try_from(working).unwrap_or(i64::MAX)
}

/// The last day; of one that rests now, the last day if it went on today.
fn last_day(run: &LimitRun, calendar: &Calendar, today: Date) -> Option<Date> {
    if run.status != LimitStatus::Paused {
        return run.due(calendar).ok().map(|due| due.on);
    }
    let mut resumed = run.clone();
    if let Some(pause) = resumed.pauses.last_mut() {
        pause.to = Some(today.max(pause.from));
    }
    resumed.due(calendar).ok().map(|due| due.on)
}

#[cfg(test)]
mod tests {
    use casework::effect::Extension;
    use jiff::civil::date;
    use law::term::{Pause, Roll, Unit};

    use super::*;

    fn run(pauses: Vec<Pause>, added: u32, status: LimitStatus) -> LimitRun {
        let extension = Extension {
            count: added,
            reason: "案情复杂".into(),
            basis: "某规定第三条".into(),
            approved_by: "person-liu".into(),
            on: date(2026, 3, 5),
        };
        LimitRun {
            code: "L".into(),
            party: None,
            on: date(2026, 3, 2),
            span: Span::Term(10, Unit::Day, Direction::Forward),
            roll: Roll::Stay,
            pauses,
            extensions: (added > 0).then_some(extension).into_iter().collect(),
            status,
            ended_on: None,
        }
    }

    #[track_caller]
    fn check(run: &LimitRun, today: Date, label: &str, parts: &[(&str, i64, i64)]) {
        let bar = Bar::of(run, &Calendar::builtin(), today).unwrap();
        assert_eq!(bar.label, label);
        let drawn: Vec<_> = bar.parts.iter().map(|p| (p.class, p.x, p.width)).collect();
        assert_eq!(drawn, parts);
    }

    #[test]
    fn what_has_passed_what_was_held_up_and_what_was_added_are_stretches_of_the_bar() {
        let whole = ("whole", 0, 1_000);
        check(
            &run(Vec::new(), 0, LimitStatus::Running),
            date(2026, 3, 6),
            "2026-03-02 至 2026-03-12，已计 4 日",
            &[whole, ("passed", 0, 400)],
        );
        // Ten days that count and ten that do not.
        let rest = Pause {
            from: date(2026, 3, 5),
            to: Some(date(2026, 3, 14)),
        };
        check(
            &run(vec![rest], 0, LimitStatus::Running),
            date(2026, 3, 16),
            "2026-03-02 至 2026-03-22，已计 4 日，停止计算 10 日",
            &[whole, ("passed", 0, 700), ("held", 100, 500)],
        );
        check(
            &run(Vec::new(), 10, LimitStatus::Running),
            date(2026, 3, 7),
            "2026-03-02 至 2026-03-22，已计 5 日，其中延长 10 日",
            &[whole, ("added", 500, 500), ("passed", 0, 250)],
        );
    }

    #[test]
    fn one_that_rests_is_drawn_as_if_it_went_on_today_and_one_that_is_late_goes_on() {
        let rest = Pause {
            from: date(2026, 3, 8),
            to: None,
        };
        check(
            &run(vec![rest], 0, LimitStatus::Paused),
            date(2026, 3, 17),
            "2026-03-02 至 2026-03-22，已计 5 日，停止计算 10 日",
            &[("whole", 0, 1_000), ("passed", 0, 750), ("held", 250, 500)],
        );
        check(
            &run(Vec::new(), 0, LimitStatus::Running),
            date(2026, 3, 22),
            "2026-03-02 至 2026-03-12，已计 20 日",
            &[("whole", 0, 500), ("passed", 0, 500), ("late", 500, 500)],
        );
    }

    #[test]
    fn working_days_are_counted_as_such() {
        let mut workdays = run(Vec::new(), 0, LimitStatus::Running);
        workdays.span = Span::Term(5, Unit::WorkingDay, Direction::Forward);
        // From a Monday over a weekend: five of seven days count.
        check(
            &workdays,
            date(2026, 3, 9),
            "2026-03-02 至 2026-03-09，已计 5 个工作日",
            &[("whole", 0, 1_000), ("passed", 0, 1_000)],
        );
        let rest = Pause {
            from: date(2026, 3, 6),
            to: Some(date(2026, 3, 9)),
        };
        workdays.pauses = vec![rest];
        let bar = Bar::of(&workdays, &Calendar::builtin(), date(2026, 3, 10)).unwrap();
        assert_eq!(
            bar.label,
            "2026-03-02 至 2026-03-11，已计 4 个工作日，停止计算 2 个工作日"
        );
    }

    #[test]
    fn what_counts_back_from_a_day_has_no_bar() {
        let mut back = run(Vec::new(), 0, LimitStatus::Running);
        back.span = Span::Term(7, Unit::WorkingDay, Direction::Back);
        assert!(Bar::of(&back, &Calendar::builtin(), date(2026, 3, 6)).is_none());
    }
}
