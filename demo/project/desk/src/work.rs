//! The pieces of a day's work, each over what really happened at the desk that day.

use orders::cart::Cart;
use orders::catalogue::Catalogue;
use orders::customer::Customer;
use orders::error::OrderError;
use orders::import;
use orders::report::{self, Sale};
use orders::session::Session;
use orders::stock::Stock;

use crate::telemetry::note;

type Work = fn() -> Result<(), OrderError>;

/// Every piece of work by its name.
pub const ALL: &[(&str, Work)] = &[
    ("index", refund_parcel),
    ("slice", print_labels),
    ("lookup", price_orders),
    ("overflow", reserve_for_orders),
    ("borrow", send_idle_customers_home),
    ("parse", import_orders),
    ("divide", report_day),
];

/// A parcel came back unopened: everything on its receipt is paid back.
fn refund_parcel() -> Result<(), OrderError> {
    let mut cart = Cart::default();
    cart.add("oat-flakes", 2, 249);
    cart.add("honey", 1, 695);
    cart.add_gift("tea-sample");
    note("cart", format!("order of {} cents", cart.total_cents()));

    let receipt: Vec<usize> = (1..=cart.receipt_lines()).collect();
    note("refund", format!("parcel returned, lines {receipt:?}"));
    println!("paid back: {} cents", cart.refund_cents(&receipt));
    Ok(())
}

/// The morning's parcels get their labels.
fn print_labels() -> Result<(), OrderError> {
    let customers = [
        Customer::new(1_042, "Ada Byron", "London"),
        Customer::new(1_187, "Bartholomew van der Meer", "Delft"),
        Customer::new(2_315, "Mihály Csíkszentmihályi", "Pécs"),
        Customer::new(2_316, "Anneliese Grünwald", "Köln"),
    ];
    note("labels", format!("{} labels to print", customers.len()));
    for customer in &customers {
        note("labels", format!("customer {}", customer.number));
        println!("{}\n{}", customer.label_line(), customer.town_line());
    }
    Ok(())
}

/// Orders are priced, also those from last year's printed catalogue.
fn price_orders() -> Result<(), OrderError> {
    let mut catalogue = Catalogue::default();
    catalogue.add("TEA-01", "Assam, 100 g", 450);
    catalogue.add("TEA-02", "Darjeeling, 100 g", 620);
    catalogue.add("TEA-03", "Darjeeling, 125 g", 700);
    catalogue.add("TEA-04", "Darjeeling first flush, 125 g", 890);
    catalogue.replace("TEA-02", "TEA-03");
    catalogue.replace("TEA-03", "TEA-04");
    note("catalogue", "two articles replaced".to_owned());

    for (code, pieces) in [("TEA-01", 24), ("TEA-03", 2), ("TEA-02", 1)] {
        note("order", format!("{pieces} of {code}"));
        let cents = catalogue.price_cents(code, pieces)?;
        println!("{pieces} of {code}: {cents} cents");
    }
    Ok(())
}

/// What was ordered is put aside.
fn reserve_for_orders() -> Result<(), OrderError> {
    let mut stock = Stock::default();
    stock.put("mug", 12, true);
    stock.put("towel", 5, false);
    stock.put("teapot", 1, true);
    for (article, pieces) in [("mug", 4), ("towel", 5), ("teapot", 1)] {
        note("stock", format!("reserve {pieces} of {article}"));
        stock.reserve(article, pieces)?;
        println!("{pieces} of {article} put aside");
    }
    Ok(())
}

/// Closing time is near: who has not moved for a quarter of an hour is asked to pay.
fn send_idle_customers_home() -> Result<(), OrderError> {
    let till = Session::default();
    for (customer, minute) in [("Ines", 1_065), ("Jonas", 1_078), ("Kemal", 1_084)] {
        let number = till.open(customer, minute);
        note("session", format!("ticket {number} opened"));
    }
    note("session", format!("{} tickets at 18:05", till.count()));
    while let Some(ticket) = till.close_idle(1_085, 15) {
        println!("ticket {} of {} closed", ticket.number, ticket.customer);
    }
    Ok(())
}

/// A café's weekly order, as it came by e-mail.
fn import_orders() -> Result<(), OrderError> {
    let text = "# Café Möwe, week 47\n\
                espresso-beans;2x6\n\
                mug;12;the blue ones\n\
                oat-drink;4x12 l\n\
                honey;3\n";
    note("import", format!("{} bytes from Café Möwe", text.len()));
    for line in import::read_order(text)? {
        println!("{} of {}", line.pieces, line.article);
    }
    Ok(())
}

/// The evening's report on a quiet Tuesday.
fn report_day() -> Result<(), OrderError> {
    let sales = [(545, 1_200), (560, 800), (601, 450), (731, 2_310)]
        .map(|(minute, cents)| Sale { minute, cents });
    note("report", format!("{} sales today", sales.len()));
    for hour in report::summarise(&sales, 9, 13) {
        println!(
            "{:02}:00 {} sales, {} cents each",
            hour.hour, hour.sales, hour.mean_cents
        );
    }
    Ok(())
}
