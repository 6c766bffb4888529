//! The fine that a decision's text imposes.
//!
//! Reads the part that decides (处罚决定：…), never the facts, the basis or quoted law. A fine is an amount bound to 罚款
//! (罚款人民币35元, 处3万元罚款); ranges of the law (五千元以下), confiscation (没收, 罚没款合计) and repeated mentions
//! (将罚款3万元缴至) are not. Several fines add up, unless the text itself gives their total; a text that
//! holds several decisions imposes all of them. It reads, it does not judge: no amount in the text, no fine.

mod amounts;
mod sections;
#[cfg(test)]
mod tests;

use crate::money::Fen;
use amounts::{Mention, Role};

/// The fine that a decision text imposes; `None` when it names none (警告, 没收, 拘留) or no amount.
///
/// ```
/// use law::{fine::fine_in_text, money::Fen};
/// let text = "处罚依据：可以并处一万元以下的罚款。\n处罚决定：没收违法所得26元；并处罚款人民币叁仟元整。";
/// assert_eq!(fine_in_text(text), Some(Fen(300_000)));
/// ```
#[must_use]
pub fn fine_in_text(text: &str) -> Option<Fen> {
    let sections = sections::decisions(text);
    if !sections.is_empty() {
        return add_up(
            sections
                .iter()
                .filter_map(|section| fine_of_decision(section)),
        );
    }
    sections::unlabelled(text)
        .iter()
        .find_map(|section| fine_of_decision(section))
}

/// The sum of the fines of one decision, totals taken instead of what they sum up.
fn fine_of_decision(section: &str) -> Option<Fen> {
    let mut tally = Tally::default();
    for mention in amounts::mentions(section) {
        tally.take(mention)?;
    }
    add_up(tally.settled.into_iter().chain(tally.group))
}

fn add_up(mut fines: impl Iterator<Item = Fen>) -> Option<Fen> {
    let first = fines.next()?;
    fines.try_fold(first, Fen::checked_add)
}

/// Fines met so far: those a total has closed, and those still open to one.
#[derive(Default)]
struct Tally {
    settled: Vec<Fen>,
    group: Vec<Fen>,
}

impl Tally {
    /// `None` on a sum too large to hold.
    fn take(&mut self, mention: Mention) -> Option<()> {
        let Mention { amount, role, each } = mention;
        let of_group = sum(&self.group)?;
        let of_all = sum(&self.settled)?.checked_add(of_group)?;
        let first = self.group.is_empty() && self.settled.is_empty();
        let sums_group = amount == of_group
            || (role.is_strong(each) && amount > of_group && !self.group.is_empty());
        match role {
            // A total of nothing: a fine written like one, or a sum of other things.
            Role::BareTotal if first => {}
            Role::Item => self.group.push(amount),
            _ if first => self.group.push(amount),
            _ if amount == of_all => {
                self.settled = vec![amount];
                self.group.clear();
            }
            _ if sums_group => {
                self.settled.push(amount);
                self.group.clear();
            }
            Role::BareTotal => {}
            // 处一倍罚款共计… beside other fines: the sum of its own parts, a fine like the others.
            Role::Total | Role::LooseTotal => self.group.push(amount),
        }
        Some(())
    }
}

fn sum(fines: &[Fen]) -> Option<Fen> {
    fines.iter().copied().try_fold(Fen::ZERO, Fen::checked_add)
}
