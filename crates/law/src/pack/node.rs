//! KDL nodes with their places, and the check of a node against the shape that the language gives it.

use std::ops::RangeInclusive;

use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};

use super::scan::scan;
use super::{PackError, Place};

/// A parsed file.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    name: String,
    document: KdlDocument,
    line_starts: Vec<usize>,
}

impl Source {
    /// Parses a file after [`scan`] has found it harmless.
    pub(crate) fn read(name: &str, text: &str) -> Result<Self, Vec<PackError>> {
        scan(name, text).map_err(|fault| vec![fault])?;
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let document =
            KdlDocument::parse_v2(text).map_err(|error| syntax_errors(name, text, &error))?;
        Ok(Self {
            name: name.to_owned(),
            document,
            line_starts,
        })
    }

    /// The nodes at the top of the file.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.document
            .nodes()
            .iter()
            .map(|kdl| Node { source: self, kdl })
    }
}

/// Turns the parser's diagnostics into ours, one a line at most.
fn syntax_errors(name: &str, text: &str, error: &kdl::KdlError) -> Vec<PackError> {
    let mut errors: Vec<PackError> = error
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let offset = diagnostic.span.offset().min(text.len());
            let line = text
                .bytes()
                .take(offset)
                .filter(|byte| *byte == b'\n')
                .count()
                + 1;
            let detail = diagnostic
                .message
                .as_deref()
                .or(diagnostic.help.as_deref())
                .unwrap_or("syntax");
            let message = format!(
                "不是有效的 KDL 语法（{detail}）；应为：节点名 \"参数\" 属性=\"值\" {{ 子节点 }}"
            );
            PackError {
                file: name.to_owned(),
                line,
                message,
            }
        })
        .collect();
    errors.dedup_by_key(|error| error.line);
    if errors.is_empty() {
        errors.push(PackError {
            file: name.to_owned(),
            line: 1,
            message: "不是有效的 KDL 语法".to_owned(),
        });
    }
    errors
}

/// Faults collected while reading.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    list: Vec<PackError>,
}

impl Faults {
    /// Adds a fault at a place.
    pub(crate) fn add(&mut self, place: &Place, message: impl Into<String>) {
        let message = message.into();
        self.list.push(PackError {
            file: place.file.clone(),
            line: place.line,
            message,
        });
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The faults, in the order of files and lines.
    pub(crate) fn into_sorted(mut self) -> Vec<PackError> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

/// What a property of a node holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A string.
    Text,
    /// `#true` or `#false`.
    Flag,
    /// A whole number.
    Int,
}

impl Kind {
    fn title(self) -> &'static str {
        match self {
            Self::Text => "文字（加引号）",
            Self::Flag => "#true 或者 #false",
            Self::Int => "整数",
        }
    }

    fn admits(self, value: &KdlValue) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Flag => value.is_bool(),
            Self::Int => value.as_integer().is_some_and(|n| i64::try_from(n).is_ok()),
        }
    }
}

/// A property that a node may or must have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prop {
    name: &'static str,
    kind: Kind,
    needed: bool,
}

/// A text that must be there.
pub(crate) const fn need(name: &'static str) -> Prop {
    Prop {
        name,
        kind: Kind::Text,
        needed: true,
    }
}

/// A number that must be there.
pub(crate) const fn need_int(name: &'static str) -> Prop {
    Prop {
        name,
        kind: Kind::Int,
        needed: true,
    }
}

/// A text that may be there.
pub(crate) const fn text(name: &'static str) -> Prop {
    Prop {
        name,
        kind: Kind::Text,
        needed: false,
    }
}

/// A flag that may be there.
pub(crate) const fn flag(name: &'static str) -> Prop {
    Prop {
        name,
        kind: Kind::Flag,
        needed: false,
    }
}

/// A number that may be there.
pub(crate) const fn int(name: &'static str) -> Prop {
    Prop {
        name,
        kind: Kind::Int,
        needed: false,
    }
}

/// What a node may hold.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// How many arguments; all are strings.
    pub(crate) args: RangeInclusive<usize>,
    /// Properties.
    pub(crate) props: &'static [Prop],
    /// Names of children, in groups.
    pub(crate) children: &'static [&'static [&'static str]],
}

/// No arguments at most and at least.
pub(crate) const NONE: RangeInclusive<usize> = 0..=0;
/// Exactly one argument.
pub(crate) const ONE: RangeInclusive<usize> = 1..=1;
/// Exactly two arguments.
pub(crate) const TWO: RangeInclusive<usize> = 2..=2;
/// Exactly three arguments.
pub(crate) const THREE: RangeInclusive<usize> = 3..=3;
/// One argument or more.
pub(crate) const SOME: RangeInclusive<usize> = 1..=usize::MAX;
/// A name and at least one value.
pub(crate) const NAME_AND_VALUES: RangeInclusive<usize> = 2..=usize::MAX;

/// A node with the file that it stands in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'a> {
    source: &'a Source,
    kdl: &'a KdlNode,
}

impl<'a> Node<'a> {
    /// Name.
    pub(crate) fn name(self) -> &'a str {
        self.kdl.name().value()
    }

    /// Where it stands.
    pub(crate) fn place(self) -> Place {
        self.place_at(self.kdl.name().span().offset())
    }

    fn place_at(self, offset: usize) -> Place {
        let line = self
            .source
            .line_starts
            .partition_point(|start| *start <= offset);
        Place {
            file: self.source.name.clone(),
            line: line.max(1),
        }
    }

    /// Children.
    pub(crate) fn children(self) -> impl Iterator<Item = Node<'a>> {
        let source = self.source;
        self.kdl
            .iter_children()
            .map(move |kdl| Node { source, kdl })
    }

    /// Children of that name.
    pub(crate) fn children_named(self, name: &str) -> impl Iterator<Item = Node<'a>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// Whether it has any children.
    pub(crate) fn has_children(self) -> bool {
        self.kdl.iter_children().next().is_some()
    }

    /// String arguments.
    pub(crate) fn args(self) -> impl Iterator<Item = &'a str> {
        self.kdl
            .entries()
            .iter()
            .filter(|e| e.name().is_none())
            .filter_map(|e| e.value().as_string())
    }

    /// The argument at that position, empty when [`Node::fits`] has reported it missing.
    pub(crate) fn arg(self, index: usize) -> &'a str {
        self.args().nth(index).unwrap_or_default()
    }

    fn value(self, name: &str) -> Option<&'a KdlValue> {
        self.kdl
            .entries()
            .iter()
            .find(|e| is_named(e, name))
            .map(KdlEntry::value)
    }

    /// A text property.
    pub(crate) fn text(self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(KdlValue::as_string)
    }

    /// A text property that the shape demands.
    pub(crate) fn needed(self, name: &str) -> String {
        self.text(name).unwrap_or_default().to_owned()
    }

    /// A flag, false when absent.
    pub(crate) fn flag(self, name: &str) -> bool {
        self.flag_or(name, false)
    }

    /// A flag with what it is when absent.
    pub(crate) fn flag_or(self, name: &str, absent: bool) -> bool {
        self.value(name)
            .and_then(KdlValue::as_bool)
            .unwrap_or(absent)
    }

    /// A number.
    pub(crate) fn int(self, name: &str) -> Option<i64> {
        self.value(name)
            .and_then(KdlValue::as_integer)
            .and_then(|n| i64::try_from(n).ok())
    }

    /// The comma-separated items of a text property, empty when absent.
    pub(crate) fn items(self, name: &str) -> Vec<&'a str> {
        self.text(name).map_or_else(Vec::new, |all| {
            all.split(',')
                .map(str::trim)
                .filter(|s| !s.is_empty())
                .collect()
        })
    }

    /// Reports whatever the shape does not admit; true when the node fits.
    pub(crate) fn fits(self, shape: &Shape, faults: &mut Faults) -> bool {
        let before = faults.list.len();
        self.check_args(shape, faults);
        self.check_props(shape, faults);
        for child in self.children() {
            if !shape
                .children
                .iter()
                .any(|group| group.contains(&child.name()))
            {
                let allowed = list(
                    shape
                        .children
                        .iter()
                        .flat_map(|group| group.iter().copied()),
                );
                let message = format!(
                    "“{}”之下没有“{}”这种节点；{allowed}",
                    self.name(),
                    child.name()
                );
                faults.add(&child.place(), message);
            }
        }
        faults.list.len() == before
    }

    fn check_args(self, shape: &Shape, faults: &mut Faults) {
        let args: Vec<_> = self
            .kdl
            .entries()
            .iter()
            .filter(|e| e.name().is_none())
            .collect();
        if !shape.args.contains(&args.len()) {
            let (low, high) = (*shape.args.start(), *shape.args.end());
            let expected = match (low, high) {
                (0, 0) => "不带参数".to_owned(),
                (low, high) if low == high => format!("要 {low} 个参数"),
                (low, usize::MAX) => format!("至少要 {low} 个参数"),
                (low, high) => format!("要 {low} 至 {high} 个参数"),
            };
            faults.add(
                &self.place(),
                format!("“{}”{expected}，这里有 {} 个", self.name(), args.len()),
            );
        }
        for entry in args.iter().filter(|e| !e.value().is_string()) {
            let place = self.place_at(entry.span().offset());
            faults.add(
                &place,
                format!(
                    "“{}”的参数须为文字（加引号），这里是 {}",
                    self.name(),
                    entry.value()
                ),
            );
        }
        if args
            .iter()
            .any(|e| e.value().as_string().is_some_and(|s| s.trim().is_empty()))
        {
            faults.add(&self.place(), format!("“{}”的参数不得为空", self.name()));
        }
    }

    fn check_props(self, shape: &Shape, faults: &mut Faults) {
        let named: Vec<_> = self
            .kdl
            .entries()
            .iter()
            .filter_map(|e| Some((e.name()?.value(), e)))
            .collect();
        for (index, (name, entry)) in named.iter().enumerate() {
            let place = self.place_at(entry.span().offset());
            let Some(prop) = shape.props.iter().find(|p| p.name == *name) else {
                let allowed = list(shape.props.iter().map(|p| p.name));
                faults.add(
                    &place,
                    format!("“{}”没有属性“{name}”；{allowed}", self.name()),
                );
                continue;
            };
            if named[..index].iter().any(|(earlier, _)| earlier == name) {
                faults.add(&place, format!("属性“{name}”写了两次，只能写一次"));
            }
            if !prop.kind.admits(entry.value()) {
                let message = format!(
                    "属性“{name}”须为{}，这里是 {}",
                    prop.kind.title(),
                    entry.value()
                );
                faults.add(&place, message);
            }
            if entry
                .value()
                .as_string()
                .is_some_and(|s| s.trim().is_empty())
            {
                faults.add(&place, format!("属性“{name}”不得为空"));
            }
        }
        for prop in shape.props.iter().filter(|p| p.needed) {
            if !named.iter().any(|(name, _)| *name == prop.name) {
                let message = format!(
                    "“{}”缺少属性“{}”，应为{}",
                    self.name(),
                    prop.name,
                    prop.kind.title()
                );
                faults.add(&self.place(), message);
            }
        }
    }
}

fn is_named(entry: &KdlEntry, name: &str) -> bool {
    entry.name().is_some_and(|n| n.value() == name)
}

/// `可用：a、b、c`, shortened where there are very many.
pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const SHOWN: usize = 80;
    let names: Vec<_> = names.collect();
    match names.len() {
        0 => "这里什么都不可用".to_owned(),
        n if n > SHOWN => format!("可用：{} 等 {n} 个", names[..SHOWN].join("、")),
        _ => format!("可用：{}", names.join("、")),
    }
}
