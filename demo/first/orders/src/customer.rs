//! The shop's customers, and how their names go on a parcel.

/// What fits on one line of a parcel label.
const LABEL_WIDTH: usize = 18;

/// Somebody who orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    pub number: u32,
    pub name: String,
    pub town: String,
}

impl Customer {
    /// A customer as the register holds them, without spaces around the texts.
    pub fn new(number: u32, name: &str, town: &str) -> Self {
        let name = name.trim().to_owned();
        let town = town.trim().to_owned();
        Self { number, name, town }
    }

    /// The first line of the parcel's label: the customer's number, then the name or its beginning.
    pub fn label_line(&self) -> String {
        let number = self.number.to_string();
        let room = room_for_name(&number);
        let name = shortened(&self.name, room);
        format!("{number} {name}")
    }

    /// The label's second line, in capitals as the carrier wants it.
    pub fn town_line(&self) -> String {
        self.town.to_uppercase()
    }
}

/// What is left of a label's line after the number and a space.
fn room_for_name(number: &str) -> usize {
    LABEL_WIDTH.saturating_sub(number.len() + 1)
}

/// As much of a name as there is room for, without a space at its end.
fn shortened(name: &str, room: usize) -> String {
    let beginning: String = name.chars().take(room).collect();
    beginning.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_kept() {
        let customer = Customer::new(7, " Ada Byron ", "London");
        assert_eq!(customer.label_line(), "7 Ada Byron");
        assert_eq!(customer.town_line(), "LONDON");
    }

    #[test]
    fn a_long_name_is_cut_without_a_space_at_its_end() {
        let customer = Customer::new(1_042, "Bartholomew van der Meer", "Delft");
        assert_eq!(customer.label_line(), "1042 Bartholomew v");
        let customer = Customer::new(104_217, "Maximilian Schell", "Graz");
        assert_eq!(customer.label_line(), "104217 Maximilian");
    }
}
