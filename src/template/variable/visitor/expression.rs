//! Visits expressions, in which variables occur.

use minijinja::machinery::ast;
use minijinja::value::Value;

use super::{FUNCTIONS, VariableUse, VisitedFile, Visitor};

impl Visitor<'_> {
    pub(super) fn expression(&mut self, file: VisitedFile<'_>, expression: &ast::Expr<'_>) {
        use ast::Expr as E;
        if let Some(path) = path(expression) {
            return self.note(path, VariableUse::Needed);
        }
        match expression {
            E::Const(_) | E::Var(_) => {}
            E::Slice(it) => {
                self.expression(file, &it.expr);
                [&it.start, &it.stop, &it.step]
                    .into_iter()
                    .flatten()
                    .for_each(|part| self.expression(file, part));
            }
            E::UnaryOp(it) => self.expression(file, &it.expr),
            E::BinOp(it) => {
                self.expression(file, &it.left);
                let guards = self.guards(&it.left);
                self.guarding(guards, |visitor| visitor.expression(file, &it.right));
            }
            E::Compare(it) => {
                self.expression(file, &it.expr);
                it.ops.iter().for_each(|part| self.expression(file, &part.expr));
            }
            E::IfExpr(it) => {
                self.expression(file, &it.test_expr);
                let guards = self.guards(&it.test_expr);
                self.guarding(guards, |visitor| {
                    visitor.expression(file, &it.true_expr);
                    it.false_expr.iter().for_each(|part| visitor.expression(file, part));
                });
            }
            E::Filter(it) => self.filter(file, it),
            E::Test(it) => self.test(file, it),
            E::GetAttr(it) => self.expression(file, &it.expr),
            E::GetItem(it) => {
                self.expression(file, &it.expr);
                self.expression(file, &it.subscript_expr);
            }
            E::Call(it) => self.call(file, it),
            E::List(it) => it.items.iter().for_each(|item| self.expression(file, item)),
            E::Tuple(it) => it.items.iter().for_each(|item| self.expression(file, item)),
            E::Map(it) => it.keys.iter().chain(&it.values).for_each(|item| self.expression(file, item)),
        }
    }

    fn filter(&mut self, file: VisitedFile<'_>, filter: &ast::Filter<'_>) {
        match filter.expr.as_ref() {
            Some(operand) if is_default(filter) => match path(operand) {
                Some(path) => {
                    let default = filter.args.first().and_then(|argument| match argument {
                        ast::CallArg::Pos(value) | ast::CallArg::Kwarg(_, value) => default_text(file, value),
                        _ => None,
                    });
                    self.note(path, VariableUse::Defaulted(default));
                }
                None => self.expression(file, operand),
            },
            Some(operand) => self.expression(file, operand),
            None => {}
        }
        self.arguments(file, &filter.args);
    }

    fn test(&mut self, file: VisitedFile<'_>, test: &ast::Test<'_>) {
        match path(&test.expr) {
            Some(path) if matches!(test.name, "defined" | "undefined") => self.note(path, VariableUse::Asked),
            _ => self.expression(file, &test.expr),
        }
        self.arguments(file, &test.args);
    }

    pub(super) fn call(&mut self, file: VisitedFile<'_>, call: &ast::Call<'_>) {
        match call.identify_call() {
            ast::CallType::Function("super") => self.sees_super = true,
            ast::CallType::Function(name) if FUNCTIONS.contains(&name) => {}
            ast::CallType::Function(name) if !self.is_free(name) => {}
            // An undefined function, which rendering reports; it is not a variable.
            ast::CallType::Function(_) | ast::CallType::Block(_) => {}
            ast::CallType::Method(object, _) | ast::CallType::Object(object) => self.expression(file, object),
        }
        self.arguments(file, &call.args);
    }

    fn arguments(&mut self, file: VisitedFile<'_>, arguments: &[ast::CallArg<'_>]) {
        for argument in arguments {
            match argument {
                ast::CallArg::Pos(value)
                | ast::CallArg::Kwarg(_, value)
                | ast::CallArg::PosSplat(value)
                | ast::CallArg::KwargSplat(value) => self.expression(file, value),
            }
        }
    }
}

pub(super) fn is_default(filter: &ast::Filter<'_>) -> bool {
    matches!(filter.name, "default" | "d")
}

/// `a.b.c` or `a["b"].c` as a path; `None` for other expressions.
pub(super) fn path(expression: &ast::Expr<'_>) -> Option<String> {
    match expression {
        ast::Expr::Var(name) => Some(name.id.to_owned()),
        ast::Expr::GetAttr(it) => Some(format!("{}.{}", path(&it.expr)?, it.name)),
        ast::Expr::GetItem(it) => match &it.subscript_expr {
            ast::Expr::Const(key) => Some(format!("{}.{}", path(&it.expr)?, key.value.as_str()?)),
            _ => None,
        },
        _ => None,
    }
}

/// A default, as the template writes it.
fn default_text(file: VisitedFile<'_>, value: &ast::Expr<'_>) -> Option<String> {
    let span = value.span();
    let written = file.text.get(span.start_offset as usize..span.end_offset as usize).map(str::trim);
    match value.as_const() {
        Some(constant) if constant == Value::from("") => Some("\"\"".to_owned()),
        _ => written.filter(|text| !text.is_empty()).map(str::to_owned),
    }
}
