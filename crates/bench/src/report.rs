//! What is printed: a Markdown table a section, every figure beside what it is held against.

use std::fmt::{self, Display, Write};

/// One line of a table: a figure, its floor or peer of the same run, and the target.
pub struct Figure {
    what: String,
    measured: String,
    p99: String,
    beside: String,
    ratio: String,
    wanted: String,
    met: &'static str,
}

impl Figure {
    /// A figure that was measured.
    pub fn new(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            measured: measured.into(),
            p99: String::new(),
            beside: String::new(),
            ratio: String::new(),
            wanted: String::new(),
            met: "",
        }
    }

    /// A figure that could not be measured, with the reason.
    pub fn skipped(what: impl Into<String>, why: impl Display) -> Self {
        Self::new(what, format!("skipped: {why}"))
    }

    /// The time that one in a hundred exceeds.
    pub fn p99(mut self, p99: impl Into<String>) -> Self {
        self.p99 = p99.into();
        self
    }

    /// The floor or peer, measured in the same run.
    pub fn beside(mut self, beside: impl Into<String>) -> Self {
        self.beside = beside.into();
        self
    }

    /// How the figure stands to what is beside it.
    pub fn ratio(mut self, ratio: impl Into<String>) -> Self {
        self.ratio = ratio.into();
        self
    }

    /// The target, and whether this run met it.
    pub fn wanted(mut self, wanted: impl Into<String>, met: bool) -> Self {
        self.wanted = wanted.into();
        self.met = if met { "yes" } else { "no" };
        self
    }
}

/// What one section found.
pub struct Section {
    title: String,
    note: String,
    figures: Vec<Figure>,
}

impl Section {
    /// A section without figures yet; `note` says what was measured and how.
    pub fn new(title: impl Into<String>, note: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            note: note.into(),
            figures: Vec::new(),
        }
    }

    /// Adds a line.
    pub fn add(&mut self, figure: Figure) {
        self.figures.push(figure);
    }
}

impl Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### {}\n\n{}\n", self.title, self.note)?;
        writeln!(
            f,
            "| figure | measured | p99 | beside it, same run | ratio | wanted | met |"
        )?;
        writeln!(f, "|---|---:|---:|---:|---:|---:|---|")?;
        for figure in &self.figures {
            let cells = [
                &figure.what,
                &figure.measured,
                &figure.p99,
                &figure.beside,
                &figure.ratio,
                &figure.wanted,
                figure.met,
            ];
            f.write_char('|')?;
            for cell in cells {
                // A message of the system may hold what would end the cell or the line.
                write!(f, " {} |", cell.replace('|', "\\|").replace('\n', " "))?;
            }
            f.write_char('\n')?;
        }
        Ok(())
    }
}

/// `12,345` for a count or a rate, rounded.
pub fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `12,345/s`.
pub fn per_second(rate: f64) -> String {
    format!("{}/s", grouped(rate))
}

/// `1.23 ms`.
pub fn millis(seconds: f64) -> String {
    format!("{:.2} ms", seconds * 1e3)
}

/// `4.2 ×`.
pub fn times(ratio: f64) -> String {
    format!("{ratio:.1} ×")
}

#[cfg(test)]
mod tests {
    use super::{Figure, Section, grouped};

    #[test]
    fn thousands_are_set_apart() {
        let check = |number, expect| assert_eq!(grouped(number), expect);
        check(0.0, "0");
        check(999.4, "999");
        check(999.6, "1,000");
        check(12_345.0, "12,345");
        check(1_234_567.0, "1,234,567");
    }

    #[test]
    fn a_message_with_bars_and_lines_stays_in_its_cell() {
        let mut section = Section::new("t", "n");
        section.add(Figure::skipped("x", "a|b\nc"));
        let text = section.to_string();
        let last = text.lines().last().unwrap();
        assert_eq!(last, "| x | skipped: a\\|b c |  |  |  |  |  |");
    }
}
