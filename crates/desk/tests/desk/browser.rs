//! A browser without scripts: it keeps its cookie, follows redirects, and sends forms as they are drawn.

use std::{
    io::{Cursor, Read as _},
    net::SocketAddr,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use tower::ServiceExt as _;

use crate::bureau::{Bureau, PASSWORD};

/// The media type of a form without files.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// What came back.
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Where it is, after redirects.
    pub path: String,
}

impl Page {
    /// The text of the page.
    pub fn html(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Checks that the page came, and has all of these words.
    #[track_caller]
    pub fn has(&self, status: StatusCode, words: &[&str]) -> &Self {
        let html = self.html();
        assert_eq!(self.status, status, "{}\n{html}", self.path);
        for words in words {
            assert!(
                html.contains(words),
                "{} lacks {words:?}:\n{html}",
                self.path
            );
        }
        self
    }

    /// Checks that none of these words stand there.
    #[track_caller]
    pub fn lacks(&self, words: &[&str]) -> &Self {
        let html = self.html();
        for words in words {
            assert!(
                !html.contains(words),
                "{} has {words:?}:\n{html}",
                self.path
            );
        }
        self
    }

    /// The words of the docx file that came, those on every page with them.
    #[track_caller]
    pub fn docx(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.html());
        let file = Cursor::new(self.body.as_slice());
        let mut file = zip::ZipArchive::new(file).unwrap();
        let mut words = String::new();
        for at in 0..file.len() {
            let mut part = file.by_index(at).unwrap();
            let name = part.name().to_owned();
            if name.starts_with("word/document") || name.starts_with("word/header") {
                let mut xml = String::new();
                part.read_to_string(&mut xml).unwrap();
                let texts = xml.split('<').filter_map(|tag| tag.split_once('>'));
                words.extend(texts.map(|(_, text)| text));
            }
        }
        words
    }

    /// Every address that the page links to.
    pub fn links(&self) -> Vec<String> {
        let html = self.html();
        let links = html.split("href=\"").skip(1);
        links
            .filter_map(|rest| rest.split('"').next())
            .map(unescape)
            .collect()
    }

    /// The first link whose address contains the text.
    #[track_caller]
    pub fn link(&self, part: &str) -> String {
        let found = self.links().into_iter().find(|href| href.contains(part));
        found.unwrap_or_else(|| panic!("{} has no link with {part:?}:\n{}", self.path, self.html()))
    }

    /// The first address in such an attribute that contains the text.
    #[track_caller]
    pub fn link_to(&self, attribute: &str, part: &str) -> String {
        let html = self.html();
        let links = html.split(attribute).skip(1);
        let mut links = links.filter_map(|rest| rest.split('"').next());
        let found = links.find(|href| href.contains(part));
        unescape(found.unwrap_or_else(|| panic!("{} leads not to {part:?}", self.path)))
    }

    /// The form of the page (the one that is not for signing out).
    #[track_caller]
    pub fn form(&self) -> Form {
        let html = self.html();
        let mut forms = html
            .split("<form ")
            .skip(1)
            .filter_map(|rest| rest.split("</form>").next());
        let found = forms
            .find(|form| form.contains("method=\"post\"") && !form.contains("action=\"/logout\""));
        let form = found.unwrap_or_else(|| panic!("{} has no form:\n{html}", self.path));
        Form::read(form, &self.path)
    }
}

/// A form as it is drawn.
#[derive(Clone)]
pub struct Form {
    pub action: String,
    pub multipart: bool,
    pub pairs: Vec<(String, String)>,
    pub file: Option<(String, String, Vec<u8>)>,
}

impl Form {
    fn read(html: &str, path: &str) -> Self {
        let head = html.split('>').next().unwrap_or_default();
        let mut form = Self {
            action: attribute(head, "action").unwrap_or_else(|| path.to_owned()),
            multipart: head.contains("multipart/form-data"),
            pairs: Vec::new(),
            file: None,
        };
        for tag in html.split('<').skip(1) {
            let (tag, rest) = tag.split_once('>').unwrap_or((tag, ""));
            let Some(name) = attribute(tag, "name") else {
                continue;
            };
            if tag.starts_with("input") {
                let kind = attribute(tag, "type").unwrap_or_default();
                let value = attribute(tag, "value").unwrap_or_default();
                let sent = match kind.as_str() {
                    "radio" | "checkbox" => tag.ends_with(" checked"),
                    "file" => false,
                    _ => true,
                };
                if sent {
                    form.pairs.push((name, value));
                }
            } else if tag.starts_with("textarea") {
                let text = rest.strip_prefix('\n').unwrap_or(rest);
                form.pairs.push((name, unescape(text)));
            } else if tag.starts_with("select") {
                let list = &html[html.find(&format!("name=\"{name}\"")).unwrap_or(0)..];
                let list = list.split("</select>").next().unwrap_or_default();
                let chosen = list
                    .split("<option")
                    .skip(1)
                    .find(|o| o.split('>').next().unwrap_or("").ends_with(" selected"));
                let option = chosen
                    .or_else(|| list.split("<option").nth(1))
                    .unwrap_or_default();
                form.pairs
                    .push((name, attribute(option, "value").unwrap_or_default()));
            }
        }
        form
    }

    /// What an input holds.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Types into an input, whether or not something stood there.
    pub fn fill(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(n, _)| n != name);
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Types into several.
    pub fn fill_all(self, pairs: &[(&str, &str)]) -> Self {
        pairs
            .iter()
            .fold(self, |form, (name, value)| form.fill(name, value))
    }

    /// Chooses a file.
    pub fn attach(mut self, input: &str, name: &str, bytes: &[u8]) -> Self {
        self.file = Some((input.to_owned(), name.to_owned(), bytes.to_vec()));
        self
    }

    fn body(&self) -> (String, Vec<u8>) {
        if !self.multipart {
            let mut body = form_urlencoded::Serializer::new(String::new());
            body.extend_pairs(&self.pairs);
            return (FORM.into(), body.finish().into_bytes());
        }
        let mut body = Vec::new();
        for (name, value) in &self.pairs {
            body.extend(
                format!(
                    "--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
                )
                .bytes(),
            );
        }
        if let Some((input, name, bytes)) = &self.file {
            let head = format!(
                "--x\r\nContent-Disposition: form-data; name=\"{input}\"; filename=\"{name}\"\r\n\
                 Content-Type: application/pdf\r\n\r\n"
            );
            body.extend(head.bytes());
            body.extend(bytes);
            body.extend(b"\r\n");
        }
        body.extend(b"--x--\r\n");
        ("multipart/form-data; boundary=x".into(), body)
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!("{name}=\""))? + name.len() + 2;
    tag[at..].split('"').next().map(unescape)
}

fn unescape(text: &str) -> String {
    let signs = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    signs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Somebody's browser.
#[derive(Clone)]
pub struct Browser {
    site: Router,
    pub cookie: Option<String>,
    pub peer: SocketAddr,
    pub extra: Vec<(&'static str, String)>,
}

impl Browser {
    /// A browser on the same machine, not signed in.
    pub fn new(bureau: &Bureau) -> Self {
        let peer = SocketAddr::from(([127, 0, 0, 1], 50_000));
        Self {
            site: bureau.site.clone(),
            cookie: None,
            peer,
            extra: Vec::new(),
        }
    }

    /// A browser in which somebody has signed in.
    pub async fn of(bureau: &Bureau, login: &str) -> Self {
        let mut browser = Self::new(bureau);
        let page = browser.get("/login").await;
        let form = page.form().fill("login", login).fill("password", PASSWORD);
        browser
            .submit(form, "")
            .await
            .has(StatusCode::OK, &["待办"]);
        browser
    }

    /// Sends one request and does not follow redirects.
    pub async fn send(&mut self, method: Method, path: &str, media: &str, body: Vec<u8>) -> Page {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "127.0.0.1:8080");
        if !media.is_empty() {
            request = request.header(header::CONTENT_TYPE, media);
        }
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for (name, value) in &self.extra {
            request = request.header(*name, value);
        }
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.site.clone().oneshot(request).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        if let Some(cookie) = headers.get(header::SET_COOKIE) {
            let pair = cookie
                .to_str()
                .unwrap()
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            self.cookie = (!pair.ends_with('=')).then_some(pair);
        }
        let body = to_bytes(answer.into_body(), 64 << 20)
            .await
            .unwrap()
            .to_vec();
        Page {
            status,
            headers,
            body,
            path: path.to_owned(),
        }
    }

    /// Goes to a page, following redirects.
    pub async fn get(&mut self, path: &str) -> Page {
        let mut path = path.to_owned();
        for _ in 0..5 {
            let page = self.send(Method::GET, &path, "", Vec::new()).await;
            let Some(to) = page.headers.get(header::LOCATION) else {
                return page;
            };
            path = to.to_str().unwrap().to_owned();
        }
        panic!("{path} redirects without end");
    }

    /// Sends a form by one of its buttons, following the redirect.
    pub async fn submit(&mut self, form: Form, button: &str) -> Page {
        let form = if button.is_empty() {
            form
        } else {
            form.fill("_do", button)
        };
        let (media, body) = form.body();
        let page = self.send(Method::POST, &form.action, &media, body).await;
        match page.headers.get(header::LOCATION) {
            Some(to) => self.get(to.to_str().unwrap()).await,
            None => page,
        }
    }

    /// Fills in a step's form and sends it, with the confirmation where there is one.
    pub async fn act(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let form = self.get(path).await.form().fill_all(pairs);
        let page = self.submit(form, "submit").await;
        if page.status == StatusCode::OK && page.html().contains("确认办理") {
            return self.submit(page.form(), "confirm").await;
        }
        page
    }

    /// Approves the request of a case that waits for this person.
    pub async fn approve(&mut self, case: &str) -> Page {
        let path = self.get(case).await.link("/requests/");
        let form = self.get(&path).await.form().fill("opinion", "同意。");
        self.submit(form, "approve").await
    }
}
