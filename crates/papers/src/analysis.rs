//! Reads a template without running it: which data does it touch, which can it not do without?
//!
//! The walk follows the root `d` through field accesses, loops, list methods and the templates' own
//! functions, so `#for e in d.evidence { e.nmae }` is found at load and not on the day of the
//! hearing. What it cannot follow (a value chosen by computation) it leaves to the typesetter, which
//! stops at an unknown key.

use std::collections::{BTreeMap, HashMap};

use typst::syntax::ast::{self, AstNode, Expr};
use typst::syntax::{DiagSpan, DiagSpanKind, Source, Span, SyntaxNode};

/// Calls are followed this deep; templates nest their helpers two or three levels.
const CALL_DEPTH_MAX: usize = 12;

/// The name by which templates know the data.
const ROOT: &str = "d";

/// A data path as first used: the template file and the line, from 1.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) template: String,
    pub(crate) line: usize,
}

/// A data path such as `evidence[].name`, with its first use.
pub(crate) type Uses = BTreeMap<String, Place>;

/// A template's name with its parsed source.
pub(crate) type Unit<'a> = (&'a str, &'a Source);

/// What a value is, as far as the walk knows.
#[derive(Debug, Clone)]
enum Val {
    Unknown,
    /// The data at this path.
    Data(String),
    /// The list at this path, as pairs of index and element.
    Enumerated(String),
}

/// All data paths that `main` reads, itself or through what it uses of `modules`.
pub(crate) fn uses<'a>(main: Unit<'a>, modules: &[Unit<'a>]) -> Uses {
    let mut walker = Walker::new(main, modules);
    walker.walk(main.1.root());
    walker.uses
}

/// The paths that a template declares indispensable in `#let needs = ("party.name", …)`, with lines.
///
/// `None` when there is no such declaration: the file is a module, not a paper.
pub(crate) fn needs(source: &Source) -> Option<Vec<(String, usize)>> {
    declared(source, "needs")
}

/// The usual title that a template declares in `#let title = "…"`.
pub(crate) fn title(source: &Source) -> Option<String> {
    declared(source, "title")?
        .into_iter()
        .next()
        .map(|(title, _)| title)
}

/// The strings of the top-level binding `name`.
fn declared(source: &Source, name: &str) -> Option<Vec<(String, usize)>> {
    source
        .root()
        .children()
        .filter_map(|node| node.cast::<ast::LetBinding<'_>>())
        .find_map(|binding| {
            let named = binding
                .kind()
                .bindings()
                .iter()
                .any(|ident| ident.as_str() == name);
            let init = binding.init().filter(|_| named)?;
            let mut strings = Vec::new();
            collect_strings(init.to_untyped(), source, &mut strings);
            Some(strings)
        })
}

fn collect_strings(node: &SyntaxNode, source: &Source, out: &mut Vec<(String, usize)>) {
    if let Some(text) = node.cast::<ast::Str<'_>>() {
        out.push((text.get().to_string(), line(source, node.span())));
    }
    for child in node.children() {
        collect_strings(child, source, out);
    }
}

/// The line of `span` in `source`, from 1.
pub(crate) fn line(source: &Source, span: impl Into<DiagSpan>) -> usize {
    let range = match span.into().get() {
        DiagSpanKind::Number { num, sub_range, .. } => source.range(num, sub_range),
        DiagSpanKind::Range { range, .. } => Some(range),
        DiagSpanKind::Detached => None,
    };
    range
        .and_then(|range| source.lines().byte_to_line(range.start))
        .map_or(1, |line| line + 1)
}

struct Walker<'a> {
    functions: HashMap<&'a str, (Unit<'a>, ast::Closure<'a>)>,
    /// Values that modules define; looked into only where they are used.
    constants: HashMap<&'a str, (Unit<'a>, Expr<'a>)>,
    scopes: Vec<HashMap<&'a str, Val>>,
    unit: Unit<'a>,
    depth: usize,
    uses: Uses,
}

impl<'a> Walker<'a> {
    fn new(unit: Unit<'a>, modules: &[Unit<'a>]) -> Self {
        let root = HashMap::from([(ROOT, Val::Data(String::new()))]);
        let mut walker = Self {
            functions: HashMap::new(),
            constants: HashMap::new(),
            scopes: vec![root],
            unit,
            depth: 0,
            uses: Uses::new(),
        };
        modules.iter().for_each(|module| walker.define(*module));
        walker
    }

    /// Notes what a module defines at its top level.
    fn define(&mut self, unit: Unit<'a>) {
        for binding in unit
            .1
            .root()
            .children()
            .filter_map(|node| node.cast::<ast::LetBinding<'a>>())
        {
            match (binding.kind(), binding.init()) {
                (ast::LetBindingKind::Closure(name), Some(Expr::Closure(closure))) => {
                    self.functions.insert(name.as_str(), (unit, closure));
                }
                (kind, Some(init)) => {
                    for name in kind.bindings() {
                        self.constants.insert(name.as_str(), (unit, init));
                    }
                }
                _ => {}
            }
        }
    }

    fn record(&mut self, path: String, span: Span) -> Val {
        if !self.uses.contains_key(&path) {
            let place = Place {
                template: self.unit.0.to_owned(),
                line: line(self.unit.1, span),
            };
            self.uses.insert(path.clone(), place);
        }
        Val::Data(path)
    }

    fn bind(&mut self, name: &'a str, val: Val) {
        // The root is the contract itself: the binding that reads it in must not hide it.
        if let Some(scope) = self.scopes.last_mut().filter(|_| name != ROOT) {
            scope.insert(name, val);
        }
    }

    fn lookup(&mut self, name: &str) -> Val {
        if let Some(val) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return val.clone();
        }
        match self.constants.get(name).copied() {
            Some((unit, init)) => self.inside(unit, |walker| walker.walk(init.to_untyped())),
            None => Val::Unknown,
        }
    }

    fn walk(&mut self, node: &'a SyntaxNode) -> Val {
        match node.cast::<Expr<'a>>() {
            Some(Expr::Ident(ident)) => self.lookup(ident.as_str()),
            Some(Expr::Parenthesized(inner)) => self.walk(inner.expr().to_untyped()),
            Some(Expr::FieldAccess(access)) => match self.walk(access.target().to_untyped()) {
                Val::Data(path) => self.record(join(&path, access.field().as_str()), node.span()),
                _ => Val::Unknown,
            },
            Some(Expr::FuncCall(call)) => self.walk_call(call),
            Some(Expr::LetBinding(binding)) => self.walk_let(binding),
            Some(Expr::ForLoop(each)) => {
                let list = self.walk(each.iterable().to_untyped());
                self.scoped(|walker| {
                    walker.bind_pattern(each.pattern(), element(&list));
                    walker.walk(each.body().to_untyped());
                });
                Val::Unknown
            }
            Some(Expr::Closure(closure)) => self.enter(self.unit, closure, &[]),
            // Modules are read beforehand; what they define counts only where it is used.
            Some(Expr::ModuleImport(_)) => Val::Unknown,
            Some(Expr::CodeBlock(_) | Expr::ContentBlock(_)) => {
                self.scoped(|walker| walker.walk_children(node));
                Val::Unknown
            }
            _ => {
                self.walk_children(node);
                Val::Unknown
            }
        }
    }

    fn walk_children(&mut self, node: &'a SyntaxNode) {
        for child in node.children() {
            self.walk(child);
        }
    }

    fn scoped(&mut self, body: impl FnOnce(&mut Self)) {
        self.scopes.push(HashMap::new());
        body(self);
        self.scopes.pop();
    }

    fn walk_let(&mut self, binding: ast::LetBinding<'a>) -> Val {
        match (binding.kind(), binding.init()) {
            (ast::LetBindingKind::Closure(name), Some(Expr::Closure(closure))) => {
                self.functions.insert(name.as_str(), (self.unit, closure));
                // Walked once here, so that a function which is never called is checked as well.
                self.enter(self.unit, closure, &[]);
            }
            (ast::LetBindingKind::Normal(pattern), Some(init)) => {
                let val = self.walk(init.to_untyped());
                self.bind_pattern(pattern, val);
            }
            _ => {}
        }
        Val::Unknown
    }

    fn walk_call(&mut self, call: ast::FuncCall<'a>) -> Val {
        match call.callee() {
            Expr::Ident(name) if name.as_str() == "field" => self.walk_field(call),
            Expr::Ident(name) => match self.functions.get(name.as_str()).copied() {
                Some((unit, closure)) => {
                    let args = self.walk_args(call.args());
                    self.enter(unit, closure, &args)
                }
                None => {
                    self.walk_args(call.args());
                    Val::Unknown
                }
            },
            Expr::FieldAccess(access) => self.walk_method(access, call.args()),
            other => {
                self.walk(other.to_untyped());
                self.walk_args(call.args());
                Val::Unknown
            }
        }
    }

    /// `field("place")` is the form field of that identifier.
    fn walk_field(&mut self, call: ast::FuncCall<'a>) -> Val {
        match call.args().items().next() {
            Some(ast::Arg::Pos(Expr::Str(id))) => {
                self.record(join("field", &id.get()), call.to_untyped().span())
            }
            _ => Val::Unknown,
        }
    }

    fn walk_method(&mut self, access: ast::FieldAccess<'a>, args: ast::Args<'a>) -> Val {
        let (target, method) = (access.target(), access.field());
        if let (Expr::Ident(name), "with") = (target, method.as_str())
            && let Some((unit, closure)) = self.functions.get(name.as_str()).copied()
        {
            let args = self.walk_args(args);
            return self.enter(unit, closure, &args);
        }
        let list = self.walk(target.to_untyped());
        match method.as_str() {
            "map" | "filter" | "find" | "any" | "all" => {
                let element = element(&list);
                for arg in args.items() {
                    if let ast::Arg::Pos(function) = arg {
                        self.apply(function, element.clone());
                    }
                }
                match method.as_str() {
                    "filter" => list,
                    "find" => element,
                    _ => Val::Unknown,
                }
            }
            "enumerate" => match list {
                Val::Data(path) => Val::Enumerated(path),
                other => other,
            },
            "slice" | "rev" => list,
            "first" | "last" | "at" => {
                self.walk_args(args);
                element(&list)
            }
            _ => {
                self.walk_args(args);
                Val::Unknown
            }
        }
    }

    /// Calls a function given as a value, by name or in place, with one argument.
    fn apply(&mut self, function: Expr<'a>, arg: Val) {
        let named = match function {
            Expr::Ident(name) => self.functions.get(name.as_str()).copied(),
            Expr::Closure(closure) => Some((self.unit, closure)),
            _ => None,
        };
        match named {
            Some((unit, closure)) => {
                self.enter(unit, closure, &[(None, arg)]);
            }
            None => {
                self.walk(function.to_untyped());
            }
        }
    }

    fn walk_args(&mut self, args: ast::Args<'a>) -> Vec<(Option<&'a str>, Val)> {
        let mut vals = Vec::new();
        for arg in args.items() {
            match arg {
                ast::Arg::Pos(expr) => vals.push((None, self.walk(expr.to_untyped()))),
                ast::Arg::Named(named) => {
                    let val = self.walk(named.expr().to_untyped());
                    vals.push((Some(named.name().as_str()), val));
                }
                ast::Arg::Spread(spread) => {
                    self.walk(spread.expr().to_untyped());
                }
            }
        }
        vals
    }

    /// Walks a function's body with its parameters bound.
    fn enter(
        &mut self,
        unit: Unit<'a>,
        closure: ast::Closure<'a>,
        args: &[(Option<&'a str>, Val)],
    ) -> Val {
        self.inside(unit, |walker| {
            walker.bind_params(closure.params(), args);
            walker.walk(closure.body().to_untyped())
        })
    }

    /// Walks something of another file, or of this one, in a scope of its own.
    fn inside(&mut self, unit: Unit<'a>, body: impl FnOnce(&mut Self) -> Val) -> Val {
        if self.depth == CALL_DEPTH_MAX {
            return Val::Unknown;
        }
        self.depth += 1;
        let caller = std::mem::replace(&mut self.unit, unit);
        self.scopes.push(HashMap::new());
        let val = body(self);
        self.scopes.pop();
        self.unit = caller;
        self.depth -= 1;
        val
    }

    fn bind_params(&mut self, params: ast::Params<'a>, args: &[(Option<&'a str>, Val)]) {
        let mut positional = args
            .iter()
            .filter(|(name, _)| name.is_none())
            .map(|(_, val)| val.clone());
        for param in params.children() {
            match param {
                ast::Param::Pos(pattern) => {
                    let val = positional.next().unwrap_or(Val::Unknown);
                    self.bind_pattern(pattern, val);
                }
                ast::Param::Named(named) => {
                    let name = named.name().as_str();
                    let given = args.iter().find(|(key, _)| *key == Some(name));
                    let val = match given {
                        Some((_, val)) => val.clone(),
                        None => self.walk(named.expr().to_untyped()),
                    };
                    self.bind(name, val);
                }
                ast::Param::Spread(_) => {}
            }
        }
    }

    fn bind_pattern(&mut self, pattern: ast::Pattern<'a>, val: Val) {
        let names = pattern.bindings();
        match (pattern, val) {
            (ast::Pattern::Normal(Expr::Ident(name)), val) => self.bind(name.as_str(), val),
            (_, Val::Enumerated(path)) => {
                // (index, element)
                if let Some(name) = names.last() {
                    self.bind(name.as_str(), Val::Data(path));
                }
            }
            _ => names
                .iter()
                .for_each(|name| self.bind(name.as_str(), Val::Unknown)),
        }
    }
}

fn element(list: &Val) -> Val {
    match list {
        Val::Data(path) => Val::Data(format!("{path}[]")),
        Val::Enumerated(path) => Val::Enumerated(format!("{path}[]")),
        Val::Unknown => Val::Unknown,
    }
}

fn join(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(module: &str, main: &str, expect: &[&str]) {
        let (module, main) = (Source::detached(module), Source::detached(main));
        let uses = uses(("main", &main), &[("lib", &module)]);
        assert_eq!(
            uses.keys().map(String::as_str).collect::<Vec<_>>(),
            expect,
            "{}",
            main.text()
        );
    }

    #[test]
    fn follows_data_through_loops_methods_and_functions() {
        check("", "#d.party.name", &["party", "party.name"]);
        check(
            "",
            "#for e in d.evidence [#e.name]",
            &["evidence", "evidence[].name"],
        );
        check(
            "",
            "#for (i, e) in d.evidence.enumerate() [#e.no]",
            &["evidence", "evidence[].no"],
        );
        check(
            "",
            "#d.votes.map(v => v.view).join()",
            &["votes", "votes[].view"],
        );
        check("", "#let p = d.party\n#p.phone", &["party", "party.phone"]);
        check("", "#d.items.first().page", &["items", "items[].page"]);
        check(
            "#let f(x, k: 1) = x.name",
            "#f(d.case, k: 2)",
            &["case", "case.name"],
        );
        check(
            "#let f(x) = x.name\n#let g(y) = f(y)",
            "#g(d.bureau)",
            &["bureau", "bureau.name"],
        );
        check(
            "#let of(duty) = d.people.filter(p => p.duty == duty)",
            "#for p in of(\"host\") [#p.card]",
            &["people", "people[].card", "people[].duty"],
        );
        check(
            "#let row(e) = e.page",
            "#d.evidence.map(row)",
            &["evidence", "evidence[].page"],
        );
        check(
            "#let sheet(b, t: d.paper.title) = b",
            "#show: sheet.with(t: 1)",
            &[],
        );
        check(
            "",
            "#field(\"place\") #if d.verify.url != \"\" [x]",
            &["field.place", "verify", "verify.url"],
        );
    }

    #[test]
    fn what_a_module_defines_counts_only_where_it_is_used() {
        let module = "#let you = d.party.kind\n#let who = d.party.name";
        check(module, "#you", &["party", "party.kind"]);
        check(module, "nothing", &[]);
    }

    #[test]
    fn recursion_ends() {
        let (module, main) = (
            Source::detached("#let f(x) = f(x.name)"),
            Source::detached("#f(d.case)"),
        );
        let uses = uses(("main", &main), &[("lib", &module)]);
        assert_eq!(uses.len(), CALL_DEPTH_MAX + 1);
    }

    #[test]
    fn declarations_are_read_from_the_source() {
        let source =
            Source::detached("// x\n#let title = \"立案审批表\"\n#let needs = (\"a.b\", \"c\")");
        assert_eq!(title(&source), Some("立案审批表".to_owned()));
        assert_eq!(
            needs(&source),
            Some(vec![("a.b".to_owned(), 3), ("c".to_owned(), 3)])
        );
        assert_eq!(needs(&Source::detached("#let x = 1")), None);
    }
}
