//! A breadcrumb as it is kept: it goes with a hundred errors, and is made ready for them once.

use std::sync::{Arc, OnceLock};

use crate::protocol::Breadcrumb;

/// A breadcrumb, and what of it is sent.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) breadcrumb: Arc<Breadcrumb>,
    /// As JSON, and for whom: another client may scrub other words.
    json: OnceLock<(u64, Box<[u8]>)>,
}

impl Kept {
    pub(super) fn new(breadcrumb: Breadcrumb) -> Self {
        Self { breadcrumb: Arc::new(breadcrumb), json: OnceLock::new() }
    }

    /// Appends its JSON. What `make` makes of it is remembered for the client of this number.
    pub(crate) fn write(
        &self,
        client: u64,
        into: &mut Vec<u8>,
        make: impl Fn(&Breadcrumb) -> serde_json::Result<Vec<u8>>,
    ) -> serde_json::Result<()> {
        match self.json.get() {
            Some((of, json)) if *of == client => into.extend_from_slice(json),
            Some(_) => into.extend_from_slice(&make(&self.breadcrumb)?),
            None => {
                let json = make(&self.breadcrumb)?;
                into.extend_from_slice(&json);
                // Another thread may have made the same meanwhile.
                let _ = self.json.set((client, json.into()));
            }
        }
        Ok(())
    }
}
