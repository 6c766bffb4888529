//! Where a case stands on the flow chart of its pack, and what was done in each stage.

use std::collections::BTreeMap;

use casework::{
    effect::Effect,
    event::{CaseActed, Phase},
};
use jiff::civil::Date;
use law::{
    chart::{self, Standing},
    pack::{Pack, StageId},
};
use office::{CaseFile, StepOption};

use crate::show::Names;

/// The course of a case, as its page shows it.
pub struct Course {
    /// The chart; made by the program from the pack, with every title escaped.
    pub svg: String,
    /// What the chart shows, in words: every stage where the case was, is, or can go next.
    pub stages: Vec<StageLine>,
    /// The stages between here and the end of the plain way, by title.
    pub ahead: Vec<String>,
    /// The plain way, and what lies beside it where the case has been there.
    pub strip: Vec<(String, Standing)>,
}

/// A stage.
pub struct StageLine {
    pub title: String,
    pub standing: Standing,
    pub stays: Vec<String>,
    pub steps: Vec<Done>,
    pub ways: Vec<Way>,
}

/// A step that was done.
pub struct Done {
    pub version: u64,
    pub on: String,
    pub title: String,
    pub party: String,
}

/// A step that leads to a stage.
pub struct Way {
    pub title: String,
    /// Whether it can be taken now, by whomever.
    pub open: bool,
}

/// A stay in a stage.
struct Visit {
    stage: String,
    from: Date,
    to: Option<Date>,
    done: Vec<Done>,
}

/// The stages in which a case was, with its events.
pub struct Story {
    visits: Vec<Visit>,
    /// The stage in which each event happened, by version.
    pub stage_of: BTreeMap<u64, String>,
}

impl Story {
    /// What the events tell.
    pub fn of(file: &CaseFile, names: &Names<'_>) -> Self {
        let mut story = Self {
            visits: Vec::new(),
            stage_of: BTreeMap::new(),
        };
        for recorded in &file.events {
            story.go_on(recorded.header.version, &recorded.acted, names);
        }
        story
    }

    fn go_on(&mut self, version: u64, acted: &CaseActed, names: &Names<'_>) {
        let (mut moved, on) = (None, acted.occurred_on);
        for effect in &acted.effects {
            match effect {
                Effect::Move { stage } => moved = Some(stage.clone()),
                Effect::Switched(switched) => self.rename(&switched.stages),
                _ => {}
            }
        }
        // What opens the case belongs to the stage that it begins with.
        if self.visits.is_empty() {
            let stage = moved.take().unwrap_or_default();
            self.enter(stage, on);
        }
        if let Some(visit) = self.visits.last_mut() {
            self.stage_of.insert(version, visit.stage.clone());
            if acted.phase == Phase::Taken {
                let party = acted.party.as_deref().map(|id| names.party(id));
                visit.done.push(Done {
                    version,
                    on: on.to_string(),
                    title: acted.title.clone(),
                    party: party.unwrap_or_default(),
                });
            }
        }
        if let Some(stage) = moved {
            if let Some(visit) = self.visits.last_mut() {
                visit.to = Some(on);
            }
            self.enter(stage, on);
        }
    }

    fn enter(&mut self, stage: String, from: Date) {
        self.visits.push(Visit {
            stage,
            from,
            to: None,
            done: Vec::new(),
        });
    }

    /// A newer version of the procedure may call its stages otherwise.
    fn rename(&mut self, stages: &[(String, String)]) {
        let visited = self.visits.iter_mut().map(|visit| &mut visit.stage);
        for stage in visited.chain(self.stage_of.values_mut()) {
            if let Some((_, new)) = stages.iter().find(|(old, _)| old == stage) {
                stage.clone_from(new);
            }
        }
    }

    /// The course on the chart of the pack that the case follows.
    pub fn course(self, file: &CaseFile, options: &[StepOption]) -> Course {
        let pack = &*file.pack;
        let drawn = self.drawn(pack, &file.state.stage);
        let plain = pack.stages.iter().position(|s| s.end);
        let plain = plain.unwrap_or(usize::MAX);
        let (mut strip, mut ahead) = (Vec::new(), Vec::new());
        for (at, stage) in pack.stages.iter().enumerate() {
            let standing = drawn.standing(pack, at);
            if at <= plain || drawn.visited.contains(&at) {
                strip.push((stage.title.clone(), standing));
            }
            if at <= plain && standing == Standing::Ahead && drawn.now < Some(at) {
                ahead.push(stage.title.clone());
            }
        }
        Course {
            svg: chart::case_svg(pack, &drawn),
            stages: self.lines(pack, &drawn, options),
            ahead,
            strip,
        }
    }

    fn drawn(&self, pack: &Pack, now: &str) -> chart::Course {
        let stages: Vec<Option<StageId>> =
            self.visits.iter().map(|v| place(pack, &v.stage)).collect();
        chart::Course {
            now: place(pack, now),
            visited: stages.iter().flatten().copied().collect(),
            taken: stages
                .windows(2)
                .filter_map(|pair| Some((pair[0]?, pair[1]?)))
                .collect(),
        }
    }

    fn lines(self, pack: &Pack, drawn: &chart::Course, options: &[StepOption]) -> Vec<StageLine> {
        let mut lines: BTreeMap<StageId, StageLine> = BTreeMap::new();
        for (at, stage) in pack.stages.iter().enumerate() {
            let standing = drawn.standing(pack, at);
            let ways = match standing {
                Standing::Ahead => continue,
                Standing::Next => ways(pack, drawn.now, at, options),
                Standing::Done | Standing::Now => Vec::new(),
            };
            let line = StageLine {
                title: stage.title.clone(),
                standing,
                stays: Vec::new(),
                steps: Vec::new(),
                ways,
            };
            lines.insert(at, line);
        }
        for visit in self.visits {
            let line = place(pack, &visit.stage).and_then(|at| lines.get_mut(&at));
            if let Some(line) = line {
                line.stays.push(match visit.to {
                    Some(to) if to == visit.from => to.to_string(),
                    Some(to) => format!("{} 至 {to}", visit.from),
                    None => format!("{} 起", visit.from),
                });
                line.steps.extend(visit.done);
            }
        }
        let mut lines: Vec<StageLine> = lines.into_values().collect();
        // Where the case may go comes last, whatever its place in the pack.
        lines.sort_by_key(|line| line.standing == Standing::Next);
        lines
    }
}

fn place(pack: &Pack, stage: &str) -> Option<StageId> {
    pack.stages.iter().position(|known| known.id == stage)
}

fn ways(pack: &Pack, now: Option<StageId>, to: StageId, options: &[StepOption]) -> Vec<Way> {
    let steps = now
        .into_iter()
        .flat_map(|now| chart::steps_between(pack, now, to));
    steps
        .map(|step| Way {
            title: step.title.clone(),
            open: options.iter().any(|option| option.step_id == step.id),
        })
        .collect()
}
