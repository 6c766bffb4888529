//! The real server under thousands of invented requests: it never breaks, and answers as its document says.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::Command,
};

use serde_json::Value;

use crate::support::{Place, Server};

const PASSWORD: &str = "demo-zhiheng";
const FORM: &str = "application/x-www-form-urlencoded";

/// What must hold of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,ignored_auth,unsupported_method";

/// Sends one request with a header line and gives the whole answer.
fn send(server: &Server, method: &str, path: &str, line: &str, body: &str) -> String {
    let mut connection = TcpStream::connect(&server.address).unwrap();
    let length = body.len();
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: {}\r\n{line}\r\nContent-Type: {FORM}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
        server.address
    )
    .unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// What stands between two words.
#[track_caller]
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before}: {text}"));
    rest.split_once(after).unwrap().0
}

/// Signs in as a browser does and makes a token of that scope on the page for it.
fn token(server: &Server, login: &str, scope: &str) -> String {
    let entered = send(
        server,
        "POST",
        "/login",
        "Accept: */*",
        &format!("login={login}&password={PASSWORD}"),
    );
    let cookie = format!("Cookie: {}", between(&entered, "set-cookie: ", ";"));
    let page = send(server, "GET", "/tokens", &cookie, "");
    let (csrf, id) = (
        between(&page, "name=\"_csrf\" value=\"", "\""),
        between(&page, "name=\"id\" value=\"", "\""),
    );
    let form =
        format!("_csrf={csrf}&id={id}&name=schemathesis&scope={scope}&days=30&password={PASSWORD}");
    let made = send(server, "POST", "/tokens", &cookie, &form);
    between(&made, "<code class=\"token\">", "<").to_owned()
}

/// A case of the demo with a paper, as the settings of the program name them: most invented ones would not be found.
fn settings(server: &Server, bearer: &str) -> String {
    let list = |path: &str| -> Vec<Value> {
        let answer = send(server, "GET", path, bearer, "");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let list: Value = serde_json::from_str(body).unwrap();
        list["items"].as_array().unwrap().clone()
    };
    for listed in list("/api/v1/cases?limit=100") {
        let case = listed["case"].as_str().unwrap();
        if let Some(paper) = list(&format!("/api/v1/cases/{case}/papers")).first() {
            let paper = &paper["paper_id"];
            return format!("[parameters]\n\"path.case\" = \"{case}\"\n\"path.paper\" = {paper}\n");
        }
    }
    panic!("no case of the demo has a paper");
}

fn schemathesis() -> Option<PathBuf> {
    let named = std::env::var_os("ZHIHENG_SCHEMATHESIS").map(PathBuf::from);
    let found = named.filter(|file| file.is_file());
    if found.is_none() {
        testkit::skipped(
            "schemathesis",
            "cargo xtask test installs it where Python 3 is",
        );
    }
    found
}

#[test]
fn no_invented_request_breaks_the_api_or_shows_its_document_wrong() {
    let (Some(program), Some(place)) = (schemathesis(), Place::new()) else {
        return;
    };
    place.run(&["demo"]).done();
    let server = place.serve();
    let bearer = format!("Authorization: Bearer {}", token(&server, "chen", "act"));
    place.write("schemathesis.toml", &settings(&server, &bearer));
    let url = format!("http://{}", server.address);
    let output = Command::new(program)
        .current_dir(place.file(""))
        .args(["run", &format!("{url}/api/openapi.json"), "--url", &url])
        .args(["--header", &bearer, "--checks", CHECKS])
        // Wrong passwords are slowed down on purpose.
        .args(["--exclude-operation-id", "signIn"])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "20",
        ])
        .args([
            "--max-time",
            "45",
            "--seed",
            "20260302",
            "--no-color",
            "--workers",
            "2",
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("passed"), "{said}");
}
