//! C, C++, Objective-C, Swift: names as linkers and demanglers write them.

use std::borrow::Cow;

use super::native_names::clean;
use super::text::{base_name, is_hex};
use super::{Dialect, Origin};
use crate::domain::event::Frame;

pub(super) struct Native;

/// Where systems keep their own libraries and headers.
const SYSTEM_FOLDERS: &[&str] = &[
    "/usr/lib/",
    "/usr/lib64/",
    "/usr/libexec/",
    "/usr/include/",
    "/lib/",
    "/lib64/",
    "/System/",
    "/Applications/Xcode",
    "/Library/Apple/",
    "/apex/",
    "/system/",
    "/vendor/lib",
    "/private/preboot/",
    "/build/glibc",
    "./csu/",
    "./nptl/",
    "./stdlib/",
    "./signal/",
    "./sysdeps/",
    "../sysdeps/",
    "linux-vdso",
    "linux-gate",
    "[vdso]",
];

/// Beginnings of the names of system libraries, for senders that give no folder.
const SYSTEM_LIBRARIES: &[&str] = &[
    "libc.so",
    "libc-",
    "libm.so",
    "libpthread",
    "libstdc++",
    "libc++",
    "libgcc_s",
    "ld-linux",
    "ld-musl",
    "libdl.so",
    "libsystem_",
    "libdispatch",
    "libobjc",
    "libswift",
    "libdyld",
    "dyld",
    "libxpc",
    "UIKit",
    "AppKit",
    "Foundation",
    "CoreFoundation",
    "GraphicsServices",
    "QuartzCore",
    "CFNetwork",
    "ntdll",
    "kernel32",
    "KERNEL32",
    "kernelbase",
    "KERNELBASE",
    "ucrtbase",
    "user32",
    "vcruntime",
    "VCRUNTIME",
    "msvcp",
    "MSVCP",
];

/// Namespaces and beginnings of names of the runtimes.
const RUNTIME: &[&str] = &[
    "std::",
    "__gnu_cxx::",
    "__cxxabiv1::",
    "abi::",
    "core::",
    "alloc::",
    "sentry_",
    "Sentry",
    "-[Sentry",
    "+[Sentry",
    "-[NS",
    "+[NS",
    "-[UI",
    "+[UI",
    "objc_",
    "_objc_",
    "swift_",
    "_swift_",
    "Swift.",
    "_dispatch_",
    "dispatch_",
    "_pthread_",
    "pthread_",
    "__pthread_",
    "__libc_",
    "__GI_",
    "_Unwind_",
    "__cxa_",
    "__assert",
    "__CF",
    "CFRunLoop",
    "UIApplicationMain",
    "NSApplicationMain",
    "__scrt_",
    "_NSRaise",
    "__sanitizer",
    "__asan",
];

/// Whole names of the runtimes.
const RUNTIME_NAMES: &[&str] = &[
    "_start",
    "start",
    "abort",
    "raise",
    "gsignal",
    "kill",
    "__kill",
    "exit",
    "_exit",
    "clone",
    "clone3",
    "start_thread",
    "thread_start",
    "_sigtramp",
    "__restore_rt",
    "BaseThreadInitThunk",
    "RtlUserThreadStart",
    "invoke_main",
    "terminate",
    "memcpy",
    "memmove",
    "strlen",
    "malloc",
    "free",
];

impl Dialect for Native {
    fn by_path(&self, path: &str) -> Option<Origin> {
        let system = SYSTEM_FOLDERS.iter().any(|folder| path.starts_with(folder))
            || path.get(1..11).is_some_and(|rest| rest.eq_ignore_ascii_case(":\\windows\\"));
        system.then_some(Origin::Machinery)
    }

    fn by_place(&self, frame: &Frame) -> Option<Origin> {
        let paths = [&frame.abs_path, &frame.filename, &frame.package];
        if let Some(known) = paths.into_iter().flatten().find_map(|path| self.by_path(path)) {
            return Some(known);
        }
        let library = base_name(frame.package.as_deref()?);
        let system = SYSTEM_LIBRARIES.iter().any(|known| library.starts_with(known));
        system.then_some(Origin::Machinery)
    }

    fn by_name(&self, frame: &Frame) -> Option<Origin> {
        let name = frame.function.as_deref()?.trim();
        if RUNTIME_NAMES.contains(&name) || RUNTIME.iter().any(|root| name.starts_with(root)) {
            return Some(Origin::Machinery);
        }
        // A template's name may begin with what it returns: `void std::sort<int*>(int*, int*)`.
        if name.contains(" std::") && self.function(name).starts_with("std::") {
            return Some(Origin::Machinery);
        }
        name.starts_with("boost::").then_some(Origin::Library)
    }

    fn function<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.starts_with("0x")
            || is_hex(name, 8)
            || name.strip_prefix("sub_").is_some_and(|rest| is_hex(rest, 3))
            || name.starts_with("___lldb_unnamed_symbol")
            || matches!(
                name,
                "<unknown>" | "??" | "?" | "unknown" | "<redacted>" | "<compiler-generated>"
            )
        {
            return Cow::Borrowed("");
        }
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b':');
        if plain && !name.contains("block_invoke") && !name.contains("::h") {
            return Cow::Borrowed(name);
        }
        Cow::Owned(clean(name))
    }

    fn error_type<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if name.contains(['<', '(']) { self.function(name) } else { Cow::Borrowed(name) }
    }

    fn is_qualified(&self, _function: &str) -> bool {
        // Symbols are names of the whole program; files are known only where there is debug
        // information.
        true
    }

    fn joint(&self) -> &'static str {
        "::"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::frames::tests::{differ, frame, origins, same};

    #[test]
    fn place_library_and_name_tell_whose_code_it_is() {
        let in_library = |function: &str, package: &str| Frame {
            package: Some(package.into()),
            ..frame(function, "", "")
        };
        origins(
            "native",
            &[
                (frame("shop::Cart::total(int)", "", "/build/shop/cart.cpp"), Origin::App),
                (frame("cart_total", "", ""), Origin::App),
                (in_library("cart_total", "/opt/shop/libshop.so"), Origin::App),
                (in_library("-[Cart total]", "/private/var/containers/Shop.app/Shop"), Origin::App),
                (in_library("qsort", "/lib/x86_64-linux-gnu/libc.so.6"), Origin::Machinery),
                (in_library("anything", "libsystem_kernel.dylib"), Origin::Machinery),
                (
                    in_library("anything", "C:\\Windows\\System32\\KERNELBASE.dll"),
                    Origin::Machinery,
                ),
                (frame("std::vector<int>::at(unsigned long)", "", ""), Origin::Machinery),
                (frame("void std::sort<int*>(int*, int*)", "", ""), Origin::Machinery),
                (frame("objc_msgSend", "", ""), Origin::Machinery),
                (frame("-[NSArray objectAtIndex:]", "", ""), Origin::Machinery),
                (frame("abort", "", ""), Origin::Machinery),
                (frame("aborted_order", "", ""), Origin::App),
                (frame("boost::asio::detail::run()", "", ""), Origin::Library),
                (frame("orders::total", "", "/rustc/abc/library/core/src/x.rs"), Origin::Library),
            ],
        );
    }

    #[test]
    fn builds_make_no_difference() {
        same(
            "native",
            &[
                frame("shop::Cart::total(int)", "", ""),
                frame("shop::Cart::total(int) [clone .isra.0]", "", "/build/7/cart.cpp"),
                frame("int shop::Cart::total<long>(long) const", "", "C:\\b\\cart.cpp"),
                frame("shop::Cart::total(int)::{lambda(int)#1}::operator()(int) const", "", ""),
            ],
        );
        differ("native", &frame("a::f(int)", "", ""), &frame("b::f(int)", "", ""));
        differ("c", &frame("load", "", "x.c"), &frame("save", "", "x.c"));
    }
}
