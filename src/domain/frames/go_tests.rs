use super::*;
use crate::domain::frames::tests::{differ, frame, functions, modules, origins, same};

#[test]
fn functions_lose_what_the_compiler_made_up() {
    functions(
        &Go,
        &[
            ("Total", "Total"),
            ("(*Cart).Total", "Cart.Total"),
            ("Cart.Total", "Cart.Total"),
            ("Total.func1", "Total"),
            ("Total.func1.2", "Total"),
            ("Total.func2.Round.func1", "Total.Round"),
            ("Total.gowrap1", "Total"),
            ("Total.deferwrap2", "Total"),
            ("(*Cart).Total-fm", "Cart.Total"),
            ("Total-range1", "Total"),
            ("Map[...]", "Map"),
            ("Map[go.shape.int].func1", "Map"),
            ("glob..func1", "glob"),
            ("init.0", "init"),
            ("func1", "func"),
            ("main.main.func1", "main.main"),
            (
                "github.com/acme/shop/v2/cart.(*Cart).Total.func1",
                "github.com/acme/shop/cart.Cart.Total",
            ),
            ("github.com/acme/shop@v1.2.3/cart.Total", "github.com/acme/shop/cart.Total"),
        ],
    );
    modules(
        &Go,
        &[
            ("github.com/acme/shop/v2/cart", "github.com/acme/shop/cart"),
            ("github.com/acme/shop@v1.2.3", "github.com/acme/shop"),
            ("main", "main"),
        ],
    );
}

#[test]
fn place_and_package_tell_whose_code_it_is() {
    origins(
        "go",
        &[
            (frame("Total", "github.com/acme/shop/cart", "/srv/shop/cart/cart.go"), Origin::App),
            (frame("main", "main", "/go/src/app/main.go"), Origin::App),
            (
                frame("Total", "example.org/shop", "/home/a/go/src/example.org/shop/cart.go"),
                Origin::App,
            ),
            (frame("Total", "shop/log", "/srv/shop/log/log.go"), Origin::App),
            (
                frame(
                    "Query",
                    "github.com/lib/pq",
                    "/go/pkg/mod/github.com/lib/pq@v1.10.9/conn.go",
                ),
                Origin::Library,
            ),
            (
                frame("Query", "github.com/lib/pq", "/srv/shop/vendor/github.com/lib/pq/conn.go"),
                Origin::Library,
            ),
            (frame("Serve", "net/http", "/usr/local/go/src/net/http/server.go"), Origin::Library),
            (frame("Serve", "net/http", ""), Origin::Library),
            (
                frame("gopanic", "runtime", "/usr/local/go1.22.1/src/runtime/panic.go"),
                Origin::Machinery,
            ),
            (frame("runtime.goexit", "", ""), Origin::Machinery),
            (frame("Recover", "github.com/getsentry/sentry-go", ""), Origin::Machinery),
        ],
    );
}

#[test]
fn versions_and_closures_make_no_difference() {
    same(
        "go",
        &[
            frame("(*Cart).Total.func1", "github.com/acme/shop/cart", "/a/cart.go"),
            frame("(*Cart).Total", "github.com/acme/shop/v3/cart", "/b/cart.go"),
            frame("github.com/acme/shop/cart.(*Cart).Total.func2.1", "", "/c/cart.go"),
        ],
    );
    differ("go", &frame("Load", "main", ""), &frame("Save", "main", ""));
    differ(
        "go",
        &frame("Get", "github.com/acme/shop/cart", ""),
        &frame("Get", "github.com/acme/shop/tax", ""),
    );
}
