//! Visits a template's syntax tree, with the names in scope at each node.

use std::collections::{HashMap, HashSet};

use minijinja::machinery::{ast, parse};

use super::super::source::{Template, join};
use super::Uses;
use expression::{is_default, path};

/// The deepest inclusion of templates that is read; rendering reports cycles.
const MAX_DEPTH: usize = 30;
/// Functions of every template.
const FUNCTIONS: &[&str] = &["range", "dict", "namespace"];

#[derive(Default)]
pub(super) struct Visited {
    pub(super) uses: HashMap<String, Uses>,
    pub(super) open: bool,
    pub(super) unreadable: Vec<String>,
}

pub(super) fn visit(template: &Template) -> Visited {
    let mut visitor = Visitor {
        template,
        found: Visited::default(),
        scopes: vec![HashSet::new()],
        guarded: Vec::new(),
        overridden: HashSet::new(),
        sees_super: false,
        depth: 0,
    };
    visitor.file(template.name());
    visitor.found
}

mod expression;

struct Visitor<'t> {
    template: &'t Template,
    found: Visited,
    /// Names that the template itself sets, innermost scope last.
    scopes: Vec<HashSet<String>>,
    /// Variables that a surrounding condition tests: their use inside does not fail.
    guarded: Vec<String>,
    /// Blocks that a child replaces completely.
    overridden: HashSet<String>,
    sees_super: bool,
    depth: usize,
}

/// How a variable occurs.
enum VariableUse {
    Needed,
    /// `x is defined`
    Asked,
    /// `x | default(…)`, with the default's text.
    Defaulted(Option<String>),
}

/// The file that is being visited.
#[derive(Clone, Copy)]
struct VisitedFile<'f> {
    name: &'f str,
    text: &'f str,
}

impl Visitor<'_> {
    fn file(&mut self, name: &str) {
        if self.depth > MAX_DEPTH {
            return;
        }
        let text = self.template.load(name).ok().flatten();
        let tree =
            text.as_deref().map(|text| (text, parse(text, name, minijinja::syntax::SyntaxConfig::default())));
        let Some((text, Ok(tree))) = tree else {
            self.found.unreadable.push(self.template.display(name));
            return;
        };
        self.depth += 1;
        self.statements(VisitedFile { name, text }, std::slice::from_ref(&tree));
        self.depth -= 1;
    }

    fn statements(&mut self, file: VisitedFile<'_>, statements: &[ast::Stmt<'_>]) {
        for statement in statements {
            self.statement(file, statement);
        }
    }

    fn scoped(&mut self, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(HashSet::new());
        visit(self);
        self.scopes.pop();
    }

    fn statement(&mut self, file: VisitedFile<'_>, statement: &ast::Stmt<'_>) {
        use ast::Stmt as S;
        match statement {
            S::Template(it) => self.template_body(file, &it.children),
            S::EmitExpr(it) => self.expression(file, &it.expr),
            S::ForLoop(it) => self.for_loop(file, it),
            S::IfCond(it) => {
                self.expression(file, &it.expr);
                let guards = self.guards(&it.expr);
                self.guarding(guards, |visitor| {
                    visitor.statements(file, &it.true_body);
                    visitor.statements(file, &it.false_body);
                });
            }
            S::WithBlock(it) => self.scoped(|visitor| {
                for (target, value) in &it.assignments {
                    visitor.expression(file, value);
                    visitor.assign(target);
                }
                visitor.statements(file, &it.body);
            }),
            S::Set(it) => {
                self.expression(file, &it.expr);
                self.assign(&it.target);
            }
            S::SetBlock(it) => {
                it.filter.iter().for_each(|filter| self.expression(file, filter));
                self.scoped(|visitor| visitor.statements(file, &it.body));
                self.assign(&it.target);
            }
            S::AutoEscape(it) => self.statements(file, &it.body),
            S::FilterBlock(it) => {
                self.expression(file, &it.filter);
                self.scoped(|visitor| visitor.statements(file, &it.body));
            }
            S::Block(it) => self.block(file, it),
            S::Import(it) => {
                self.other_file(file, &it.expr);
                self.assign(&it.name);
            }
            S::FromImport(it) => {
                self.other_file(file, &it.expr);
                it.names.iter().for_each(|(name, alias)| self.assign(alias.as_ref().unwrap_or(name)));
            }
            S::Include(it) => {
                let before = self.found.unreadable.len();
                self.scoped(|visitor| visitor.other_file(file, &it.name));
                if it.ignore_missing {
                    self.found.unreadable.truncate(before);
                }
            }
            S::Macro(it) => {
                self.set(it.name);
                self.macro_body(file, it);
            }
            S::CallBlock(it) => {
                self.call(file, &it.call);
                self.macro_body(file, &it.macro_decl);
            }
            S::Do(it) => self.call(file, &it.call),
            // `template_body` handles `extends` after the child.
            S::EmitRaw(_) | S::Continue(_) | S::Break(_) | S::Extends(_) => {}
        }
    }

    /// Visits a whole file, then the parent that it extends.
    fn template_body(&mut self, file: VisitedFile<'_>, children: &[ast::Stmt<'_>]) {
        let parent = children.iter().find_map(|child| match child {
            ast::Stmt::Extends(extends) => Some(&extends.name),
            _ => None,
        });
        let Some(parent) = parent else {
            return self.statements(file, children);
        };
        let before = self.overridden.clone();
        for child in children {
            self.sees_super = false;
            self.statement(file, child);
            if let ast::Stmt::Block(block) = child
                && !self.sees_super
            {
                self.overridden.insert(block.name.to_owned());
            }
        }
        self.other_file(file, parent);
        self.overridden = before;
    }

    fn block(&mut self, file: VisitedFile<'_>, block: &ast::Block<'_>) {
        if !self.overridden.contains(block.name) {
            self.scoped(|visitor| visitor.statements(file, &block.body));
        }
    }

    fn for_loop(&mut self, file: VisitedFile<'_>, it: &ast::ForLoop<'_>) {
        self.expression(file, &it.iter);
        self.scoped(|visitor| {
            visitor.set("loop");
            visitor.assign(&it.target);
            it.filter_expr.iter().for_each(|filter| visitor.expression(file, filter));
            visitor.statements(file, &it.body);
        });
        self.scoped(|visitor| visitor.statements(file, &it.else_body));
    }

    fn macro_body(&mut self, file: VisitedFile<'_>, it: &ast::Macro<'_>) {
        it.defaults.iter().for_each(|default| self.expression(file, default));
        self.scoped(|visitor| {
            visitor.set("caller");
            it.args.iter().for_each(|argument| visitor.assign(argument));
            visitor.statements(file, &it.body);
        });
    }

    /// Visits an included, imported or extended file.
    fn other_file(&mut self, file: VisitedFile<'_>, name: &ast::Expr<'_>) {
        let names: Option<Vec<String>> = name.as_const().and_then(|names| match names.as_str() {
            Some(name) => Some(vec![name.to_owned()]),
            None => names.try_iter().ok()?.map(|name| name.as_str().map(str::to_owned)).collect(),
        });
        if let Some(names) = names {
            for name in &names {
                self.file(&join(name, file.name));
            }
        } else {
            self.expression(file, name);
            self.found.open = true;
        }
    }

    fn set(&mut self, name: &str) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned());
        }
    }

    fn assign(&mut self, target: &ast::Expr<'_>) {
        match target {
            ast::Expr::Var(name) => self.set(name.id),
            ast::Expr::List(list) => list.items.iter().for_each(|item| self.assign(item)),
            ast::Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.assign(item)),
            _ => {}
        }
    }

    fn guarding(&mut self, guards: Vec<String>, visit: impl FnOnce(&mut Self)) {
        let before = self.guarded.len();
        self.guarded.extend(guards);
        visit(self);
        self.guarded.truncate(before);
    }

    /// The variables that a condition tests before they are used.
    fn guards(&self, condition: &ast::Expr<'_>) -> Vec<String> {
        use ast::Expr as E;
        match condition {
            E::Test(test) if matches!(test.name, "defined" | "undefined") => {
                path(&test.expr).filter(|path| self.is_free(path)).into_iter().collect()
            }
            E::Filter(filter) if is_default(filter) => {
                filter.expr.as_ref().and_then(path).filter(|path| self.is_free(path)).into_iter().collect()
            }
            E::UnaryOp(it) => self.guards(&it.expr),
            E::BinOp(it) => [self.guards(&it.left), self.guards(&it.right)].concat(),
            E::Compare(it) => self.guards(&it.expr),
            _ => Vec::new(),
        }
    }

    fn is_free(&self, path: &str) -> bool {
        let root = path.split('.').next().unwrap_or(path);
        !self.scopes.iter().any(|scope| scope.contains(root)) && !matches!(root, "self" | "super")
    }

    fn note(&mut self, path: String, how: VariableUse) {
        if !self.is_free(&path) {
            return;
        }
        let is_guarded = self.guarded.iter().any(|guard| *guard == path || super::is_inside(&path, guard));
        let first = self.found.uses.len();
        let uses = self.found.uses.entry(path).or_insert_with(|| Uses { first, ..Uses::default() });
        match how {
            VariableUse::Needed => {
                uses.needed |= !is_guarded;
                uses.read = true;
            }
            VariableUse::Asked => {}
            VariableUse::Defaulted(default) => {
                uses.default = uses.default.take().or(default);
                uses.read = true;
            }
        }
    }
}
