//! Papers with a bureau's own template are typeset by a program of their own, under a bound of time and size: a
//! template that loops or grows ends that program and nothing else.
//!
//! The program is started once and kept; it knows the very sources that were looked through, sees no file but the
//! fonts, and is ended where it does not answer in time. Requests and answers go over its standard input and output,
//! each with its length before it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{PaperData, PaperError, Papers, Preview, Rendered};

/// Longest time for one paper.
const WORK_MAX: Duration = Duration::from_secs(8);
/// Longest time until the program has its fonts and templates.
const START_MAX: Duration = Duration::from_secs(60);
/// Longest answer in bytes.
const ANSWER_BYTES_MAX: usize = 64 << 20;
/// Seconds after which a paper is nobody's any more.
const FORSAKEN_SECONDS: usize = 30;
/// Where the seconds of a paper are counted, that there is none.
const IDLE: usize = usize::MAX;
/// Papers that may wait for the program.
const WAITING_MAX: usize = 8;

/// How the program is started that typesets; it calls [`work_apart`].
#[derive(Debug, Clone)]
pub struct ApartCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

/// What the program is told first.
#[derive(Serialize, Deserialize)]
struct Outset {
    fonts: PathBuf,
    templates: BTreeMap<String, String>,
}

/// What it is asked.
#[derive(Serialize, Deserialize)]
pub(crate) struct Task {
    pub template: String,
    pub data: PaperData,
    pub want: Want,
}

#[derive(Serialize, Deserialize, Clone, Copy)]
pub(crate) enum Want {
    /// The file, with its time of making in microseconds UTC.
    Paper(i64),
    Preview,
    Text,
    Docx,
    /// Only whether it can be laid out.
    Trial,
}

/// What it answers.
#[derive(Serialize, Deserialize)]
pub(crate) enum Answer {
    Ready,
    /// The file's bytes follow.
    Paper {
        pages: usize,
    },
    Preview(Preview),
    Text(String),
    /// The file's bytes follow.
    Docx,
    Trial,
    /// Why not, in words for people.
    Refused(String),
}

/// The program that typesets, while it runs.
pub(crate) struct Apart {
    command: ApartCommand,
    outset: Vec<u8>,
    running: Mutex<Option<Running>>,
    waiting: AtomicUsize,
    work_max: Duration,
}

struct Running {
    child: Child,
    input: ChildStdin,
    answers: Receiver<(Answer, Vec<u8>)>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Apart {
    pub fn new(
        command: ApartCommand,
        fonts: &Path,
        templates: BTreeMap<String, String>,
    ) -> Result<Self, PaperError> {
        let outset = Outset {
            fonts: fonts.to_owned(),
            templates,
        };
        let outset = serde_json::to_vec(&outset).map_err(|fault| broken("", &fault))?;
        Ok(Self {
            command,
            outset,
            running: Mutex::new(None),
            waiting: AtomicUsize::new(0),
            work_max: WORK_MAX,
        })
    }

    pub fn render(&self, task: &Task) -> Result<Rendered, PaperError> {
        match self.ask(task)? {
            (Answer::Paper { pages }, pdf) => Ok(Rendered { pdf, pages }),
            (other, _) => Err(odd(task, other)),
        }
    }

    pub fn preview(&self, task: &Task) -> Result<Preview, PaperError> {
        match self.ask(task)? {
            (Answer::Preview(preview), _) => Ok(preview),
            (other, _) => Err(odd(task, other)),
        }
    }

    pub fn docx(&self, task: &Task) -> Result<Vec<u8>, PaperError> {
        match self.ask(task)? {
            (Answer::Docx, bytes) => Ok(bytes),
            (other, _) => Err(odd(task, other)),
        }
    }

    pub fn text(&self, task: &Task) -> Result<String, PaperError> {
        match self.ask(task)? {
            (Answer::Text(text), _) => Ok(text),
            (other, _) => Err(odd(task, other)),
        }
    }

    pub fn trial(&self, task: &Task) -> Result<(), PaperError> {
        match self.ask(task)? {
            (Answer::Trial, _) => Ok(()),
            (other, _) => Err(odd(task, other)),
        }
    }

    /// Lets go of the program; the next paper starts it again.
    pub fn rest(&self) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }

    /// Asks the program, which is started where it does not run.
    fn ask(&self, task: &Task) -> Result<(Answer, Vec<u8>), PaperError> {
        let _place = Waiting::take(&self.waiting).ok_or_else(|| PaperError::Crowded {
            template: task.template.clone(),
        })?;
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut started = match running.take() {
            Some(running) => running,
            None => self.start(&task.template)?,
        };
        let asked = serde_json::to_vec(task).map_err(|fault| broken(&task.template, &fault))?;
        // What is taken out is ended on every way out but the good one.
        let sent = send(&mut started.input, &asked);
        let answer = match sent {
            Ok(()) => started.answers.recv_timeout(self.work_max),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        match answer {
            Ok(answer) => {
                *running = Some(started);
                Ok(answer)
            }
            Err(RecvTimeoutError::Timeout) => Err(PaperError::TooLong {
                template: task.template.clone(),
                seconds: self.work_max.as_secs(),
            }),
            Err(RecvTimeoutError::Disconnected) => Err(PaperError::TooMuch {
                template: task.template.clone(),
            }),
        }
    }

    fn start(&self, template: &str) -> Result<Running, PaperError> {
        let mut child = Command::new(&self.command.program)
            .args(&self.command.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|fault| broken(template, &fault))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(broken(template, &"没有输入输出"));
        };
        let (answered, answers) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Ok(answer) = read_answer(&mut output) {
                if answered.send(answer).is_err() {
                    break;
                }
            }
        });
        let mut running = Running {
            child,
            input,
            answers,
        };
        let sent = send(&mut running.input, &self.outset);
        sent.map_err(|fault| broken(template, &fault))?;
        match running.answers.recv_timeout(START_MAX) {
            Ok((Answer::Ready, _)) => Ok(running),
            Ok((Answer::Refused(why), _)) => Err(PaperError::Apart(why)),
            _ => Err(broken(template, &"没有应答")),
        }
    }
}

/// A place among those that wait.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn take(count: &'a AtomicUsize) -> Option<Self> {
        let place = Self(count);
        // Dropped at once, the place is given back.
        (count.fetch_add(1, Ordering::AcqRel) < WAITING_MAX).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn odd(task: &Task, answer: Answer) -> PaperError {
    match answer {
        Answer::Refused(why) => PaperError::Apart(why),
        _ => broken(&task.template, &"答非所问"),
    }
}

fn broken(template: &str, why: &dyn std::fmt::Display) -> PaperError {
    PaperError::Typesetting {
        template: template.to_owned(),
        message: format!("排版程序没有启动或者中断：{why}"),
    }
}

/// Typesets for whoever started this program with [`ApartCommand`], until its input ends.
///
/// Where a paper takes so long that whoever asked must be gone, it ends the program.
///
/// # Errors
/// That nobody listens any more.
pub fn work_apart(input: impl Read, mut output: impl Write) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let busy = Arc::new(AtomicUsize::new(IDLE));
    end_when_forsaken(Arc::clone(&busy));
    let outset: Outset = serde_json::from_slice(&receive(&mut input)?)?;
    let papers = match Papers::new(&outset.fonts, outset.templates) {
        Ok(papers) => papers,
        Err(fault) => return answer(&mut output, &Answer::Refused(fault.to_string()), &[]),
    };
    answer(&mut output, &Answer::Ready, &[])?;
    loop {
        let asked = match receive(&mut input) {
            Err(end) if end.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            asked => asked?,
        };
        let task: Task = serde_json::from_slice(&asked)?;
        busy.store(0, Ordering::Release);
        let done = papers.work(&task);
        busy.store(IDLE, Ordering::Release);
        match done {
            Ok((said, bytes)) => answer(&mut output, &said, &bytes)?,
            Err(fault) => answer(&mut output, &Answer::Refused(fault.to_string()), &[])?,
        }
    }
}

/// Ends the program where one paper has taken more than [`FORSAKEN_SECONDS`]: nobody was there to end it.
fn end_when_forsaken(busy: Arc<AtomicUsize>) {
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            let one_more = |seconds: usize| (seconds != IDLE).then_some(seconds + 1);
            let before = busy.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more);
            if before.is_ok_and(|seconds| seconds >= FORSAKEN_SECONDS) {
                std::process::exit(1);
            }
        }
    });
}

fn answer(output: &mut impl Write, said: &Answer, bytes: &[u8]) -> io::Result<()> {
    send(output, &serde_json::to_vec(said)?)?;
    send(output, bytes)
}

fn read_answer(output: &mut impl Read) -> io::Result<(Answer, Vec<u8>)> {
    let said = serde_json::from_slice(&receive(output)?)?;
    Ok((said, receive(output)?))
}

/// Writes bytes with their length before them.
fn send(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    to.write_all(&length.to_le_bytes())?;
    to.write_all(bytes)?;
    to.flush()
}

/// Reads bytes that [`send`] wrote; more than an answer may have are not read.
fn receive(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > ANSWER_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let count = AtomicUsize::new(0);
        let taken: Vec<_> = (0..WAITING_MAX).map(|_| Waiting::take(&count)).collect();
        assert!(taken.iter().all(Option::is_some));
        assert!(Waiting::take(&count).is_none());
        drop(taken);
        assert!(Waiting::take(&count).is_some());
        assert_eq!(count.load(Ordering::Acquire), 0);
    }

    #[test]
    fn what_is_sent_is_received_and_what_claims_to_be_endless_is_not_read() {
        let mut wire = Vec::new();
        send(&mut wire, "甲".as_bytes()).unwrap();
        assert_eq!(receive(&mut wire.as_slice()).unwrap(), "甲".as_bytes());
        assert!(receive(&mut [0xff; 8].as_slice()).is_err());
    }
}
