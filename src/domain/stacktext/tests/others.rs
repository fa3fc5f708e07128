use super::*;

fn of(text: &str) -> Vec<String> {
    told(&read(text).unwrap())
}

#[test]
fn javas_causes_share_the_frames_that_were_left_out() {
    let text = "\
Exception in thread \"main\" shop.OrderException: order 7
\tat shop.Orders.load(Orders.java:20)
\tat shop.Main.main(Main.java:5)
\tSuppressed: java.io.IOException: closed
\t\tat shop.Orders.close(Orders.java:30)
\t\t... 1 more
\tCaused by: java.lang.Error: not ours
Caused by: java.lang.NullPointerException: Cannot invoke \"shop.Line.price()\" because \"line\" is null
\tat shop.Cart.total(Cart.kt:12)
\tat java.base/java.util.ArrayList.forEach(ArrayList.java:1596)
\tat app//shop.Orders.load(Orders.java:18)
\t... 1 more
";
    assert_eq!(
        of(text),
        [
            "java",
            "NullPointerException: Cannot invoke \"shop.Line.price()\" because \"line\" is null",
            "  *main Main.java:5",
            "  *load Orders.java:18",
            "  forEach ArrayList.java:1596",
            "  *total Cart.kt:12",
            "OrderException: order 7",
            "  *main Main.java:5",
            "  *load Orders.java:20",
        ]
    );
}

#[test]
fn gos_failing_goroutine_is_read() {
    let text = "\
panic: runtime error: invalid memory address or nil pointer dereference [recovered]
\tpanic: again
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47a1b2]

goroutine 7 [running]:
panic({0x48d5a0?, 0x5470d0?})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
example.com/shop/cart.(*Cart).Total(0x0, {0xc000012345, 0x3})
\t/app/cart/cart.go:12 +0x1d
main.main()
\t/app/main.go:7 +0x20
created by main.serve in goroutine 1
\t/app/serve.go:3 +0x66

goroutine 8 [select]:
main.other()
\t/app/other.go:1 +0x1
exit status 2
";
    assert_eq!(
        of(text),
        [
            "go",
            "runtime.Error: invalid memory address or nil pointer dereference",
            "  *serve /app/serve.go:3",
            "  *main /app/main.go:7",
            "  *(*Cart).Total /app/cart/cart.go:12",
            "  panic /usr/local/go/src/runtime/panic.go:770",
        ]
    );
}

#[test]
fn ruby_is_read_in_both_orders() {
    let new = "\
app/cart.rb:12:in `total': undefined method `price' for nil:NilClass (NoMethodError)

    line.price
        ^^^^^^
\tfrom app/cart.rb:5:in `block in load'
\tfrom app/main.rb:2:in `<main>'
";
    let frames =
        ["  *<main> app/main.rb:2", "  *block in load app/cart.rb:5", "  *total app/cart.rb:12"];
    let told = of(new);
    assert_eq!(told[0], "ruby");
    assert!(
        told[1].starts_with("NoMethodError: undefined method `price' for nil:NilClass"),
        "{told:?}"
    );
    assert_eq!(told[2..], frames);
    let old = "\
Traceback (most recent call last):
\t2: from app/main.rb:2:in `<main>'
\t1: from app/cart.rb:5:in `block in load'
app/cart.rb:12:in `total': divided by 0 (ZeroDivisionError)
";
    let told = of(old);
    assert_eq!(told[1], "ZeroDivisionError: divided by 0");
    assert_eq!(told[2..], frames);
    let chain = "\
/app/a.rb:6:in 'Shop::Cart#load': outer (Shop::Error)
\tfrom /app/a.rb:3:in '<main>'
/app/a.rb:4:in 'Integer#/': inner (ArgumentError)
\tfrom /app/a.rb:4:in 'Shop::Cart#load'
";
    let told = of(chain);
    assert_eq!(told[1], "ArgumentError: inner");
    assert_eq!(told[4], "Shop::Error: outer");
    let rails = "NoMethodError (undefined method `x' for nil):\n  \napp/models/cart.rb:3:in `total'\napp/main.rb:1:in `<main>'\n";
    assert_eq!(of(rails)[1], "NoMethodError: undefined method `x' for nil");
}

#[test]
fn phps_functions_are_those_of_the_lines_that_failed() {
    let text = "\
PHP Fatal error:  Uncaught ValueError: no such code in /app/Cart.php:12
Stack trace:
#0 /app/Orders.php(30): Shop\\Cart->total(NULL, 'a: b')
#1 [internal function]: Shop\\{closure}(1)
#2 /app/index.php(3): array_map(Object(Closure), Array)
#3 {main}

Next Shop\\OrderError: order 7 in /app/Orders.php:32
Stack trace:
#0 /app/index.php(3): Shop\\Orders->load(7)
#1 {main}
  thrown in /app/Orders.php on line 32
";
    assert_eq!(
        of(text),
        [
            "php",
            "ValueError: no such code",
            "  *- /app/index.php:3",
            "  array_map [internal]:0",
            "  *Shop\\{closure} /app/Orders.php:30",
            "  *Shop\\Cart->total /app/Cart.php:12",
            "Shop\\OrderError: order 7",
            "  *- /app/index.php:3",
            "  *Shop\\Orders->load /app/Orders.php:32",
        ]
        .map(|line| line.replace("  array_map [internal]:0", &internal(text)))
    );
    let log = "[2026-01-02 03:04:05] local.ERROR: msg {\"exception\":\"[object] (TypeError(code: 0): bad type at /app/Cart.php:12)\n[stacktrace]\n#0 /app/index.php(3): total()\n#1 {main}\n\"}";
    assert_eq!(of(log)[1], "TypeError: bad type");
}

/// Whether what PHP itself runs counts as ours is for the rules of frames to say.
fn internal(text: &str) -> String {
    of(text).into_iter().find(|line| line.contains("[internal]")).unwrap()
}

#[test]
fn dotnets_inner_exceptions_come_first() {
    let text = "\
Unhandled exception. System.InvalidOperationException: order 7
 ---> System.NullReferenceException: Object reference not set to an instance of an object.
   at Shop.Cart.Total(Int32 count, List`1 lines) in /app/Cart.cs:line 12
   at Shop.Orders.<Load>d__3.MoveNext() in C:\\app\\Orders.cs:line 5
   --- End of inner exception stack trace ---
   at Shop.Orders..ctor(String name) in /app/Orders.cs:line 9
--- End of stack trace from previous location ---
   at System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw()
   at Shop.Program.Main(String[] args)
";
    assert_eq!(
        of(text),
        [
            "csharp",
            "System.NullReferenceException: Object reference not set to an instance of an object.",
            "  *MoveNext C:\\app\\Orders.cs:5",
            "  *Total /app/Cart.cs:12",
            "System.InvalidOperationException: order 7",
            "  *Main -:0",
            "  Throw -:0",
            "  *.ctor /app/Orders.cs:9",
        ]
    );
    let line = "System.AggregateException: One or more errors ---> System.FormatException: bad\n   at Shop.A.B()\n";
    assert_eq!(of(line)[1], "System.FormatException: bad");
}
