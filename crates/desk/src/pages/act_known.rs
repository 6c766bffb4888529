//! What earlier cases know of a party is filled in, so that nobody is asked it twice.

use axum::{http::StatusCode, response::Response};
use casework::party::{Party, PartyKind};
use law::pack::FieldType;

use super::{
    act_desk::Desk,
    act_page::{self, Screen},
};
use crate::{error::PageError, form::input, typed::Typed};

/// Fills the blanks of the party's row that the pressed button (`known:ROW`) names, from cases that the person may
/// read, and shows the form again with what came of it.
pub async fn fill_in(desk: &Desk, mut typed: Typed) -> Result<Response, PageError> {
    let row = typed.text("_do").trim_start_matches("known:").to_owned();
    let field = desk.step.form.iter().find(|field| {
        let number = row.strip_prefix(&input(&field.id));
        let number = number.and_then(|rest| rest.strip_prefix('.'));
        field.kind == FieldType::Parties && number.is_some_and(|n| n.parse::<u16>().is_ok())
    });
    let field = field.ok_or(PageError::NotFound)?.id.clone();
    let of = |part: &str| typed.text(&format!("{row}.{part}")).to_owned();
    let (code, name) = (of("code").to_uppercase(), of("name"));
    let (office, person) = (&desk.app.office, &desk.signed.person);
    let known = office.known_parties(person, &code, &name).await?;
    let said = match known.as_slice() {
        _ if code.is_empty() && name.is_empty() => {
            "请先填写代码或者名称，再从以往案件带入".to_owned()
        }
        [] => "您可以查看的案件中没有这个当事人，请照实填写".to_owned(),
        [party] => fill(&mut typed, &row, party),
        several => {
            let named = several.iter().map(|party| match party.code.as_str() {
                "" => format!("没有代码、地址为{}的", party.address.trim()),
                code => code.to_owned(),
            });
            let named: Vec<String> = named.collect();
            format!(
                "以往案件中有{}个同名的当事人（{}），没有带入；有代码的请填写代码后再带入，没有的请照实填写",
                several.len(),
                named.join("；")
            )
        }
    };
    let mut screen = Screen::new(desk);
    screen.said = Some((field, said));
    act_page::form(desk, typed, screen, StatusCode::OK).await
}

/// Fills what is blank; says what was filled in, and what stands there otherwise than known.
fn fill(typed: &mut Typed, row: &str, party: &Party) -> String {
    let kind = PartyKind::ALL.iter().find(|(kind, ..)| *kind == party.kind);
    let parts = [
        ("kind", "类型", kind.map_or("", |(_, id, _)| *id)),
        ("name", "名称", party.name.as_str()),
        ("code", "代码", party.code.as_str()),
        ("representative", "负责人", party.representative.as_str()),
        ("address", "地址", party.address.as_str()),
        ("phone", "电话", party.phone.as_str()),
    ];
    let (mut filled, mut differing) = (Vec::new(), Vec::new());
    for (part, title, value) in parts.into_iter().filter(|(.., value)| !value.is_empty()) {
        let name = format!("{row}.{part}");
        let there = typed.text(&name);
        if there.is_empty() {
            typed.set(&name, value.to_owned());
            filled.push(title);
        } else if !there.eq_ignore_ascii_case(value) {
            differing.push(title);
        }
    }
    let mut said = match filled.as_slice() {
        [] => "没有空着的栏目可以带入".to_owned(),
        filled => format!(
            "已从以往案件带入：{}，请核对是否仍然如此",
            filled.join("、")
        ),
    };
    if !differing.is_empty() {
        let differing = differing.join("、");
        said.push_str(&format!(
            "；以往案件中的{differing}与现在填写的不同，没有改动"
        ));
    }
    said
}
