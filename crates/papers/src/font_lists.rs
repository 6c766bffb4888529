//! Which fonts a template asks for: every `font: …`, with the names that its list comes down to.

use std::collections::HashMap;

use typst::syntax::ast::{self, Expr};
use typst::syntax::{Source, SyntaxNode};

use crate::analysis::{self, Unit};

/// How many names stand for names before the walk gives up.
const DEPTH_MAX: usize = 8;

/// The font lists of a template with their lines, from 1; a list that is chosen by computation is left out.
pub(crate) fn of(unit: Unit<'_>, modules: &[Unit<'_>]) -> Vec<(Vec<String>, usize)> {
    let mut bound = HashMap::new();
    for (_, source) in modules.iter().chain(std::iter::once(&unit)) {
        bind(source, &mut bound);
    }
    let mut lists = Vec::new();
    collect(unit.1.root(), unit.1, &bound, &mut lists);
    lists
}

fn bind<'a>(source: &'a Source, bound: &mut HashMap<String, Expr<'a>>) {
    let bindings = source.root().children();
    for binding in bindings.filter_map(|node| node.cast::<ast::LetBinding<'a>>()) {
        if let (ast::LetBindingKind::Normal(_), Some(init)) = (binding.kind(), binding.init()) {
            for name in binding.kind().bindings() {
                bound.insert(name.as_str().to_owned(), init);
            }
        }
    }
}

fn collect<'a>(
    node: &'a SyntaxNode,
    source: &Source,
    bound: &HashMap<String, Expr<'a>>,
    out: &mut Vec<(Vec<String>, usize)>,
) {
    if let Some(named) = node.cast::<ast::Named<'a>>()
        && named.name().as_str() == "font"
        && let Some(families) = families(named.expr(), bound, 0)
    {
        out.push((families, analysis::line(source, node.span())));
    }
    for child in node.children() {
        collect(child, source, bound, out);
    }
}

fn families<'a>(
    expr: Expr<'a>,
    bound: &HashMap<String, Expr<'a>>,
    depth: usize,
) -> Option<Vec<String>> {
    if depth == DEPTH_MAX {
        return None;
    }
    match expr {
        Expr::Str(name) => Some(vec![name.get().to_string()]),
        Expr::Parenthesized(inner) => families(inner.expr(), bound, depth + 1),
        Expr::Ident(name) => families(*bound.get(name.as_str())?, bound, depth + 1),
        Expr::Array(list) => {
            let mut all = Vec::new();
            for item in list.items() {
                match item {
                    ast::ArrayItem::Pos(item) => all.extend(families(item, bound, depth + 1)?),
                    ast::ArrayItem::Spread(_) => return None,
                }
            }
            Some(all)
        }
        // (name: "…", covers: …)
        Expr::Dict(entry) => entry.items().find_map(|item| match item {
            ast::DictItem::Named(named) if named.name().as_str() == "name" => {
                families(named.expr(), bound, depth + 1)
            }
            _ => None,
        }),
        _ => None,
    }
}
