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
            (
                "jdk.internal.reflect.GeneratedMethodAccessor12",
                "jdk.internal.reflect.GeneratedMethodAccessor",
            ),
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
            (
                frame("invoke", "jdk.internal.reflect.GeneratedMethodAccessor12", ""),
                Origin::Machinery,
            ),
            (frame("map", "scala.collection.immutable.List", "List.scala"), Origin::Machinery),
            (frame("resumeWith", "kotlin.coroutines.ContinuationImpl", ""), Origin::Machinery),
            (frame("capture", "io.sentry.Hub", "Hub.java"), Origin::Machinery),
            (
                frame("doFilter", "org.springframework.web.filter.OncePerRequestFilter", ""),
                Origin::Library,
            ),
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
