//! A look at a file before it is parsed, so that no file can exhaust the stack or the memory of the parser.
//!
//! The KDL parser calls itself for every open brace, every character of a block comment and every stray closing
//! brace. The pack language needs none of the exotic forms, so they are refused here: what passes is flat enough.

use super::PackError;

/// Longest file that is read, in bytes.
pub(crate) const SIZE_BYTES_MAX: usize = 1 << 20;
/// Deepest nesting of braces that is read.
pub(crate) const DEPTH_MAX: usize = 16;

/// Checks size, nesting, quotes and comment forms of a file's text.
pub(crate) fn scan(file: &str, text: &str) -> Result<(), PackError> {
    let fault = |line: usize, message: String| PackError {
        file: file.to_owned(),
        line,
        message,
    };
    if text.len() > SIZE_BYTES_MAX {
        let message = format!(
            "文件有 {} 字节，超过上限 {SIZE_BYTES_MAX} 字节；请拆成几个文件",
            text.len()
        );
        return Err(fault(1, message));
    }
    let mut open: Vec<usize> = Vec::new();
    for (index, content) in text.split('\n').enumerate() {
        let line = index + 1;
        scan_line(content, line, &mut open).map_err(|message| fault(line, message))?;
    }
    match open.last() {
        Some(&line) => Err(fault(line, "左大括号没有对应的右大括号“}”".to_owned())),
        None => Ok(()),
    }
}

/// Checks one line; `open` holds the lines of the braces still open.
fn scan_line(content: &str, line: usize, open: &mut Vec<usize>) -> Result<(), String> {
    let mut chars = content.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('/', Some('/')) => return Ok(()),
            ('/', Some('*')) => return Err("不支持块注释“/*”，请用行注释“//”".to_owned()),
            ('/', Some('-')) => return Err("不支持“/-”，请用行注释“//”".to_owned()),
            ('#', Some('"' | '#')) => return Err("不支持原始字符串“#\"”，请用普通引号".to_owned()),
            ('\\', _) => return Err("不支持续行符“\\”，一个节点须写在一行内".to_owned()),
            ('"', _) if !" \t={};(".contains(before) => {
                return Err(format!("引号前面须有空格或者等号，这里是“{before}”"));
            }
            ('"', _) => skip_string(&mut chars)?,
            ('{', _) if open.len() == DEPTH_MAX => {
                return Err(format!("大括号嵌套超过 {DEPTH_MAX} 层"));
            }
            ('{', _) => open.push(line),
            ('}', _) if open.pop().is_none() => return Err("多出一个右大括号“}”".to_owned()),
            _ => {}
        }
        before = c;
    }
    Ok(())
}

/// Passes over a quoted string whose opening quote has been read.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<(), String> {
    while let Some(c) = chars.next() {
        match c {
            '"' if chars.peek() == Some(&'"') => {
                return Err("不支持多行字符串或者紧挨的引号".to_owned());
            }
            '"' => return Ok(()),
            '\\' => {
                chars.next();
            }
            _ => {}
        }
    }
    Err("引号没有在本行内闭合".to_owned())
}
