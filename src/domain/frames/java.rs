//! Java, Kotlin, Scala, Groovy: everything on the JVM and on Android.

use std::borrow::Cow;

use super::text::{is_number, is_within, without_digits};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Java;

/// Second parts of packages that belong to widely used libraries, by their first part.
const LIBRARIES: &[(&str, &[&str])] = &[
    (
        "org",
        &[
            "springframework",
            "apache",
            "hibernate",
            "eclipse",
            "jboss",
            "postgresql",
            "mariadb",
            "h2",
            "slf4j",
            "aspectj",
            "mockito",
            "junit",
            "codehaus",
            "glassfish",
            "jooq",
            "mybatis",
            "elasticsearch",
            "quartz",
            "thymeleaf",
            "scalatest",
            "typelevel",
            "redisson",
        ],
    ),
    (
        "com",
        &[
            "google",
            "fasterxml",
            "zaxxer",
            "mysql",
            "netflix",
            "mongodb",
            "amazonaws",
            "squareup",
            "typesafe",
            "rabbitmq",
            "graphql",
            "facebook",
            "bumptech",
        ],
    ),
    (
        "io",
        &[
            "netty",
            "reactivex",
            "grpc",
            "undertow",
            "micronaut",
            "quarkus",
            "vertx",
            "ktor",
            "micrometer",
            "lettuce",
            "jsonwebtoken",
            "r2dbc",
            "smallrye",
        ],
    ),
    ("net", &["bytebuddy", "sf", "logstash"]),
];

/// What follows the dollar that ends a class's own name in that of its proxy.
const PROXY_MARKS: &[&str] = &["$", "ByteBuddy$", "HibernateProxy$", "MockitoMock$"];

/// What is left of a name of which all was made up.
const LAMBDA: &str = "lambda";

impl Dialect for Java {
    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let name = frame.module.as_deref().or(frame.function.as_deref())?;
        // `app//com.acme.Cart`, `java.base/java.lang.Thread`
        let name = name.split('$').next().unwrap_or_default();
        let name = name.rsplit('/').next().unwrap_or_default();
        let (root, rest) = name.split_once('.')?;
        match root {
            "java" | "javax" | "jdk" | "sun" | "kotlin" | "scala" | "groovy" | "clojure"
            | "dalvik" | "libcore" | "android" => Some(Origin::Machinery),
            "kotlinx" | "jakarta" | "androidx" | "reactor" | "okhttp3" | "okio" | "retrofit2"
            | "rx" | "akka" | "junit" | "cats" | "zio" | "ch"
                if root != "ch" || is_within(rest, "qos", ".") =>
            {
                Some(Origin::Library)
            }
            "com" if is_within(rest, "sun", ".") || is_within(rest, "android.internal", ".") => {
                Some(Origin::Machinery)
            }
            "io" if is_within(rest, "sentry", ".") => Some(Origin::Machinery),
            _ => {
                let (_, known) = LIBRARIES.iter().find(|(first, _)| *first == root)?;
                let second = rest.split('.').next().unwrap_or_default();
                known.contains(&second).then_some(Origin::Library)
            }
        }
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if matches!(name, "<unknown>" | "?") {
            return Cow::Borrowed("");
        }
        // Kotlin mangles with a hyphen, which Java forbids in names: `total-impl`, `pay-1a2b3c4`.
        let name = match name.split_once('-') {
            Some((own, _)) if !own.is_empty() => own,
            _ => name,
        };
        if name.contains('$') { Cow::Owned(join_named(name)) } else { Cow::Borrowed(name) }
    }

    fn module<'a>(&self, name: &'a str) -> Cow<'a, str> {
        class(name)
    }

    fn error_type<'a>(&self, name: &'a str) -> Cow<'a, str> {
        class(name)
    }

    fn is_qualified(&self, function: &str) -> bool {
        function.contains('.')
    }
}

/// A class without its loader, proxies, lambdas and numbers of anonymous classes.
fn class(name: &str) -> Cow<'_, str> {
    if !name.contains(['$', '/']) && !name.contains("Generated") {
        return Cow::Borrowed(name);
    }
    // `Cart$$Lambda$123/0x0000000800c03000`, `Cart$$SpringCGLIB$$0`
    let proxy = name.match_indices('$').find(|(at, _)| {
        let rest = &name[at + 1..];
        *at > 0 && PROXY_MARKS.iter().any(|mark| rest.starts_with(mark))
    });
    let name = match proxy {
        Some((at, _)) => name[..at].trim_end_matches('_'),
        None => name,
    };
    let name = match name.rsplit_once('/') {
        Some((_, own)) if !own.is_empty() => own,
        _ => name,
    };
    let (package, own) = match name.rfind('.') {
        Some(at) => name.split_at(at + 1),
        None => ("", name),
    };
    if own.starts_with("$Proxy") {
        return Cow::Owned([package, without_digits(own)].concat());
    }
    let own = match own {
        _ if own.starts_with("GeneratedMethodAccessor")
            || own.starts_with("GeneratedConstructorAccessor") =>
        {
            without_digits(own)
        }
        own => own,
    };
    if own.contains('$') {
        return Cow::Owned([package, &join_named(own)].concat());
    }
    Cow::Borrowed(&name[..package.len() + own.len()])
}

/// The parts between dollars that somebody wrote.
fn join_named(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for part in name.split('$') {
        // Kotlin numbers some of its lambdas with a hyphen: `lambda-3`.
        let plain = part.split_once('-').map_or(part, |(own, _)| own);
        let made_up = is_number(plain)
            || matches!(
                plain,
                "" | "lambda"
                    | "anonfun"
                    | "default"
                    | "suspendImpl"
                    | "adapted"
                    | "access"
                    | "sp"
                    | "null"
                    | "extension"
                    | "lessinit"
            )
            || plain.strip_prefix("mc").is_some_and(|rest| {
                !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase())
            });
        if !made_up {
            if !out.is_empty() {
                out.push('$');
            }
            out.push_str(plain);
        }
    }
    if out.is_empty() {
        out.push_str(LAMBDA);
    }
    out
}

#[cfg(test)]
#[path = "java_tests.rs"]
mod tests;
