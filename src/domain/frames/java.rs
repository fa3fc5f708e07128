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
            "java" | "javax" | "jdk" | "sun" | "kotlin" | "scala" | "groovy" | "clojure" | "dalvik"
            | "libcore" | "android" => Some(Origin::Machinery),
            "kotlinx" | "jakarta" | "androidx" | "reactor" | "okhttp3" | "okio" | "retrofit2"
            | "rx" | "akka" | "junit" | "cats" | "zio" | "ch" if root != "ch" || is_within(rest, "qos", ".") => {
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
    // `Cart$$Lambda$123/0x0000000800c03000`, `Cart$$SpringCGLIB$$0`
    let mut end = name.len();
    for mark in ["$$Lambda", "$$", "_$$_", "$ByteBuddy$", "$HibernateProxy$", "$MockitoMock$"] {
        if let Some(at) = name[..end].find(mark)
            && at > 0
        {
            end = at;
        }
    }
    let name = name[..end].trim_end_matches('_');
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
                "" | "lambda" | "anonfun" | "default" | "suspendImpl" | "adapted" | "access" | "sp"
                    | "null" | "extension" | "lessinit"
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
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, functions, modules, origins, same};

    #[test]
    fn methods_lose_what_compilers_made_up() {
        functions(
            &Java,
            &[
                ("total", "total"),
                ("<init>", "<init>"),
                ("lambda$total$0", "total"),
                ("lambda$null$12", "lambda"),
                ("access$000", "lambda"),
                ("access$total", "total"),
                ("total$default", "total"),
                ("total$lambda$3", "total"),
                ("total$lambda-3", "total"),
                ("total-impl", "total"),
                ("pay-1a2b3c4", "pay"),
                ("$anonfun$total$1", "total"),
                ("$anonfun$total$1$adapted", "total"),
                ("apply$mcVI$sp", "apply"),
                ("helper$1", "helper"),
                ("$plus$plus", "plus$plus"),
            ],
        );
    }

    #[test]
    fn classes_lose_what_frameworks_made_up() {
        modules(
            &Java,
            &[
                ("com.acme.Cart", "com.acme.Cart"),
                ("com.acme.Cart$Line", "com.acme.Cart$Line"),
                ("com.acme.Cart$1", "com.acme.Cart"),
                ("com.acme.Cart$Line$2", "com.acme.Cart$Line"),
                ("com.acme.CartKt$total$1", "com.acme.CartKt$total"),
                ("com.acme.Cart$", "com.acme.Cart"),
                ("com.acme.Cart$$Lambda$123/0x0000000800c03000", "com.acme.Cart"),
                ("com.acme.Cart$$Lambda/0x00007f1234", "com.acme.Cart"),
                ("com.acme.Cart$$EnhancerBySpringCGLIB$$1a2b3c4d", "com.acme.Cart"),
                ("com.acme.Cart$$SpringCGLIB$$0", "com.acme.Cart"),
                ("com.acme.Cart_$$_jvst1a2_3", "com.acme.Cart"),
                ("com.acme.Cart$HibernateProxy$Xy12", "com.acme.Cart"),
                ("com.sun.proxy.$Proxy12", "com.sun.proxy.$Proxy"),
                ("jdk.proxy2.$Proxy7", "jdk.proxy2.$Proxy"),
                ("jdk.internal.reflect.GeneratedMethodAccessor12", "jdk.internal.reflect.GeneratedMethodAccessor"),
                ("app//com.acme.Cart", "com.acme.Cart"),
                ("Cart", "Cart"),
            ],
        );
    }

    #[test]
    fn packages_tell_whose_code_it_is() {
        origins(
            "java",
            &[
                (frame("total", "com.acme.Cart", "Cart.java"), Origin::App),
                (frame("total", "javacart.Cart", "Cart.java"), Origin::App),
                (frame("total", "org.acme.Cart", "Cart.java"), Origin::App),
                (frame("total", "com.acme.Cart$$SpringCGLIB$$0", "<generated>"), Origin::App),
                (frame("run", "java.lang.Thread", "Thread.java"), Origin::Machinery),
                (frame("run", "java.base/java.lang.Thread", "Thread.java"), Origin::Machinery),
                (frame("invoke", "jdk.internal.reflect.GeneratedMethodAccessor12", ""), Origin::Machinery),
                (frame("map", "scala.collection.immutable.List", "List.scala"), Origin::Machinery),
                (frame("resumeWith", "kotlin.coroutines.ContinuationImpl", ""), Origin::Machinery),
                (frame("capture", "io.sentry.Hub", "Hub.java"), Origin::Machinery),
                (frame("doFilter", "org.springframework.web.filter.OncePerRequestFilter", ""), Origin::Library),
                (frame("run", "kotlinx.coroutines.DispatchedTask", ""), Origin::Library),
            ],
        );
    }

    #[test]
    fn loads_and_builds_make_no_difference() {
        same(
            "java",
            &[
                frame("lambda$total$0", "com.acme.Cart", "Cart.java"),
                frame("lambda$total$3", "com.acme.Cart$$SpringCGLIB$$1", "<generated>"),
                frame("total", "com.acme.Cart$$EnhancerBySpringCGLIB$$77aa", "Cart.java"),
                frame("total", "com.acme.Cart$2", "Cart.java"),
            ],
        );
        differ(
            "java",
            &frame("total", "com.acme.Cart$Line", "Cart.java"),
            &frame("total", "com.acme.Cart$Tax", "Cart.java"),
        );
        differ("java", &frame("load", "com.acme.Cart", ""), &frame("save", "com.acme.Cart", ""));
    }
}
