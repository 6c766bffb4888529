//! Looks up in a pack the names that a property file uses.

use crate::pack::node::Node;
use crate::pack::{Check, Duty, LimitStatus, Mover, Pack, Subject, ValueSet};

use super::program::{Mask, Watch};
use super::resolve::{Always, Demand, Goal, Literal, Must, StaticCheck, View, Which};
use super::triggers::Triggers;
use super::writes::{domain, is_party};

/// Looks up names in a pack; a name that the pack lacks is an error in words.
pub(super) struct Lookup<'a> {
    /// The pack.
    pub(super) pack: &'a Pack,
}

/// What was found, or in words what was not.
pub(super) type Found<T> = Result<T, String>;

impl Lookup<'_> {
    fn fact(&self, id: &str) -> Found<usize> {
        self.pack
            .facts
            .iter()
            .position(|f| f.id == id)
            .ok_or_else(|| format!("程序包没有事实“{id}”"))
    }

    fn limit(&self, code: &str) -> Found<usize> {
        self.pack
            .limits
            .iter()
            .position(|l| l.code == code)
            .ok_or_else(|| format!("程序包没有期限“{code}”"))
    }

    fn stage(&self, id: &str) -> Found<usize> {
        self.pack
            .stages
            .iter()
            .position(|s| s.id == id)
            .ok_or_else(|| format!("程序包没有阶段“{id}”"))
    }

    fn value(&self, fact: usize, value: &str) -> Found<u8> {
        let fact = &self.pack.facts[fact];
        fact.value(value)
            .ok_or_else(|| format!("事实“{}”没有值“{value}”", fact.id))
    }

    fn values(&self, fact: usize, node: Node<'_>) -> Found<ValueSet> {
        node.args()
            .skip(1)
            .try_fold(0, |set, value| Ok(set | 1 << self.value(fact, value)?))
    }

    /// The steps whose ids match patterns, where a star at the end matches all that follows.
    fn steps(&self, patterns: Node<'_>) -> Found<Vec<usize>> {
        let mut found = Vec::new();
        for pattern in patterns.args() {
            let before = found.len();
            found.extend(
                (0..self.pack.steps.len()).filter(|at| matches(pattern, &self.pack.steps[*at].id)),
            );
            if found.len() == before {
                return Err(format!("程序包没有步骤“{pattern}”"));
            }
        }
        Ok(found)
    }

    /// A view with what it keeps.
    pub(super) fn view(&self, node: Node<'_>) -> Found<View> {
        let (mut facts, mut limits) = (Vec::new(), Vec::new());
        let named = |why: String| format!("视图“{}”：{why}", node.arg(0));
        for child in node.children() {
            for id in child.args() {
                match child.name() {
                    "keep" => facts.push(self.fact(id).map_err(named)?),
                    _ => limits.push(self.limit(id).map_err(named)?),
                }
            }
        }
        for list in [&mut facts, &mut limits] {
            list.sort_unstable();
            list.dedup();
        }
        Ok(View {
            name: node.arg(0).to_owned(),
            facts,
            limits,
            always: Vec::new(),
            triggers: Triggers::default(),
        })
    }

    /// The children of a node as a conjunction; every subject must be kept by the view.
    fn all(&self, view: &View, node: Node<'_>) -> Found<Literal> {
        let inner: Found<Vec<_>> = node
            .children()
            .map(|child| self.literal(view, child))
            .collect();
        Ok(Literal::All(inner?))
    }

    fn literal(&self, view: &View, node: Node<'_>) -> Found<Literal> {
        let (subject, set) = match node.name() {
            "any" => {
                let Literal::All(inner) = self.all(view, node)? else {
                    return Err(String::new());
                };
                return Ok(Literal::Any(inner));
            }
            "stage" => {
                let set = node
                    .args()
                    .try_fold(0, |set, id| Found::Ok(set | 1_u64 << self.stage(id)?))?;
                return Ok(Literal::Stages(set));
            }
            "limit" | "every-limit" => {
                let known = |name: &str| {
                    LimitStatus::ALL
                        .iter()
                        .find(|(_, n)| *n == name)
                        .map(|(s, _)| s.id())
                };
                let set = node.args().skip(1).try_fold(0, |set, name| {
                    known(name)
                        .map(|id| set | 1 << id)
                        .ok_or_else(|| format!("没有期限状态“{name}”"))
                })?;
                (Subject::Limit(self.limit(node.arg(0))?), set)
            }
            "is" | "every" | "not" => {
                let fact = self.fact(node.arg(0))?;
                let set = self.values(fact, node)?;
                let all: ValueSet = domain(self.pack, Subject::Fact(fact)) as ValueSet;
                (
                    Subject::Fact(fact),
                    if node.name() == "not" {
                        all & !set
                    } else {
                        set
                    },
                )
            }
            _ => return self.all(view, node),
        };
        if !view.keeps(subject) {
            return Err(format!("视图“{}”没有保留“{}”", view.name, node.arg(0)));
        }
        Ok(Literal::Values(subject, set))
    }

    /// All children of that name, read as one conjunction.
    fn part(&self, view: &View, node: Node<'_>, name: &str) -> Found<Literal> {
        let parts: Found<Vec<_>> = node
            .children_named(name)
            .map(|child| self.all(view, child))
            .collect();
        Ok(Literal::All(parts?))
    }

    /// Reads a property about every step or state into its view, and gives its bit.
    pub(super) fn always(&self, view: &mut View, node: Node<'_>) -> Found<usize> {
        let bit = view.always.len();
        if bit >= Mask::BITS as usize {
            return Err(format!("视图“{}”的性质超过 {} 项", view.name, Mask::BITS));
        }
        let never = node.name() == "never";
        let always = if never {
            Always {
                never,
                require: self.all(view, node)?,
                ensure: Literal::All(Vec::new()),
            }
        } else {
            Always {
                never,
                require: self.part(view, node, "require")?,
                ensure: self.part(view, node, "ensure")?,
            }
        };
        let mut triggers = view.triggers.clone();
        let mask = 1 << bit;
        if !speaks_of_party(self.pack, &always.require)
            && !speaks_of_party(self.pack, &always.ensure)
        {
            triggers.case_only |= mask;
        }
        for child in node.children().filter(|_| !never) {
            self.trigger(&mut triggers, mask, child)?;
        }
        view.triggers = triggers;
        view.always.push(always);
        Ok(bit)
    }

    fn trigger(&self, triggers: &mut Triggers, mask: Mask, node: Node<'_>) -> Found<()> {
        match node.name() {
            name @ ("on-set" | "on-change") => {
                let fact = self.fact(node.arg(0))?;
                let set = u64::from(self.values(fact, node)?);
                triggers.watches.push((
                    fact,
                    Watch {
                        set,
                        change: name == "on-change",
                        mask,
                    },
                ));
            }
            "on-enter" => {
                for id in node.args() {
                    triggers.enters.push((self.stage(id)?, mask));
                }
            }
            "on-effect" => {
                for name in node.args() {
                    triggers.effects.push((effect(name)?, mask));
                }
            }
            name @ ("on-start" | "on-stop") => {
                for code in node.args() {
                    let limit = self.limit(code)?;
                    let of_case = !is_party(self.pack, Subject::Limit(limit));
                    triggers
                        .limits
                        .push((limit, name == "on-start", of_case, mask));
                }
            }
            "on-step" => triggers
                .steps
                .extend(self.steps(node)?.into_iter().map(|step| (step, mask))),
            "only-step" => triggers.only.push((mask, self.steps(node)?)),
            "only" => triggers.only.push((mask, self.done_by(node)?)),
            _ => {}
        }
        Ok(())
    }

    /// The steps whose actor and whole chain have that duty.
    fn done_by(&self, node: Node<'_>) -> Found<Vec<usize>> {
        let duty = duty(&node.needed("duty"))?;
        let has = |step: &&usize| {
            let step = &self.pack.steps[**step];
            step.by
                .iter()
                .chain(&step.chain)
                .all(|crew| crew.duty == duty)
        };
        let all: Vec<usize> = (0..self.pack.steps.len()).collect();
        Ok(all.iter().filter(has).copied().collect())
    }

    /// Reads a goal that must stay reachable.
    pub(super) fn goal(&self, at: usize, view: &View, node: Node<'_>) -> Found<Goal> {
        let named: Found<Vec<_>> = node
            .children_named("by")
            .flat_map(Node::args)
            .map(mover)
            .collect();
        let mut by = named?;
        if by.is_empty() {
            by = vec![Mover::Bureau, Mover::Outside, Mover::Expiry];
        }
        Ok(Goal {
            view: at,
            from: self.part(view, node, "from")?,
            to: self.part(view, node, "to")?,
            by,
        })
    }

    /// Reads a check on the pack's text.
    pub(super) fn static_check(&self, node: Node<'_>) -> Found<StaticCheck> {
        let name = node.needed("static");
        if !super::statics::NAMES.contains(&name.as_str()) {
            return Err(format!(
                "没有静态检查“{name}”；可用：{}",
                super::statics::NAMES.join("、")
            ));
        }
        let demands: Found<Vec<_>> = node
            .children_named("demand")
            .map(|child| self.demand(child))
            .collect();
        let pairs = |kind| -> Found<Vec<_>> {
            node.children_named(kind)
                .map(|child| Ok((duty(child.arg(0))?, duty(child.arg(1))?)))
                .collect()
        };
        Ok(StaticCheck {
            name,
            demands: demands?,
            pairs: pairs("pair")?,
            free: pairs("free")?,
        })
    }

    fn demand(&self, node: Node<'_>) -> Found<Demand> {
        let owned = |key| node.text(key).map(str::to_owned);
        let set = match node.text("set") {
            Some(id) => {
                let fact = self.fact(id)?;
                Some((
                    fact,
                    node.text("value")
                        .map(|v| self.value(fact, v))
                        .transpose()?,
                ))
            }
            None => None,
        };
        let which = Which {
            effect: node.text("effect").map(effect).transpose()?,
            set,
            step: owned("step"),
            mover: node.text("mover").map(mover).transpose()?,
            unless_set: node
                .text("unless-set")
                .map(|id| self.fact(id))
                .transpose()?,
            unless_effect: node.text("unless-effect").map(effect).transpose()?,
        };
        let said = ["effect", "set", "value", "step", "mover"]
            .into_iter()
            .filter_map(|key| node.text(key));
        let words = said.collect::<Vec<_>>().join(" ");
        let musts = self.musts(node)?;
        if words.is_empty() || musts.is_empty() {
            return Err("demand 须写明哪些步骤（effect、set 或者 step）和要求什么".to_owned());
        }
        Ok(Demand {
            which,
            musts,
            words,
        })
    }

    fn musts(&self, node: Node<'_>) -> Found<Vec<Must>> {
        let mut musts = Vec::new();
        let roles: Vec<String> = node.items("role").into_iter().map(str::to_owned).collect();
        if let Some(role) = roles
            .iter()
            .find(|r| !self.pack.roles.iter().any(|known| known.id == **r))
        {
            return Err(format!("程序包没有角色“{role}”"));
        }
        if !roles.is_empty() {
            musts.push(Must::Role(
                roles,
                node.text("or-require").map(require).transpose()?,
            ));
        }
        if let Some(name) = node.text("require") {
            musts.push(Must::Require(require(name)?));
        }
        if let Some(template) = node.text("paper") {
            musts.push(Must::Paper(template.to_owned()));
        }
        if let Some(id) = node.text("ignores") {
            musts.push(Must::Ignores(self.fact(id)?));
        }
        let untouched: Found<Vec<usize>> = node
            .items("untouched")
            .into_iter()
            .map(|id| self.fact(id))
            .collect();
        musts.extend(
            Some(untouched?)
                .filter(|facts| !facts.is_empty())
                .map(Must::Untouched),
        );
        let flags = [
            ("two", Must::Two),
            ("burden", Must::Burden),
            ("card-shown", Must::CardShown),
        ];
        musts.extend(
            flags
                .into_iter()
                .filter(|(name, _)| node.flag(name))
                .map(|(_, must)| must),
        );
        Ok(musts)
    }
}

/// The name of an effect, if there is one of that name.
fn effect(name: &str) -> Found<String> {
    let known = crate::pack::effects::EFFECTS.contains(&name);
    known
        .then(|| name.to_owned())
        .ok_or_else(|| format!("没有效果“{name}”"))
}

/// The name of a check on real figures, if there is one of that name.
fn require(name: &str) -> Found<String> {
    Check::named(name)
        .map(|check| check.name.to_owned())
        .ok_or_else(|| format!("没有核验“{name}”"))
}

fn mover(name: &str) -> Found<Mover> {
    Ok(match name {
        "bureau" => Mover::Bureau,
        "outside" => Mover::Outside,
        "party" => Mover::Party,
        "expiry" => Mover::Expiry,
        other => {
            return Err(format!(
                "没有“{other}”这种推动者；可用：bureau、outside、party、expiry"
            ));
        }
    })
}

fn duty(name: &str) -> Found<Duty> {
    Duty::ALL
        .iter()
        .find(|(_, n, _)| *n == name)
        .map(|(d, ..)| *d)
        .ok_or_else(|| format!("没有职责“{name}”"))
}

/// Whether an id matches a pattern with a star at its end.
pub(super) fn matches(pattern: &str, id: &str) -> bool {
    pattern
        .strip_suffix('*')
        .map_or(pattern == id, |prefix| id.starts_with(prefix))
}

fn speaks_of_party(pack: &Pack, literal: &Literal) -> bool {
    match literal {
        Literal::All(inner) | Literal::Any(inner) => inner.iter().any(|l| speaks_of_party(pack, l)),
        Literal::Stages(_) => false,
        Literal::Values(subject, _) => is_party(pack, *subject),
    }
}
