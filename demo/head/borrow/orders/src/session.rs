//! The tickets that are open at the desk: one for each customer who is being served.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

/// A customer who is being served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub number: u32,
    pub customer: String,
    /// When something was last scanned, in minutes since midnight.
    pub touched: u32,
}

/// The desk's open tickets. Clones share them: each till holds one.
#[derive(Debug, Clone, Default)]
pub struct Session {
    open: Rc<RefCell<Vec<Ticket>>>,
}

impl Session {
    /// Opens a ticket and says its number.
    pub fn open(&self, customer: &str, minute: u32) -> u32 {
        let mut tickets = self.open.borrow_mut();
        let number = tickets.last().map_or(1, |ticket| ticket.number + 1);
        tickets.push(Ticket {
            number,
            customer: customer.to_owned(),
            touched: minute,
        });
        number
    }

    /// Numbers for the slips at the door, counting on from the customers being served.
    pub fn slip_numbers(&self)->impl FnMut()->usize {
        let next=Cell::new( self.count() );
        move ||next.replace( next.get()+1 )
    }

    /// How many customers are being served.
    pub fn count(&self) -> usize {
        self.open.borrow().len()
    }

    /// Closes the ticket that has waited longest, if it has waited for `patience` minutes or more.
    pub fn close_idle(&self, minute: u32, patience: u32) -> Option<Ticket> {
        match self.open.borrow().iter().min_by_key(|t| t.touched) {
            Some(ticket) if minute.saturating_sub(ticket.touched) >= patience => {
                self.close(ticket.number)
            }
            _ => None,
        }
    }

    /// Closes a ticket and hands it out; `None` if no such ticket is open.
    pub fn close(&self, number: u32) -> Option<Ticket> {
        let mut open = self.open.borrow_mut();
        let place = open.iter().position(|ticket| ticket.number == number)?;
        Some(open.remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tills_share_their_tickets() {
        let till = Session::default();
        let other = till.clone();
        let number = till.open("Ines", 600);
        assert_eq!(other.count(), 1);
        assert_eq!(
            other.close(number).map(|t| t.customer).as_deref(),
            Some("Ines")
        );
        assert_eq!(till.close(number), None);
    }

    #[test]
    fn nobody_is_sent_away_too_early() {
        let till = Session::default();
        assert_eq!(till.close_idle(600, 15), None);
        till.open("Jonas", 600);
        assert_eq!(till.close_idle(610, 15), None);
    }
}
