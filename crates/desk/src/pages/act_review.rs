//! Legal review in the form of its steps: the opinion drafted from the items, and another outcome with the same items.

use axum::{http::StatusCode, response::Response};
use casework::{field::REVIEW_ITEMS, refusal::Reason};
use law::pack::{Effect, Field, FieldType, Step};

use super::{
    act_desk::{BASE, DRAFTED, Desk},
    act_page::{self, Screen},
    review::gives_opinion,
};
use crate::{error::PageError, form::input, told::act_path, typed::Typed};

/// The field of a step that is drafted from its items.
pub fn drafted_field(step: &Step) -> Option<&Field> {
    let mut after = step.form.iter();
    after.find(|field| field.kind == FieldType::TenItems)?;
    after.find(|field| matches!(field.kind, FieldType::Prose | FieldType::Points))
}

/// An item as it was filled in: its number, whether it is in order, what is remarked.
struct Item<'a> {
    no: usize,
    ok: bool,
    remark: &'a str,
}

impl Item<'_> {
    fn line(&self) -> String {
        let title = REVIEW_ITEMS[self.no - 1];
        let words = if self.ok { "无问题" } else { "存在问题" };
        match self.remark {
            "" => format!("第{}项“{title}”：{words}", self.no),
            remark if self.ok => format!("第{}项“{title}”：{words}，{remark}", self.no),
            remark => format!("第{}项“{title}”：{remark}", self.no),
        }
    }
}

fn items<'a>(step: &Step, typed: &'a Typed) -> Vec<Item<'a>> {
    let field = step.form.iter().find(|f| f.kind == FieldType::TenItems);
    let name = field.map(|f| input(&f.id)).unwrap_or_default();
    let item = |at: usize| {
        let ok = match typed.text(&format!("{name}.{at}.ok")) {
            "yes" => true,
            "no" => false,
            _ => return None,
        };
        Some(Item {
            no: at + 1,
            ok,
            remark: typed.text(&format!("{name}.{at}.remark")),
        })
    };
    (0..REVIEW_ITEMS.len()).filter_map(item).collect()
}

/// The opinion that the items come to, and what is to be said about it.
fn draft(step: &Step, typed: &Typed) -> (String, String) {
    let items = items(step, typed);
    let faults: Vec<&Item<'_>> = items.iter().filter(|item| !item.ok).collect();
    let left = REVIEW_ITEMS.len() - items.len();
    let mut said = match left {
        0 => "已按各项结论起草，请修改后提交。".to_owned(),
        left => format!("已按填写的结论起草，还有 {left} 项没有结论。"),
    };
    let passes = step.effects.contains(&Effect::ReviewPassed);
    let points = drafted_field(step).is_some_and(|f| f.kind == FieldType::Points);
    if points {
        if faults.is_empty() {
            said = "各项还没有存在问题的，没有可以列出的问题；请先在有问题的项选“存在问题”并写明。"
                .to_owned();
        }
        let lines: Vec<String> = faults.iter().map(|item| item.line()).collect();
        return (lines.join("\n"), said);
    }
    let mut lines = vec!["经对送审的拟处理意见和案卷材料逐项审核：".to_owned()];
    if left == 0 && faults.is_empty() {
        let remarks = items.iter().filter(|item| !item.remark.is_empty());
        lines.extend(remarks.map(Item::line));
        lines.push("十项审核内容均无问题，同意拟处理意见。".to_owned());
    } else {
        lines.extend(items.iter().map(Item::line));
    }
    if passes && !faults.is_empty() {
        said = format!(
            "有 {} 项存在问题，不能出具同意的意见，请改用“存在问题”的意见。",
            faults.len()
        );
    }
    (lines.join("\n"), said)
}

/// The opinion that somebody wrote or edited; none where it stands as the desk drafted it.
fn by_hand<'a>(step: &Step, typed: &'a Typed) -> Option<&'a str> {
    let now = typed.text(&input(&drafted_field(step)?.id));
    (!now.is_empty() && now != typed.text(DRAFTED)).then_some(now)
}

/// Drafts the opinion, unless what stands there was written by hand.
fn put_draft(step: &Step, typed: &mut Typed) -> Option<(String, String)> {
    let field = drafted_field(step)?;
    let name = input(&field.id);
    if items(step, typed).is_empty() {
        let said = "还没有填写各项结论，填写后再起草。";
        return Some((field.id.clone(), said.to_owned()));
    }
    if by_hand(step, typed).is_some() {
        let said = "意见已经由您修改过，没有改动；清空后再点，可以按各项结论重新起草。";
        return Some((field.id.clone(), said.to_owned()));
    }
    let (text, said) = draft(step, typed);
    typed.set(&name, text.clone());
    typed.set(DRAFTED, text);
    Some((field.id.clone(), said))
}

/// Shows the form again with the opinion drafted from its items.
pub async fn draft_opinion(desk: &Desk, mut typed: Typed) -> Result<Response, PageError> {
    let mut screen = Screen::new(desk);
    screen.said = put_draft(&desk.step, &mut typed);
    act_page::form(desk, typed, screen, StatusCode::OK).await
}

/// What was filled in for the step `from`, and a draft of `to` that was there before, as the form of `to` takes them
/// over; with the opinions that were written by hand, none of which is lost.
fn taken_over(
    (from, typed): (&Step, &Typed),
    (to, draft): (&Step, Option<&Typed>),
) -> (Typed, bool) {
    let mut kept = Typed::default();
    for name in to.form.iter().map(|field| input(&field.id)) {
        kept.fill_from(&typed.only(&format!("{name}.")));
        if let Some(value) = typed.get(&name) {
            kept.set(&name, value);
        }
    }
    for name in ["_on", "_late", "_with", "_card"] {
        kept.fill_from(&typed.only(name));
    }
    let mut written: Vec<&str> = Vec::new();
    if let Some(draft) = draft {
        kept.fill_from(draft);
        written.extend(by_hand(to, draft));
    }
    if let Some(text) = by_hand(from, typed)
        && written.iter().all(|there| !there.contains(text))
    {
        written.push(text);
    }
    if let Some(field) = drafted_field(to) {
        kept.set(&input(&field.id), written.join("\n"));
    }
    kept.remove(DRAFTED);
    (kept, !written.is_empty())
}

/// Whether something is filled in for the step `from` that the form of `to` does not ask.
fn leaves_behind(from: &Step, to: &Step, typed: &Typed) -> bool {
    let drafted = drafted_field(from).map(|field| &field.id);
    let asked = |id: &String| to.form.iter().any(|field| field.id == *id);
    let mut left = from.form.iter().map(|field| &field.id);
    left.any(|id| Some(id) != drafted && !asked(id) && typed.is_filled(&input(id)))
}

const CARRIED: &str = "您写的意见已带到这里，请核对修改；清空后再点，可以按各项结论重新起草。";

/// The form of another outcome with what was filled in for the step `from`, whose draft it takes over.
///
/// # Errors
/// [`PageError::NotFound`] where one of the two gives no opinion.
pub async fn carry_over(desk: &Desk, mut typed: Typed, from: &str) -> Result<Response, PageError> {
    let opinion = |step: &&Step| gives_opinion(step) && gives_opinion(&desk.step);
    let from = desk.file.pack.step(from).filter(opinion);
    let from = from.filter(|from| from.id != desk.step.id);
    let from = from.ok_or(PageError::NotFound)?;
    let mut screen = Screen::new(desk);
    if let Some(refusal) = desk.blocked() {
        // Nothing can be taken over: what was written waits where it was.
        desk.save_draft_of(&from.id, &mut typed).await?;
        let mut reasons = refusal.reasons;
        let kept = format!("您填写的内容没有丢失，已存为“{}”的草稿", from.title);
        reasons.push(Reason::new(kept).next("可以从待办页面打开草稿"));
        screen.refused(&reasons);
        screen.closed = true;
        return act_page::form(desk, Typed::default(), screen, StatusCode::OK).await;
    }
    let draft = desk.draft().await?.map(|(draft, _)| draft);
    let (mut kept, written) = taken_over((from, &typed), (&desk.step, draft.as_ref()));
    screen.said = match drafted_field(&desk.step) {
        Some(field) if written => Some((field.id.clone(), CARRIED.to_owned())),
        _ => put_draft(&desk.step, &mut kept),
    };
    desk.save_draft(&mut kept).await?;
    if leaves_behind(from, &desk.step, &typed) {
        desk.save_draft_of(&from.id, &mut typed).await?;
    } else {
        desk.drop_draft_of(&from.id, typed.text(BASE)).await?;
    }
    act_page::form(desk, kept, screen, StatusCode::OK).await
}

/// Other steps that give an opinion and are open to the person: where to, and what they are called.
pub async fn other_outcomes(desk: &Desk) -> Result<Vec<(String, String)>, PageError> {
    let Some(case) = desk.case().filter(|_| gives_opinion(&desk.step)) else {
        return Ok(Vec::new());
    };
    let options = desk.app.office.options(&desk.signed.person, &desk.file);
    let options = options.await?;
    let others = options.iter().filter(|o| o.mine).filter_map(|o| {
        let step = desk.file.pack.step(&o.step_id)?;
        let other = step.id != desk.step.id && gives_opinion(step);
        let href = format!("{}?from={}", act_path(case, &step.id, None), desk.step.id);
        other.then(|| (href, step.title.clone()))
    });
    Ok(others.collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use law::pack::{Pack, read_pack};

    use super::*;

    fn pack() -> Pack {
        let files: BTreeMap<String, String> = office::builtin_pack_files().into_iter().collect();
        read_pack(&files, "").unwrap()
    }

    fn filled(faults: &[(usize, &str)]) -> Typed {
        let mut typed = Typed::default();
        for at in 0..REVIEW_ITEMS.len() {
            let fault = faults.iter().find(|(n, _)| *n == at + 1);
            typed.set(
                &format!("f.items.{at}.ok"),
                if fault.is_some() { "no" } else { "yes" },
            );
            typed.set(
                &format!("f.items.{at}.remark"),
                fault.map_or("", |(_, remark)| remark),
            );
        }
        typed
    }

    #[test]
    fn an_opinion_is_drafted_from_the_items_and_never_over_what_was_written() {
        let pack = pack();
        let (pass, back) = (
            pack.step("A21.pass").unwrap(),
            pack.step("A21.return").unwrap(),
        );
        let mut good = filled(&[]);
        put_draft(pass, &mut good);
        assert!(
            good.text("f.opinion")
                .ends_with("十项审核内容均无问题，同意拟处理意见。")
        );

        let mut faulty = filled(&[(6, "适用条款已经修改"), (7, "罚款偏高")]);
        put_draft(back, &mut faulty);
        assert_eq!(
            faulty.text("f.points"),
            "第6项“适用法律、法规、规章是否准确”：适用条款已经修改\n第7项“裁量基准运用是否适当”：罚款偏高"
        );
        // Drafted anew as long as nobody has written there.
        faulty.set("f.items.6.remark", "罚款低于下限");
        put_draft(back, &mut faulty);
        assert!(faulty.text("f.points").ends_with("罚款低于下限"));
        faulty.set("f.points", "另有一点");
        let (_, said) = put_draft(back, &mut faulty).unwrap();
        assert_eq!(faulty.text("f.points"), "另有一点");
        assert!(said.contains("没有改动"), "{said}");

        let (_, said) = put_draft(pass, &mut faulty).unwrap();
        assert!(said.contains("有 2 项存在问题"), "{said}");
    }

    #[test]
    fn another_outcome_takes_over_every_word_that_was_written() {
        let pack = pack();
        let step = |id: &str| pack.step(id).unwrap();
        let (pass, back, crime) = (step("A21.pass"), step("A21.return"), step("A21.crime"));
        let check = |from: (&Step, &Typed), to: (&Step, Option<&Typed>), expect: &str| {
            let (kept, written) = taken_over(from, to);
            let name = input(&drafted_field(to.0).unwrap().id);
            assert_eq!((kept.text(&name), written), (expect, !expect.is_empty()));
            assert_eq!(kept.text("f.items.6.remark"), "罚款偏高");
        };
        let mut typed = filled(&[(7, "罚款偏高")]);
        // What the desk drafted is drafted anew for the other outcome.
        put_draft(pass, &mut typed);
        check((pass, &typed), (back, None), "");
        typed.set("f.opinion", "条款有误");
        check((pass, &typed), (back, None), "条款有误");
        // A draft of the other outcome keeps its own words before these, and says nothing twice.
        let mut draft = Typed::default();
        draft.set("f.points", "另有一点");
        check((pass, &typed), (back, Some(&draft)), "另有一点\n条款有误");
        draft.set("f.points", "另有一点\n条款有误");
        check((pass, &typed), (back, Some(&draft)), "另有一点\n条款有误");
        // Two outcomes whose field bears one name.
        let mut typed = filled(&[(7, "罚款偏高")]);
        put_draft(back, &mut typed);
        check((back, &typed), (crime, None), "");
        check((back, &typed), (crime, Some(&draft)), "另有一点\n条款有误");

        assert!(!leaves_behind(pass, back, &typed));
        let mut asked = pass.clone();
        asked.form[0].id = "other".to_owned();
        typed.set("f.other.0.ok", "yes");
        assert!(leaves_behind(&asked, back, &typed));
    }
}
