use crate::domain::frames::native::Native;
use crate::domain::frames::tests::functions;

#[test]
fn names_of_c_and_cpp_lose_what_was_made_up() {
    functions(
        &Native,
        &[
            ("cart_total", "cart_total"),
            ("cart_total.isra.0", "cart_total"),
            ("cart_total.constprop.1.isra.0", "cart_total"),
            ("cart_total.cold", "cart_total"),
            ("cart_total@@GLIBC_2.2.5", "cart_total"),
            ("cart_total+0x1f", "cart_total"),
            ("cart_total + 31", "cart_total"),
            ("shop::Cart::total(int, char const*)", "shop::Cart::total"),
            ("shop::Cart::total(int) const [clone .part.2]", "shop::Cart::total"),
            ("shop::Cart::~Cart()", "shop::Cart::~Cart"),
            ("int shop::sum<int, std::vector<long> >(int)", "shop::sum"),
            ("shop::Map<int, std::string>::at(int)", "shop::Map::at"),
            ("shop::(anonymous namespace)::total(int)", "shop::total"),
            ("shop::`anonymous namespace'::total", "shop::total"),
            ("shop::{anonymous}::total(int)", "shop::total"),
            ("shop::total(int)::{lambda(int)#1}::operator()(int) const", "shop::total"),
            ("shop::total()::$_0::operator()() const", "shop::total"),
            ("shop::total()::'lambda'(int)::operator()(int) const", "shop::total"),
            ("shop::total::<lambda_1a2b3c4d5e6f>::operator()", "shop::total"),
            ("shop::Cart::operator()(int)", "shop::Cart::operator()"),
            ("shop::operator<<(std::ostream&, shop::Cart const&)", "shop::operator<<"),
            ("shop::Cart::operator->()", "shop::Cart::operator->"),
            ("shop::Cart::operator bool() const", "shop::Cart::operator bool"),
            ("shop::operators::run()", "shop::operators::run"),
            ("shop::name[abi:cxx11](int)", "shop::name"),
            ("shop::total::h0123456789abcdef", "shop::total"),
            ("0x7fff1234", ""),
            ("sub_401a20", ""),
            ("??", ""),
        ],
    );
}

#[test]
fn names_of_apple_lose_what_was_made_up() {
    functions(
        &Native,
        &[
            ("-[Cart total:]", "-[Cart total:]"),
            ("__16-[Cart total:]_block_invoke_2", "-[Cart total:]"),
            ("__cart_total_block_invoke", "cart_total"),
            ("Shop.Cart.total(id: Swift.Int) throws -> Swift.Int", "Shop.Cart.total"),
            ("closure #1 (Swift.Int) -> () in Shop.Cart.total() -> ()", "Shop.Cart.total"),
            ("closure #2 in closure #1 in Shop.Cart.total()", "Shop.Cart.total"),
            ("partial apply for closure #1 in Shop.Cart.total()", "Shop.Cart.total"),
            ("implicit closure #1 in Shop.Cart.total()", "Shop.Cart.total"),
            ("@objc Shop.Cart.total()", "Shop.Cart.total"),
            ("specialized Shop.Cart.total()", "Shop.Cart.total"),
            ("(1) await resume partial function for Shop.Cart.total()", "Shop.Cart.total"),
            ("Shop.Cart.total.getter : Swift.Int", "Shop.Cart.total.getter"),
            ("autoSave", "autoSave"),
        ],
    );
}
