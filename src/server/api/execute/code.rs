//! A piece of code to look over.

use std::sync::Arc;

use super::{Answer, Asked, not_yet};
use crate::domain::execution::TaskType;
use crate::server::app::App;
use crate::server::problem::Problem;

pub(super) async fn run(_: &Arc<App>, _: Asked) -> Result<Answer, Problem> {
    Ok(not_yet(TaskType::CodeAnalysis))
}
