//! Grouping: which events are the same issue.
