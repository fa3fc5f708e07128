//! Files that were sent with an event: written with it, read one at a time.

use sqlx::FromRow;

use super::chunks::RowStatement;
use super::sql::Tx;
use super::{Store, StoreError, compress, inflate, sql};

static INSERT: RowStatement = RowStatement::new(
    "INSERT INTO attachments (event_row, filename, content_type, size_bytes, bytes) VALUES ",
    5,
    "",
);
const LIST: &str = "SELECT id, filename, content_type, size_bytes FROM attachments
    WHERE event_row = $1 ORDER BY id";
const ONE: &str = "SELECT filename, bytes FROM attachments WHERE event_row = $1 AND id = $2";

/// An attachment that is ready to be stored.
#[derive(Debug)]
pub struct NewAttachment {
    filename: String,
    content_type: Option<String>,
    size_bytes: i64,
    bytes: Vec<u8>,
}

impl NewAttachment {
    /// Compresses what will be stored.
    pub fn new(
        filename: String,
        content_type: Option<String>,
        bytes: &[u8],
    ) -> Result<Self, StoreError> {
        let size_bytes = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        Ok(Self { filename, content_type, size_bytes, bytes: compress(bytes)? })
    }

    /// What it holds of compressed bytes.
    pub fn stored_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// An attachment without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, serde::Serialize)]
pub struct Attachment {
    /// Its number.
    pub id: i64,
    /// As the sender named it: not to be trusted as a path.
    pub filename: String,
    /// As the sender named it.
    pub content_type: Option<String>,
    /// Before compression.
    pub size_bytes: i64,
}

/// An attachment's name and bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachmentFile {
    /// As the sender named it: not to be trusted as a path.
    pub filename: String,
    /// As they were sent.
    pub bytes: Vec<u8>,
}

impl Store {
    /// The attachments of an event, in the order in which they were sent.
    pub async fn attachments(&self, event_row: i64) -> Result<Vec<Attachment>, StoreError> {
        Ok(sql::query_as(LIST).bind(event_row).fetch_all(self.pool()).await?)
    }

    /// One attachment of an event.
    pub async fn attachment(
        &self,
        event_row: i64,
        id: i64,
    ) -> Result<Option<AttachmentFile>, StoreError> {
        let row: Option<(String, Vec<u8>)> =
            sql::query_as(ONE).bind(event_row).bind(id).fetch_optional(self.pool()).await?;
        row.map(|(filename, bytes)| {
            let bytes = inflate("attachments.bytes", &bytes)?;
            Ok(AttachmentFile { filename, bytes })
        })
        .transpose()
    }
}

/// Stores attachments, each with its event's row, in the transaction that stores the events.
pub(super) async fn insert_in(
    tx: &mut Tx,
    attachments: &[(i64, &NewAttachment)],
) -> Result<(), StoreError> {
    for (range, text) in INSERT.chunks(attachments.len()) {
        let mut query = sql::query(text);
        for (event_row, attachment) in &attachments[range] {
            query = query
                .bind(*event_row)
                .bind(&attachment.filename)
                .bind(&attachment.content_type)
                .bind(attachment.size_bytes)
                .bind(&attachment.bytes);
        }
        query.execute(&mut *tx).await?;
    }
    Ok(())
}
