//! How the form of a step looks: with what was typed, what was wrong, or as a page to confirm.

use std::collections::BTreeMap;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use casework::{
    command::Command,
    decide::{Decided, basis_text},
    refusal::Reason,
};
use law::pack::Pack;

use super::{
    act_aids::{Guide, answers_review, guides, review},
    act_desk::{BASE, COMMON, DRAFTED, Desk, votes_field},
    act_review,
    previews::{PaperView, previews},
    review::{Review, gives_opinion},
};
use crate::{
    app::{Frame, page},
    cited::Cited,
    error::PageError,
    form::{
        carry::Known,
        controls::{Choice, Control, Drawing, FieldView, Input},
    },
    show::{self, Names, Shown},
    token::command_id,
    told::{Here, Told, act_path},
    typed::Typed,
};

/// Places reasons by the field that they speak of.
type Placing = Box<dyn Fn(&[Reason]) -> BTreeMap<String, Vec<Told>> + Send>;

/// What a form is shown with besides what was typed.
pub struct Screen {
    /// Faults by field; those of no field under the empty name.
    pub faults: BTreeMap<String, Vec<Told>>,
    /// What happened to the case since the form was shown.
    pub changed: Option<Vec<String>>,
    /// When a draft was saved that is not shown.
    pub draft_saved_at: Option<i64>,
    /// Whether the step cannot be taken at all, so that there is no form.
    pub closed: bool,
    /// What is said at a field, with its id.
    pub said: Option<(String, String)>,
    here: Placing,
}

impl Screen {
    /// A form without faults.
    pub fn new(desk: &Desk) -> Self {
        let (pack, case) = (desk.file.pack.clone(), desk.case().map(str::to_owned));
        let (party, step) = (desk.party.clone(), desk.step.id.clone());
        let laws = desk.app.laws();
        let here = move |reasons: &[Reason]| {
            let here = Here {
                pack: &pack,
                laws: &laws,
                case: case.as_deref(),
                party: party.as_deref(),
            };
            let own = pack
                .step(&step)
                .map(|s| s.form.as_slice())
                .unwrap_or_default();
            let fields: Vec<&str> = own.iter().map(|f| f.id.as_str()).chain(COMMON).collect();
            here.tell_all(reasons, &fields)
        };
        Self {
            faults: BTreeMap::new(),
            changed: None,
            draft_saved_at: None,
            closed: false,
            said: None,
            here: Box::new(here),
        }
    }

    /// Adds the reasons of a refusal.
    pub fn refused(&mut self, reasons: &[Reason]) {
        self.faults = (self.here)(reasons);
    }
}

/// The case and step over a form.
struct Heading {
    case_href: Option<String>,
    case_name: String,
    case_number: String,
    stage: String,
    title: String,
    basis: Cited,
    party: String,
}

impl Heading {
    fn of(desk: &Desk) -> Self {
        let state = &desk.file.state;
        let party = desk.party.as_deref().and_then(|id| state.party(id));
        Self {
            case_href: desk.case().map(|case| format!("/cases/{case}")),
            case_name: state.name.clone(),
            case_number: state.number.clone().unwrap_or_default(),
            stage: stage_title(&desk.file.pack, &state.stage),
            title: desk.step.title.clone(),
            basis: desk.app.laws().cite(&basis_text(&desk.step)),
            party: party.map(|p| p.party.name.clone()).unwrap_or_default(),
        }
    }
}

fn stage_title(pack: &Pack, id: &str) -> String {
    pack.stages
        .iter()
        .find(|s| s.id == id)
        .map(|s| s.title.clone())
        .unwrap_or_default()
}

#[derive(Template)]
#[template(path = "act.html")]
struct ActPage {
    frame: Frame,
    heading: Heading,
    action: String,
    general: Vec<Told>,
    summary: Vec<(String, String)>,
    changed: Option<Vec<String>>,
    said: Option<(String, String)>,
    draft_saved_at: Option<String>,
    draft_href: String,
    closed: bool,
    /// What a draft of a step that is closed by now holds.
    kept: Vec<Shown>,
    hidden: Vec<(&'static str, String)>,
    fields: Vec<FieldView>,
    multipart: bool,
    weighty: bool,
    chain: Vec<String>,
    papers: Vec<String>,
    /// Whether the papers can be looked at before the step is taken, though it needs no confirmation.
    can_preview: bool,
    guides: Vec<Guide>,
    /// What bears on the items, where the step gives an opinion on them.
    review: Option<Review>,
    /// Id of the field that is drafted from the items.
    drafted: String,
    /// Other outcomes of the review.
    outcomes: Vec<(String, String)>,
    /// Where the review stands, for a step that answers it.
    review_href: Option<String>,
}

/// The form.
pub async fn form(
    desk: &Desk,
    typed: Typed,
    screen: Screen,
    status: StatusCode,
) -> Result<Response, PageError> {
    let companions = desk.companions().await?;
    let body = desk.roster.bodies.get(&desk.signed.person.body_id);
    let drawing = Drawing {
        pack: &desk.file.pack,
        step: &desk.step,
        known: Known {
            state: &desk.file.state,
            party: desk.party.as_deref(),
            events: &desk.file.events,
        },
        typed: &typed,
        actor: &desk.signed.person,
        people: &desk.roster.people,
        units: body.map(|b| b.units.as_slice()).unwrap_or_default(),
        companions: &companions,
        today: desk.context().today,
        token: &desk.signed.token,
    };
    let mut fields = drawing.fields(&screen.faults);
    fields.extend(common_fields(desk, &drawing, &screen.faults));
    let path = desk.path();
    let mark = if path.contains('?') { '&' } else { '?' };
    let titles = |id: &str| {
        desk.file
            .pack
            .papers
            .get(id)
            .map_or(id.to_owned(), |kind| kind.title.clone())
    };
    let roles = |id: &str| {
        drawing
            .pack
            .roles
            .iter()
            .find(|r| r.id == id)
            .map_or(id.to_owned(), |r| r.title.clone())
    };
    let act = ActPage {
        frame: desk.app.frame(&desk.signed, "cases").await?,
        heading: Heading::of(desk),
        general: screen.faults.get("").cloned().unwrap_or_default(),
        summary: summary(&fields),
        changed: screen.changed,
        said: screen.said,
        draft_saved_at: screen.draft_saved_at.map(show::moment),
        draft_href: format!("{path}{mark}draft=1"),
        action: path,
        kept: if screen.closed {
            kept(desk, &typed)
        } else {
            Vec::new()
        },
        closed: screen.closed,
        hidden: hidden(desk, &typed),
        multipart: fields
            .iter()
            .any(|f| matches!(f.control, Control::One(Input::File(_)))),
        weighty: desk.weighty(),
        chain: desk
            .step
            .chain
            .iter()
            .map(|crew| roles(&crew.role))
            .collect(),
        papers: desk
            .step
            .papers
            .iter()
            .map(|paper| titles(&paper.template))
            .collect(),
        can_preview: !desk.weighty()
            && !desk.is_new()
            && desk.step.chain.is_empty()
            && !desk.step.papers.is_empty(),
        guides: guides(desk),
        review: review(desk),
        drafted: act_review::drafted_field(&desk.step)
            .map(|field| field.id.clone())
            .unwrap_or_default(),
        outcomes: act_review::other_outcomes(desk).await?,
        review_href: desk
            .case()
            .filter(|_| answers_review(desk))
            .map(|case| format!("/cases/{case}/review")),
        fields,
    };
    let mut response = page(status, &act)?;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let seconds = axum::http::HeaderValue::from_static("10");
        response
            .headers_mut()
            .insert(axum::http::header::RETRY_AFTER, seconds);
    }
    Ok(response)
}

/// What was typed, to be read where it can be sent no more.
fn kept(desk: &Desk, typed: &Typed) -> Vec<Shown> {
    if typed.text(BASE).is_empty() {
        return Vec::new();
    }
    let names = Names {
        people: &desk.roster.people,
        state: &desk.file.state,
        pack: &desk.file.pack,
    };
    let fields = desk.command(typed, command_id()).fields;
    let mut shown = names.fields(Some(&desk.step), &fields);
    // A file of a draft is in no event, by which alone files are reached.
    shown.iter_mut().for_each(|field| field.file = None);
    shown
}

/// The command's id and the version that was seen; a new form gets new ones.
fn hidden(desk: &Desk, typed: &Typed) -> Vec<(&'static str, String)> {
    let or = |name: &str, new: String| {
        Some(typed.text(name).to_owned())
            .filter(|t| !t.is_empty())
            .unwrap_or(new)
    };
    let mut hidden = vec![
        ("_csrf", desk.signed.token.form_token()),
        ("_id", or("_id", command_id())),
        ("_seen", or("_seen", desk.file.state.version.to_string())),
        (BASE, or(BASE, "0".to_owned())),
    ];
    if gives_opinion(&desk.step) {
        hidden.push((DRAFTED, typed.text(DRAFTED).to_owned()));
    }
    hidden
}

/// What the errors at the top say: the field's id and the sentence.
fn summary(fields: &[FieldView]) -> Vec<(String, String)> {
    fields
        .iter()
        .flat_map(|f| f.faults.iter().map(|told| (f.id.clone(), told.why.clone())))
        .collect()
}

/// Who with, cards, when: asked last, since they are mostly as they stand.
fn common_fields(
    desk: &Desk,
    drawing: &Drawing<'_>,
    faults: &BTreeMap<String, Vec<Told>>,
) -> Vec<FieldView> {
    let typed = drawing.typed;
    let view = |id: &str, name: &str, title: &str, help: String, required, input| FieldView {
        id: id.to_owned(),
        name: name.to_owned(),
        title: title.to_owned(),
        help,
        required,
        faults: faults.get(id).cloned().unwrap_or_default(),
        control: Control::One(input),
    };
    let mut fields = Vec::new();
    let needed: u32 = desk.step.by.iter().map(|crew| crew.min).sum();
    if needed > 1 && votes_field(&desk.step).is_none() {
        let choice = |person: &casework::person::Person| Choice {
            value: person.id.clone(),
            label: drawing.called(person),
            on: typed.ticked("_with", &person.id),
        };
        let help = format!(
            "该步骤须由不少于{needed}人共同办理，除您以外请至少选择{}人",
            needed - 1
        );
        let boxes = Input::Boxes(drawing.companions.iter().map(choice).collect());
        fields.push(view("with", "_with", "共同办理人", help, true, boxes));
    }
    if desk.step.card_shown {
        let label = "已向当事人或者有关人员主动出示执法证件（《行政处罚法》第五十五条第一款）";
        let shown = Choice {
            value: "yes".into(),
            label: label.into(),
            on: typed.ticked("_card", "yes"),
        };
        fields.push(view(
            "card_shown",
            "_card",
            "出示执法证件",
            String::new(),
            true,
            Input::Boxes(vec![shown]),
        ));
    }
    let line = |kind, value: String| Input::Line {
        kind,
        mode: "",
        value,
        unit: "",
        list: Vec::new(),
    };
    let on = Some(typed.text("_on").to_owned()).filter(|t| !t.is_empty());
    let on = on.unwrap_or_else(|| drawing.today.to_string());
    let help = "办理这一步骤的实际日期，期限从这一天起算".to_owned();
    fields.push(view(
        "occurred_on",
        "_on",
        "发生日期",
        help,
        true,
        line("date", on),
    ));
    let help = "发生日期早于今天的，写明为什么补记".to_owned();
    let late = line("text", typed.text("_late").to_owned());
    fields.push(view("late_reason", "_late", "补记理由", help, false, late));
    fields
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage {
    frame: Frame,
    heading: Heading,
    action: String,
    hidden: Vec<(String, String)>,
    fields: Vec<Shown>,
    content: Vec<String>,
    effects: Vec<String>,
    papers: Vec<String>,
    people: Vec<String>,
    occurred_on: String,
    weighty: bool,
    previews: Vec<PaperView>,
    preview_note: Option<&'static str>,
}

/// What will be recorded and served, to be looked at once more.
pub async fn confirm(
    desk: &Desk,
    typed: &Typed,
    command: &Command,
    decided: &Decided,
) -> Result<Response, PageError> {
    let names = Names {
        people: &desk.roster.people,
        state: &decided.after,
        pack: &desk.file.pack,
    };
    let proposed = desk
        .party
        .as_deref()
        .and_then(|party| decided.after.proposed(party));
    let content = proposed.map(|d| names.disposition(d)).unwrap_or_default();
    let people = decided.event.people.iter().map(|part| {
        let card = part
            .card
            .as_deref()
            .map(|card| format!("，证件 {card}"))
            .unwrap_or_default();
        format!("{}（{}{card}）", part.name, names.role(&part.role))
    });
    // Everything typed goes along, with the desk's mark on files, and without the button that led here.
    let mut hidden: Vec<(String, String)> = typed
        .pairs()
        .iter()
        .filter(|(name, _)| name != "_do" && !name.ends_with(".seal"))
        .cloned()
        .collect();
    let kept = hidden.iter().filter_map(|(name, json)| {
        Some((
            format!("{}.seal", name.strip_suffix(".kept")?),
            desk.signed.token.seal(json),
        ))
    });
    let seals: Vec<(String, String)> = kept.collect();
    hidden.extend(seals);
    let (previews, preview_note) = match desk.case() {
        Some(case) if !decided.papers.is_empty() => {
            previews(&desk.app, &desk.signed, case, command).await
        }
        _ => (Vec::new(), None),
    };
    let confirm = ConfirmPage {
        frame: desk.app.frame(&desk.signed, "cases").await?,
        heading: Heading::of(desk),
        action: desk.path(),
        hidden,
        fields: names.fields(Some(&desk.step), &command.fields),
        content,
        effects: decided
            .event
            .effects
            .iter()
            .filter_map(|e| names.effect(e))
            .collect(),
        papers: decided
            .papers
            .iter()
            .map(|paper| paper.title.clone())
            .collect(),
        people: people.collect(),
        occurred_on: command.occurred_on.to_string(),
        weighty: desk.weighty(),
        previews,
        preview_note,
    };
    page(StatusCode::OK, &confirm)
}

#[derive(Template)]
#[template(path = "choose_party.html")]
struct ChooseParty {
    frame: Frame,
    heading: Heading,
    parties: Vec<(String, String)>,
}

/// Of which party a step is to be taken.
pub async fn choose_party(desk: &Desk) -> Result<Response, PageError> {
    let case = desk.case().unwrap_or_default();
    let parties = desk.file.state.parties.iter();
    let parties = parties.map(|p| {
        (
            act_path(case, &desk.step.id, Some(&p.party.id)),
            p.party.name.clone(),
        )
    });
    let choose = ChooseParty {
        frame: desk.app.frame(&desk.signed, "cases").await?,
        heading: Heading::of(desk),
        parties: parties.collect(),
    };
    page(StatusCode::OK, &choose)
}

/// What happened to the case after a version.
pub fn changed_since(desk: &Desk, version: u64) -> Vec<String> {
    let later = desk
        .file
        .events
        .iter()
        .filter(|e| e.header.version > version);
    later
        .map(|e| format!("{}（{}）", e.acted.title, e.acted.occurred_on))
        .collect()
}
