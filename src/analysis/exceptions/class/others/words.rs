//! Where to look: what holds for several languages.

pub(super) const NOTHING: &str = "A value is null where an object was expected: a lookup found nothing, a field was never set, or a method returned nothing. Where it comes from is what matters.";
pub(super) const CAST: &str =
    "The object is of another type than the code takes for granted; look at who put it there.";
pub(super) const INDEX: &str = "The collection has fewer elements than the code takes for granted, or the index is counted wrongly.";
pub(super) const NUMBER: &str =
    "The text comes from outside or from a cut that went wrong; check it where it is read.";
pub(super) const STATE: &str =
    "The object is in a state in which this is not allowed: look at the order of the calls before.";
pub(super) const ARGUMENT: &str =
    "The caller passed something that this function refuses; the caller is to be looked at first.";
pub(super) const RECURSION: &str =
    "The condition that ends the recursion is never met, or the value never comes nearer to it.";
pub(super) const CHANGED: &str =
    "Run over a copy, or collect the changes and make them afterwards; with threads, lock.";
pub(super) const MEMORY: &str =
    "Something is kept or read whole that should be let go or taken in parts.";
pub(super) const LINKED: &str =
    "The program runs with another version of a library than it was built with, or without it.";
pub(super) const OUTSIDE: &str = "The other side, the network or the address is to be looked at first; the code only if it does not bear this.";
pub(super) const DATABASE: &str = "The statement does not fit the data or the schema; the message of the database says which part.";
pub(super) const LOCKED: &str =
    "Who holds what the others wait for is in the other threads' stacks.";
pub(super) const DIVISION: &str =
    "The divisor was 0: look at where it is counted, and at what an empty input makes of it.";
pub(super) const ENCODING: &str =
    "The bytes come from something that uses another encoding; name it where they are read.";
