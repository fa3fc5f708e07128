//! The pages of what agents did, which agents there are, what they cost and what was learnt.

mod doors;
mod run;
mod settings;

use sqlx::{ConnectOptions as _, Connection as _};

use crate::support::server::Server;

/// Gives a token every scope past the server, which gives a project's token none but `execute`.
async fn widen(server: &Server, name: &str) {
    let options =
        sqlx::sqlite::SqliteConnectOptions::new().filename(server.data().join("andon.db"));
    let mut database = options.connect().await.unwrap();
    let widened = sqlx::query("UPDATE api_tokens SET scopes = 'admin' WHERE name = $1").bind(name);
    assert_eq!(widened.execute(&mut database).await.unwrap().rows_affected(), 1);
    database.close().await.unwrap();
}
