//! [`crate::server::extract`] for pages.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::pages::PageError;
use crate::server::extract::{PathParts, QueryFields};
use crate::server::problem::Problem;

/// The number in a page's address.
pub(super) struct Number(pub(super) i64);

/// The name in a page's address.
pub(super) struct Name(pub(super) String);

/// The query's fields.
pub(super) struct PageFields<T>(pub(super) T);

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let PathParts(text) = PathParts::<String>::from_request_parts(parts, state).await?;
        let number = text.parse().map_err(|_| Problem::not_found("such page"))?;
        Ok(Self(number))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let PathParts(text) = PathParts::<String>::from_request_parts(parts, state).await?;
        Ok(Self(text))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for PageFields<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let QueryFields(fields) = QueryFields::from_request_parts(parts, state).await?;
        Ok(Self(fields))
    }
}
