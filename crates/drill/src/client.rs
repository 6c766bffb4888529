//! Requests as a program of somebody else sends them.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// How long an answer is waited for.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// What follows them.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// That it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("{} {}", self.status, self.body))
    }
}

/// Sends a request and reads the answer.
///
/// # Errors
/// What the system says; [`io::ErrorKind::UnexpectedEof`] for an answer that was cut off.
pub fn request(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let length = body.len();
    text.push_str(&format!(
        "Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ));
    stream.write_all(text.as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    whole(&bytes).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// The answer in these bytes, if it is whole.
fn whole(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let named = name.eq_ignore_ascii_case("content-length");
        named.then(|| value.trim().parse::<usize>().ok())?
    });
    if length.is_some_and(|length| bytes.len() < head.len() + 4 + length) {
        return None;
    }
    Some(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// Signs somebody in and makes an access token with which a program may act for them.
///
/// # Errors
/// That one of the pages did not say what it should.
pub fn token(address: &str, login: &str, password: &str) -> Result<String> {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let entered = format!("login={login}&password={password}");
    let entered = request(address, "POST", "/login", &form, &entered)?;
    let cookie = between(&entered.head, "set-cookie: ", ";")?;
    let page = request(address, "GET", "/tokens", &[("Cookie", cookie)], "")?;
    let csrf = between(&page.body, "name=\"_csrf\" value=\"", "\"")?;
    let id = between(&page.body, "name=\"id\" value=\"", "\"")?;
    let asked = format!("_csrf={csrf}&id={id}&name=drill&scope=act&days=30&password={password}");
    let headers = [form[0], ("Cookie", cookie)];
    let made = request(address, "POST", "/tokens", &headers, &asked)?;
    Ok(between(&made.body, "<code class=\"token\">", "<")?.to_owned())
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str> {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let found = rest.and_then(|rest| rest.split_once(after));
    ensure!(found.is_some(), "no {before} in {text}");
    Ok(found.map_or("", |(found, _)| found))
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn an_answer_that_was_cut_off_is_none() {
        let said = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(whole(said.as_bytes()).map(|a| a.body), Some("hello".into()));
        for at in 0..said.len() {
            assert!(whole(&said.as_bytes()[..at]).is_none(), "{at}");
        }
    }
}
