//! Types as far as the source states them: parameters, annotations, fields, return types. No inference.

use syn::{Expr, GenericArgument, PathArguments, Type};

use super::callees::{Call, Library};
use super::facts::{BindingKind, Facts, is_self};
use super::functions::{Function, type_name};

/// Steps from expression to expression before giving up.
const MAX_STEPS: usize = 12;

/// What is needed to look a type up.
pub struct TypeContext<'a> {
    /// The function's walk.
    pub facts: &'a Facts,
    /// The function.
    pub function: &'a Function<'a>,
    /// Other files.
    pub library: &'a Library<'a>,
    /// The function's file.
    pub path: &'a str,
}

impl TypeContext<'_> {
    /// The type of an expression at a position, references left on.
    pub fn type_of(&self, expr: &Expr, at: usize) -> Option<Type> {
        self.step(expr, at, MAX_STEPS)
    }

    fn step(&self, expr: &Expr, at: usize, steps: usize) -> Option<Type> {
        let steps = steps.checked_sub(1)?;
        match expr {
            Expr::Paren(inner) => self.step(&inner.expr, at, steps),
            Expr::Group(inner) => self.step(&inner.expr, at, steps),
            Expr::Reference(inner) => self.step(&inner.expr, at, steps),
            Expr::Unary(inner) => Some(plain(&self.step(&inner.expr, at, steps)?).clone()),
            Expr::Cast(cast) => Some((*cast.ty).clone()),
            Expr::Lit(literal) => match &literal.lit {
                syn::Lit::Str(_) => syn::parse_str("&str").ok(),
                syn::Lit::Bool(_) => syn::parse_str("bool").ok(),
                syn::Lit::Int(number) if !number.suffix().is_empty() => {
                    syn::parse_str(number.suffix()).ok()
                }
                _ => None,
            },
            Expr::Path(_) if is_self(expr) => {
                syn::parse_str(self.function.self_type.as_deref()?).ok()
            }
            Expr::Path(path) => {
                let name = path.path.get_ident()?.to_string();
                let binding = self.facts.binding(&name, at)?;
                if let Some(ty) = &binding.ty {
                    return Some(ty.clone());
                }
                let value = binding.value.as_ref()?;
                match binding.kind {
                    BindingKind::Let => self.step(value, binding.at, steps),
                    _ => None,
                }
            }
            Expr::Field(field) => {
                let owner = self.step(&field.base, at, steps)?;
                self.field_type(&type_name(plain(&owner))?, &field.member)
            }
            Expr::Index(index) => {
                let base = self.step(&index.expr, at, steps)?;
                if matches!(&*index.index, Expr::Range(_)) {
                    return Some(base);
                }
                element(&base)
            }
            Expr::Binary(binary) => {
                self.step(&binary.left, at, steps).or_else(|| self.step(&binary.right, at, steps))
            }
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return None };
                let names: Vec<String> =
                    path.path.segments.iter().map(|part| part.ident.to_string()).collect();
                let (name, before) = names.split_last()?;
                self.return_type(&Call {
                    name: name.clone(),
                    owner: before.last().cloned(),
                    is_method: false,
                })
            }
            Expr::MethodCall(call) => self.method_type(call, at, steps),
            _ => None,
        }
    }

    fn method_type(&self, call: &syn::ExprMethodCall, at: usize, steps: usize) -> Option<Type> {
        let receiver = || self.step(&call.receiver, at, steps);
        match call.method.to_string().as_str() {
            "len" | "count" => syn::parse_str("usize").ok(),
            "to_string" | "to_uppercase" | "to_lowercase" | "to_owned" => {
                syn::parse_str("String").ok()
            }
            "trim" | "trim_start" | "trim_end" | "as_str" => syn::parse_str("&str").ok(),
            "as_bytes" => syn::parse_str("&[u8]").ok(),
            "clone" | "as_ref" | "as_mut" | "as_slice" | "saturating_sub" | "saturating_add"
            | "wrapping_sub" | "wrapping_add" | "min" | "max" | "abs" => receiver(),
            "borrow" | "borrow_mut" | "lock" | "read" | "write" => {
                inside(&receiver()?, &["RefCell", "Mutex", "RwLock"])
            }
            "parse" => {
                let GenericArgument::Type(ty) = call.turbofish.as_ref()?.args.first()? else {
                    return None;
                };
                Some(ty.clone())
            }
            name => {
                let owner = type_name(plain(&receiver()?))?;
                self.return_type(&Call {
                    name: name.to_owned(),
                    owner: Some(owner),
                    is_method: true,
                })
            }
        }
    }

    fn return_type(&self, call: &Call) -> Option<Type> {
        let mut found = None;
        self.library.find_functions(
            call,
            self.function.self_type.as_deref(),
            self.path,
            |_, _, function| {
                if let syn::ReturnType::Type(_, ty) = &function.signature.output {
                    found = Some((**ty).clone());
                }
                true
            },
        );
        found
    }

    /// The type of a field of a struct in the repository.
    pub fn field_type(&self, owner: &str, member: &syn::Member) -> Option<Type> {
        self.library.find_type(owner, self.path, |_, _, item| {
            let syn::Item::Struct(item) = item else { return None };
            item.fields
                .iter()
                .enumerate()
                .find(|(index, field)| match member {
                    syn::Member::Named(name) => field.ident.as_ref() == Some(name),
                    syn::Member::Unnamed(number) => number.index as usize == *index,
                })
                .map(|(_, field)| field.ty.clone())
        })
    }
}

/// A type without references, boxes and shared pointers.
pub fn plain(ty: &Type) -> &Type {
    match ty {
        Type::Reference(inner) => plain(&inner.elem),
        Type::Paren(inner) => plain(&inner.elem),
        Type::Group(inner) => plain(&inner.elem),
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if matches!(last.ident.to_string().as_str(), "Box" | "Rc" | "Arc") => {
                argument(last, 0).map_or(ty, plain)
            }
            _ => ty,
        },
        _ => ty,
    }
}

/// What a collection holds (a map: its values).
pub fn element(ty: &Type) -> Option<Type> {
    match plain(ty) {
        Type::Array(array) => Some((*array.elem).clone()),
        Type::Slice(slice) => Some((*slice.elem).clone()),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let at = match last.ident.to_string().as_str() {
                "Vec" | "VecDeque" | "Option" => 0,
                "HashMap" | "BTreeMap" | "IndexMap" => 1,
                _ => return None,
            };
            argument(last, at).cloned()
        }
        _ => None,
    }
}

/// `T` of `RefCell<T>`, if the type is one of `names`.
pub fn inside(ty: &Type, names: &[&str]) -> Option<Type> {
    let Type::Path(path) = plain(ty) else { return None };
    let last = path.path.segments.last()?;
    names.contains(&last.ident.to_string().as_str()).then(|| argument(last, 0).cloned())?
}

/// The `n`th type argument of a path segment.
pub fn argument(segment: &syn::PathSegment, n: usize) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments
        .args
        .iter()
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .nth(n)
}

/// Whether a type is a number.
pub fn is_number(ty: &Type) -> bool {
    matches!(
        type_name(ty).as_deref(),
        Some(
            "u8" | "u16"
                | "u32"
                | "u64"
                | "u128"
                | "usize"
                | "i8"
                | "i16"
                | "i32"
                | "i64"
                | "i128"
                | "isize"
                | "f32"
                | "f64"
        )
    ) && matches!(ty, Type::Path(_))
}

/// Whether a type has a value of its own to fall back to (0, false, empty) and can be copied or cloned.
pub fn has_plain_default(ty: &Type) -> bool {
    is_number(ty)
        || matches!(ty, Type::Path(_))
            && matches!(type_name(ty).as_deref(), Some("bool" | "char" | "String"))
}
