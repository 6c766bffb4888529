//! What every handler shares: the office, the configuration, and the frame around pages.

use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use casework::person::Person;
use office::{Office, TODO_MAX};
use tokio::sync::Semaphore;

use crate::{
    cited::Laws,
    error::PageError,
    places::{Places, Rooms},
    session::SignedIn,
};

/// Password checks at one time: each takes 19 MiB and a core for some tens of milliseconds.
const HASHING_MAX: usize = 2;
/// Password checks that may wait for their turn: some seconds' worth. Whoever comes then is told to come again.
const HASHING_QUEUE_MAX: usize = 64;
/// Pages with previews of papers that are made at one time: each takes a core while it lasts.
const PREVIEWING_MAX: usize = 4;
/// Forms with files that are received at one time.
const UPLOADS_MAX: usize = 16;
/// Of these those of one person: slow ones take nobody else's room.
pub const UPLOADS_OF_PERSON_MAX: usize = 3;

/// Tables of cases that are made at one time: each is some seconds' work of a processor.
const EXPORTS_MAX: usize = 3;

/// How the desk is served.
#[derive(Debug, Clone)]
pub struct DeskConfig {
    /// Folder with `tabler.min.css`, as the set-up copies it.
    pub assets: PathBuf,
    /// Whether the installation is a demo: its demo passwords are then good from the same machine.
    pub demo: bool,
    /// Whether a reverse proxy with TLS stands in front, whose `X-Forwarded-For` and `X-Forwarded-Proto` count; what
    /// comes without them is refused.
    pub behind_proxy: bool,
    /// Address of the public page, for the link to it.
    pub public_page: String,
    /// A session ends after so long without a request.
    pub idle_max: Duration,
    /// A session ends after so long whatever is done.
    pub session_max: Duration,
}

impl Default for DeskConfig {
    fn default() -> Self {
        Self {
            assets: PathBuf::from("web/dist"),
            demo: false,
            behind_proxy: false,
            public_page: "/public".to_owned(),
            idle_max: Duration::from_secs(2 * 3600),
            session_max: Duration::from_secs(12 * 3600),
        }
    }
}

/// State of the router; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The office.
    pub office: Office,
    /// Configuration.
    pub config: Arc<DeskConfig>,
    /// Room for password checks.
    pub hashing: Arc<Semaphore>,
    /// Room for password checks and for those that wait for them.
    pub hashing_queue: Arc<Semaphore>,
    /// Tries to sign in of addresses over their limit, which wait one behind the other.
    pub waiting: Places<IpAddr>,
    /// Room for papers that are made without being issued: previews, and copies for editing.
    pub previewing: Rooms,
    /// Room for forms with files.
    pub uploads: Arc<Semaphore>,
    /// Forms with files by the person who sends them.
    pub uploads_of: Places<String>,
    /// Room for tables of cases.
    pub exports: Rooms,
}

impl App {
    pub(crate) fn new(office: Office, config: DeskConfig) -> Self {
        Self {
            office,
            config: Arc::new(config),
            hashing: Arc::new(Semaphore::new(HASHING_MAX)),
            hashing_queue: Arc::new(Semaphore::new(HASHING_MAX + HASHING_QUEUE_MAX)),
            waiting: Places::default(),
            previewing: Rooms::new(PREVIEWING_MAX),
            uploads: Arc::new(Semaphore::new(UPLOADS_MAX)),
            uploads_of: Places::default(),
            exports: Rooms::new(EXPORTS_MAX),
        }
    }

    /// The texts of laws that the bureau has loaded, as of today.
    pub fn laws(&self) -> Laws {
        Laws::on(self.office.laws(), self.office.now().1)
    }

    /// The frame of a page for somebody signed in.
    pub async fn frame(&self, signed: &SignedIn, nav: &'static str) -> Result<Frame, PageError> {
        let roster = self.office.roster().await?;
        let body = roster.bodies.get(&signed.person.body_id);
        Ok(Frame {
            body_name: body.map(|b| b.name.clone()).unwrap_or_default(),
            unit: body
                .map(|b| b.unit_name(&signed.person.unit).to_owned())
                .unwrap_or_default(),
            person: Some(signed.person.clone()),
            csrf: signed.token.form_token(),
            waiting: Some(self.office.todo_count(&signed.person).await?),
            opens: self.may_open(&signed.person),
            oversees: self.office.may_oversee(&signed.person),
            nav,
            simulated: self.office.simulated(),
            trouble: self.office.trouble(),
            today: self.office.now().1.to_string(),
            public_page: self.config.public_page.clone(),
        })
    }

    /// Whether one of a person's roles registers leads; the procedure judges card and body when it is done.
    fn may_open(&self, person: &Person) -> bool {
        let Ok(pack) = self.office.pack() else {
            return false;
        };
        let crews = pack
            .step(crate::pages::act_desk::OPENING)
            .map(|step| step.by.as_slice());
        let crews = crews.unwrap_or_default().iter();
        let mut roles = crews.flat_map(|crew| [Some(&crew.role), crew.or.as_ref()]);
        roles.any(|role| {
            let mut held = person.roles.iter();
            role.is_some_and(|role| held.any(|held| pack.includes(held, role)))
        })
    }

    /// The frame of a page before sign-in.
    pub async fn open_frame(&self) -> Frame {
        // The sign-in page must come up even while the database does not.
        let roster = self.office.roster().await.ok();
        let body = roster
            .as_ref()
            .and_then(|r| r.bodies.get(self.office.body_id()));
        Frame {
            body_name: body.map(|b| b.name.clone()).unwrap_or_default(),
            simulated: self.office.simulated(),
            trouble: self.office.trouble(),
            today: self.office.now().1.to_string(),
            public_page: self.config.public_page.clone(),
            ..Frame::default()
        }
    }
}

/// What every page shows around its own part.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The bureau.
    pub body_name: String,
    /// Unit of the person.
    pub unit: String,
    /// Who is signed in.
    pub person: Option<Person>,
    /// Proof for the forms of this session.
    pub csrf: String,
    /// How many steps wait for the person.
    pub waiting: Option<u32>,
    /// Whether the person may register leads.
    pub opens: bool,
    /// Whether the person sees where all cases of the body stand.
    pub oversees: bool,
    /// Which entry of the navigation the page belongs to.
    pub nav: &'static str,
    /// Whether the clock is simulated.
    pub simulated: bool,
    /// What is wrong with the installation and keeps everybody from acting.
    pub trouble: Option<String>,
    /// Today in Beijing.
    pub today: String,
    /// Address of the public page.
    pub public_page: String,
}

impl Frame {
    /// The number beside the to-do page's entry; nothing where nothing waits.
    pub fn waiting_count(&self) -> String {
        match self.waiting {
            None | Some(0) => String::new(),
            Some(count) if count > TODO_MAX => format!("{TODO_MAX}+"),
            Some(count) => count.to_string(),
        }
    }

    /// The frame of a page that is to be printed: without navigation and forms.
    pub fn printed(self) -> Self {
        Self {
            person: None,
            csrf: String::new(),
            ..self
        }
    }
}

/// A page as an answer.
pub fn page(status: StatusCode, template: &impl Template) -> Result<Response, PageError> {
    let html = template
        .render()
        .map_err(|fault| PageError::Internal(fault.to_string()))?;
    Ok((status, Html(html)).into_response())
}
